"""Examples of everything that is kept or under way when a release takes over: `python tests/replay/stored_examples.py`.

Facts in ledgers, commands in histories, what a run carries to the next, what activities are given. The program adds
an example where today's code has a shape that no stored one has. A stored example is never changed: it stands for
what lies in some city's ledger, and code that cannot read it cannot take that city's cases on.
"""

import json
import re
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

FOLDER: Final = Path(__file__).with_name("examples")
sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from pydantic import AwareDatetime, BaseModel, TypeAdapter  # noqa: E402  the path above makes the project importable
from unit import lives  # noqa: E402

from hotline.accountability.commands import DossierCommand, DossierEnvelope  # noqa: E402
from hotline.accountability.facts import DossierBody, DossierFact  # noqa: E402
from hotline.accountability.measures import (  # noqa: E402
    AdministrativeDiscipline,
    Measure,
    PartyDiscipline,
)
from hotline.accountability.policy import DossierPolicy, Span, default_dossier_policy  # noqa: E402
from hotline.accountability.state import Subject, Substance  # noqa: E402
from hotline.accountability.vocabulary import AdministrativeSanction, PartySanction  # noqa: E402
from hotline.case import CaseState  # noqa: E402
from hotline.commands import Command, CommandEnvelope  # noqa: E402
from hotline.facts import Body, Fact  # noqa: E402
from hotline.policy import PolicySnapshot, default_policy  # noqa: E402
from hotline.problems.commands import ProblemCommand, ProblemEnvelope  # noqa: E402
from hotline.problems.facts import ProblemBody, ProblemFact  # noqa: E402
from workflows import contracts  # noqa: E402

Example = dict[str, Any]  # Any: JSON
Model = type[BaseModel]

AT: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class Shape(typing.NamedTuple):
    """One thing that is kept: the model that reads it, and what its variable part is, if it has one."""

    model: Model
    part: Model | None = None


def shapes() -> dict[str, dict[str, Shape]]:
    """Everything that is kept or under way, by file and name."""
    return {
        "case_facts": _variants(Fact, Body, "tag"),
        "dossier_facts": _variants(DossierFact, DossierBody, "tag"),
        "problem_facts": _variants(ProblemFact, ProblemBody, "tag"),
        "case_commands": _variants(CommandEnvelope, Command, "kind"),
        "dossier_commands": _variants(DossierEnvelope, DossierCommand, "kind"),
        "problem_commands": _variants(ProblemEnvelope, ProblemCommand, "kind"),
        "dossier_measures": _variants(None, Measure, "family"),
        "dossier_subjects": _variants(None, get_args(Subject)[0], "kind"),
        "dossier_substances": _variants(None, get_args(Substance)[0], "matter"),
        "carried": {name: Shape(model) for name, model in _contracts()},
    }


# Any: a union of models.
def _variants(envelope: Model | None, union: Any, tag: str) -> dict[str, Shape]:
    return {
        part.model_fields[tag].default: Shape(envelope, part) if envelope else Shape(part)
        for part in get_args(union)
    }


def _contracts() -> Iterator[tuple[str, Model]]:
    for name, value in vars(contracts).items():
        if (
            isinstance(value, type)
            and issubclass(value, BaseModel)
            and value.__module__ == contracts.__name__
        ):
            yield name, value


# ── making one ──────────────────────────────────────────────────────────────────────────────────


def made(shape: Shape) -> Example:
    """An example in which every field of every part has a value."""
    example: Example = TypeAdapter(shape.model).dump_python(_filled(shape.model, shape.part), mode="json")
    return example


def _filled(model: Model, part: Model | None = None) -> BaseModel:
    values = {
        name: _filled(part)
        if part and name in {"body", "command"}
        else _value(field.annotation, field.metadata)
        for name, field in model.model_fields.items()
    }
    return model.model_validate({**values, **_TOGETHER.get(model, {})})


_TOGETHER: Final[Mapping[Model, Mapping[str, Any]]] = {
    PartyDiscipline: {"sanction": PartySanction.PROBATION},
    AdministrativeDiscipline: {"sanction": AdministrativeSanction.WARNING, "months": 6},
}
"""Values that a model's rule allows together only so."""

_ONES: Final[Mapping[Any, Any]] = {
    bool: True,
    float: 0.5,
    datetime: AT,
    AwareDatetime: AT,
    date: AT.date(),
    timedelta: timedelta(hours=1),
    # A real one each: their parts depend on each other.
    Span: Span.model_validate("15 wd"),
    PolicySnapshot: default_policy(),
    DossierPolicy: default_dossier_policy(),
    CaseState: lives.in_hand().sleep_until(lives.at("2026-03-13 09:00")).state,
}


# Any: whatever pydantic accepts as a type.
def _value(kind: Any, metadata: typing.Sequence[Any] = ()) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in _ONES:
        return _ONES[kind]
    if origin is Annotated:
        return _value(arguments[0], arguments[1:])
    if origin is Literal:
        return arguments[0]
    if origin in {Union, types.UnionType}:
        return _value(next(one for one in arguments if one is not type(None)), metadata)
    if origin in {tuple, frozenset, list, dict, Mapping}:
        return _collection(origin, arguments, metadata)
    if hasattr(kind, "__supertype__"):
        return _value(kind.__supertype__, metadata)
    if issubclass(kind, BaseModel):
        return _filled(kind)
    if issubclass(kind, Enum):
        return next(iter(kind))
    return _text_or_number(kind, metadata)


def _collection(origin: Any, arguments: tuple[Any, ...], metadata: typing.Sequence[Any]) -> Any:
    if origin in {dict, Mapping}:
        return {_value(arguments[0]): _value(arguments[1])}
    if origin is tuple and Ellipsis not in arguments:
        return [_value(one) for one in arguments]
    return [_value(arguments[0])] * _at_least(metadata, "min_length")


def _text_or_number(kind: type, metadata: typing.Sequence[Any]) -> str | int:
    if kind is int:
        return _at_least(metadata, "ge")
    plain = "x" * _at_least(metadata, "min_length")
    patterns = [str(one.pattern) for one in metadata if getattr(one, "pattern", None)]
    return next(text for text in (plain, *_TEXTS) if all(re.search(one, text) for one in patterns))


_TEXTS: Final = ("0" * 64, f"{lives.NUMBER}-DB01")
"""What a text is like that has a form of its own."""


def _at_least(metadata: typing.Sequence[Any], bound: str) -> int:
    return max([1, *(int(getattr(one, bound)) for one in metadata if getattr(one, bound, None) is not None)])


# ── keeping and reading ─────────────────────────────────────────────────────────────────────────


def stored(file: str) -> dict[str, list[Example]]:
    """The stored examples of a file, by name."""
    path = FOLDER / f"{file}.json"
    kept: dict[str, list[Example]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return kept


def read_again(model: Model, example: Example) -> Example:
    """What today's code makes of an example, in JSON again."""
    again: Example = model.model_validate_json(json.dumps(example)).model_dump(mode="json")
    return again


def lost(example: Any, again: Any, at: str = "") -> Iterator[str]:
    """Which values of an example are not in what was made of it; values beside them are additions."""
    if isinstance(example, dict) and isinstance(again, dict):
        for name, value in example.items():
            if name in again:
                yield from lost(value, again[name], f"{at}.{name}")
            else:
                yield f"{at}.{name}"
    elif isinstance(example, list) and isinstance(again, list) and len(example) == len(again):
        for place, (one, other) in enumerate(zip(example, again, strict=True)):
            yield from lost(one, other, f"{at}[{place}]")
    elif example != again:
        yield at


def outline(value: Any) -> Any:
    """The shape of an example without its values."""
    if isinstance(value, dict):
        return {name: outline(one) for name, one in sorted(value.items())}
    if isinstance(value, list):
        return [outline(one) for one in value[:1]]
    return None


def is_stored(kept: list[Example], example: Example) -> bool:
    """Whether one of the kept has the shape of an example."""
    return any(outline(one) == outline(example) for one in kept)


def main() -> None:
    """Add what is missing."""
    FOLDER.mkdir(exist_ok=True)
    for file, named in shapes().items():
        kept = stored(file)
        for name, shape in named.items():
            example = made(shape)
            if not is_stored(kept.setdefault(name, []), example):
                kept[name].append(example)
                print(file, name)  # noqa: T201  a program, not a test
        text = json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True)
        (FOLDER / f"{file}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

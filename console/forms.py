"""From the model of a form to fields on a page, and from what a browser sends back to the model (表单).

The fields of a command's page follow its model (`api/forms.py`), as the API's do: a field that is added there
appears here. What is wrong with an entry is said beside it, and the entry stays as it was typed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import AwareDatetime, BaseModel, ValidationError
from pydantic.fields import FieldInfo
from starlette.datastructures import FormData

from console.labels import CHOICES, FIELDS
from hotline.calendar import SHANGHAI
from hotline.case import Classification, EvidenceRef
from hotline.commands import AssistOrder
from hotline.identifiers import ClockId, MeasureNo, UnitCode, UserId
from hotline.model import Term

_SEPARATOR: Final = "."


class Widget(StrEnum):
    """How a field is asked for; templates/components/form.html has one block for each."""

    TEXT = "text"
    LINE = "line"
    NUMBER = "number"
    RATING = "rating"
    YES_NO = "yes_no"
    TICK = "tick"
    DATE = "date"
    DATES = "dates"
    MOMENT = "moment"
    CHOICE = "choice"
    CHOICES = "choices"
    UNIT = "unit"
    UNITS = "units"
    ASSISTS = "assists"
    PERSON = "person"
    EVIDENCE = "evidence"
    MEASURE = "measure"
    CLOCK = "clock"


Option = tuple[str, str]
"""A value and what it is called."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the fields of a form may choose from, as far as the reader may know of it."""

    units: Sequence[Option] = ()
    people: Sequence[Option] = ()
    evidence: Mapping[str, EvidenceRef] = field(default_factory=dict)
    measures: Sequence[Option] = ()
    clocks: Sequence[Option] = ()
    cases: Sequence[Option] = ()
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a page: how it is asked for, what was typed, and what is wrong with it."""

    name: str
    label: str
    widget: Widget
    required: bool
    help: str = ""
    options: Sequence[Option] = ()
    least: float | None = None
    most: float | None = None
    many: bool = False
    value: Any = None  # whatever was typed, as the browser sent it
    error: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """What came back: the model, or the fields with what is wrong with them."""

    fields: tuple[Field, ...]
    form: BaseModel | None


How = Mapping[str, Mapping[str, Any]]
"""How a page asks for some fields otherwise than their model says: attributes of `Field` by the field's name."""


def fields_of(
    model: type[BaseModel],
    catalogue: Catalogue,
    given: Mapping[str, Any] | None = None,
    how: How | None = None,
) -> tuple[Field, ...]:
    """The fields that a page asks for, with what is known already."""
    known = given or {}
    return tuple(replace(one, value=known.get(one.name, one.value)) for one in _asked(model, catalogue, how))


def fill(model: type[BaseModel], catalogue: Catalogue, sent: FormData, how: How | None = None) -> Filled:
    """Read what a browser sent; every fault is named beside its field, and nothing that was typed is lost."""
    fields = tuple(replace(one, value=_typed(one, sent)) for one in _asked(model, catalogue, how))
    try:
        form = model.model_validate(_nested((one.name, _meant(one, catalogue)) for one in fields))
    except ValidationError as error:
        return Filled(with_errors(fields, _faults(error)), None)
    return Filled(fields, form)


def with_errors(fields: Iterable[Field], errors: Mapping[str, str]) -> tuple[Field, ...]:
    """The same fields, each with what is wrong with it."""
    return tuple(
        replace(one, error=errors.get(one.name, errors.get(one.name.split(_SEPARATOR)[0], "")))
        for one in fields
    )


def _asked(model: type[BaseModel], catalogue: Catalogue, how: How | None) -> Iterator[Field]:
    for one in _fields(model, catalogue, prefix=""):
        yield replace(one, **(how or {}).get(one.name, {}))


def _fields(model: type[BaseModel], catalogue: Catalogue, prefix: str) -> Iterator[Field]:
    for name, info in model.model_fields.items():
        kind = _bare(info.annotation)
        if kind is Classification:
            yield from _fields(Classification, catalogue, prefix=f"{name}{_SEPARATOR}")
        else:
            yield _field(prefix, name, info, kind, catalogue)


def _field(prefix: str, name: str, info: FieldInfo, kind: Any, catalogue: Catalogue) -> Field:
    widget, options = _widget(name, kind, info, catalogue)
    default = None if info.is_required() or info.default is None else _shown(info.get_default())
    if widget is Widget.MOMENT and info.is_required() and catalogue.now is not None:
        # What is written down has mostly just happened; a minute too early would be before what led to it.
        default = f"{catalogue.now.astimezone(SHANGHAI):%Y-%m-%dT%H:%M:%S}"
    limits = [*info.metadata]
    return Field(
        name=prefix + name,
        label=FIELDS[name],
        widget=widget,
        required=info.is_required(),
        help=info.description or "",
        options=options,
        least=next((float(str(one.ge)) for one in limits if isinstance(one, Ge)), None),
        most=next((float(str(one.le)) for one in limits if isinstance(one, Le)), None),
        many=get_origin(kind) is tuple,
        value=default,
    )


def _shown(value: Any) -> Any:
    return [str(one) for one in value] if isinstance(value, tuple) else value


def _bare(annotation: Any) -> Any:
    """What a field holds, whether or not it may be left out."""
    if get_origin(annotation) in {Union, UnionType}:
        (annotation,) = (part for part in get_args(annotation) if part is not type(None))
    return annotation


# The kinds of annotations are an open set of Any.
def _widget(name: str, kind: Any, info: FieldInfo, catalogue: Catalogue) -> tuple[Widget, Sequence[Option]]:
    simple: dict[Any, tuple[Widget, Sequence[Option]]] = {
        UnitCode: (Widget.UNIT, catalogue.units),
        UserId: (Widget.PERSON, catalogue.people),
        MeasureNo: (Widget.MEASURE, catalogue.measures),
        ClockId: (Widget.CLOCK, catalogue.clocks),
        EvidenceRef: (Widget.EVIDENCE, _named(catalogue.evidence)),
        tuple[EvidenceRef, ...]: (Widget.EVIDENCE, _named(catalogue.evidence)),
        tuple[UnitCode, ...]: (Widget.UNITS, catalogue.units),
        tuple[AssistOrder, ...]: (Widget.ASSISTS, catalogue.units),
        date: (Widget.DATE, ()),
        tuple[date, ...]: (Widget.DATES, ()),
        AwareDatetime: (Widget.MOMENT, ()),
        datetime: (Widget.MOMENT, ()),
    }
    if name == "case_no" and catalogue.cases:
        return Widget.CHOICE, catalogue.cases
    if kind in simple:
        return simple[kind]
    if kind is bool:
        return (Widget.YES_NO if info.is_required() else Widget.TICK), ()
    if kind is int:
        return (Widget.RATING if name == "satisfaction" else Widget.NUMBER), ()
    if get_origin(kind) is Literal:
        return Widget.CHOICE, [(str(one), getattr(one, "label", str(one))) for one in get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, Term):
        return Widget.CHOICE, _terms(kind)
    if get_origin(kind) in {tuple, frozenset} and issubclass(get_args(kind)[0], Term):
        return Widget.CHOICES, _terms(get_args(kind)[0])
    return (Widget.TEXT if _is_long(info) else Widget.LINE), ()


def _terms(kind: type[Term]) -> Sequence[Option]:
    return [(term.value, term.label) for term in kind]


def _named(evidence: Mapping[str, EvidenceRef]) -> Sequence[Option]:
    return [(one.evidence_id, f"{one.kind.label} {one.evidence_id}") for one in evidence.values()]


def _is_long(info: FieldInfo) -> bool:
    """Texts that go to the vault are long; codes and numbers are not."""
    limits = [*info.metadata, *(getattr(part, "__metadata__", ()) for part in get_args(info.annotation))]
    return "max_length=20000" in repr(limits)


# ── what came back ──────────────────────────────────────────────────────────────────────────────


def _typed(one: Field, sent: FormData) -> Any:
    match one.widget:
        case Widget.CHOICES | Widget.UNITS | Widget.EVIDENCE:
            return [value for value in map(str, sent.getlist(one.name)) if value]
        case Widget.ASSISTS:
            units, days = sent.getlist(f"{one.name}.unit"), sent.getlist(f"{one.name}.days")
            return [(str(unit), str(limit)) for unit, limit in zip(units, days, strict=False) if unit]
        case Widget.TICK:
            return one.name in sent
        case _:
            return str(sent.get(one.name, "")).strip()


def _meant(one: Field, catalogue: Catalogue) -> Any:
    """What an entry means to the model; `None` where nothing was entered."""
    match one.widget:
        case Widget.EVIDENCE:
            named = [catalogue.evidence.get(name, name) for name in one.value]
            return named if one.many else next(iter(named), None)
        case Widget.ASSISTS:
            return [{"unit": unit, "days": days or None} for unit, days in one.value]
        case Widget.MOMENT if one.value:
            return _in_shanghai(one.value)
        case Widget.DATES:
            return one.value.split()
        case _:
            return None if one.value == "" else one.value


def _in_shanghai(typed: str) -> Any:
    """A browser sends the local time of whoever looks; the hotline's clock is Shanghai's."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=SHANGHAI)
    except ValueError:
        return typed


def _nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """What was left empty is left out, so that the model's own default or complaint applies."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if value is None or value == []:
            continue
        group, _, leaf = name.rpartition(_SEPARATOR)
        (found.setdefault(group, {}) if group else found)[leaf] = value
    return found


_SAID: Final = {
    "missing": "此项必填",
    "string_too_short": "此项必填",
    "too_short": "至少选择一项",
    "string_too_long": "内容过长",
    "too_long": "选择过多",
    "int_parsing": "请填写整数",
    "greater_than_equal": "数值过小",
    "less_than_equal": "数值过大",
    "date_from_datetime_parsing": "请填写日期",
    "datetime_from_date_parsing": "请填写时间",
    "string_pattern_mismatch": "格式不正确",
    "value_error": "内容不符合要求",
}


def _faults(error: ValidationError) -> dict[str, str]:
    """What to say beside each field at fault; the model's own English stays inside."""
    faults: dict[str, str] = {}
    for one in error.errors(include_input=False, include_url=False):
        place = [str(part) for part in one["loc"] if isinstance(part, str)]
        name = _SEPARATOR.join(place[:2]) if place[:1] == ["classification"] else (place or ["form"])[0]
        faults.setdefault(name, _SAID.get(one["type"], "填写有误"))
    return faults


def answers(name: str) -> tuple[str, str]:
    """What yes and no are called in a field."""
    return CHOICES.get(name.rpartition(_SEPARATOR)[2], ("是", "否"))

"""From the model of a form to fields on a page, and from what a browser sends back to the model (表单).

The fields of a command's page follow its model (`api/forms.py`), as the API's do: a field that is added there
appears here. A model within the model is asked for in place, one of several models after the question which, and
a list of models as rows. What is wrong with an entry is said beside it, and the entry stays as it was typed.
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from types import GenericAlias, UnionType
from typing import Annotated, Any, Final, Generic, Literal, TypeVar, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import AwareDatetime, BaseModel, ValidationError
from pydantic.fields import FieldInfo
from starlette.datastructures import FormData

from console.labels import CHOICES, VARIANTS, label_of
from hotline.calendar import SHANGHAI
from hotline.case import EvidenceRef
from hotline.commands import AssistOrder
from hotline.identifiers import CaseNo, ClockId, MeasureNo, PersonId, UnitCode, UserId
from hotline.model import Term

_SEPARATOR: Final = "."
_MOST_ROWS: Final = 50
"""More than anybody fills in by hand."""

_SHORT: Final = frozenset({"title"})
"""Texts of the vault that are a line, not a paragraph."""


class Widget(StrEnum):
    """How a field is asked for; templates/components/fields.html has one block for each."""

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
    PEOPLE = "people"
    CASES = "cases"
    ACCUSED = "accused"
    ROWS = "rows"


Option = tuple[str, str]
"""A value and what it is called."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the fields of a form may choose from, as far as the reader may know of it.

    `numbers` are the entries of an accountability file or another record, by the field that names one of them;
    `allowed` narrows the terms of a field to those that make sense now.
    """

    units: Sequence[Option] = ()
    people: Sequence[Option] = ()
    evidence: Mapping[str, EvidenceRef] = field(default_factory=dict)
    measures: Sequence[Option] = ()
    clocks: Sequence[Option] = ()
    cases: Sequence[Option] = ()
    officers: Sequence[Option] = ()
    numbers: Mapping[str, Sequence[Option]] = field(default_factory=dict)
    allowed: Mapping[str, Container[str]] = field(default_factory=dict)
    now: datetime | None = None


Step = str | int
"""A field of a model, or a place in a list."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a page: how it is asked for, what was typed, and what is wrong with it.

    `name` is the way to it as faults tell it, `path` the place of its value in the model. With `when` it is asked
    for only if another field has that value; with `rows` it is a list of models, each with fields of its own.
    """

    name: str
    label: str
    widget: Widget
    required: bool
    path: tuple[Step, ...] = ()
    help: str = ""
    options: Sequence[Option] = ()
    least: float | None = None
    most: float | None = None
    many: bool = False
    is_number: bool = False
    when: tuple[str, str] | None = None
    rows: tuple[tuple["Field", ...], ...] = ()
    row_of: Callable[[int], tuple["Field", ...]] | None = None
    is_needed: bool = True
    value: Any = None  # whatever was typed, as the browser sent it
    error: str = ""


Form = TypeVar("Form", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Filled(Generic[Form]):
    """What came back: the model, or the fields with what is wrong with them."""

    fields: tuple[Field, ...]
    form: Form | None


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
    return tuple(_known(one, known) for one in _of_model(model, catalogue, how))


def fill(model: type[Form], catalogue: Catalogue, sent: FormData, how: How | None = None) -> Filled[Form]:
    """Read what a browser sent; every fault is named beside its field, and nothing that was typed is lost."""
    fields = tuple(_as_sent(one, sent) for one in _of_model(model, catalogue, how))
    try:
        form = model.model_validate(_nested(_asked(leaves(fields)), catalogue))
    except ValidationError as error:
        return Filled(with_errors(fields, _faults(error)), None)
    return Filled(fields, form)


def _of_model(model: type[BaseModel], catalogue: Catalogue, how: How | None) -> Iterator[Field]:
    for one in _fields(model, catalogue, _Place()):
        yield replace(one, **(how or {}).get(one.name, {}))


def leaves(fields: Iterable[Field]) -> Iterator[Field]:
    """Yield every field that holds a value, those of rows among them."""
    for one in fields:
        if one.widget is Widget.ROWS:
            for row in one.rows:
                yield from leaves(row)
        else:
            yield one


def with_errors(fields: Iterable[Field], errors: Mapping[str, str]) -> tuple[Field, ...]:
    """The same fields, each with what is wrong with it; a fault of a whole is said at its first field."""
    whole = tuple(fields)
    names = [one.name for one in leaves(whole)]
    placed: dict[str, str] = {}
    for fault, said in errors.items():
        placed.setdefault(_place_of(fault, names), said)
    return tuple(_marked(one, placed) for one in whole)


def _marked(one: Field, placed: Mapping[str, str]) -> Field:
    rows = tuple(tuple(_marked(part, placed) for part in row) for row in one.rows)
    return replace(one, error=placed.get(one.name, ""), rows=rows)


def _place_of(fault: str, names: Sequence[str]) -> str:
    """The field that a fault belongs to: itself, what it lies in, the first that lies in it or is called so."""
    within = f"{fault}{_SEPARATOR}"
    tests: tuple[Callable[[str], bool], ...] = (
        lambda name: name == fault,
        lambda name: fault.startswith(f"{name}{_SEPARATOR}"),
        lambda name: name.startswith(within),
        lambda name: fault in name.split(_SEPARATOR),
    )
    found = (name for holds in tests for name in names if holds(name))
    return next(found, fault)


# ── from the model to fields ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Place:
    """Where fields lie: how faults name the way, where values go, when they are asked for, whether they must be."""

    way: tuple[Step, ...] = ()
    path: tuple[Step, ...] = ()
    when: tuple[str, str] | None = None
    is_needed: bool = True

    @property
    def name(self) -> str:
        return _SEPARATOR.join(map(str, self.way))

    def at(self, step: Step, *, is_needed: bool = True) -> "_Place":
        needed = self.is_needed and is_needed
        return replace(self, way=(*self.way, step), path=(*self.path, step), is_needed=needed)

    def of(self, tag: str, chooser: str) -> "_Place":
        """One of several models: its tag is on the way, and not in the path."""
        return replace(self, way=(*self.way, tag), when=(chooser, tag))


def _fields(
    model: type[BaseModel], catalogue: Catalogue, place: _Place, without: str | None = None
) -> Iterator[Field]:
    for name, info in model.model_fields.items():
        if name != without:
            here = place.at(name, is_needed=info.is_required())
            yield from _at(model, name, info, catalogue, here)


def _at(
    model: type[BaseModel], name: str, info: FieldInfo, catalogue: Catalogue, here: _Place
) -> Iterator[Field]:
    kind = _bare(info.annotation)
    if _is_model(kind):
        yield from _fields(kind, catalogue, here)
    elif chosen := _choice_of(kind, info):
        yield from _variants(*chosen, catalogue, here)
    elif get_origin(kind) is tuple and _is_composed(element := get_args(kind)[0]):
        yield _rows(label_of(model, name), element, info, catalogue, here)
    else:
        yield _field(model, name, info, kind, catalogue, here)


# Annotations are an open set of Any, here and below.
def _is_model(kind: Any) -> bool:
    plain = kind not in {EvidenceRef, AssistOrder}
    return isinstance(kind, type) and issubclass(kind, BaseModel) and plain


def _is_composed(kind: Any) -> bool:
    return _is_model(kind) or _choice_of(kind, None) is not None


def _choice_of(kind: Any, info: FieldInfo | None) -> tuple[str, tuple[type[BaseModel], ...]] | None:
    """By which field several models are told apart, and the models; None if it is no choice of models."""
    by = info.discriminator if info else None
    if get_origin(kind) is Annotated:
        kind, *notes = get_args(kind)
        by = next((note.discriminator for note in notes if isinstance(note, FieldInfo)), by)
    if get_origin(kind) not in {Union, UnionType} or not isinstance(by, str):
        return None
    return by, get_args(kind)


def _variants(
    by: str, models: tuple[type[BaseModel], ...], catalogue: Catalogue, here: _Place
) -> Iterator[Field]:
    """Which of several models, and then the fields of each, asked for if it is chosen."""
    tags = [get_args(model.model_fields[by].annotation)[0] for model in models]
    chooser = here.at(by)
    yield Field(
        name=chooser.name,
        label=label_of(models[0], by),
        widget=Widget.CHOICE,
        required=here.is_needed,
        path=chooser.path,
        options=[(str(tag), getattr(tag, "label", VARIANTS.get(str(tag), ""))) for tag in tags],
        when=here.when,
        is_needed=here.is_needed,
    )
    for tag, model in zip(tags, models, strict=True):
        yield from _fields(model, catalogue, here.of(str(tag), chooser.name), without=by)


def _rows(label: str, kind: Any, info: FieldInfo, catalogue: Catalogue, here: _Place) -> Field:
    def row(number: int) -> tuple[Field, ...]:
        place = here.at(number)
        if chosen := _choice_of(kind, None):
            return tuple(_variants(*chosen, catalogue, place))
        return tuple(_fields(kind, catalogue, place))

    return Field(
        name=here.name,
        label=label,
        widget=Widget.ROWS,
        required=info.is_required(),
        path=here.path,
        help=info.description or "",
        rows=(row(0),),
        row_of=row,
        is_needed=here.is_needed,
    )


def _field(
    model: type[BaseModel], name: str, info: FieldInfo, kind: Any, catalogue: Catalogue, here: _Place
) -> Field:
    widget, options = _widget(name, kind, info, catalogue)
    default = None if info.is_required() or info.default is None else _shown(info.get_default())
    if widget is Widget.MOMENT and info.is_required() and catalogue.now is not None:
        # What is written down has mostly just happened; a minute too early would be before what led to it.
        default = f"{catalogue.now.astimezone(SHANGHAI):%Y-%m-%dT%H:%M:%S}"
    elif name in catalogue.numbers and len(options) == 1:
        default = options[0][0]
    limits = [*info.metadata]
    return Field(
        name=here.name,
        label=label_of(model, name),
        widget=widget,
        required=info.is_required() and (here.is_needed or here.when is not None),
        path=here.path,
        help=info.description or "",
        options=options,
        least=next((float(str(one.ge)) for one in limits if isinstance(one, Ge)), None),
        most=next((float(str(one.le)) for one in limits if isinstance(one, Le)), None),
        many=get_origin(kind) is tuple,
        is_number=get_origin(kind) is Literal and isinstance(get_args(kind)[0], int),
        when=here.when,
        is_needed=here.is_needed,
        value=default,
    )


def _shown(value: Any) -> Any:
    return [str(one) for one in value] if isinstance(value, tuple | frozenset) else value


def _bare(annotation: Any) -> Any:
    """What a field holds, whether or not it may be left out."""
    if get_origin(annotation) in {Union, UnionType}:
        kept = [part for part in get_args(annotation) if part is not type(None)]
        return kept[0] if len(kept) == 1 else annotation
    if get_origin(annotation) is tuple and get_origin(part := get_args(annotation)[0]) is Annotated:
        return annotation if _choice_of(part, None) else GenericAlias(tuple, (get_args(part)[0], ...))
    return annotation


def _widget(name: str, kind: Any, info: FieldInfo, catalogue: Catalogue) -> tuple[Widget, Sequence[Option]]:
    simple: dict[Any, tuple[Widget, Sequence[Option]]] = {
        UnitCode: (Widget.UNIT, catalogue.units),
        UserId: (Widget.PERSON, catalogue.officers if name == "officer" else catalogue.people),
        tuple[UserId, ...]: (Widget.PEOPLE, catalogue.officers),
        PersonId: (Widget.ACCUSED, ()),
        tuple[CaseNo, ...]: (Widget.CASES, ()),
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
    if kind is int and name in catalogue.numbers:
        return Widget.CHOICE, catalogue.numbers[name]
    if kind is int:
        return (Widget.RATING if name == "satisfaction" else Widget.NUMBER), ()
    if get_origin(kind) is Literal:
        return Widget.CHOICE, [(str(one), getattr(one, "label", str(one))) for one in get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, Term):
        allowed = catalogue.allowed.get(name)
        return Widget.CHOICE, [one for one in _terms(kind) if allowed is None or one[0] in allowed]
    if get_origin(kind) in {tuple, frozenset} and issubclass(get_args(kind)[0], Term):
        return Widget.CHOICES, _terms(get_args(kind)[0])
    return (Widget.TEXT if _is_long(info) and name not in _SHORT else Widget.LINE), ()


def _terms(kind: type[Term]) -> Sequence[Option]:
    return [(term.value, term.label) for term in kind]


def _named(evidence: Mapping[str, EvidenceRef]) -> Sequence[Option]:
    return [(one.evidence_id, f"{one.kind.label} {one.evidence_id}") for one in evidence.values()]


def _is_long(info: FieldInfo) -> bool:
    """Texts that go to the vault are long; codes and numbers are not."""
    limits = [*info.metadata, *(getattr(part, "__metadata__", ()) for part in get_args(info.annotation))]
    return "max_length=20000" in repr(limits)


# ── what came back ──────────────────────────────────────────────────────────────────────────────


def _as_sent(one: Field, sent: FormData) -> Field:
    if one.row_of is None:
        return replace(one, value=_typed(one, sent))
    rows = [tuple(_as_sent(part, sent) for part in one.row_of(at)) for at in _places(one.name, sent)]
    # A row that was added and left empty was not meant.
    return replace(one, rows=tuple(filter(_says_something, rows)) or tuple(rows[:1]))


def _says_something(row: tuple[Field, ...]) -> bool:
    """Ticks stand as they were given, and which model is meant is no entry by itself."""
    choosers = {part.when[0] for part in row if part.when}
    entries = (part for part in row if part.widget is not Widget.TICK and part.name not in choosers)
    return any(part.value not in ("", [], ("", "")) for part in entries)


def _known(one: Field, known: Mapping[str, Any]) -> Field:
    if one.row_of is None:
        return replace(one, value=known.get(one.name, one.value))
    rows = [tuple(_known(part, known) for part in one.row_of(at)) for at in _places(one.name, known)]
    return replace(one, rows=tuple(rows))


def _places(name: str, sent: Iterable[str]) -> list[int]:
    """Which rows of a list there are; the first always is."""
    place = re.compile(rf"{re.escape(name)}\.(\d{{1,4}})\.")
    found = {int(match[1]) for key in sent if (match := place.match(key))}
    return sorted(found | {0})[:_MOST_ROWS]


def _typed(one: Field, sent: FormData) -> Any:
    match one.widget:
        case Widget.CHOICES | Widget.UNITS | Widget.EVIDENCE | Widget.PEOPLE:
            return [value for value in map(str, sent.getlist(one.name)) if value]
        case Widget.ASSISTS:
            units, days = sent.getlist(f"{one.name}.unit"), sent.getlist(f"{one.name}.days")
            return [(str(unit), str(limit)) for unit, limit in zip(units, days, strict=False) if unit]
        case Widget.CASES:
            return re.findall(r"\w+", str(sent.get(one.name, "")))
        case Widget.ACCUSED:
            return (str(sent.get(one.name, "")), str(sent.get(f"{one.name}.name", "")).strip())
        case Widget.TICK:
            return one.name in sent
        case _:
            return str(sent.get(one.name, "")).strip()


def _asked(fields: Iterable[Field]) -> Iterator[Field]:
    """Yield the fields that what was typed asks for."""
    kept = tuple(fields)
    values = {one.name: one.value for one in kept}
    return (one for one in kept if one.when is None or values.get(one.when[0]) == one.when[1])


def _meant(one: Field, catalogue: Catalogue) -> Any:
    """What an entry means to the model; `None` where nothing was entered."""
    match one.widget:
        case Widget.EVIDENCE:
            named = [catalogue.evidence.get(name, name) for name in one.value]
            return named if one.many else next(iter(named), None)
        case Widget.ASSISTS:
            return [{"unit": unit, "days": days or None} for unit, days in one.value]
        case Widget.ACCUSED:
            return one.value[0] or None
        case Widget.MOMENT if one.value:
            return _in_shanghai(one.value)
        case Widget.DATES:
            return one.value.split()
        case Widget.CHOICE if one.is_number and one.value.isdigit():
            # One of several numbers, which a model does not read from text.
            return int(one.value)
        case _:
            return None if one.value == "" else one.value


def _in_shanghai(typed: str) -> Any:
    """A browser sends the local time of whoever looks; the hotline's clock is Shanghai's."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=SHANGHAI)
    except ValueError:
        return typed


_Tree = dict[Step, Any]


def _nested(fields: Iterable[Field], catalogue: Catalogue) -> Any:
    """What was left empty is left out, so that the model's own default or complaint applies."""
    found: _Tree = {}
    for one in fields:
        value = _meant(one, catalogue)
        is_empty = value is None or value == []
        if is_empty and not one.is_needed:
            continue
        group = found
        for step in one.path[:-1]:
            group = group.setdefault(step, {})
        if not is_empty:
            group[one.path[-1]] = value
    return _listed(found)


def _listed(value: Any) -> Any:
    """A tree with lists where it was numbered."""
    if not isinstance(value, dict):
        return value
    parts = {step: _listed(part) for step, part in value.items()}
    return list(parts.values()) if parts and all(isinstance(step, int) for step in parts) else parts


_SAID: Final = {
    "missing": "此项必填",
    "union_tag_not_found": "此项必填",
    "union_tag_invalid": "填写有误",
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
        name = _SEPARATOR.join(map(str, one["loc"])) or "form"
        faults.setdefault(name, _SAID.get(one["type"], "填写有误"))
    return faults


def answers(name: str) -> tuple[str, str]:
    """What yes and no are called in a field."""
    return CHOICES.get(name.rpartition(_SEPARATOR)[2], ("是", "否"))

"""Forms from models (表单): a model with plain text wherever it has a reference into the vault.

A form is derived, so that a field which a command gains appears in the API, in OpenAPI and on the page by itself.
References may lie deep: in a model within the model, in one of several. The way to a text is its name, as in
`draft.tolerance.reason`, which is also what it is kept under.
"""

from collections.abc import Iterator, Mapping
from functools import cache, reduce
from operator import or_
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model
from pydantic.fields import FieldInfo

from hotline.case import TextRef
from hotline.identifiers import CommandId, TextId, derived_command

MAX_TEXT: Final = 20_000
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT)]

Hidden = Mapping[type[BaseModel], frozenset[str]]
"""Fields that the server supplies from what it knows, instead of asking for them."""

_TEXTS: Final[dict[type[BaseModel], frozenset[str]]] = {}
"""Which fields of a derived form hold texts."""


def derived_form(
    model: type[BaseModel],
    hidden: Hidden = MappingProxyType({}),
    added: Mapping[str, Any] = MappingProxyType({}),
) -> type[BaseModel]:
    """The form of a model: its own fields but the hidden ones, and what is asked for besides."""
    fields: dict[str, Any] = {
        name: _asked(info, hidden)
        for name, info in model.model_fields.items()
        if name not in hidden.get(model, ())
    }
    form = create_model(
        f"{model.__name__}Form",
        __config__=ConfigDict(extra="forbid", frozen=True),
        __doc__=model.__doc__,
        **fields,
        **added,
    )
    _TEXTS[form] = frozenset(name for name in fields if is_text(model.model_fields[name]))
    return form


def is_text(info: FieldInfo) -> bool:
    """Whether a field of a model is a reference into the vault."""
    return TextRef in (info.annotation, *get_args(info.annotation))


def _asked(info: FieldInfo, hidden: Hidden) -> tuple[Any, Any]:  # what create_model takes
    if not is_text(info):
        return _plain(info.annotation, hidden), info
    if info.is_required():
        return Text, Field(description=info.description)
    return Text | None, Field(default=None, description=info.description)


# An annotation, of whatever shape a field may have.
def _plain(annotation: Any, hidden: Hidden) -> Any:
    """The annotation with forms in the place of the models that hold texts or hide something."""
    if not _changes(annotation, hidden):
        return annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _inner(annotation, tuple(hidden.items()))
    parts, origin = get_args(annotation), get_origin(annotation)
    if origin is Annotated:
        return Annotated[(_plain(parts[0], hidden), *parts[1:])]
    plain = tuple(_plain(part, hidden) for part in parts)
    return reduce(or_, plain) if origin in {Union, UnionType} else origin[plain]


@cache
def _inner(model: type[BaseModel], hidden: tuple[tuple[type[BaseModel], frozenset[str]], ...]) -> Any:
    """One form per model, or OpenAPI would name each use of it anew."""
    return derived_form(model, dict(hidden))


def _changes(annotation: Any, hidden: Hidden) -> bool:
    if annotation is TextRef or annotation in hidden:
        return True
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return any(_changes(info.annotation, hidden) for info in annotation.model_fields.values())
    return any(_changes(part, hidden) for part in get_args(annotation) if not isinstance(part, str))


def texts_in(form: object, way: str = "") -> Iterator[tuple[str, str]]:
    """The texts that were filled in, each with the way to it."""
    if isinstance(form, BaseModel):
        texts = _TEXTS.get(type(form), frozenset())
        for name in form.model_fields_set:
            value = getattr(form, name)
            if name in texts and value is not None:
                yield way + name, value
            elif name not in texts:
                yield from texts_in(value, f"{way}{name}.")
    elif isinstance(form, tuple):
        for place, part in enumerate(form):
            yield from texts_in(part, f"{way}{place}.")


# What a form says, as a model takes it.
def values_of(form: object, texts: Mapping[str, TextRef], way: str = "") -> Any:
    """What was filled in, with references in the place of texts; without `texts`, without them."""
    if isinstance(form, BaseModel) and type(form) in _TEXTS:
        return dict(_fields(form, texts, way))
    if isinstance(form, tuple):
        return tuple(values_of(part, texts, f"{way}{place}.") for place, part in enumerate(form))
    return form


def _fields(form: BaseModel, texts: Mapping[str, TextRef], way: str) -> Iterator[tuple[str, Any]]:
    for name in sorted(form.model_fields_set):
        if name not in _TEXTS[type(form)]:
            yield name, values_of(getattr(form, name), texts, f"{way}{name}.")
        elif way + name in texts:
            yield name, texts[way + name]


def text_id(command_id: CommandId, way: str) -> TextId:
    """The id of a command's text: the same for every retry of the command."""
    return TextId(derived_command(command_id, way))

"""From a command's model to the form that people send, and back (指令表单).

A form is the command with plain text where the command has a reference into the vault; it is derived
from the command's model, so that a field added there appears in the API, in OpenAPI and on the page.
Texts go to the vault under ids derived from the command id, so a retry stores nothing twice.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Final, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, create_model
from pydantic.fields import FieldInfo

from hotline.case import TextRef
from hotline.commands import (
    AnyCommand,
    CallJointReview,
    Command,
    DispatchCase,
    JoinCase,
    RevisePolicy,
    RuleBindingly,
)
from hotline.decide import RULES
from hotline.identifiers import HOTLINE, CommandId, TextId, UnitCode, derived_command
from hotline.model import Message
from hotline.problems.commands import AssignProblemLead
from hotline.vocabulary import Role

MAX_TEXT: Final = 20_000
ANY_COMMAND: Final[TypeAdapter[Command]] = TypeAdapter(AnyCommand)
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT)]

_SUPPLIED: Final[Mapping[type[Message], frozenset[str]]] = MappingProxyType(
    {
        JoinCase: frozenset({"lead", "lineages"}),
        DispatchCase: frozenset({"lineages"}),
        RuleBindingly: frozenset({"lineages"}),
        CallJointReview: frozenset({"lineages"}),
        RevisePolicy: frozenset({"policy"}),
        AssignProblemLead: frozenset({"lineages"}),
    }
)
"""Fields that the server supplies from what it knows, instead of asking for them."""

_ADDED: Final[Mapping[type[Message], Mapping[str, Any]]] = MappingProxyType(
    {RevisePolicy: {"revision": (str, Field(description="已发布的规则版本号"))}}
)


def commands_for_people() -> Iterator[type[Message]]:
    """The commands that an account or a citizen can issue; the system's own have no form."""
    for command, rule in RULES.items():
        if rule.by - {Role.SYSTEM}:
            yield command


def kind_of(command: type[Message]) -> str:
    """The stable name of a command class."""
    return RULES[command].kind


@cache
def form_of(command: type[Message]) -> type[BaseModel]:
    """The model of the request body for a command."""
    fields: dict[str, Any] = {
        name: _asked(info)
        for name, info in command.model_fields.items()
        if name not in {"kind", *_SUPPLIED.get(command, ())}
    }
    return create_model(
        f"{command.__name__}Form",
        __config__=ConfigDict(extra="forbid", frozen=True),
        __doc__=command.__doc__,
        **fields,
        **_ADDED.get(command, {}),
    )


def _asked(info: FieldInfo) -> tuple[Any, Any]:  # what create_model takes: an annotation and a field
    if not _is_text(info):
        return info.annotation, info
    if info.is_required():
        return Text, Field(description=info.description)
    return Text | None, Field(default=None, description=info.description)


def _is_text(info: FieldInfo) -> bool:
    return TextRef in (info.annotation, *get_args(info.annotation))


def texts_of(command: type[Message], form: BaseModel) -> dict[str, str]:
    """The texts that were filled in, by field."""
    return {
        name: value
        for name, info in command.model_fields.items()
        if _is_text(info) and (value := getattr(form, name, None)) is not None
    }


def text_id(command_id: CommandId, field: str) -> TextId:
    """The id of a command's text: the same for every retry of the command."""
    return TextId(derived_command(command_id, field))


def command_of(
    command: type[Message], form: BaseModel, texts: Mapping[str, TextRef], supplied: Mapping[str, Any]
) -> Command:
    """The command that a form means."""
    return ANY_COMMAND.validate_python(parts_of(command, form, texts, supplied))


def parts_of(
    command: type[Message], form: BaseModel, texts: Mapping[str, TextRef], supplied: Mapping[str, Any]
) -> dict[str, Any]:
    """Everything that a command is made of: what was asked, its texts by reference, what the server knows."""
    asked = {
        name: getattr(form, name)
        for name in command.model_fields
        if hasattr(form, name) and name in form.model_fields_set and name not in texts
    }
    return {"kind": command.model_fields["kind"].default, **asked, **texts, **supplied}


def units_in(form: BaseModel) -> Iterator[tuple[str, UnitCode]]:
    """Every unit that a form names as one that works on the case or is complained about, with its field."""
    for name in ("lead", "unit"):
        if (unit := getattr(form, name, None)) is not None:
            yield name, unit
    for order in getattr(form, "assists", ()):
        yield "assists", order.unit
    for unit in getattr(form, "participants", ()):
        if unit != HOTLINE:  # It may sit in a joint review, but no case can be dispatched to it.
            yield "participants", unit
    if (classification := getattr(form, "classification", None)) is not None:
        for unit in classification.accused_units:
            yield "classification", unit

"""From a command's model to the form that people send, and back (指令表单).

A form is the command with plain text where the command has a reference into the vault; it is derived
from the command's model, so that a field added there appears in the API, in OpenAPI and on the page.
Texts go to the vault under ids derived from the command id, so a retry stores nothing twice.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel, Field, TypeAdapter

from api.forming import Text, derived_form, text_id, texts_in, values_of
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
from hotline.identifiers import HOTLINE, UnitCode
from hotline.model import Message
from hotline.problems.commands import AssignProblemLead
from hotline.vocabulary import Role

__all__ = [
    "Text",
    "command_of",
    "commands_for_people",
    "form_of",
    "kind_of",
    "parts_of",
    "text_id",
    "texts_of",
    "units_in",
]

ANY_COMMAND: Final[TypeAdapter[Command]] = TypeAdapter(AnyCommand)

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
    hidden = frozenset({"kind"}) | _SUPPLIED.get(command, frozenset())
    return derived_form(command, {command: hidden}, _ADDED.get(command, {}))


def texts_of(form: BaseModel) -> dict[str, str]:
    """The texts that were filled in, by field."""
    return dict(texts_in(form))


def command_of(
    command: type[Message], form: BaseModel, texts: Mapping[str, TextRef], supplied: Mapping[str, Any]
) -> Command:
    """The command that a form means."""
    return ANY_COMMAND.validate_python(parts_of(command, form, texts, supplied))


def parts_of(
    command: type[Message], form: BaseModel, texts: Mapping[str, TextRef], supplied: Mapping[str, Any]
) -> dict[str, Any]:
    """Everything that a command is made of: what was asked, its texts by reference, what the server knows."""
    asked = {name: value for name, value in values_of(form, texts).items() if name in command.model_fields}
    return {"kind": command.model_fields["kind"].default, **asked, **supplied}


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

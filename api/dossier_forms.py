"""Forms of accountability (追责问责表单): derived from registration and commands as those of cases are (api/forming.py)."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from pydantic import BaseModel, Field, TypeAdapter

from api.forming import Hidden, derived_form, values_of
from hotline.accountability.commands import AnyDossierCommand, DossierCommand, Number, ProposeDecision
from hotline.accountability.decide import RULES
from hotline.accountability.state import ClueRegistration, DecisionDraft
from hotline.accountability.vocabulary import Level
from hotline.case import TextRef
from hotline.identifiers import PersonId, UnitCode, UserId
from hotline.model import Message

ANY_DOSSIER_COMMAND: Final[TypeAdapter[DossierCommand]] = TypeAdapter(AnyDossierCommand)

_SUPPLIED: Final[Hidden] = {
    ClueRegistration: frozenset(
        {"dossier_no", "registered_at", "registered_by", "policy_revision", "reference"}
    ),
    # Nobody is asked what a record says: the server merges periods by what is running (政务处分法 art. 15).
    DecisionDraft: frozenset({"running_until", "subject"}),
}

_ADDED: Final[Mapping[type[Message], Mapping[str, Any]]] = {
    # A subject is described once, and from then on named by its place in the file.
    ProposeDecision: {"subject": (Number, Field(description="被反映人在本案卷中的序号"))}
}


def dossier_commands() -> Iterator[type[Message]]:
    """The commands that an officer can issue; the engine's own have no form."""
    for command, rule in RULES.items():
        if rule.by - {Level.SYSTEM}:
            yield command


@cache
def clue_form() -> type[BaseModel]:
    """The form of a clue."""
    return derived_form(ClueRegistration, _SUPPLIED)


@cache
def dossier_form_of(command: type[Message]) -> type[BaseModel]:
    """The model of the request body for a command on a file."""
    hidden = {**_SUPPLIED, command: frozenset({"kind"})}
    return derived_form(command, hidden, _ADDED.get(command, {}))


def dossier_command_of(
    command: type[Message],
    form: BaseModel,
    texts: Mapping[str, TextRef],
    supplied: Mapping[str, Mapping[str, Any]],
) -> DossierCommand:
    """The command that a form means; `supplied` is what the server adds to a field that is a model."""
    asked = {name: value for name, value in values_of(form, texts).items() if name in command.model_fields}
    added = {name: {**asked[name], **fields} for name, fields in supplied.items()}
    return ANY_DOSSIER_COMMAND.validate_python({"kind": RULES[command].kind, **asked, **added})


def officers_in(form: BaseModel) -> Iterator[tuple[str, UserId]]:
    """Every officer that a form names, with its field."""
    for name in ("team", "officers", "signers"):
        for officer in getattr(form, name, ()):
            yield name, officer
    if (officer := getattr(form, "officer", None)) is not None:
        yield "officer", officer


def subjects_in(form: BaseModel) -> Iterator[tuple[str, BaseModel]]:
    """Every person and organisation that a form describes, with its field; a number is no description."""
    for subject in getattr(form, "subjects", ()):
        yield "subjects", subject
    if isinstance(subject := getattr(form, "subject", None), BaseModel):
        yield "subject", subject


def unit_in(subject: BaseModel) -> UnitCode:
    """The unit of a person's position, or the unit itself."""
    unit: UnitCode = getattr(getattr(subject, "position", subject), "unit", UnitCode(""))
    return unit


def person_in(subject: BaseModel) -> PersonId | None:
    """The person, if it is one."""
    person: PersonId | None = getattr(subject, "person", None)
    return person

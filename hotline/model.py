"""Base classes of all data in the domain.

Data is frozen; what people send is checked strictly, while facts and state tolerate fields of a newer
release, because a ledger outlives the code that wrote it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


class Message(BaseModel):
    """What somebody sends: an unknown field is an error, not noise."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Record(BaseModel):
    """What is stored or carried over: an unknown field comes from a newer release and is left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Term(StrEnum):
    """A closed set of codes, each with the Chinese term that people see."""

    label: str

    def __new__(cls, code: str, label: str) -> Self:
        """Make a member whose value is the code and whose label is the term."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member


def _within_reach(instant: datetime) -> datetime:
    """Near the ends of the calendar a limit or a time zone would lead out of it."""
    if not 1900 <= instant.year <= 2200:
        message = "the year must lie between 1900 and 2200"
        raise ValueError(message)
    return instant


Instant = Annotated[AwareDatetime, AfterValidator(_within_reach)]
"""An instant that somebody sends."""

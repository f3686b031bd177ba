"""Base classes of all data in the domain.

Data is frozen; what people send is checked strictly, while facts and state tolerate fields of a newer
release, because a ledger outlives the code that wrote it.
"""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict


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

"""A citizen's rights over their data (个人信息权利): everything held about them, and its erasure.

Both are acts of the administrator on an application, recorded with its ground in the same transaction; neither
needs the engine (个人信息保护法 art. 45, 47).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.errors import ApiError
from hotline.case import Actor
from hotline.identifiers import CaseNo
from hotline.vocabulary import PersonGround, TrailEvent
from store.engine import Database
from store.erasure import erase, subject_of
from store.intake_request import Line
from store.person_export import PersonExport, export_person
from store.persons import Cipher
from store.trail import TrailEntry, record

_CASE_NO: Final = r"^[0-9]{18}$"


class PersonRequest(BaseModel):
    """Whose data, and on which ground: a phone number, or the number of a case whose caller left none."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    phone: Line | None = Field(default=None, repr=False, description="诉求人电话")
    case_no: str | None = Field(default=None, pattern=_CASE_NO, description="未留电话的，用工单编号")
    ground: PersonGround = Field(description="依据")

    @property
    def number(self) -> CaseNo | None:
        """The number of the case, if one was given."""
        return CaseNo(self.case_no) if self.case_no else None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.phone is None) == (self.case_no is None):
            message = "give either phone or case_no"
            raise ValueError(message)
        return self


def person_unknown() -> ApiError:
    """Nothing is kept of such a person, or nothing any more."""
    return ApiError(404, "person_unknown", "没有保存该诉求人的个人信息")


@dataclass(frozen=True, slots=True)
class Applied:
    """An application as it is carried out: by whom (nobody on the command line), from where, and when."""

    at: datetime
    actor: Actor | None = None
    address: str | None = None

    def entry(self, event: TrailEvent, request: PersonRequest, numbers: Sequence[CaseNo]) -> TrailEntry:
        """What the trail says of it: the cases, so that an erasure can be done again on a restored backup."""
        return TrailEntry(
            at=self.at,
            event=event,
            actor=self.actor,
            address=self.address,
            detail={"ground": request.ground.value, "cases": list(numbers)},
        )


async def export_of(
    database: Database, cipher: Cipher, request: PersonRequest, applied: Applied
) -> PersonExport:
    """Everything held about a person. ApiError 404: there is nothing."""
    async with database.write() as session:
        subject = await subject_of(session, cipher, phone=request.phone, case_no=request.number)
        exported = await export_person(session, cipher, subject, at=applied.at)
        if not exported.cases:
            raise person_unknown()
        numbers = [kept.case_no for kept in exported.cases]
        await record(session, applied.entry(TrailEvent.PERSON_EXPORTED, request, numbers))
    return exported


async def erase_of(
    database: Database, cipher: Cipher, request: PersonRequest, applied: Applied
) -> Sequence[CaseNo]:
    """Erase a person and return the cases that were theirs.

    ApiError 404: there is nothing. GuardFailed: a case of theirs is open.
    """
    async with database.write() as session:
        subject = await subject_of(session, cipher, phone=request.phone, case_no=request.number)
        numbers = await erase(session, cipher, subject, at=applied.at)
        if not numbers:
            raise person_unknown()
        await record(session, applied.entry(TrailEvent.PERSON_ERASED, request, numbers))
    return numbers

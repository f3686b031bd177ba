"""Everything held about one person (个人信息查阅、复制, 个人信息保护法 art. 45), in one document for them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import Field
from sqlalchemy import select

from hotline.case import Registration
from hotline.identifiers import CaseNo
from hotline.model import Record
from hotline.vocabulary import EvidenceKind, Role, TrailEvent
from store.engine import ReadSession
from store.erasure import Subject, cases_of
from store.evidence import open_evidence
from store.persons import Cipher
from store.tables.registration import intake
from store.tables.trail import trail
from store.vault import Caller, KeptText, all_texts, read_callers

FORMAT: Final = "hotline-person/1"
_CASES_AT_ONCE: Final = 200


class KeptOpening(Record):
    """When the caller's sealed data was opened, and by whom in which role."""

    at: datetime
    by_role: Role
    fields: tuple[str, ...]


class KeptFile(Record):
    """One evidence file: what it is, and what a camera wrote into it; its bytes are downloaded from the case."""

    evidence_id: str
    kind: EvidenceKind
    media_type: str
    size: int
    sha256: str
    uploaded_at: datetime
    name: str | None = Field(default=None, repr=False)
    metadata: Mapping[str, str] = Field(default_factory=dict, repr=False)


class KeptCase(Record):
    """What is held of one case."""

    case_no: CaseNo
    registration: Registration
    name: str | None = Field(repr=False)
    phone: str | None = Field(repr=False)
    address: str | None = Field(repr=False)
    texts: tuple[KeptText, ...]
    files: tuple[KeptFile, ...]
    openings: tuple[KeptOpening, ...]


class PersonExport(Record):
    """What is held of one person, case by case."""

    format: str = FORMAT
    exported_at: datetime
    cases: tuple[KeptCase, ...]


async def export_person(
    session: ReadSession, cipher: Cipher, subject: Subject, *, at: datetime
) -> PersonExport:
    """Open everything that is held of a person; without a case there is nothing."""
    numbers = await cases_of(session, subject)
    found: list[KeptCase] = []
    for start in range(0, len(numbers), _CASES_AT_ONCE):
        found += await _cases(session, cipher, numbers[start : start + _CASES_AT_ONCE])
    return PersonExport(exported_at=at, cases=tuple(found))


async def _cases(session: ReadSession, cipher: Cipher, numbers: Sequence[CaseNo]) -> list[KeptCase]:
    callers = await read_callers(session, cipher, numbers)
    texts = await all_texts(session, cipher, numbers)
    openings = await _openings(session, numbers)
    registered = await session.execute(
        select(intake.c.case_no, intake.c.registration).where(intake.c.case_no.in_(numbers))
    )
    registrations = {row.case_no: Registration.model_validate(row.registration) for row in registered}
    return [
        KeptCase(
            case_no=number,
            registration=registrations[number],
            **_parts(callers.get(number, Caller())),
            texts=tuple(texts[number]),
            files=await _files(session, cipher, number),
            openings=tuple(openings[number]),
        )
        for number in numbers
    ]


def _parts(caller: Caller) -> dict[str, str | None]:
    return {"name": caller.name, "phone": caller.phone, "address": caller.address}


async def _files(session: ReadSession, cipher: Cipher, number: CaseNo) -> tuple[KeptFile, ...]:
    found = await open_evidence(session, cipher, number)
    return tuple(
        KeptFile.model_validate(file.model_dump() | {"name": sealed.name, "metadata": sealed.metadata})
        for file, sealed in found
        if sealed
    )


async def _openings(session: ReadSession, numbers: Sequence[CaseNo]) -> dict[CaseNo, list[KeptOpening]]:
    found = await session.execute(
        select(trail.c.case_no, trail.c.at, trail.c.actor_role, trail.c.detail)
        .where(trail.c.event == TrailEvent.CALLER_OPENED.value, trail.c.case_no.in_(numbers))
        .order_by(trail.c.seq)
    )
    openings: dict[CaseNo, list[KeptOpening]] = {number: [] for number in numbers}
    for row in found:
        told = {"at": row.at, "by_role": row.actor_role, "fields": row.detail["fields"]}
        openings[row.case_no].append(KeptOpening.model_validate(told))
    return openings

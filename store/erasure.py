"""Erasing (删除个人信息): what is left of a citizen when they go, and of a case when its time is over.

Erased is what tells who somebody is and what they said: caller, texts, keyed hashes, search tokens, retrieval code,
the keys of evidence files, and the citizen's own key, so that no copy of a sealed row or file can be read again. What stays are codes and instants:
the ledger is never touched, the audit still holds (个人信息保护法 art. 47; store/persons.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    exists,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    update,
)

from hotline.identifiers import CaseNo
from hotline.refusals import GuardFailed
from store.engine import ReadSession, WriteSession
from store.notices import forget_notices
from store.persons import Cipher, lock_person
from store.tables.casework import cases
from store.tables.problems import problem_lines, problem_links
from store.tables.registration import intake, search_entries
from store.tables.vault import evidence, vault_callers, vault_cases, vault_persons, vault_texts
from store.vault import caller_hash

_NO_CALLER: Final = {
    "sealed_name": null(),
    "sealed_phone": null(),
    "sealed_address": null(),
    "name_hash": null(),
    "phone_hash": null(),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data it is: a citizen by phone number, or the caller of one case, who may have left none."""

    phone_hash: str | None
    case_no: CaseNo | None = None


async def subject_of(
    session: ReadSession, cipher: Cipher, *, phone: str | None = None, case_no: CaseNo | None = None
) -> Subject:
    """Find out whose data a phone number or a case leads to."""
    if case_no is None:
        return Subject(caller_hash(cipher, phone))
    found = await session.scalar(select(vault_callers.c.phone_hash).where(vault_callers.c.case_no == case_no))
    return Subject(found, case_no)


async def cases_of(session: ReadSession, subject: Subject) -> tuple[CaseNo, ...]:
    """Return the cases of which something of this person is still kept, in the order of their numbers."""
    has_text = exists().where(
        vault_texts.c.case_no == vault_callers.c.case_no, vault_texts.c.erased_at.is_(None)
    )
    found = await session.scalars(
        select(vault_callers.c.case_no)
        .where(and_(_is_of(subject), or_(vault_callers.c.erased_at.is_(None), has_text)))
        .order_by(vault_callers.c.case_no)
    )
    return tuple(CaseNo(number) for number in found)


def _is_of(subject: Subject) -> ColumnElement[bool]:
    if subject.phone_hash is None:
        return vault_callers.c.case_no == subject.case_no
    # Two searches by index; of a case whose caller is past its term only the person's own key still tells.
    by_caller = select(vault_callers.c.case_no).where(vault_callers.c.phone_hash == subject.phone_hash)
    by_person = (
        select(vault_cases.c.case_no)
        .join(vault_persons, vault_persons.c.person_id == vault_cases.c.person_id)
        .where(vault_persons.c.phone_hash == subject.phone_hash)
    )
    return vault_callers.c.case_no.in_(by_caller.union(by_person))


async def erase(
    session: WriteSession, cipher: Cipher, subject: Subject, *, at: datetime
) -> tuple[CaseNo, ...]:
    """Erase everything of a person and return their cases; none means that nothing of them was kept.

    GuardFailed: a case of theirs is open, so the purpose for which the data is processed is not achieved yet
    (art. 47). A registration that comes at the same moment is either seen here, or is of a new person.
    """
    if subject.phone_hash is not None:
        await lock_person(session, cipher, subject.phone_hash, at=at)
    numbers = await cases_of(session, subject)
    if await _open_among(session, numbers):
        raise GuardFailed(
            "person_has_open_case", "该诉求人仍有在办工单，办结后方可删除", rule="个人信息保护法 art. 47"
        )
    await forget_cases(session, numbers, at=at)
    await _forget_keys(session, numbers, subject.phone_hash, at)
    return numbers


async def _open_among(session: ReadSession, numbers: Sequence[CaseNo]) -> bool:
    """A case that no workflow has adopted yet is open as well."""
    closed = await session.scalar(
        select(func.count())
        .select_from(cases)
        .where(and_(cases.c.case_no.in_(numbers), cases.c.closed_at.is_not(None)))
    )
    return bool(closed != len(numbers))


async def forget_callers(session: WriteSession, numbers: Sequence[CaseNo], *, at: datetime) -> None:
    """Erase who called in some cases, and the hashes by which they were found; what was said stays."""
    await session.execute(
        update(vault_callers)
        .where(and_(vault_callers.c.case_no.in_(numbers), vault_callers.c.erased_at.is_(None)))
        .values(**_NO_CALLER, erased_at=at)
    )
    await session.execute(
        update(intake)
        .where(intake.c.case_no.in_(numbers))
        .values(
            caller_hash=null(),
            # Both are keyed hashes of what the citizen sent; a retry after years is a new registration.
            request_digest="",
            key_hash=literal("erased/") + intake.c.case_no,
            principal=case((intake.c.principal.like("public/%"), "public/erased"), else_=intake.c.principal),
        )
    )
    await session.execute(update(cases).where(cases.c.case_no.in_(numbers)).values(caller_hash=null()))
    of_lines = select(problem_links.c.line_no).where(problem_links.c.case_no.in_(numbers))
    await session.execute(
        update(problem_lines).where(problem_lines.c.line_no.in_(of_lines)).values(caller_hash=null())
    )


async def forget_cases(session: WriteSession, numbers: Sequence[CaseNo], *, at: datetime) -> None:
    """Erase everything personal of some cases: who called, what was said by whom, how it is found."""
    await forget_callers(session, numbers, at=at)
    await session.execute(
        update(vault_texts)
        .where(and_(vault_texts.c.case_no.in_(numbers), vault_texts.c.erased_at.is_(None)))
        .values(sealed=b"", erased_at=at)
    )
    await session.execute(
        update(evidence)
        .where(evidence.c.case_no.in_(numbers))
        .values(sealed_key=b"", sealed_name=null(), sealed_metadata=null())
    )
    await session.execute(delete(search_entries).where(search_entries.c.case_no.in_(numbers)))
    await session.execute(
        update(intake).where(intake.c.case_no.in_(numbers)).values(retrieval_hash="", retrieval_sealed=b"")
    )
    await forget_notices(session, numbers)


async def _forget_keys(
    session: WriteSession, numbers: Sequence[CaseNo], phone_hash: str | None, at: datetime
) -> None:
    of_cases = select(vault_cases.c.person_id).where(vault_cases.c.case_no.in_(numbers))
    await session.execute(
        update(vault_persons)
        .where(
            or_(
                vault_persons.c.person_id.in_(of_cases),
                and_(vault_persons.c.phone_hash == phone_hash, vault_persons.c.phone_hash.is_not(None)),
            )
        )
        .values(sealed_key=null(), phone_hash=null(), erased_at=at)
    )


async def forget_idle_keys(session: WriteSession, *, at: datetime) -> int:
    """Delete the keys under which nothing is left, and the hash of whom no caller's data is left; count the keys."""
    own_cases = vault_cases.c.person_id == vault_persons.c.person_id
    has_caller = (
        exists()
        .where(
            own_cases, vault_callers.c.case_no == vault_cases.c.case_no, vault_callers.c.erased_at.is_(None)
        )
        .correlate(vault_persons)
    )
    has_text = (
        exists()
        .where(own_cases, vault_texts.c.case_no == vault_cases.c.case_no, vault_texts.c.erased_at.is_(None))
        .correlate(vault_persons)
    )
    is_live = vault_persons.c.sealed_key.is_not(None)
    await session.execute(
        update(vault_persons)
        .where(and_(is_live, vault_persons.c.phone_hash.is_not(None), not_(has_caller)))
        .values(phone_hash=null())
    )
    gone = await session.execute(
        update(vault_persons)
        .where(and_(is_live, not_(has_caller), not_(has_text)))
        .values(sealed_key=null(), erased_at=at)
    )
    return gone.rowcount

"""Retention (保存期限): what is kept no longer than its policy says (个人信息保护法 art. 19).

A text that no fact came to use goes after days; who called goes some years after a case was archived, so that
they can be called back till then; what was said goes with the end of the file's own term. What is left of a
citizen then is no key.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, exists, func, select

from hotline.identifiers import CaseNo
from hotline.model import Record
from hotline.policy import Retention
from hotline.vocabulary import Status, TrailEvent
from store.engine import ReadSession, WriteSession
from store.erasure import forget_callers, forget_cases, forget_idle_keys
from store.tables.casework import cases
from store.tables.vault import vault_callers, vault_texts
from store.trail import TrailEntry, record
from store.vault import count_unused_texts, purge_unused_texts

BATCH: Final = 500
# Any number will do, so long as nothing else in the database locks the same.
_LOCK: Final = 1234500004


class Swept(Record):
    """How much was erased, or would be: unused texts, callers of cases, whole cases, citizens' keys."""

    texts: int = 0
    callers: int = 0
    cases: int = 0
    keys: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        """Both together."""
        return Swept(
            texts=self.texts + other.texts,
            callers=self.callers + other.callers,
            cases=self.cases + other.cases,
            keys=self.keys + other.keys,
        )

    @property
    def is_anything(self) -> bool:
        """Whether there was anything to erase."""
        return self != Swept()


async def due(session: ReadSession, retention: Retention, *, now: datetime) -> Swept:
    """Count what is past its term; keys follow from the rest and are not counted."""
    return Swept(
        texts=await count_unused_texts(session, before=_before(now, retention.unused_text_days)),
        callers=await _count(session, _callers_past(_before(now, retention.caller_days))),
        cases=await _count(session, _cases_past(_before(now, retention.closed_case_days))),
    )


async def sweep(session: WriteSession, retention: Retention, *, now: datetime) -> Swept | None:
    """Erase one batch of what is past its term and record it; None while another process is at it."""
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return None
    over = await _numbers(session, _cases_past(_before(now, retention.closed_case_days)))
    if over:
        await forget_cases(session, over, at=now)
    unknown = await _numbers(session, _callers_past(_before(now, retention.caller_days)))
    if unknown:
        await forget_callers(session, unknown, at=now)
    swept = Swept(
        texts=await purge_unused_texts(session, before=_before(now, retention.unused_text_days)),
        callers=len(unknown),
        cases=len(over),
        keys=await forget_idle_keys(session, at=now) if over or unknown else 0,
    )
    if swept.is_anything:
        entry = TrailEntry(at=now, event=TrailEvent.RETENTION_APPLIED, detail=swept.model_dump())
        await record(session, entry)
    return swept


def _before(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)


# A select is generic in the types of its columns, which a Table does not tell.
def _callers_past(before: datetime) -> Select[Any]:
    own = and_(vault_callers.c.case_no == cases.c.case_no, vault_callers.c.erased_at.is_(None))
    return _archived(before).where(exists().where(own))


def _cases_past(before: datetime) -> Select[Any]:
    own = and_(vault_texts.c.case_no == cases.c.case_no, vault_texts.c.erased_at.is_(None))
    return _archived(before).where(exists().where(own))


def _archived(before: datetime) -> Select[Any]:
    """Only of an archived case nobody can ask for anything more: it is never reopened."""
    return select(cases.c.case_no).where(
        and_(cases.c.closed_at < before, cases.c.status == Status.ARCHIVED.value)
    )


async def _numbers(session: ReadSession, query: Select[Any]) -> list[CaseNo]:
    found = await session.scalars(query.order_by(cases.c.closed_at, cases.c.case_no).limit(BATCH))
    return list(found)


async def _count(session: ReadSession, query: Select[Any]) -> int:
    return int(await session.scalar(select(func.count()).select_from(query.subquery())) or 0)

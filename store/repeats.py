"""Repeat requests (重复诉求): the same caller, matter and place within the window of the policy.

domain.md §1.8 and §12 rule 4: a repeat is linked to the case that is still open, and the third one is
marked. A matter that nobody has classified yet is not known to be the same one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, case, func, select

from hotline.identifiers import CaseNo
from store.engine import WriteSession
from store.persons import Cipher
from store.tables.casework import cases
from store.tables.registration import intake

_PURPOSE: Final = "repeat-lock"


@dataclass(frozen=True, slots=True)
class Matter:
    """What makes two requests the same: who, what, where."""

    caller_hash: str | None
    category: str | None
    area: str | None


@dataclass(frozen=True, slots=True)
class Repeat:
    """The how-manieth request on a matter this is, and the newest one that is still open."""

    occurrence: int = 1
    repeat_of: CaseNo | None = None


async def look_up(
    session: WriteSession, cipher: Cipher, matter: Matter, *, at: datetime, window_for: timedelta
) -> Repeat:
    """Count the requests on a matter around an instant.

    Registrations of one caller wait for each other until they are committed; otherwise two at once would
    both be the first.
    """
    if matter.caller_hash is None or matter.category is None:
        return Repeat()
    await session.execute(select(func.pg_advisory_xact_lock(cipher.token64(_PURPOSE, matter.caller_hash))))
    adopted = cases.c.case_no.is_not(None)
    same = and_(
        intake.c.caller_hash == matter.caller_hash,
        # Imports bring their own instants in any order, so the window reaches to both sides.
        intake.c.raised_at.between(at - window_for, at + window_for),
        # A case may have been reclassified since it was registered.
        case((adopted, cases.c.category), else_=intake.c.category) == matter.category,
        case((adopted, cases.c.area), else_=intake.c.area).is_not_distinct_from(matter.area),
    )
    found = await session.execute(
        select(intake.c.case_no, cases.c.closed_at)
        .join_from(intake, cases, cases.c.case_no == intake.c.case_no, isouter=True)
        .where(same)
        .order_by(intake.c.raised_at.desc(), intake.c.case_no.desc())
    )
    rows = found.all()
    still_open = next((CaseNo(row.case_no) for row in rows if row.closed_at is None), None)
    return Repeat(occurrence=len(rows) + 1, repeat_of=still_open)

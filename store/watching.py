"""Where the whole system stands (运行状态), in numbers for those who run it: no case is named, so there is no scope."""

from datetime import datetime
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import and_, func, select

from hotline.model import Record
from hotline.vocabulary import Status
from store.alarms import count_missed
from store.deliveries import Backlog, backlog, count_since
from store.engine import ReadSession
from store.handovers import count_late
from store.tables.anchors import anchors
from store.tables.casework import cases
from store.tables.registration import intake
from store.tallies import count_marked

_COUNTS: Final = TypeAdapter(dict[Status, int])


class Standing(Record):
    """What is open and what waits. `…_since` is the instant of the oldest; None when there is none."""

    open_by_status: dict[Status, int]
    overdue: int
    missed: int
    missed_since: datetime | None
    unadopted: int
    unadopted_since: datetime | None
    handed_over: int
    handed_over_since: datetime | None
    untallied: int
    telling: Backlog
    anchored_at: datetime | None


async def standing(session: ReadSession, *, now: datetime) -> Standing:
    """Count it."""
    by_status = await session.execute(
        select(cases.c.status, func.count().label("found"))
        .where(cases.c.closed_at.is_(None))
        .group_by(cases.c.status)
    )
    overdue, _ = await count_since(
        session, cases.c.next_due_at, and_(cases.c.next_due_at < now, cases.c.closed_at.is_(None))
    )
    missed, missed_since = await count_missed(session, now)
    unadopted, unadopted_since = await count_since(
        session, intake.c.received_at, intake.c.adopted_at.is_(None)
    )
    handed_over, handed_over_since = await count_late(session, since_before=now)
    return Standing(
        open_by_status=_COUNTS.validate_python({row.status: row.found for row in by_status}),
        overdue=overdue,
        missed=missed,
        missed_since=missed_since,
        unadopted=unadopted,
        unadopted_since=unadopted_since,
        handed_over=handed_over,
        handed_over_since=handed_over_since,
        untallied=await count_marked(session),
        telling=await backlog(session, now=now),
        anchored_at=await session.scalar(select(func.max(anchors.c.made_at))),
    )

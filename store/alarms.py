"""Alarms that should have fired (应触发而未触发), and where many stand at one instant (集中到期): one rule for boards, metrics, doctor and audit."""

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, not_, or_, select

from hotline.policy import Basis
from store.deliveries import count_since
from store.engine import ReadSession
from store.policies import widest_spread
from store.tables.casework import clocks
from store.tables.kinds import Instant

ON_ITS_WAY_FOR: Final = timedelta(minutes=1)
"""What a firing takes at most where a worker serves; later than that it is missed."""

DECIDED_PER_SECOND: Final = 30
"""Alarms that two cores with one worker decide in a second (docs/measurements.md, a closing time)."""

_AHEAD_FOR: Final = timedelta(days=7)
_RUNS: Final = and_(clocks.c.stopped_at.is_(None), clocks.c.held_at.is_(None))
_IS_SPREAD: Final = clocks.c.limit_text.endswith(f" {Basis.WORKING_DAYS}")
"""What is counted in working days is spread over a closing time (`hotline.spread`); anything else fires at its instant."""


MANY: Final = 2 * DECIDED_PER_SECOND
"""Where so many alarms are due, whoever comes behind them waits for seconds."""


class Crowd(NamedTuple):
    """So many alarms stand at one instant, and fire over so long from then on."""

    at: datetime
    alarms: int
    spread_for: timedelta

    @property
    def per_second(self) -> float:
        """How many have to be decided each second for none to queue."""
        return self.alarms / max(self.spread_for.total_seconds(), 1)


# Any: an instant, or a parameter that stands for one.
def _missed(before: Any, spread_before: Any) -> ColumnElement[bool]:
    at = clocks.c.next_alarm_at
    return and_(at < before, or_(not_(_IS_SPREAD), at < spread_before))


MISSED: Final = _missed(
    bindparam("missed_before", type_=Instant), bindparam("spread_missed_before", type_=Instant)
)
"""Whether the next alarm of a clock should have fired; its parameters are `missed_by`."""


async def missed_by(
    session: ReadSession, now: datetime, *, grace_for: timedelta = ON_ITS_WAY_FOR
) -> dict[str, datetime]:
    """The instants by which alarms should have fired longer ago than the grace, whatever share of the spread their cases have."""
    before = now - grace_for
    return {"missed_before": before, "spread_missed_before": before - await widest_spread(session)}


async def missed_at(
    session: ReadSession, now: datetime, *, grace_for: timedelta = ON_ITS_WAY_FOR
) -> ColumnElement[bool]:
    """Whether the next alarm of a clock should have fired by then."""
    return _missed(*(await missed_by(session, now, grace_for=grace_for)).values())


async def count_missed(
    session: ReadSession, now: datetime, *, grace_for: timedelta = ON_ITS_WAY_FOR
) -> tuple[int, datetime | None]:
    """How many clocks that run have missed an alarm, and the instant of the oldest."""
    missed = await missed_at(session, now, grace_for=grace_for)
    return await count_since(session, clocks.c.next_alarm_at, and_(missed, _RUNS))


async def are_waking(session: ReadSession, now: datetime) -> bool:
    """Whether many alarms are due that have not fired: a closing time's, or those of an outage. No more are counted than that takes."""
    due = select(clocks.c.case_no).where(_RUNS, clocks.c.next_alarm_at < now).limit(MANY).subquery()
    return int(await session.scalar(select(func.count()).select_from(due)) or 0) == MANY


async def next_crowd(session: ReadSession, now: datetime) -> Crowd | None:
    """The instant within a week at which most alarms stand that are spread, the earliest of several."""
    at, alarms = clocks.c.next_alarm_at, func.count().label("alarms")
    found = await session.execute(
        select(at.label("at"), alarms)
        .where(_RUNS, _IS_SPREAD, at >= now, at < now + _AHEAD_FOR)
        .group_by(at)
        .order_by(alarms.desc(), at)
        .limit(1)
    )
    row = found.one_or_none()
    return Crowd(row.at, row.alarms, await widest_spread(session)) if row else None

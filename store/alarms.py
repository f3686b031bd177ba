"""Alarms that should have fired (应触发而未触发): one rule for boards, metrics and audit."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, not_, or_

from hotline.policy import Basis
from store.engine import ReadSession
from store.policies import widest_spread
from store.tables import clocks

ON_ITS_WAY_FOR: Final = timedelta(minutes=1)
"""What a firing takes at most where a worker serves; later than that it is missed."""


async def missed_at(
    session: ReadSession, now: datetime, *, grace_for: timedelta = ON_ITS_WAY_FOR
) -> ColumnElement[bool]:
    """Whether the next alarm of a clock should have fired longer ago than the grace, whatever share of the spread its case has.

    What is counted in working days is spread over a closing time (`hotline.spread`); anything else fires at its instant.
    """
    at, before = clocks.c.next_alarm_at, now - grace_for
    is_spread = clocks.c.limit_text.endswith(f" {Basis.WORKING_DAYS}")
    return and_(at < before, or_(not_(is_spread), at < before - await widest_spread(session)))

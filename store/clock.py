"""What the clock of PostgreSQL's host shows (时钟), beside which a host of ours can see that its own is wrong."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from store.engine import ReadSession

APART_AT_MOST: Final = timedelta(seconds=5)
"""More than a slow answer and an honest NTP leave between two hosts."""


async def apart(session: ReadSession, now: datetime) -> timedelta:
    """How far a clock is ahead of PostgreSQL's; behind, when negative."""
    theirs: datetime = await session.scalar(select(func.clock_timestamp()))
    return now - theirs

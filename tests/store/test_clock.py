"""A host sees by PostgreSQL's clock that its own is wrong."""

from datetime import UTC, datetime, timedelta

from store.clock import APART_AT_MOST, apart
from store.engine import Database


async def test_clock_that_is_ahead_or_behind_is_told_from_one_that_agrees(database: Database) -> None:
    wrong_for = timedelta(minutes=3)
    async with database.read() as session:
        assert abs(await apart(session, datetime.now(UTC))) < APART_AT_MOST
        assert await apart(session, datetime.now(UTC) + wrong_for) > APART_AT_MOST
        assert await apart(session, datetime.now(UTC) - wrong_for) < -APART_AT_MOST

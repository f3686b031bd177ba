"""体检 of notices: well when everybody was told, and what it says when somebody was not."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from fixtures.stack import Database as FreshDatabase
from fixtures.stack import PostgresForTests
from sqlalchemy import insert, update

from commands.doctor import Unwell, notices_told
from hotline.vocabulary import DeliveryState
from store.engine import Database
from store.migrate import migrate
from store.tables import deliveries, notices

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


async def migrated(database: FreshDatabase) -> None:
    await migrate(database.owner_url)


@pytest_asyncio.fixture
async def database(postgres: PostgresForTests) -> AsyncIterator[Database]:
    fresh = await postgres.create_database(prepared_by=migrated)
    database = Database.connect(fresh.url)
    yield database
    await database.close()


async def noted(database: Database, **delivery: object) -> None:
    """One old notice, and a delivery of it if there is something to say of that."""
    notice = {"notice_id": "n", "case_no": "1", "seq": 1, "kind": "rung", "at": LONG_AGO, "text": "工单"}
    told = {"told_at": LONG_AGO if delivery else None, "audiences": [], "besides": "x", "is_urgent": False}
    carried = {
        "delivery_id": "d",
        "notice_id": "n",
        "channel": "mail",
        "recipient": "x",
        "is_urgent": False,
        "created_at": LONG_AGO,
        "not_before": LONG_AGO,
        "state": DeliveryState.WAITING.value,
        "attempts": 0,
    }
    async with database.write() as session:
        await session.execute(insert(notices).values(notice | told))
        if delivery:
            await session.execute(insert(deliveries).values(carried | delivery))


async def test_nothing_to_tell_is_well(database: Database) -> None:
    assert await notices_told(database) == "everybody was told"


@pytest.mark.parametrize(
    ("delivery", "said"),
    [
        ({}, "1 are in no inbox since"),
        ({"attempts": 0}, "1 are due and unsent since"),
        ({"state": DeliveryState.FAILED.value, "attempts": 12}, "1 were given up"),
    ],
)
async def test_what_is_stuck_is_said(database: Database, delivery: dict[str, object], said: str) -> None:
    await noted(database, **delivery)
    with pytest.raises(Unwell, match=said):
        await notices_told(database)


async def test_receiver_that_is_away_for_a_while_is_told_and_no_fault(database: Database) -> None:
    await noted(database, attempts=2, bundle="d")
    assert (await notices_told(database)).startswith("attention: 1 wait for another try")
    async with database.write() as session:
        await session.execute(update(deliveries).values(state=DeliveryState.SENT.value))
    assert await notices_told(database) == "everybody was told"

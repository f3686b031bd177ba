"""体检 of what waits: well when nothing does, and what it says of notices, alarms and boards when something does."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from fixtures.stack import Database as FreshDatabase
from fixtures.stack import PostgresForTests
from sqlalchemy import insert, update

from commands.doctor import Unwell, alarms_fire, boards_counted, notices_told
from hotline.vocabulary import DeliveryState
from store.engine import Database
from store.migrate import migrate
from store.tables.casework import clocks
from store.tables.notices import deliveries, notices
from store.tables.tallies import tally_due
from store.tallies import MARKED_AT_MOST, tally_changed

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


async def clocks_due(database: Database, at: datetime, count: int, limit: str) -> None:
    clock = {
        "clock_id": "dispatch#1",
        "kind": "dispatch",
        "holder": "hotline",
        "limit_text": limit,
        "started_at": LONG_AGO,
        "due_at": at,
        "provisional": False,
        "because": [],
        "fired": [],
        "next_alarm_at": at,
        "next_alarm": "urge",
    }
    rows = [{**clock, "case_no": f"{number:018}"} for number in range(count)]
    async with database.write() as session:
        await session.execute(insert(clocks), rows)


async def test_alarm_that_did_not_fire_is_said(database: Database) -> None:
    assert await alarms_fire(database) == "every alarm fired that should have"
    await clocks_due(database, LONG_AGO, 1, "2 h")
    with pytest.raises(Unwell, match="1 should have fired, the oldest at"):
        await alarms_fire(database)


@pytest.mark.parametrize(
    ("count", "limit", "said"),
    [(3601, "5 wd", "attention: 3601 stand at"), (3600, "5 wd", "every alarm"), (3601, "2 h", "every alarm")],
)
async def test_closing_time_that_is_too_much_for_one_worker_is_said_before_it_comes(
    database: Database, count: int, limit: str, said: str
) -> None:
    await clocks_due(database, datetime.now(UTC) + timedelta(hours=3), count, limit)
    assert (await alarms_fire(database)).startswith(said)


async def test_boards_that_are_slow_for_a_while_are_told_and_no_fault(database: Database) -> None:
    marks = [{"case_no": f"{number:018}"} for number in range(MARKED_AT_MOST)]
    async with database.write() as session:
        await session.execute(insert(tally_due), marks)
    assert await boards_counted(database) == "boards are counted ahead"
    async with database.write() as session:
        await session.execute(insert(tally_due), marks[:1])
    said = f"attention: {MARKED_AT_MOST + 1} changed cases wait to be counted"
    assert (await boards_counted(database)).startswith(said)
    async with database.write() as session:
        await tally_changed(session)
    assert await boards_counted(database) == "boards are counted ahead"

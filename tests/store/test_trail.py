"""The audit trail grows, is gapless whoever writes at once, and shows every change."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from store_hands import NOW
from unit import lives

from hotline.identifiers import UserId
from hotline.vocabulary import TrailEvent
from store.engine import Database
from store.trail import TrailEntry, TrailFilters, entries, record, verify_trail

OPENED = TrailEntry(
    at=NOW,
    event=TrailEvent.CALLER_OPENED,
    actor=lives.DISPATCHER,
    case_no=lives.NUMBER,
    detail={"fields": ["phone"]},
)
SIGNED_IN = TrailEntry(
    at=NOW + timedelta(minutes=1), event=TrailEvent.SIGNED_IN, actor=lives.HANDLER, address="192.0.2.7"
)


async def _write(database: Database, *lines: TrailEntry) -> None:
    for line in lines:
        async with database.write() as session:
            await record(session, line)


async def test_entries_are_numbered_without_a_hole_by_writers_at_once(database: Database) -> None:
    await asyncio.gather(*(_write(database, OPENED, SIGNED_IN) for _ in range(6)))
    async with database.read() as session:
        assert [line.seq for line in await entries(session, TrailFilters())] == list(range(12, 0, -1))
        assert await verify_trail(session) is None


async def test_act_that_fails_leaves_no_entry(database: Database) -> None:
    async def failing() -> None:
        async with database.write() as session:
            await record(session, OPENED)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing()
    await _write(database, SIGNED_IN)
    async with database.read() as session:
        (line,) = await entries(session, TrailFilters())
    assert (line.seq, line.event, line.actor) == (1, TrailEvent.SIGNED_IN, lives.HANDLER)


async def test_entries_are_found_by_what_they_tell(database: Database) -> None:
    await _write(database, OPENED, SIGNED_IN)
    wanted = {
        1: (
            TrailFilters(event=TrailEvent.CALLER_OPENED),
            TrailFilters(case_no=lives.NUMBER),
            TrailFilters(until=SIGNED_IN.at),
        ),
        2: (TrailFilters(actor_id=UserId(lives.HANDLER.user_id)), TrailFilters(since=SIGNED_IN.at)),
    }
    async with database.read() as session:
        for seq, several in wanted.items():
            for filters in several:
                assert [line.seq for line in await entries(session, filters)] == [seq]
        assert [line.seq for line in await entries(session, TrailFilters(), before=2)] == [1]


@pytest.mark.parametrize(
    ("damage", "seq"),
    [
        ("UPDATE trail SET detail = '{}' WHERE seq = 1", 1),
        ("UPDATE trail SET at = at + interval '1 second' WHERE seq = 2", 2),
        ("DELETE FROM trail WHERE seq = 2", 3),
        ("UPDATE trail SET prev_hash = hash WHERE seq = 3", 3),
    ],
)
async def test_first_place_that_was_tampered_with_is_named(
    database: Database, as_owner: Database, damage: str, seq: int
) -> None:
    await _write(database, OPENED, SIGNED_IN, OPENED)
    async with as_owner.write() as session:
        await session.execute(text("ALTER TABLE trail DISABLE TRIGGER trail_append_only"))
        await session.execute(text(damage))
    async with database.read() as session:
        broken = await verify_trail(session)
    assert broken is not None
    assert broken.seq == seq


@pytest.mark.parametrize("change", ["UPDATE trail SET seq = 9", "DELETE FROM trail", "TRUNCATE trail"])
async def test_neither_application_nor_owner_changes_the_trail(
    database: Database, as_owner: Database, change: str
) -> None:
    await _write(database, OPENED)
    for who, state in ((database, "42501"), (as_owner, "23001")):
        with pytest.raises(DBAPIError) as refused:
            async with who.write() as session:
                await session.execute(text(change))
        assert getattr(refused.value.orig, "sqlstate", None) == state

"""A live reader hears of each committed change once, and is told when it may have missed some."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from fixtures.stack import Database as FreshDatabase
from sqlalchemy import text
from store_hands import bring
from unit import lives

from hotline.visibility import Viewer, may_see
from hotline.vocabulary import Status
from store import live
from store.engine import Database
from store.live import CaseChange, Item, Missed, changes
from store.projection import CHANNEL, project

TERMINATE = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'hotline-live' AND datname = current_database()"


async def _next(stream: AsyncIterator[Item]) -> Item:
    return await asyncio.wait_for(anext(stream), 20)


async def _project_and_fail(database: Database, life: lives.Life) -> None:
    async with database.write() as session:
        await project(session, life.state.case_no, life.facts[:1])
        raise ZeroDivisionError


async def test_change_is_heard_when_it_is_committed(fresh: FreshDatabase, database: Database) -> None:
    life = lives.dispatched(assists=(lives.OTHER_UNIT,))
    async with aclosing(changes(fresh.url)) as stream:
        assert await _next(stream) == Missed()
        with pytest.raises(ZeroDivisionError):
            await _project_and_fail(database, life)
        await bring(database, life)
        await bring(database, life)
        life.then(lives.SignFor(), lives.HANDLER)
        await bring(database, life)
        first, second = await _next(stream), await _next(stream)
    assert isinstance(first, CaseChange)
    assert first.units == (lives.UNIT, lives.OTHER_UNIT)
    assert isinstance(second, CaseChange)
    assert (second.version, second.status) == (life.state.version, Status.IN_HAND)


async def test_reader_comes_back_and_says_that_it_was_away(fresh: FreshDatabase, database: Database) -> None:
    async with aclosing(changes(fresh.url)) as stream:
        assert await _next(stream) == Missed()
        async with database.write() as session:
            await session.execute(text(TERMINATE))
        assert await _next(stream) == Missed()
        await bring(database, lives.registered())
        assert isinstance(await _next(stream), CaseChange)


async def test_announcement_of_another_release_is_a_reason_to_look(
    fresh: FreshDatabase, database: Database
) -> None:
    async with aclosing(changes(fresh.url)) as stream:
        assert await _next(stream) == Missed()
        async with database.write() as session:
            await session.execute(text(f"SELECT pg_notify('{CHANNEL}', 'what is this')"))
        assert await _next(stream) == Missed()


async def test_reader_that_is_too_slow_is_told_so(
    fresh: FreshDatabase, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_WAITING_AT_MOST", 1)
    async with aclosing(changes(fresh.url)) as stream:
        assert await _next(stream) == Missed()
        async with database.write() as session:
            for number in range(3):
                life = lives.registered(case_no=f"26030209000001000{number}")
                await project(session, life.state.case_no, life.facts)
        heard = [await _next(stream)]
        while not (isinstance(heard[-1], CaseChange) and heard[-1].case_no.endswith("2")):
            heard.append(await _next(stream))
    assert Missed() in heard


def test_whom_a_change_concerns_is_not_told() -> None:
    """Whoever hears of a change would learn from it who is complained about, and who keeps away."""
    change = CaseChange(
        case_no=lives.NUMBER,
        version=3,
        status=Status.IN_HAND,
        units=(lives.UNIT,),
        accused_units=(lives.OTHER_UNIT,),
        recused=(lives.HANDLER.user_id,),
    )
    assert set(json.loads(change.told())) == {"case_no", "version", "status", "secret"}
    assert may_see(Viewer(actor=lives.UNIT_HEAD), change)
    assert not may_see(Viewer(actor=lives.HANDLER), change)
    assert not may_see(Viewer(actor=lives.handler_of(lives.OTHER_UNIT)), change)

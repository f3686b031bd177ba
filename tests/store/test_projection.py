"""Read rows are what the ledger comes to, however often, late or concurrently its facts arrive."""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from fixtures.eventually import assert_eventually
from sqlalchemy import Executable, and_, delete, func, select, text, update
from store_hands import bring, read_rows
from unit import lives
from unit.lives import Life

from hotline.commands import ReclassifyCase
from hotline.facts import ClockStarted, ClockStopped
from hotline.identifiers import CaseNo
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import StopReason
from store.cases import case_row, clocks_of, holdings_of, state_of
from store.engine import Database
from store.failures import LedgerConflict, LedgerGap
from store.handovers import HandoverId
from store.ledger import facts_of, numbers_in_ledger, verify_chain
from store.projection import NOT_BEGUN, Standing, project, rebuild, rows_of, write_on
from store.scope import visible_to
from store.tables.casework import cases, clocks, facts, firings, holdings
from workflows.contracts import state_digest

ALL = visible_to(SYSTEM_ACTOR)


def _overdue_with_assistants(**fields: str) -> Life:
    """Handling ran out days ago, the ladder has fired, one assistant has not delivered."""
    life = lives.contacted(assists=(lives.OTHER_UNIT, lives.THIRD_UNIT), **fields)
    return life.sleep_until(lives.at("2026-03-16 18:00"))


STAGES: tuple[Callable[..., Life], ...] = (
    lives.registered,
    lives.dispatched,
    lives.replied,
    lives.completed,
    lives.reworks_used_up,
    lives.unreached,
    _overdue_with_assistants,
)


async def _project(database: Database, life: Life, start: int = 0, end: int | None = None) -> int:
    async with database.write() as session:
        return await project(session, life.state.case_no, life.facts[start:end])


@pytest.mark.parametrize("stage", STAGES)
async def test_projected_state_is_the_state_of_the_case(
    database: Database, stage: Callable[[], Life]
) -> None:
    life = stage()
    assert await _project(database, life) == life.state.version
    async with database.read() as session:
        stored = await state_of(session, ALL, life.state.case_no)
        assert stored == life.state
        assert state_digest(stored) == state_digest(life.state)
        row = await case_row(session, ALL, life.state.case_no)
        held = await holdings_of(session, ALL, life.state.case_no, now=life.now)
    assert row is not None
    assert (row.version, row.status, row.phase) == (life.state.version, life.state.status, life.state.phase)
    assert (row.next_due_at, row.units) == (life.state.next_due_at, life.state.units)
    end_at = life.state.closed_at or life.now
    assert sum((line.held_for for line in held), timedelta(0)) == end_at - life.facts[0].at


@pytest.mark.parametrize("stage", STAGES)
async def test_rows_do_not_tell_in_which_portions_facts_came(
    database: Database, another_database: Database, stage: Callable[[], Life]
) -> None:
    life, portions = stage(), random.Random(12345)
    await _project(database, life)
    done = 0
    while done < len(life.facts):
        start = max(0, done - portions.randint(0, 3))
        done = min(done + portions.randint(1, 4), len(life.facts))
        await _project(another_database, life, start, done)
    assert await read_rows(another_database) == await read_rows(database)


async def test_read_rows_are_rebuilt_from_the_ledger_alone(database: Database) -> None:
    for number, stage in enumerate(STAGES):
        life = stage(case_no=CaseNo(f"26030209000001{number:04}"))
        for start in range(len(life.facts)):
            await _project(database, life, start, start + 1)
    before = await read_rows(database)
    async with database.write() as session:
        for table in (cases, clocks, holdings, firings):
            await session.execute(delete(table))
        for case_no in await numbers_in_ledger(session):
            await rebuild(session, case_no)
    assert await read_rows(database) == before
    assert all(before), "there was something in every table"


@pytest.mark.parametrize("start", [0, 1, 4])
async def test_what_is_known_already_changes_nothing(database: Database, start: int) -> None:
    life = lives.completed()
    await _project(database, life)
    before = await read_rows(database)
    assert await _project(database, life, start, start + 3) == life.state.version
    assert await _project(database, life, start) == life.state.version
    assert await read_rows(database) == before


async def _standing(database: Database, life: Life) -> Standing:
    async with database.read() as session:
        state = await state_of(session, ALL, life.state.case_no)
        assert state is not None
        last = and_(facts.c.case_no == state.case_no, facts.c.seq == state.version)
        return Standing(state, await session.scalar(select(facts.c.hash).where(last)))


async def _write_on(
    database: Database, life: Life, stood: Standing, start: int, end: int | None = None
) -> bool:
    async with database.write_one() as session:
        return await write_on(session, stood, life.facts[start:end], brings=HandoverId("none"))


@pytest.mark.parametrize("stage", STAGES)
async def test_rows_do_not_tell_whether_facts_were_written_on_or_projected(
    database: Database, another_database: Database, stage: Callable[[], Life]
) -> None:
    life, portions = stage(), random.Random(54321)
    await _project(database, life)
    done = 0
    while done < len(life.facts):
        start, done = done, min(done + portions.randint(1, 4), len(life.facts))
        stood = await _standing(another_database, life) if start else NOT_BEGUN
        assert await _write_on(another_database, life, stood, start, done)
    assert await read_rows(another_database) == await read_rows(database)
    async with another_database.read() as session:
        assert await verify_chain(session, life.state.case_no) is None
        assert list(await facts_of(session, life.state.case_no)) == life.facts


@pytest.mark.parametrize("written_since", [1, 3, None])
async def test_nothing_is_written_on_what_somebody_else_has_written_on(
    database: Database, written_since: int | None
) -> None:
    life = lives.completed()
    await _project(database, life, 0, 4)
    stood = await _standing(database, life)
    await _project(database, life, 4, written_since and 4 + written_since)
    before = await read_rows(database)
    assert not await _write_on(database, life, stood, 4)
    assert not await _write_on(database, life, stood, 5)
    assert await read_rows(database) == before
    async with database.read() as session:
        assert await verify_chain(session, life.state.case_no) is None


async def test_what_names_a_matter_asks_for_more_than_rows_of_its_case(database: Database) -> None:
    life = lives.registered()
    await _project(database, life)
    stood, known = await _standing(database, life), len(life.facts)
    named = lives.classified(category="noise")
    life.then(ReclassifyCase(classification=named, reason=lives.TEXT), lives.DISPATCHER)
    assert not await _write_on(database, life, stood, known)


async def test_whoever_writes_on_waits_for_whoever_makes_the_rows_again(database: Database) -> None:
    life = lives.completed()
    await _project(database, life, 0, 4)
    stood = await _standing(database, life)
    async with database.write() as session:
        await rebuild(session, life.state.case_no)
        writing = asyncio.create_task(_write_on(database, life, stood, 4))
        await assert_eventually(partial(_somebody_waits, database))
        assert not writing.done()
    assert await writing
    async with database.read() as session:
        assert await state_of(session, ALL, life.state.case_no) == life.state


async def _somebody_waits(database: Database) -> None:
    async with database.read() as session:
        waiting = select(func.count()).select_from(text("pg_locks")).where(text("NOT granted"))
        assert await session.scalar(waiting) == 1


async def test_projections_of_the_same_facts_at_once_write_them_once(database: Database) -> None:
    life = lives.completed()
    versions = await asyncio.gather(*(_project(database, life, 0, end) for end in (3, 5, 3, 9, 5, 9)))
    assert max(versions) == 9
    await asyncio.gather(*(_project(database, life, start) for start in (9, 2, 5, 9)))
    async with database.read() as session:
        assert list(await facts_of(session, life.state.case_no)) == life.facts
        assert await state_of(session, ALL, life.state.case_no) == life.state


async def test_conflict_and_gap_leave_ledger_and_rows_alone(database: Database) -> None:
    life = lives.completed()
    await _project(database, life, 0, 5)
    before = await read_rows(database)
    other = [life.facts[4].model_copy(update={"command_id": "another"}), *life.facts[5:]]
    with pytest.raises(LedgerConflict):
        async with database.write() as session:
            await project(session, life.state.case_no, other)
    with pytest.raises(LedgerGap):
        await _project(database, life, 7)
    assert await read_rows(database) == before
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(facts)) == 5


@pytest.mark.parametrize(
    "damage",
    [
        delete(cases),
        update(cases).values(
            version=3, state=func.jsonb_set(cases.c.state, text("'{version}'"), text("'3'"))
        ),
        update(cases).values(state=text('\'{"shape": "of an older release"}\'')),
    ],
)
async def test_lost_or_lagging_row_is_mended_by_the_next_fact(database: Database, damage: Executable) -> None:
    life = lives.awaiting_revisit()
    await bring(database, life)
    known = len(life.facts)
    async with database.write() as session:
        await session.execute(damage)
    life.then(lives.FAVOURABLE, lives.REVISITOR)
    await _project(database, life, known)
    async with database.read() as session:
        assert await state_of(session, ALL, life.state.case_no) == life.state


@pytest.mark.parametrize("portion", [1, 2, 9])
async def test_clock_that_starts_again_is_running(database: Database, portion: int) -> None:
    """No rule starts a clock twice today; the ledger of tomorrow may tell of one."""
    life = lives.registered()
    started = next(fact for fact in life.facts if isinstance(fact.body, ClockStarted))
    assert isinstance(started.body, ClockStarted)
    stopped = ClockStopped(
        clock_id=started.body.clock_id,
        clock=started.body.clock,
        holder=started.body.holder,
        due_at=started.body.schedule.due_at,
        reason=StopReason.CANCELLED,
        late=False,
    )
    for body in (stopped, started.body):
        life.facts.append(started.model_copy(update={"seq": len(life.facts) + 1, "body": body}))
    for start in range(0, len(life.facts), portion):
        await _project(database, life, start, start + portion)
    async with database.read() as session:
        (clock,) = await clocks_of(session, ALL, life.state.case_no)
    assert (clock.stopped_at, clock.stop_reason) == (None, None)
    assert len(rows_of(life.facts).clocks) == 1


async def test_clocks_keep_how_they_ended(database: Database) -> None:
    life = _overdue_with_assistants()
    await bring(database, life)
    async with database.read() as session:
        by_id = {clock.clock_id: clock for clock in await clocks_of(session, ALL, life.state.case_no)}
    signature = next(clock for clock in by_id.values() if clock.kind == "signature")
    assert (signature.stop_reason, signature.late, signature.next_alarm_at) == (StopReason.MET, False, None)
    handling = next(clock for clock in by_id.values() if clock.kind == "handling")
    assert handling.stopped_at is None
    assert handling.due_at < life.now
    assert handling.fired
    assert handling.because

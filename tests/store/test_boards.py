"""Boards count what their lists show, in the scope of who asks, and the holding ledger adds up to the cases' age."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from fixtures.stack import Database as FreshDatabase
from sqlalchemy import func, select, text
from store_hands import bring, plan_of, vacuumed
from unit import lives
from unit.lives import Life

from hotline.commands import SuspendWithPlan
from hotline.facts import ClockFired
from hotline.hands import chain_of_hands
from hotline.identifiers import HOTLINE, CaseNo
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import AlarmCode, Cause, ClockKind, Status
from store.boards import (
    AlarmQuestion,
    AlarmState,
    Axis,
    FiredQuestion,
    HeldQuestion,
    count_alarms,
    count_rungs,
    count_still,
    list_alarms,
    list_fired,
    list_held,
    list_still,
    spread_fired,
    sum_held,
)
from store.engine import Database
from store.scope import visible_to
from store.tables.casework import firings

ALL = visible_to(SYSTEM_ACTOR)
DAY = timedelta(days=1)


def number(n: int) -> CaseNo:
    return CaseNo(f"26030209000001{n:04}")


def _suspended(case_no: CaseNo) -> Life:
    life = lives.in_hand(case_no=case_no)
    life.then(lives.contact(life.now), lives.HANDLER)
    plan = SuspendWithPlan(
        plan=lives.TEXT, next_on=lives.day_of(life.now) + 3 * DAY, owner=lives.UNIT_HEAD.user_id
    )
    return life.then(plan, lives.UNIT_HEAD)


@pytest_asyncio.fixture
async def town(database: Database) -> dict[str, Life]:
    """One case that nobody has dispatched, one in hand, one overdue for a day, one 挂账, one closed."""
    told = {
        "new": lives.registered(case_no=number(1)),
        "in_hand": lives.contacted(case_no=number(2)),
        "overdue": lives.contacted(case_no=number(3)).sleep_until(lives.at("2026-03-11 10:00")),
        "suspended": _suspended(number(4)),
        "closed": lives.completed(case_no=number(5)),
    }
    for life in told.values():
        await bring(database, life)
    return told


def _question(state: AlarmState, now: datetime, ahead_for: timedelta = 30 * DAY) -> AlarmQuestion:
    return AlarmQuestion(state=state, now=now, until=now + ahead_for)


@pytest.mark.parametrize("state", AlarmState)
async def test_counts_are_those_of_the_lists(
    database: Database, town: dict[str, Life], state: AlarmState
) -> None:
    question = _question(state, town["in_hand"].now)
    async with database.read(snapshot=True) as session:
        counted = await count_alarms(session, ALL, question)
        listed = await list_alarms(session, ALL, question)
    assert {(line.holder, line.alarm): line.count for line in counted} == Counter(
        (line.holder, line.alarm) for line in listed
    )
    assert bool(listed) is (state is not AlarmState.MISSED)


async def test_upcoming_alarms_are_those_of_running_clocks_within_the_horizon(
    database: Database, town: dict[str, Life]
) -> None:
    now = town["in_hand"].now
    async with database.read(snapshot=True) as session:
        upcoming = await list_alarms(session, ALL, _question(AlarmState.UPCOMING, now))
        soon = await list_alarms(session, ALL, _question(AlarmState.UPCOMING, now, timedelta(hours=3)))
    expected = {
        (life.state.case_no, clock.clock_id, alarm.code, alarm.at)
        for life in town.values()
        for clock in life.state.clocks
        if clock.held_at is None and (alarm := clock.next_alarm)
    }
    assert {(line.case_no, line.clock_id, line.alarm, line.alarm_at) for line in upcoming} == expected
    assert [line.alarm_at for line in upcoming] == sorted(line.alarm_at for line in upcoming)
    assert {line.alarm_at for line in soon} == {at for *_, at in expected if at < now + timedelta(hours=3)}


async def test_alarm_that_should_have_fired_is_missed_and_not_upcoming(
    database: Database, town: dict[str, Life]
) -> None:
    (alarm,) = [clock.next_alarm for clock in town["new"].state.clocks]
    assert alarm is not None
    later = alarm.at + timedelta(minutes=6)
    async with database.read(snapshot=True) as session:
        missed = await list_alarms(session, ALL, _question(AlarmState.MISSED, later))
        upcoming = await list_alarms(session, ALL, _question(AlarmState.UPCOMING, later))
    assert number(1) in {line.case_no for line in missed}
    assert number(1) not in {line.case_no for line in upcoming}


async def test_clock_that_stands_still_says_since_when_and_in_which_status(
    database: Database, town: dict[str, Life]
) -> None:
    async with database.read(snapshot=True) as session:
        (line,) = await list_still(session, ALL)
        (count,) = await count_still(session, ALL)
        nobody = await list_still(session, ALL, unit=lives.OTHER_UNIT)
        rest = await list_still(session, ALL, after=(line.held_at, line.case_no, line.clock_id))
    clock = next(clock for clock in town["suspended"].state.clocks if clock.kind is ClockKind.HANDLING)
    assert (line.case_no, line.clock_id, line.held_at) == (number(4), clock.clock_id, clock.held_at)
    assert (count.holder, count.status, count.count) == (lives.UNIT, Status.SUSPENDED, 1)
    assert line.status is Status.SUSPENDED
    assert (nobody, rest) == ((), ())


async def test_pages_of_alarms_go_on_where_the_last_one_ended(
    database: Database, town: dict[str, Life]
) -> None:
    question = _question(AlarmState.UPCOMING, town["in_hand"].now)
    async with database.read(snapshot=True) as session:
        whole = await list_alarms(session, ALL, question)
        paged, after = [], None
        while page := await list_alarms(session, ALL, question, after=after, limit=2):
            paged += page
            after = (page[-1].alarm_at, page[-1].case_no, page[-1].clock_id)
    assert tuple(paged) == whole
    assert len(whole) > 2


async def test_fired_alarms_are_those_of_the_ledger_with_their_lateness(
    database: Database, town: dict[str, Life]
) -> None:
    fired = [fact for fact in town["overdue"].facts if isinstance(fact.body, ClockFired)]
    question = FiredQuestion(since=fired[0].at, until=fired[-1].at + DAY, unit=lives.UNIT)
    whole = Axis(origin=question.since, stretch_for=300 * DAY)
    async with database.read(snapshot=True) as session:
        listed = await list_fired(session, ALL, question)
        counted = await spread_fired(session, ALL, question, whole)
        rungs = await count_rungs(session, ALL, since=question.since)
        urged = await spread_fired(session, ALL, question.model_copy(update={"alarm": AlarmCode.URGE}), whole)
    told = [
        (fact.seq, fact.body.alarm, fact.body.due_at)
        for fact in reversed(fired)
        if fact.body.holder == lives.UNIT
    ]  # type: ignore[union-attr]
    assert [(line.seq, line.alarm, line.alarm_at) for line in listed if line.case_no == number(3)] == told
    assert sum(line.count for line in counted) == len(listed)
    assert rungs == Counter(row.alarm for row in listed)
    for line in counted:
        late = (row.fired_at - row.alarm_at for row in listed if row.alarm == line.alarm)
        assert line.latest_for == max(late)
    assert [line.alarm for line in urged] == [AlarmCode.URGE]


async def test_what_fired_is_counted_from_its_index_alone(
    fresh: FreshDatabase, database: Database, as_owner: Database, town: dict[str, Life]
) -> None:
    async with as_owner.write() as session:
        copies = "SELECT 'c' || n, seq, clock_id, kind, holder, alarm, alarm_at, fired_at - n * interval '1 minute'"
        await session.execute(text(f"INSERT INTO firings {copies} FROM firings, generate_series(1, 2000) n"))
    await vacuumed(fresh, "firings")
    latest = func.max(firings.c.fired_at - firings.c.alarm_at)
    query = select(firings.c.holder, firings.c.alarm, func.count(), latest).group_by("holder", "alarm")
    since = town["overdue"].now - DAY
    async with database.read(snapshot=True) as session:
        plan = await plan_of(session, query.where(firings.c.fired_at >= since))
    assert "Index Only Scan using firings_newest" in plan


async def test_pages_of_fired_alarms_go_on_where_the_last_one_ended(
    database: Database, town: dict[str, Life]
) -> None:
    question = FiredQuestion(since=town["new"].facts[0].at, until=town["overdue"].now + DAY)
    async with database.read(snapshot=True) as session:
        whole = await list_fired(session, ALL, question)
        paged, before = [], None
        while page := await list_fired(session, ALL, question, before=before, limit=2):
            paged += page
            before = (page[-1].fired_at, page[-1].case_no, page[-1].seq)
    assert tuple(paged) == whole
    assert len(whole) > 2


async def test_holding_ledger_adds_up_to_the_time_the_cases_were_open(
    database: Database, town: dict[str, Life]
) -> None:
    now = town["overdue"].now + DAY
    async with database.read(snapshot=True) as session:
        sums = await sum_held(session, ALL, HeldQuestion(now=now))
    hands = [
        hand.model_copy(update={"until": hand.until or now})
        for life in town.values()
        for hand in chain_of_hands(life.facts)
    ]
    assert sum((line.held_for for line in sums), timedelta(0)) == sum(
        (hand.held_for(now) for hand in hands), timedelta(0)
    )
    assert [line.held_for for line in sums] == sorted((line.held_for for line in sums), reverse=True)


async def test_cases_behind_a_sum_come_to_that_sum(database: Database, town: dict[str, Life]) -> None:
    question = HeldQuestion(now=town["overdue"].now)
    async with database.read(snapshot=True) as session:
        for line in await sum_held(session, ALL, question):
            rows = await list_held(session, ALL, question, holder=line.holder, cause=line.cause)
            assert len(rows) == line.cases
            assert sum((row.held_for for row in rows), timedelta(0)) == line.held_for
            assert rows[0].held_for == line.longest_for
        waiting = await list_held(session, ALL, question, holder=HOTLINE, cause=Cause.INTAKE)
    assert [row.case_no for row in waiting if row.holds_now] == [number(1)]


async def test_holding_ledger_is_narrowed_by_registration_and_openness(
    database: Database, town: dict[str, Life]
) -> None:
    now = town["overdue"].now
    async with database.read(snapshot=True) as session:
        none = await sum_held(session, ALL, HeldQuestion(now=now, until=lives.at("2026-01-01 00:00")))
        still = await sum_held(session, ALL, HeldQuestion(now=now, only_open=True))
        whole = await sum_held(session, ALL, HeldQuestion(now=now, since=lives.at("2026-01-01 00:00")))
    assert none == ()
    assert Cause.REVISIT in {line.cause for line in whole} - {line.cause for line in still}


async def test_unit_sees_its_own_cases_on_every_board(database: Database, town: dict[str, Life]) -> None:
    stranger = visible_to(lives.handler_of(lives.OTHER_UNIT))
    own = visible_to(lives.HANDLER)
    now = town["in_hand"].now
    fired = FiredQuestion(since=town["new"].facts[0].at, until=town["overdue"].now + DAY)
    async with database.read(snapshot=True) as session:
        for scope, sees in ((stranger, False), (own, True)):
            assert bool(await count_alarms(session, scope, _question(AlarmState.UPCOMING, now))) is sees
            assert bool(await list_fired(session, scope, fired)) is sees
            assert bool(await sum_held(session, scope, HeldQuestion(now=now))) is sees

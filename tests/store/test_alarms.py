"""应触发而未触发: a minute after its instant, and where it is spread over a closing time, after the widest spread as well."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from store_hands import bring
from unit import lives
from unit.lives import POLICY, Life

from hotline.identifiers import CaseNo, UserId
from hotline.policy import Basis, Limit, PolicySnapshot
from hotline.vocabulary import ClockKind
from store import alarms
from store.alarms import ON_ITS_WAY_FOR, are_waking, count_missed, missed_at, next_crowd
from store.engine import Database
from store.policies import publish, widest_spread
from store.tables.casework import clocks

MINUTE = timedelta(minutes=1)
A_LITTLE = timedelta(seconds=1)


async def published(database: Database, *policies: PolicySnapshot) -> None:
    async with database.write() as session:
        for policy in policies:
            await publish(session, policy, by=UserId("administrator1"), at=lives.at("2026-03-02 10:00"))


async def missed(database: Database, now: datetime) -> set[str]:
    async with database.read() as session:
        found = await session.scalars(select(clocks.c.clock_id).where(await missed_at(session, now)))
    return set(found)


def spread(revision: str, minutes: int) -> PolicySnapshot:
    limit = Limit.wall(minutes * MINUTE)
    return POLICY.model_copy(update={"revision": revision, "spread_over": limit})


def alarm_of(life: Life, kind: ClockKind) -> tuple[str, datetime]:
    clock = life.clock(kind)
    alarm = life.state.next_alarm_of(clock)
    assert alarm is not None
    return clock.clock_id, alarm.at


async def test_alarm_of_a_limit_on_the_wall_clock_is_missed_a_minute_later(database: Database) -> None:
    life = lives.registered(case_no=CaseNo("260302090000010001"))
    await published(database, POLICY)
    await bring(database, life)
    clock_id, at = alarm_of(life, ClockKind.DISPATCH)
    assert life.clock(ClockKind.DISPATCH).schedule.limit.basis is Basis.WALL_CLOCK
    assert clock_id not in await missed(database, at + ON_ITS_WAY_FOR)
    assert clock_id in await missed(database, at + ON_ITS_WAY_FOR + A_LITTLE)


@pytest.mark.parametrize("widest", [2, 10, 15])
async def test_alarm_of_a_closing_time_is_given_the_widest_spread_that_a_case_may_carry(
    database: Database, widest: int
) -> None:
    life = lives.in_hand(case_no=CaseNo("260302090000010001"))
    await published(database, spread("wide/1", widest), spread("narrow/1", 1))
    await bring(database, life)
    clock_id, at = alarm_of(life, ClockKind.HANDLING)
    late_for = ON_ITS_WAY_FOR + widest * MINUTE
    assert clock_id not in await missed(database, at + late_for)
    assert clock_id in await missed(database, at + late_for + A_LITTLE)


async def test_missed_are_counted_from_the_oldest_on(database: Database) -> None:
    first, second = (lives.registered(case_no=CaseNo(f"26030209000001000{n}")) for n in (1, 2))
    await published(database, POLICY)
    await bring(database, first)
    await bring(database, second)
    _, at = alarm_of(first, ClockKind.DISPATCH)
    async with database.read() as session:
        assert await count_missed(session, at) == (0, None)
        assert await count_missed(session, at + 2 * MINUTE) == (2, at)


async def test_crowd_is_the_instant_at_which_most_alarms_stand_that_are_spread(database: Database) -> None:
    await published(database, spread("wide/1", 10))
    several = [lives.in_hand(case_no=CaseNo(f"26030209000001000{n}")) for n in range(1, 4)]
    for life in (*several, lives.registered(case_no=CaseNo("260302090000010009"))):
        await bring(database, life)
    async with database.read() as session:
        crowd = await next_crowd(session, several[0].now)
        later = await next_crowd(session, several[0].now + timedelta(days=365))
    assert crowd is not None
    standing = [
        alarm.at
        for life in several
        for clock in life.state.clocks
        if (alarm := life.state.next_alarm_of(clock)) and clock.schedule.limit.basis is Basis.WORKING_DAYS
    ]
    assert standing.count(crowd.at) == crowd.alarms == max(map(standing.count, standing))
    assert crowd.per_second == crowd.alarms / 600
    assert later is None


async def test_policies_that_do_not_say_spread_over_two_minutes(database: Database) -> None:
    async with database.read() as session:
        assert await widest_spread(session) == 2 * MINUTE, "nothing is published yet"
    await published(database, spread("narrow/1", 1))
    async with database.read() as session:
        assert await widest_spread(session) == MINUTE
    before = PolicySnapshot.model_validate(
        spread("before/1", 1).model_dump(mode="json", exclude={"spread_over"})
    )
    await published(database, before)
    async with database.read() as session:
        assert await widest_spread(session) == 2 * MINUTE


async def test_many_clocks_wake_from_their_instant_until_they_have_fired(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "MANY", 2)
    several = [lives.registered(case_no=CaseNo(f"26030209000001000{n}")) for n in (1, 2)]
    for life in several:
        await bring(database, life)
    _, at = alarm_of(several[0], ClockKind.DISPATCH)
    async with database.read() as session:
        assert not await are_waking(session, at)
        assert await are_waking(session, at + A_LITTLE)
        monkeypatch.setattr(alarms, "MANY", 3)
        assert not await are_waking(session, at + A_LITTLE)

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
from store.alarms import ON_ITS_WAY_FOR, missed_at
from store.engine import Database
from store.policies import publish, widest_spread
from store.tables import clocks

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

"""Bursts: raised once by enough different callers on one matter in one place, and shown by what may be seen."""

import asyncio
from typing import Any

import pytest
from fixtures.cases import DISPATCHER, SUPERVISOR
from store_hands import NOW, adopt, complaint, submission, take_in
from unit.lives import UNIT, head_of, person

from hotline.problems.vocabulary import BurstGround
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import Role, TrailEvent
from runtime.keyring import Keyring
from store.bursts import Burst, cases_of_burst, list_bursts, settle_burst
from store.engine import Database
from store.scope import visible_to
from store.trail import TrailFilters, entries

EVERYTHING = visible_to(SYSTEM_ACTOR)


async def call(database: Database, keyring: Keyring, caller: int, *, days: float = 0, **fields: Any) -> None:
    of = submission(f"burst-{caller}-{days}-{fields}", at=NOW.replace(day=NOW.day + int(days)))
    fields = {"caller_phone": f"1380000{caller:04d}", **fields}
    receipt = await take_in(database, keyring, complaint(**fields), of)
    await adopt(database, receipt, at=of.at)


async def raised(database: Database, *, unsettled: bool = True) -> tuple[Burst, ...]:
    async with database.read() as session:
        return await list_bursts(session, EVERYTHING, unsettled=unsettled)


async def test_fifth_different_caller_raises_a_burst_that_later_ones_join(
    database: Database, keyring: Keyring
) -> None:
    for turn, caller in enumerate((1, 2, 3, 4, 4, 4)):
        await call(database, keyring, caller, days=turn // 3, title=f"第 {turn} 次")
        assert await raised(database) == ()
    for caller in (5, 6, 7):
        await call(database, keyring, caller, days=caller)
    [burst] = await raised(database)
    assert (burst.category, burst.area, burst.callers) == ("noise", "donghu", 7)
    async with database.read() as session:
        assert len(await cases_of_burst(session, EVERYTHING, burst.burst_id)) == 9


async def test_callers_who_come_at_once_raise_one_burst(database: Database, keyring: Keyring) -> None:
    receipts = [
        await take_in(
            database, keyring, complaint(caller_phone=f"1390000{n:04d}"), submission(f"at-once-{n}")
        )
        for n in range(7)
    ]
    await asyncio.gather(*(adopt(database, receipt) for receipt in receipts))
    [burst] = await raised(database)
    assert burst.callers == 7


@pytest.mark.parametrize(
    "other", [{"category": "dust"}, {"area": "xishan"}, {"days": 9}, {"type": "praise"}], ids=str
)
async def test_another_matter_place_or_week_makes_no_burst(
    database: Database, keyring: Keyring, other: dict[str, Any]
) -> None:
    for caller in range(4):
        await call(database, keyring, caller)
    await call(database, keyring, 5, **other)
    assert await raised(database) == ()


async def test_new_burst_on_the_same_matter_is_another_one(database: Database, keyring: Keyring) -> None:
    for days in (0, 20):
        for caller in range(5):
            await call(database, keyring, caller, days=days)
    newer, older = await raised(database)
    assert newer.first_at > older.last_at
    async with database.read() as session:
        [last] = await list_bursts(session, EVERYTHING, unsettled=True, before=newer.burst_id)
    assert last == older


async def test_burst_is_settled_once_and_on_record(database: Database, keyring: Keyring) -> None:
    for caller in range(5):
        await call(database, keyring, caller)
    [burst] = await raised(database)
    settled = []
    for by in (SUPERVISOR, DISPATCHER):
        async with database.write() as session:
            settled.append(await settle_burst(session, burst.burst_id, BurstGround.UNRELATED, by=by, at=NOW))
    assert settled == [True, False]
    assert await raised(database) == ()
    [known] = await raised(database, unsettled=False)
    assert (known.settled_by, known.ground) == (SUPERVISOR.user_id, BurstGround.UNRELATED)
    await call(database, keyring, 9)
    assert await raised(database) == ()
    async with database.read() as session:
        assert len(await entries(session, TrailFilters(event=TrailEvent.BURST_SETTLED))) == 1


async def test_burst_is_kept_from_whom_its_cases_are_kept_from(database: Database, keyring: Keyring) -> None:
    for caller in range(5):
        await call(database, keyring, caller, accused_units=(UNIT,))
    [burst] = await raised(database)
    async with database.read() as session:
        for actor in (person("on-loan", Role.SUPERVISOR, UNIT), head_of(UNIT)):
            assert await list_bursts(session, visible_to(actor), unsettled=True) == ()
            assert await cases_of_burst(session, visible_to(actor), burst.burst_id) == ()

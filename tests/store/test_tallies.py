"""汇总: what is counted ahead is what the rows say, at every moment and for everybody, however late it is counted."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select, text
from store_hands import bring, rows
from unit import lives
from unit.lives import Life

from api.tallying import TallyKeeper
from hotline import commands as c
from hotline.identifiers import CaseNo
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import Role
from store import tallied as reading
from store.boards import (
    AlarmQuestion,
    AlarmState,
    Axis,
    FiredQuestion,
    HeldQuestion,
    count_ages,
    count_days,
    count_matters,
    count_rungs,
    count_standing,
    count_still,
    spread_alarms,
    spread_fired,
    sum_held,
)
from store.engine import Database, ReadSession
from store.matters import matters
from store.projection import project, rebuild
from store.scope import CaseScope, visible_to
from store.sheets import Sheet
from store.tables.casework import cases
from store.tables.tallies import tallies, tally_due, tally_lines
from store.tallied import tallied
from store.tallies import tally_anew, tally_changed

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALL = visible_to(SYSTEM_ACTOR)
SUPERVISOR = lives.person("supervisor9", Role.SUPERVISOR)
MOMENTS = [
    lives.at(moment)
    for moment in ("2026-03-02 10:00", "2026-03-03 17:31", "2026-03-12 09:40", "2026-03-20 00:00")
]
_BEGINS = lives.at("2026-03-01 00:00")


def number(n: int) -> CaseNo:
    return CaseNo(f"2603020900000{n % 7}{n:04}")


def some_lives() -> list[Life]:
    """Cases at every stage, some of one kind and day, some of which units hold again what they held before."""
    made = [
        lives.registered(lives.classified(category="噪音"), case_no=number(1)),
        lives.dispatched(lives.classified(category="噪音"), case_no=number(2)),
        lives.contacted(lives.classified(category="停水"), case_no=number(3)),
        lives.contacted(case_no=number(4)).sleep_until(lives.at("2026-03-11 10:00")),
        lives.completed(case_no=number(5)),
        lives.completed(case_no=number(6)),
        lives.reworking(case_no=number(7)),
        lives.awaiting_revisit(case_no=number(8)),
    ]
    suspended = lives.in_hand(case_no=number(9))
    suspended.then(lives.contact(suspended.now), lives.HANDLER)
    next_on = lives.day_of(suspended.now) + 3 * DAY
    suspended.then(
        c.SuspendWithPlan(plan=lives.TEXT, next_on=next_on, owner=lives.UNIT_HEAD.user_id), lives.UNIT_HEAD
    )
    return [*made, suspended]


async def count_all(database: Database) -> None:
    while True:
        async with database.write() as session:
            if not await tally_changed(session, limit=3):
                return


async def told(session: ReadSession, scope: CaseScope, now: datetime) -> dict[str, Any]:
    """Everything that boards add up."""
    ahead = AlarmQuestion(state=AlarmState.UPCOMING, now=now, until=now + 40 * DAY)
    since = _BEGINS + 18 * HOUR
    return {
        "standing": await count_standing(session, scope, now=now, soon=now + DAY),
        "ages": await count_ages(session, scope, [now - DAY, now - 3 * DAY - HOUR]),
        "days": await count_days(session, scope, since=_BEGINS, until=now),
        "matters": await count_matters(session, scope, now=now, span_for=2 * DAY + HOUR, limit=9),
        "catalogue": await matters(session, scope, limit=9),
        "rungs": await count_rungs(session, scope, since=since),
        "alarms": await spread_alarms(session, scope, ahead, Axis.around(now, timedelta(minutes=90))),
        "fired": await spread_fired(
            session, scope, FiredQuestion(since=since, until=now), Axis.around(now, 2 * HOUR)
        ),
        "still": await count_still(session, scope),
        "open": await sum_held(session, scope, HeldQuestion(now=now, only_open=True)),
        "held": await sum_held(session, scope, HeldQuestion(now=now)),
        "held since": await sum_held(session, scope, HeldQuestion(now=now, since=since)),
        "held until": await sum_held(session, scope, HeldQuestion(now=now, until=_BEGINS + 34 * HOUR)),
    }


async def agree(
    database: Database, scope: CaseScope, moments: Iterable[datetime] = MOMENTS
) -> list[dict[str, Any]]:
    """Ask with tallies and by rows alone, and return what was told of each moment."""
    by_rows, answers = replace(scope, reaches_all=False), []
    async with database.read(snapshot=True) as session:
        for now in moments:
            answers.append(await told(session, scope, now))
            assert answers[-1] == await told(session, by_rows, now)
    return answers


@pytest_asyncio.fixture
async def town(database: Database) -> list[Life]:
    found = some_lives()
    for life in found:
        await bring(database, life)
    return found


@pytest.mark.parametrize("is_counted", [False, True])
async def test_sums_are_what_the_rows_say(database: Database, town: list[Life], is_counted: bool) -> None:
    if is_counted:
        await count_all(database)
    answers = await agree(database, ALL)
    # Each board has something to tell at one moment at least.
    assert [board for board in answers[0] if not any(answer[board] for answer in answers)] == []


@pytest.mark.parametrize("seed", range(4))
async def test_sums_are_right_whatever_is_counted_when(database: Database, seed: int) -> None:
    chance, ledgers = Random(seed), {life.state.case_no: [*life.facts] for life in some_lives()}
    written = dict.fromkeys(ledgers, 0)
    while open_ledgers := [one for one in ledgers if written[one] < len(ledgers[one])]:
        one = chance.choice(open_ledgers)
        more = chance.randint(1, 4)
        async with database.write() as session:
            await project(session, one, ledgers[one][written[one] : written[one] + more])
        written[one] = min(written[one] + more, len(ledgers[one]))
        if chance.random() < 0.5:
            async with database.write() as session:
                await tally_changed(session, limit=chance.randint(1, 5))
        if chance.random() < 0.4:
            await agree(database, ALL, [chance.choice(MOMENTS)])
    await agree(database, ALL)


async def test_nothing_is_left_of_what_a_case_counted_as_before(database: Database, town: list[Life]) -> None:
    await count_all(database)
    async with database.write() as session:
        before = await rows(session, tallies)
        for life in town:
            await rebuild(session, life.state.case_no)
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(tally_due)) > len(town)
    await count_all(database)
    async with database.read() as session:
        assert await rows(session, tallies) == before
        assert await rows(session, tally_due) == []
    await agree(database, ALL)


async def test_case_that_is_gone_is_taken_off_by_readers_and_by_the_next_count(
    database: Database, town: list[Life], as_owner: Database
) -> None:
    await count_all(database)
    async with as_owner.write() as session:
        for table in ("cases", "clocks", "holdings", "firings"):
            await session.execute(text(f"DELETE FROM {table}"))
    for counted in (False, True):
        *_, answer = await agree(database, ALL)
        assert not answer["standing"] + answer["held"] + answer["alarms"] + answer["still"]
        if not counted:
            await count_all(database)
    async with database.read() as session:
        assert await rows(session, tallies) == await rows(session, tally_lines) == []


@pytest.mark.parametrize("is_counted", [False, True])
async def test_sums_tell_nobody_of_a_case_that_they_are_shut_out_of(
    database: Database, as_owner: Database, town: list[Life], is_counted: bool
) -> None:
    if is_counted:
        await count_all(database)
    async with as_owner.write() as session:
        await session.execute(text("ALTER TABLE cases DISABLE TRIGGER cases_mark_to_tally"))
        hidden = [town[place].state.case_no for place in (3, 4, 8)]
        shut_out = cases.update().where(cases.c.case_no.in_(hidden)).values(recused=[SUPERVISOR.user_id])
        await session.execute(shut_out)
    *_, mine = await agree(database, visible_to(SUPERVISOR))
    *_, everybodys = await agree(database, visible_to(lives.person("another", Role.SUPERVISOR)))
    assert everybodys["still"]
    assert not mine["still"]
    assert (
        sum(line.open for line in everybodys["standing"]) - sum(line.open for line in mine["standing"]) == 2
    )
    longest = max(line.longest_for for line in everybodys["held"])
    assert max(line.longest_for for line in mine["held"]) <= longest


async def test_where_too_many_stand_apart_rows_are_counted(
    database: Database, town: list[Life], monkeypatch: pytest.MonkeyPatch
) -> None:
    await count_all(database)
    async with database.write() as session:
        await session.execute(tallies.update().values(number=1_000_000))
    async with database.read(snapshot=True) as session:
        (line, *_) = await count_standing(session, ALL, now=MOMENTS[0], soon=MOMENTS[1])
    assert line.open >= 1_000_000
    monkeypatch.setattr(reading, "MARKED_AT_MOST", 2)
    await bring(database, lives.registered(case_no=number(21)))
    await bring(database, lives.registered(case_no=number(22)))
    await bring(database, lives.registered(case_no=number(23)))
    await agree(database, ALL)


async def test_keeper_counts_all_that_is_marked(database: Database, town: list[Life]) -> None:
    async with database.read() as session:
        marks = await session.scalar(select(func.count()).select_from(tally_due))
    assert await TallyKeeper(database).keep() == marks
    async with database.read() as session:
        assert await rows(session, tally_due) == []
        assert {row["case_no"] for row in await rows(session, tally_lines)} == {
            life.state.case_no for life in town
        }


@pytest.mark.parametrize("table", ["tallies", "tally_lines"])
@pytest.mark.parametrize(
    "damage", ["DELETE FROM {}", "UPDATE {} SET number = number + 7, longest = longest + 7"]
)
async def test_what_is_damaged_is_mended_by_counting_anew(
    database: Database, town: list[Life], table: str, damage: str
) -> None:
    await count_all(database)
    async with database.read() as session:
        before = await rows(session, tallies)
    async with database.write() as session:
        await session.execute(text(damage.format(table)))
    async with database.write() as session:
        await tally_anew(session)
    await count_all(database)
    async with database.read() as session:
        assert await rows(session, tallies) == before


async def test_only_one_process_counts_at_a_time(database: Database, town: list[Life]) -> None:
    async with database.write() as one, database.write() as other:
        assert await tally_changed(one)
        assert await tally_changed(other) == 0
    await agree(database, ALL)


async def test_what_changes_while_it_is_counted_stays_marked(database: Database, town: list[Life]) -> None:
    await count_all(database)
    life = lives.completed(case_no=town[0].state.case_no)
    async with database.write() as keeper, database.write() as writer:
        await project(writer, life.state.case_no, life.facts[len(town[0].facts) :])
        await tally_changed(keeper)
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(tally_due)) == 1
    await agree(database, ALL)
    await count_all(database)
    await agree(database, ALL)


async def test_sums_are_not_told_but_of_one_moment(database: Database) -> None:
    async with database.read() as session:
        with pytest.raises(AssertionError, match="stands apart"):
            await tallied(session, ALL, Sheet.OPEN)


async def test_whole_cells_are_told_in_one_line_and_cut_ones_row_by_row(
    database: Database, town: list[Life]
) -> None:
    await count_all(database)
    begins = lives.at("2026-03-02 00:00")
    noon = begins + 12 * HOUR
    async with database.read(snapshot=True) as session:
        for since, is_cut in ((begins, False), (noon, True)):
            lines, values = await tallied(session, ALL, Sheet.CAME, since=begins, cuts=(since,))
            found = (await session.execute(select(lines), values)).all()
            of_day = [line for line in found if begins <= line.at < begins + DAY]
            # Three matters, of which most cases have none.
            assert len(of_day) == (len(town) if is_cut else 3)
            assert sum(line.number for line in of_day) == len(town)

"""计数明细: rows follow the ledger a moment later, add up to what the fold says, and a frozen month stays as it was."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from store_hands import bring, rows
from unit import lives
from unit.lives import (
    DISPATCHER,
    HANDLER,
    OTHER_UNIT,
    SECOND_SUPERVISOR,
    SUPERVISOR,
    TEXT,
    UNIT,
    UNIT_HEAD,
    UNSOLVED,
    Life,
    at,
)

from hotline import commands as c
from hotline.case import Actor
from hotline.identifiers import CaseNo
from hotline.indicators.counting import Count, counts_of
from hotline.indicators.figures import Figure, add_up
from hotline.indicators.months import Month, digest_of
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import AlarmCode, Counted, Indicator, RequestType
from store.accounts import Unit, put_units
from store.audit import Check, audit
from store.engine import Database
from store.months import (
    Deviation,
    FrozenMonth,
    Preview,
    Recomputed,
    figures_digest,
    freeze,
    frozen_month,
    keep_preview,
    last_preview,
    recompute,
)
from store.scope import visible_to
from store.scores import (
    FiguresBy,
    ScoreQuestion,
    add_up_rows,
    add_up_ways,
    count_changed,
    figures_of_units,
    list_rows,
    note_every_case,
    still_to_count,
)
from store.tables.indicators import scores

MARCH = Month.read("2026-03")
APRIL = at("2026-04-10 09:00")
NUMBERS = [CaseNo(f"26030209000001{n:04d}") for n in range(1, 6)]


def carded(number: CaseNo) -> Life:
    card = c.IssueCard(unit=UNIT, card=AlarmCode.RED_CARD, person=None, reason=TEXT)
    return lives.in_hand(case_no=number).then(card, SUPERVISOR)


def some_lives() -> tuple[Life, ...]:
    one, two, three, four, five = NUMBERS
    returned = lives.dispatched(case_no=four)
    returned.then(c.ReturnCase(legal_basis=TEXT, evidence=(lives.evidence(returned.now),)), HANDLER)
    returned.then(c.RuleOnReturn(upheld=True, reason=TEXT), DISPATCHER)
    returned.then(lives.dispatch(OTHER_UNIT), DISPATCHER)
    return (
        lives.completed(case_no=one),
        lives.reworking(UNSOLVED, case_no=two),
        carded(three),
        returned,
        lives.completed(lives.classified(RequestType.HELP), case_no=five),
    )


async def count_all(database: Database) -> None:
    while True:
        async with database.write() as session:
            if not await count_changed(session, limit=2):
                return


@pytest_asyncio.fixture
async def told(database: Database) -> AsyncIterator[tuple[Life, ...]]:
    """Five cases, brought in and counted."""
    async with database.write() as session:
        await put_units(
            session,
            [
                Unit(code=UNIT, name="城管局", level="city"),
                Unit(code=OTHER_UNIT, name="水务", level="street"),
            ],
        )
    found = some_lives()
    for life in found:
        await bring(database, life)
    await count_all(database)
    yield found


def by_now(found: tuple[Life, ...], now: datetime = APRIL) -> list[Count]:
    return [
        row
        for life in found
        for row in counts_of(life.facts)
        if MARCH.since <= row.counted_at < MARCH.until and row.counted_at <= now
    ]


def asked(*, now: datetime = APRIL, **fields: object) -> ScoreQuestion:
    return ScoreQuestion.model_validate({"month": MARCH, "now": now, **fields})


async def listed(database: Database, actor: Actor, question: ScoreQuestion, limit: int = 500) -> list[Count]:
    async with database.read() as session:
        return list(await list_rows(session, visible_to(actor), question, limit=limit))


async def test_rows_are_what_the_ledger_says_and_follow_it(
    database: Database, told: tuple[Life, ...]
) -> None:
    assert sorted(await listed(database, SYSTEM_ACTOR, asked()), key=lambda row: row.key) == by_now(told)
    life = told[2].then(c.Urge(unit=UNIT, reason=TEXT), SUPERVISOR)
    number = next(entry.number for entry in life.state.measures if entry.unit_points)
    life.then(c.AppealRung(number=number, grounds=TEXT), UNIT_HEAD)
    life.then(c.DecideAppeal(number=number, upheld=True, reason=TEXT), SECOND_SUPERVISOR)
    await bring(database, life)
    async with database.read() as session:
        assert await still_to_count(session) == 1
    await count_all(database)
    assert sorted(await listed(database, SYSTEM_ACTOR, asked()), key=lambda row: row.key) == by_now(told)
    async with database.read() as session:
        assert await still_to_count(session) == 0


async def test_figures_are_the_sums_of_the_rows(database: Database, told: tuple[Life, ...]) -> None:
    async with database.read() as session:
        assert {unit.unit: unit for unit in await figures_of_units(session, asked())} == add_up(by_now(told))
        everyone = visible_to(SYSTEM_ACTOR)
        for by in FiguresBy:
            lines = await add_up_rows(session, everyone, asked(), by)
            total = Figure(indicator=Indicator.RETURN)
            for line in lines:
                if line.indicator is Indicator.RETURN:
                    total += Figure.model_validate(line.model_dump())
            assert (total.raw_numerator, total.raw_denominator) == (1, 6), by
        apart = {by: await add_up_rows(session, everyone, asked(), by) for by in FiguresBy}
        assert await add_up_ways(session, everyone, asked(), tuple(FiguresBy)) == apart
        levels = await add_up_rows(session, everyone, asked(), FiguresBy.LEVEL)
        assert {line.group for line in levels} == {"city", "street"}
        types = await add_up_rows(session, everyone, asked(type=RequestType.HELP), FiguresBy.TYPE)
        assert {line.group for line in types} == {"help"}


async def test_limit_that_has_not_passed_counts_nowhere(database: Database, told: tuple[Life, ...]) -> None:
    open_now = at("2026-03-03 09:00")
    question = asked(now=open_now, indicator=Indicator.ON_TIME)
    assert {row.case_no for row in await listed(database, SYSTEM_ACTOR, question)} == {
        row.case_no for row in by_now(told, open_now) if row.indicator is Indicator.ON_TIME
    }
    later = asked(indicator=Indicator.ON_TIME, counted=Counted.DENOMINATOR)
    assert {row.case_no for row in await listed(database, SYSTEM_ACTOR, later)} == {NUMBERS[2], NUMBERS[3]}


async def test_units_see_the_rows_of_their_own_cases(database: Database, told: tuple[Life, ...]) -> None:
    assert told
    seen = {row.case_no for row in await listed(database, lives.head_of(OTHER_UNIT), asked())}
    assert seen == {NUMBERS[3]}
    assert not await listed(database, lives.head_of(lives.THIRD_UNIT), asked())


async def test_pages_of_rows_go_on_where_the_last_one_ended(
    database: Database, told: tuple[Life, ...]
) -> None:
    found: list[Count] = []
    after = None
    while True:
        async with database.read() as session:
            page = await list_rows(session, visible_to(SYSTEM_ACTOR), asked(), after=after, limit=4)
        if not page:
            break
        found.extend(page)
        last = page[-1]
        after = last.counted_at, last.case_no, last.indicator, last.occasion
    assert sorted(found, key=lambda row: row.key) == by_now(told)


async def test_two_processes_never_count_one_case_twice(database: Database) -> None:
    await bring(database, lives.completed(case_no=NUMBERS[0]))
    async with database.write() as first, database.write() as second:
        assert await count_changed(first) == 1
        assert await count_changed(second) == 0
    await count_all(database)
    async with database.read() as session:
        assert len(await rows(session, scores)) == len(counts_of(lives.completed(case_no=NUMBERS[0]).facts))


async def test_audit_finds_rows_that_differ_and_a_recount_mends_them(
    database: Database, told: tuple[Life, ...]
) -> None:
    async def differing() -> set[tuple[CaseNo | None, str]]:
        far = timedelta(days=9999)
        found = audit(database, now=told[0].now, grace_for=far, verify=lambda *_: True)
        return {
            (finding.case_no, finding.detail)
            async for finding in found
            if finding.check is Check.READ_ROWS_DIFFER
        }

    assert await differing() == set()
    async with database.write() as session:
        await session.execute(
            text("UPDATE scores SET points = 9 WHERE case_no = :no AND indicator = 'repeat-rate'"),
            {"no": NUMBERS[0]},
        )
    assert await differing() == {(NUMBERS[0], "scores")}
    async with database.write() as session:
        assert await note_every_case(session) == len(NUMBERS)
    assert await differing() == set(), "what is still to be counted is no finding"
    await count_all(database)
    assert await differing() == set()


# ── frozen months ───────────────────────────────────────────────────────────────────────────────


async def frozen(database: Database, at_: datetime = APRIL) -> FrozenMonth:
    async with database.read() as session:
        digest = await figures_digest(session, MARCH, at_)
    preview = Preview(month=MARCH, previewed_at=at_, previewed_by=SUPERVISOR.user_id, figures_digest=digest)
    async with database.write() as session:
        await keep_preview(session, preview)
        return await freeze(session, preview, lives.POLICY, by=SECOND_SUPERVISOR.user_id, at=at_)


async def recomputed(database: Database, month: FrozenMonth) -> Recomputed:
    done: Recomputed | None = None
    deviations = []
    while done is None or done.after:
        async with database.read() as session:
            done = await recompute(session, month, done)
        deviations.extend(done.deviations)
    return done.model_copy(update={"deviations": tuple(deviations)})


async def test_frozen_month_is_reckoned_again_to_the_digit(
    database: Database, told: tuple[Life, ...]
) -> None:
    month = await frozen(database)
    expected = by_now(told)
    assert (month.rows, month.cases) == (len(expected), 5)
    assert month.digest == digest_of(expected)
    again = await recomputed(database, month)
    assert (again.digest, again.rows, again.deviations) == (month.digest, month.rows, ())
    async with database.read() as session:
        assert await frozen_month(session, MARCH) == month
        assert await frozen_month(session, MARCH.following) is None
        looked = await last_preview(session, MARCH)
    assert looked is not None
    assert looked.figures_digest == month.figures_digest
    assert month.policies == (lives.POLICY.revision,)


async def test_what_happens_afterwards_moves_live_figures_and_no_frozen_one(
    database: Database, told: tuple[Life, ...]
) -> None:
    month = await frozen(database)
    life = told[2]
    number = life.state.measures[0].number
    life.then(c.AppealRung(number=number, grounds=TEXT), UNIT_HEAD)
    life.then(c.DecideAppeal(number=number, upheld=True, reason=TEXT), SECOND_SUPERVISOR)
    await bring(database, life)
    await count_all(database)
    points = {"indicator": Indicator.POINTS, "counted": Counted.NUMERATOR}
    assert not await listed(database, SYSTEM_ACTOR, asked(**points))
    assert [row.points for row in await listed(database, SYSTEM_ACTOR, asked(frozen=True, **points))] == [5]
    assert (await recomputed(database, month)).deviations == ()


async def test_recomputing_names_the_rows_that_differ(
    database: Database, as_owner: Database, told: tuple[Life, ...]
) -> None:
    assert told
    async with database.write() as session:
        await session.execute(
            text("UPDATE scores SET raw = 'numerator' WHERE case_no = :no AND indicator = 'on-time-rate'"),
            {"no": NUMBERS[2]},
        )
        await session.execute(
            text("DELETE FROM scores WHERE case_no = :no AND indicator = 'repeat-rate'"), {"no": NUMBERS[0]}
        )
        await session.execute(
            text("UPDATE scores SET occasion = '9' WHERE case_no = :no AND indicator = 'rework-rate'"),
            {"no": NUMBERS[4]},
        )
    month = await frozen(database)
    again = await recomputed(database, month)
    assert again.digest != month.digest
    assert {(row.case_no, row.indicator, row.deviation) for row in again.deviations} == {
        (NUMBERS[2], "on-time-rate", Deviation.CHANGED),
        (NUMBERS[0], "repeat-rate", Deviation.NOT_FROZEN),
        (NUMBERS[4], "rework-rate", Deviation.NOT_IN_LEDGER),
        (NUMBERS[4], "rework-rate", Deviation.NOT_FROZEN),
    }


async def test_case_that_was_forgotten_altogether_is_found(
    database: Database, told: tuple[Life, ...]
) -> None:
    assert told
    async with database.write() as session:
        await session.execute(text("DELETE FROM scores WHERE case_no = :no"), {"no": NUMBERS[0]})
    again = await recomputed(database, await frozen(database))
    assert {row.case_no for row in again.deviations} == {NUMBERS[0]}
    assert {row.deviation for row in again.deviations} == {Deviation.NOT_FROZEN}


@pytest.mark.parametrize("table", ["frozen_months", "frozen_scores", "month_previews"])
async def test_not_even_the_owner_changes_a_frozen_month(
    database: Database, as_owner: Database, told: tuple[Life, ...], table: str
) -> None:
    assert told
    await frozen(database)
    for change in (f"UPDATE {table} SET month = month", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(DBAPIError):
            async with as_owner.write() as session:
                await session.execute(text(change))

"""Measures as rows: a fold of the ledger, listed in the scope of who asks, and points that appeals take back."""

from datetime import UTC, datetime, timedelta

import pytest_asyncio
from sqlalchemy import update
from store_hands import bring, read_rows
from unit import lives
from unit.lives import DISPATCHER, HANDLER, SECOND_SUPERVISOR, SUPERVISOR, TEXT, UNIT, UNIT_HEAD, Life

from hotline import commands as c
from hotline.identifiers import CaseNo
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import AlarmCode, MeasureKind
from store.audit import Check, audit
from store.engine import Database
from store.projection import project, rebuild
from store.scope import visible_to
from store.supervision import MeasureQuestion, MeasureState, PointsBy, list_measures, sum_points
from store.tables.casework import measures

ALL = visible_to(SYSTEM_ACTOR)
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
CARDED = CaseNo("260302090000010009")


def climbed() -> Life:
    """A case whose first order waits for its answer."""
    return lives.in_hand().sleep_until(lives.at("2026-03-13 09:00"))


def carded(*, upheld: bool | None = None) -> Life:
    card = c.IssueCard(unit=UNIT, card=AlarmCode.RED_CARD, person=HANDLER.user_id, reason=TEXT)
    life = lives.in_hand(case_no=CARDED).then(card, SUPERVISOR)
    number = life.state.measures[0].number
    if upheld is not None:
        life.then(c.AppealRung(number=number, grounds=TEXT), UNIT_HEAD)
        life.then(c.DecideAppeal(number=number, upheld=upheld, reason=TEXT), SECOND_SUPERVISOR)
    return life


@pytest_asyncio.fixture
async def case_no(database: Database) -> CaseNo:
    return await bring(database, climbed())


async def numbers(database: Database, question: MeasureQuestion) -> list[str]:
    async with database.read() as session:
        return [row.number for row in await list_measures(session, ALL, question)]


async def points(database: Database, by: PointsBy) -> dict[str, tuple[int, int, int]]:
    async with database.read() as session:
        lines = await sum_points(session, ALL, by=by, since=SINCE, until=UNTIL)
    return {line.code: (line.cards, line.reversed, line.points) for line in lines}


async def test_rows_come_fact_by_fact_to_what_a_rebuild_makes(database: Database) -> None:
    life = climbed().then(c.AnswerSupervisionOrder(number=f"{lives.NUMBER}-DB01", text=TEXT), UNIT_HEAD)  # type: ignore[arg-type]  # a number is text
    life.sleep(60 * timedelta(days=1)).then(c.Urge(unit=UNIT, reason=TEXT), SUPERVISOR)
    for fact in life.facts:
        async with database.write() as session:
            await project(session, life.state.case_no, [fact])
    before = await read_rows(database)
    assert len(before[3]) > len(life.state.measures), "the state forgets what is over, the rows do not"
    async with database.write() as session:
        await rebuild(session, life.state.case_no)
    assert await read_rows(database) == before


async def test_lists_answer_by_kind_unit_and_what_is_still_to_be_done(
    database: Database, case_no: CaseNo
) -> None:
    waiting = MeasureQuestion(kind=MeasureKind.ORDER, unit=UNIT, state=MeasureState.AWAITS_ANSWER)
    assert await numbers(database, waiting) == [f"{case_no}-DB01"]
    assert await numbers(database, waiting.model_copy(update={"unit": lives.OTHER_UNIT})) == []
    assert await numbers(database, MeasureQuestion(kind=MeasureKind.CARD)) == [f"{case_no}-HP01"]
    assert await numbers(database, MeasureQuestion(state=MeasureState.UNDER_APPEAL)) == []


async def test_order_tells_until_when_it_can_be_answered(database: Database, case_no: CaseNo) -> None:
    async with database.read() as session:
        asked = MeasureQuestion(case_no=case_no, kind=MeasureKind.ORDER)
        [order] = await list_measures(session, ALL, asked)
    assert order.answer_until is not None
    assert lives.shown(order.answer_until) == "2026-03-17 18:00"


async def test_page_goes_on_where_the_last_one_ended(database: Database, case_no: CaseNo) -> None:
    question, found, before = MeasureQuestion(), [], None
    while True:
        async with database.read() as session:
            page = await list_measures(session, ALL, question, before=before, limit=1)
        if not page:
            break
        found.append(page[0].number)
        before = page[0].issued_at, page[0].number
    assert found == [f"{case_no}-{tail}" for tail in ("DB01", "HP01", "CB01")]


async def test_measures_are_seen_by_who_sees_the_case(database: Database, case_no: CaseNo) -> None:
    async with database.read() as session:
        for actor, seen in ((UNIT_HEAD, True), (DISPATCHER, True), (lives.head_of(lives.OTHER_UNIT), False)):
            rows = await list_measures(session, visible_to(actor), MeasureQuestion(case_no=case_no))
            assert bool(rows) is seen


async def test_points_are_added_up_per_unit_and_person(database: Database, case_no: CaseNo) -> None:
    await bring(database, carded(upheld=False))
    assert await points(database, PointsBy.UNIT) == {UNIT: (2, 0, 7)}
    assert await points(database, PointsBy.PERSON) == {HANDLER.user_id: (2, 0, 4)}
    assert case_no


async def test_upheld_appeal_takes_its_points_out_of_the_sum(database: Database) -> None:
    await bring(database, carded(upheld=True))
    assert await points(database, PointsBy.UNIT) == {UNIT: (0, 1, 0)}


async def test_audit_finds_a_measure_that_was_changed_by_hand(database: Database, case_no: CaseNo) -> None:
    async def findings() -> list[tuple[Check, CaseNo | None, str]]:
        now = climbed().now
        found = audit(database, now=now, grace_for=timedelta(days=1), verify=lambda *_: True)
        return [
            (entry.check, entry.case_no, entry.detail)
            async for entry in found
            if entry.check is Check.READ_ROWS_DIFFER
        ]

    assert await findings() == []
    async with database.write() as session:
        await session.execute(update(measures).values(unit_points=0))
    assert await findings() == [(Check.READ_ROWS_DIFFER, case_no, "measures")]

"""Lines of repeat problems in the database: found once by their cases, told once, chained, and shown to whom they may."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from fixtures.cases import SUPERVISOR, TEXT, UNIT, UNIT_HEAD
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from store_hands import NOW, adopt, complaint, rows, submission, take_in
from unit.lives import OTHER_UNIT, head_of, person
from unit.problem_lives import CASES, LINE, Line, cleared, opened, planned

from hotline.case import Actor
from hotline.commands import ReclassifyCase
from hotline.decide import Context, decide
from hotline.evolve import replay
from hotline.facts import CaseClosed
from hotline.identifiers import CaseNo, CommandId, LineNo
from hotline.policy import default_policy
from hotline.problems import commands as c
from hotline.problems.vocabulary import ProblemStage, Standing
from hotline.roles import SYSTEM_ACTOR
from hotline.visibility import may_see, viewer_of
from hotline.vocabulary import Outcome, Role, Status, TrailEvent
from runtime.keyring import Keyring
from store import problems as store
from store.engine import Database
from store.erasure import forget_callers
from store.failures import LedgerConflict, LedgerGap
from store.ledger import facts_of
from store.problem_lines import Untold, find_another, mark_told, untold
from store.projection import project
from store.scope import lines_visible_to, visible_to
from store.tables.problems import problem_lines, problem_links
from store.trail import TrailFilters, entries

EVERY_LINE = lines_visible_to(SYSTEM_ACTOR)
_KEYS = iter(range(10_000))


async def request(database: Database, keyring: Keyring, *, days: int = 0, **fields: Any) -> CaseNo:
    """A request that is registered and taken on by the engine, some days after the first."""
    at = NOW + timedelta(days=days)
    of = submission(f"problem-key-{next(_KEYS)}", at=at)
    receipt = await take_in(database, keyring, complaint(**fields), of)
    await adopt(database, receipt, at=at)
    return receipt.case_no


async def lines(database: Database) -> list[str]:
    async with database.read() as session:
        return [row["line_no"] for row in await rows(session, problem_lines)]


async def linked(database: Database) -> list[tuple[str, str]]:
    async with database.read() as session:
        return [(row["line_no"], row["case_no"]) for row in await rows(session, problem_links)]


async def waiting(database: Database) -> tuple[Untold, ...]:
    async with database.read() as session:
        return await untold(session)


async def tell_all(database: Database) -> None:
    for news in await waiting(database):
        async with database.write() as session:
            await mark_told(session, news.registration.line_no, news.note.case_no, news.told)


async def decide_on(database: Database, number: CaseNo, *bodies: Any) -> None:
    """Append facts to a case as its workflow would, without asking whether they may be."""
    async with database.write() as session:
        facts = await facts_of(session, number)
        state = replay(facts)
        envelope = facts[-1].model_dump(exclude={"seq", "body"})
        new = [
            type(facts[-1]).model_validate({**envelope, "seq": state.version + place, "body": body})
            for place, body in enumerate(bodies, start=1)
        ]
        await project(session, number, new)


CLOSED = CaseClosed(status=Status.COMPLETED, outcome=Outcome.SATISFIED)


# ── how a case finds its line ───────────────────────────────────────────────────────────────────


async def test_line_opens_with_the_third_request_and_the_fourth_joins_it(
    database: Database, keyring: Keyring
) -> None:
    numbers = [await request(database, keyring, days=day) for day in (0, 5)]
    assert await lines(database) == []
    numbers.append(await request(database, keyring, days=9))
    [line] = await lines(database)
    assert line == "CF2026000001"
    numbers.append(await request(database, keyring, days=80))
    assert await linked(database) == [(line, number) for number in numbers]


@pytest.mark.parametrize(
    "other",
    [
        {"caller_phone": "13900001111"},
        {"category": "dust"},
        {"category": None},
        {"area": "xishan"},
        {"days": 91},
        {"type": "praise"},
    ],
    ids=lambda other: str(*other),
)
async def test_another_caller_matter_place_or_time_is_not_the_same_problem(
    database: Database, keyring: Keyring, other: dict[str, Any]
) -> None:
    await request(database, keyring)
    await request(database, keyring)
    await request(database, keyring, **other)
    assert await lines(database) == []


async def test_requests_that_come_at_once_open_one_line(database: Database, keyring: Keyring) -> None:
    receipts = [
        await take_in(database, keyring, complaint(), submission(f"at-once-{place}")) for place in range(6)
    ]
    await asyncio.gather(*(adopt(database, receipt) for receipt in receipts))
    [line] = await lines(database)
    assert await linked(database) == [(line, number) for number in sorted(r.case_no for r in receipts)]


async def test_facts_that_are_projected_again_link_nothing_again(
    database: Database, keyring: Keyring
) -> None:
    for _ in range(2):
        await request(database, keyring)
    receipt = await take_in(database, keyring, complaint(), submission("thrice"))
    for _ in range(3):
        await adopt(database, receipt)
    assert len(await lines(database)) == 1
    assert len(await linked(database)) == 3


async def test_case_that_is_reclassified_finds_the_line_of_its_matter(
    database: Database, keyring: Keyring
) -> None:
    for _ in range(2):
        await request(database, keyring)
    number = await request(database, keyring, category=None)
    assert await lines(database) == []
    async with database.write() as session:
        state = replay(await facts_of(session, number))
        matter = state.classification.model_copy(update={"category": "noise"})
        command = ReclassifyCase(classification=matter, reason=TEXT)
        dispatcher = person("dispatcher-1", Role.DISPATCHER)
        context = Context(NOW, dispatcher, CommandId("reclassify"), default_policy())
        await project(session, number, decide(state, command, context))
    assert len(await linked(database)) == 3


async def test_history_that_is_imported_opens_no_line(database: Database, keyring: Keyring) -> None:
    for day in (400, 399, 398):
        await request(database, keyring, raised_at=NOW - timedelta(days=day))
    assert await lines(database) == []


async def test_problem_that_comes_back_after_its_line_ended_needs_three_again(
    database: Database, keyring: Keyring
) -> None:
    for _ in range(3):
        await request(database, keyring)
    async with database.write() as session:
        await session.execute(update(problem_lines).values(ended_at=NOW))
    for count in (1, 1, 2):
        await request(database, keyring, days=1)
        assert len(await lines(database)) == count


async def test_case_that_a_line_no_longer_takes_looks_for_another(
    database: Database, keyring: Keyring
) -> None:
    for _ in range(3):
        await request(database, keyring)
    [line] = await lines(database)
    await tell_all(database)
    late = await request(database, keyring, days=1)
    async with database.write() as session:
        await find_another(session, LineNo(line), late, at=NOW)
    assert len(await linked(database)) == 3
    assert await waiting(database) == ()
    for _ in range(2):
        await request(database, keyring, days=2)
    assert next(number for of, number in await linked(database) if of != line) == late


async def test_line_outlives_the_erasure_of_its_caller_without_their_hash(
    database: Database, keyring: Keyring
) -> None:
    numbers = [await request(database, keyring) for _ in range(3)]
    async with database.write() as session:
        await forget_callers(session, numbers, at=NOW)
    async with database.read() as session:
        assert await session.scalar(select(problem_lines.c.caller_hash)) is None


# ── what a line is told ─────────────────────────────────────────────────────────────────────────


async def test_line_is_told_of_each_case_once_and_again_when_it_stands_otherwise(
    database: Database, keyring: Keyring
) -> None:
    numbers = [await request(database, keyring) for _ in range(3)]
    told = await waiting(database)
    assert [(news.note.case_no, news.note.standing) for news in told] == [
        (number, Standing.OPEN) for number in numbers
    ]
    assert {news.registration.category for news in told} == {"noise"}
    await tell_all(database)
    assert await waiting(database) == ()
    await decide_on(database, numbers[1], CLOSED)
    [news] = await waiting(database)
    assert (news.note.case_no, news.note.standing) == (numbers[1], Standing.SATISFIED)
    await tell_all(database)
    unreached = CLOSED.model_copy(update={"outcome": Outcome.UNREACHED})
    await decide_on(database, numbers[2], unreached)
    [news] = await waiting(database)
    assert news.note.standing is Standing.UNCONFIRMED


async def test_case_that_was_taken_out_and_line_that_has_ended_are_told_nothing(
    database: Database, keyring: Keyring
) -> None:
    numbers = [await request(database, keyring) for _ in range(3)]
    [line] = await lines(database)
    life = Line(LineNo(line))
    for number in numbers:
        life.note(number)
    life.then(c.DetachCase(case_no=numbers[0], reason=TEXT), SUPERVISOR)
    await bring(database, life)
    assert {news.note.case_no for news in await waiting(database)} == {*numbers[1:]}
    async with database.read() as session:
        [entry] = await entries(session, TrailFilters(event=TrailEvent.PROBLEM_CASE_DETACHED))
        assert (entry.subject, entry.actor and entry.actor.user_id) == (line, SUPERVISOR.user_id)


async def test_filed_line_lets_go_of_its_cases(database: Database, keyring: Keyring) -> None:
    numbers = [await request(database, keyring) for _ in range(3)]
    [line] = await lines(database)
    life = cleared(LineNo(line), tuple(numbers)).sleep(days=92)
    await bring(database, life)
    assert life.state.stage is ProblemStage.FILED
    assert await waiting(database) == ()


# ── the ledger ──────────────────────────────────────────────────────────────────────────────────


async def bring(database: Database, life: Line) -> None:
    async with database.write() as session:
        await store.project(session, life.state.line_no, life.facts)


async def test_facts_come_back_as_decided_once_and_their_chain_holds(database: Database) -> None:
    life = cleared()
    async with database.write() as session:
        await store.project(session, LINE, life.facts[:4])
    await bring(database, life)
    await bring(database, life)
    async with database.read() as session:
        assert await store.facts_of(session, LINE) == tuple(life.facts)
        assert await store.problem(session, EVERY_LINE, LINE) == life.state
        assert await store.verify_chain(session, LINE) is None


async def test_gap_and_contradiction_write_nothing(database: Database) -> None:
    life = opened()
    with pytest.raises(LedgerGap):
        async with database.write() as session:
            await store.project(session, LINE, life.facts[1:])
    await bring(database, life)
    other = life.facts[0].model_copy(update={"at": life.now + timedelta(seconds=1)})
    with pytest.raises(LedgerConflict):
        async with database.write() as session:
            await store.project(session, LINE, [other])


@pytest.mark.parametrize(
    "change", ["UPDATE problem_facts SET seq = 9", "DELETE FROM problem_facts", "TRUNCATE problem_facts"]
)
async def test_not_even_the_owner_changes_the_ledger(as_owner: Database, change: str) -> None:
    await bring(as_owner, opened())
    with pytest.raises(DBAPIError):
        async with as_owner.write() as session:
            await session.execute(text(change))


async def test_altered_fact_breaks_the_chain_and_rows_are_made_again(as_owner: Database) -> None:
    life = planned()
    await bring(as_owner, life)
    async with as_owner.write() as session:
        await session.execute(text("TRUNCATE problems"))
        assert await store.rebuild(session, LINE) == life.state
        await session.execute(text("ALTER TABLE problem_facts DISABLE TRIGGER ALL"))
        await session.execute(text("UPDATE problem_facts SET command_id = 'x' WHERE seq = 2"))
        await session.execute(text("ALTER TABLE problem_facts ENABLE TRIGGER ALL"))
    async with as_owner.read() as session:
        broken = await store.verify_chain(session, LINE)
    assert broken is not None
    assert (broken.seq, broken.problem) == (2, "altered")


# ── who may know ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "asking",
    [
        SYSTEM_ACTOR,
        SUPERVISOR,
        UNIT_HEAD,
        head_of(OTHER_UNIT),
        person("on-loan", Role.DISPATCHER, OTHER_UNIT),
        person("recused-1", Role.SUPERVISOR),
        person("citizen", Role.CITIZEN),
    ],
    ids=lambda asking: asking.user_id,
)
async def test_database_shows_a_line_to_whom_the_rule_does(database: Database, asking: Actor) -> None:
    life = planned().note(CASES[3], accused_units=(OTHER_UNIT,), recused=("recused-1",))
    await bring(database, life)
    scope = lines_visible_to(asking)
    async with database.read() as session:
        listed = await store.list_problems(session, scope, store.ProblemQuestion(unit=UNIT, overdue=False))
        one = await store.problem(session, scope, LINE)
        rates = await store.clearance_rates(session, scope, store.ProblemQuestion())
    expected = may_see(viewer_of(asking, {}), life.state.concern)
    assert (one is not None) is bool(listed) is bool(rates) is expected


async def test_secret_case_of_the_same_caller_is_not_named_beside_the_others(
    database: Database, keyring: Keyring
) -> None:
    open_, secret, third = [
        await request(database, keyring, secret=secret) for secret in (False, True, False)
    ]
    life = Line()
    for number in (open_, secret, third):
        life.note(number)
    everything = visible_to(SYSTEM_ACTOR)
    async with database.read() as session:
        for with_secret, expected in ((True, {open_, secret, third}), (False, {open_, third})):
            found = await store.cases_of_problem(session, everything, life.state, with_secret=with_secret)
            assert {row.case_no for row in found} == expected
        nothing = visible_to(UNIT_HEAD)
        assert await store.cases_of_problem(session, nothing, life.state, with_secret=False) == ()


async def test_share_cleared_is_the_count_of_the_lines_that_stand_cleared(database: Database) -> None:
    numbers = [LineNo(f"CF202600000{n}") for n in range(1, 5)]
    relapsed = cleared(numbers[1]).note(CASES[5])
    lives = [cleared(numbers[0]), relapsed, planned(numbers[2]).sleep(days=30), opened(numbers[3])]
    for life in lives:
        await bring(database, life)
    async with database.read() as session:
        of_nobody, of_unit = await store.clearance_rates(session, EVERY_LINE, store.ProblemQuestion())
        done = await store.list_problems(session, EVERY_LINE, store.ProblemQuestion(uncleared=False))
        late = await store.list_problems(session, EVERY_LINE, store.ProblemQuestion(overdue=True))
        first = await store.list_problems(session, EVERY_LINE, store.ProblemQuestion(), limit=3)
        place = (first[-1].opened_at, first[-1].line_no)
        rest = await store.list_problems(session, EVERY_LINE, store.ProblemQuestion(), before=place)
        later = store.ProblemQuestion(since=NOW, until=NOW + timedelta(days=1))
        assert await store.list_problems(session, EVERY_LINE, later) == ()
    assert (of_nobody.unit, of_nobody.opened, of_nobody.rate) == (None, 1, 0)
    assert (of_unit.unit, of_unit.opened, of_unit.cleared, of_unit.relapsed) == (UNIT, 3, 1, 1)
    assert (of_unit.overdue, of_unit.rate) == (1, pytest.approx(1 / 3))
    assert [row.line_no for row in done] == [numbers[0]]
    assert [row.line_no for row in late] == [numbers[2]]
    assert [row.line_no for row in (*first, *rest)] == numbers[::-1]

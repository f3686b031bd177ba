"""Lists show whoever asks what they may see and nothing more, page by page, by an index."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from fixtures.stack import PostgresForTests
from sqlalchemy import Result, Select, select
from store_hands import NOW, bring, migrated, multiply_cases, plan_of, vacuumed
from unit import lives
from unit.lives import Life

from hotline.case import Actor
from hotline.evolve import evolve
from hotline.facts import CaseReclassified
from hotline.identifiers import CaseNo
from hotline.refusals import GuardFailed
from hotline.roles import CITIZEN_ACTOR, SYSTEM_ACTOR, UNIT_ROLES
from hotline.visibility import Viewer, may_see
from hotline.vocabulary import Phase, RequestType, Role, Status
from runtime.keyring import Keyring
from store.cases import (
    CaseFilters,
    CasePage,
    case_row,
    clocks_of,
    counts_by_status,
    due_clocks,
    holdings_of,
    list_cases,
    overdue,
    state_of,
    visible_to,
)
from store.engine import Database, ReadSession
from store.listing import CASE_COLUMNS
from store.tables.casework import cases

ALL = visible_to(SYSTEM_ACTOR)
MONDAY = lives.MONDAY_MORNING


def number(n: int) -> CaseNo:
    return CaseNo(f"26030209000001{n:04}")


async def _list(
    database: Database, keyring: Keyring, filters: CaseFilters | None = None, **how: Any
) -> CasePage:
    arguments: dict[str, Any] = {"now": MONDAY, **how}  # Any: whichever argument a test is about
    async with database.read() as session:
        return await list_cases(
            session, arguments.pop("scope", ALL), filters or CaseFilters(), cipher=keyring, **arguments
        )


def _turned_against_its_unit(**fields: Any) -> Life:  # Any: whichever fields a registration has
    """No rule lets an accused unit keep a case; if ever one did, it must not see it."""
    life = lives.contacted(lives.classified(accused_units=(lives.OTHER_UNIT,)), **fields)
    turned = CaseReclassified(
        before=life.state.classification,
        after=lives.classified(accused_units=(lives.UNIT, lives.OTHER_UNIT)),
        reason=lives.TEXT,
    )
    life.facts.append(life.facts[-1].model_copy(update={"seq": len(life.facts) + 1, "body": turned}))
    life.state = evolve(life.state, life.facts[-1])
    return life


async def _city(database: Database) -> dict[str, Life]:
    """One case for each stage, registered an hour apart."""
    stages: dict[str, Callable[..., Life]] = {
        "registered": lives.registered,
        "dispatched": lives.dispatched,
        "assisted": lambda **fields: lives.contacted(assists=(lives.OTHER_UNIT,), **fields),
        "completed": lives.completed,
        "accused": _turned_against_its_unit,
        "consult": lambda **fields: lives.in_hand(lives.classified(RequestType.CONSULT), **fields),
    }
    city = {
        name: stage(case_no=number(n), registered_at=MONDAY + timedelta(hours=n))
        for n, (name, stage) in enumerate(stages.items())
    }
    for life in city.values():
        await bring(database, life)
    return city


@pytest_asyncio.fixture(scope="module")
async def one_city(postgres: PostgresForTests) -> AsyncIterator[tuple[Database, dict[str, Life]]]:
    """For tests that only look."""
    fresh = await postgres.create_database(prepared_by=migrated)
    database = Database.connect(fresh.url)
    yield database, await _city(database)
    await database.close()


@pytest_asyncio.fixture(scope="module")
async def many_cases(postgres: PostgresForTests) -> AsyncIterator[Database]:
    """20,000 cheap cases, as many as the planner needs to prefer an index."""
    fresh = await postgres.create_database(prepared_by=migrated)
    database = Database.connect(fresh.owner_url)
    await bring(database, lives.dispatched())
    await multiply_cases(database, 20_000)
    await vacuumed(fresh, "cases")
    yield database
    await database.close()


def _numbers(page: CasePage) -> list[str]:
    return [row.case_no for row in page.rows]


async def test_pages_show_every_case_once_newest_first(database: Database, keyring: Keyring) -> None:
    city = await _city(database)
    shown: list[str] = []
    cursor = None
    for _ in range(3):
        page = await _list(database, keyring, cursor=cursor, limit=2)
        shown += _numbers(page)
        cursor = page.next_cursor
    assert shown == [life.state.case_no for life in reversed(city.values())]
    assert cursor is None


async def test_pages_hold_where_many_cases_share_an_instant(database: Database, keyring: Keyring) -> None:
    for n in range(5):
        await bring(database, lives.registered(case_no=number(n)))
    first = await _list(database, keyring, limit=3)
    second = await _list(database, keyring, limit=3, cursor=first.next_cursor)
    assert _numbers(first) + _numbers(second) == [number(n) for n in (4, 3, 2, 1, 0)]


async def test_new_case_does_not_move_the_pages_behind_it(database: Database, keyring: Keyring) -> None:
    for n in range(4):
        await bring(database, lives.registered(case_no=number(n)))
    first = await _list(database, keyring, limit=2)
    await bring(database, lives.registered(case_no=number(9)))
    assert _numbers(await _list(database, keyring, limit=2, cursor=first.next_cursor)) == [
        number(1),
        number(0),
    ]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (CaseFilters(status=(Status.RECEIVED, Status.COMPLETED)), ["completed", "registered"]),
        (CaseFilters(phase=Phase.ASSIGNMENT), ["dispatched"]),
        (CaseFilters(type=RequestType.CONSULT), ["consult"]),
        (CaseFilters(unit=lives.OTHER_UNIT), ["assisted"]),
        (CaseFilters(is_open=False), ["completed"]),
        (CaseFilters(is_open=True, phase=Phase.RECTIFICATION), ["consult", "accused", "assisted"]),
        (CaseFilters(caller_hash="0" * 64), []),
    ],
)
async def test_filters_narrow_a_list(
    database: Database, keyring: Keyring, filters: CaseFilters, names: list[str]
) -> None:
    city = await _city(database)
    assert _numbers(await _list(database, keyring, filters)) == [city[name].state.case_no for name in names]


async def test_overdue_is_told_from_the_due_instant_alone(database: Database, keyring: Keyring) -> None:
    city = await _city(database)
    dispatch_due_at = city["registered"].state.next_due_at
    assert dispatch_due_at is not None
    late, in_time = CaseFilters(overdue=True), CaseFilters(overdue=False)
    at_the_instant = {"now": dispatch_due_at}
    after_it = {"now": dispatch_due_at + timedelta(microseconds=1)}
    assert _numbers(await _list(database, keyring, late, **at_the_instant)) == []
    assert _numbers(await _list(database, keyring, late, **after_it)) == [number(0)]
    assert len(_numbers(await _list(database, keyring, in_time, **after_it))) == len(city) - 1
    due = CaseFilters(due_before=after_it["now"])
    assert _numbers(await _list(database, keyring, due)) == [number(0)]
    async with database.read() as session:
        assert await overdue(session, ALL, now=dispatch_due_at) == ()
        (clock,) = await overdue(session, ALL, now=after_it["now"])
        assert (clock.case_no, clock.due_at) == (number(0), dispatch_due_at)
        mine = visible_to(lives.handler_of(lives.UNIT))
        assert await due_clocks(session, mine, before=after_it["now"]) == ()
        row = await case_row(session, ALL, number(0))
    assert row is not None
    assert (row.is_overdue(dispatch_due_at), row.is_overdue(after_it["now"])) == (False, True)


async def test_due_order_begins_with_what_is_due_first(database: Database, keyring: Keyring) -> None:
    city = await _city(database)
    due_at = {life.state.case_no: life.state.next_due_at for life in city.values()}
    filters = CaseFilters(order="due")
    first = await _list(database, keyring, filters, limit=4)
    second = await _list(database, keyring, filters, limit=4, cursor=first.next_cursor)
    shown = _numbers(first) + _numbers(second)
    assert shown == sorted(due_at, key=lambda n: (due_at[n], n))


@pytest.mark.parametrize("cursor", ["x", "é", "e30=", "WyJuZXdlc3QiXQ==", "////"])
async def test_broken_cursor_is_refused(database: Database, keyring: Keyring, cursor: str) -> None:
    with pytest.raises(GuardFailed) as refused:
        await _list(database, keyring, cursor=cursor)
    assert (refused.value.code, refused.value.field) == ("bad_cursor", "cursor")


async def test_cursor_of_another_order_is_refused(database: Database, keyring: Keyring) -> None:
    await _city(database)
    page = await _list(database, keyring, limit=1)
    with pytest.raises(GuardFailed):
        await _list(database, keyring, CaseFilters(order="due"), cursor=page.next_cursor)


ACTORS = (
    *(lives.person("somebody", role) for role in Role if role not in {*UNIT_ROLES, Role.DISCIPLINE}),
    *(lives.handler_of(unit) for unit in lives.UNITS),
    *(lives.head_of(unit) for unit in lives.UNITS),
    CITIZEN_ACTOR,
    lives.person("nobody's", Role.HANDLER),
)


@pytest.mark.parametrize("actor", ACTORS, ids=lambda actor: f"{actor.role}-{actor.unit}")
async def test_every_query_shows_what_the_rules_allow(
    one_city: tuple[Database, dict[str, Life]], keyring: Keyring, actor: Actor
) -> None:
    database, city = one_city
    scope = visible_to(actor)
    visible = {
        life.state.case_no for life in city.values() if may_see(Viewer(actor=actor), life.state.concern)
    }
    assert set(_numbers(await _list(database, keyring, scope=scope))) == visible
    async with database.read() as session:
        assert sum((await counts_by_status(session, scope)).values()) == len(visible)
        for life in city.values():
            case_no, may = life.state.case_no, life.state.case_no in visible
            assert (await case_row(session, scope, case_no) is not None) == may
            assert (await state_of(session, scope, case_no) is not None) == may
            assert bool(await clocks_of(session, scope, case_no)) == may
            assert bool(await holdings_of(session, scope, case_no, now=life.now)) == may


async def test_cases_are_counted_by_status(one_city: tuple[Database, dict[str, Life]]) -> None:
    database, _ = one_city
    async with database.read() as session:
        assert await counts_by_status(session, ALL) == {
            Status.RECEIVED: 1,
            Status.AWAITING_SIGNATURE: 1,
            Status.IN_HAND: 3,
            Status.COMPLETED: 1,
        }


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        (None, "cases_newest"),
        (cases.c.status == "return_review", "cases_status"),
        (cases.c.phase == "revisit", "cases_phase"),
        (cases.c.type == "praise", "cases_type"),
        (cases.c.category == "C7", "cases_category"),
        (cases.c.units.contains(["U999"]), "cases_units"),
        (cases.c.caller_hash == "f" * 64, "cases_caller"),
        (cases.c.next_due_at < NOW - timedelta(days=900), "cases_due"),
    ],
)
async def test_each_filter_has_its_index(
    many_cases: Database,
    condition: Any,
    index: str,  # Any: a condition of any of SQLAlchemy's kinds
) -> None:
    query = select(*CASE_COLUMNS).order_by(cases.c.registered_at.desc(), cases.c.case_no.desc()).limit(51)
    async with many_cases.read() as session:
        plan = await plan_of(session, query if condition is None else query.where(condition))
    assert index in plan
    assert "Seq Scan" not in plan


class Listening:
    """A session that remembers what it was asked."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session
        self.asked: list[Select[Any]] = []

    async def execute(self, query: Select[Any]) -> Result[Any]:
        self.asked.append(query)
        return await self._session.execute(query)


async def _plan_of_list(database: Database, keyring: Keyring, filters: CaseFilters, now: datetime) -> str:
    """How PostgreSQL runs the very statement of a list."""
    async with database.read() as session:
        listening = Listening(session)
        page = await list_cases(listening, ALL, filters, now=now, cipher=keyring, limit=50)  # type: ignore[arg-type]
        assert len(page.rows) == 50
        (query,) = listening.asked
        return await plan_of(session, query)


async def test_board_of_what_is_late_reads_only_what_it_shows(many_cases: Database, keyring: Keyring) -> None:
    plan = await _plan_of_list(many_cases, keyring, CaseFilters(overdue=True, order="due"), NOW)
    chosen = plan.partition("Limit")[2]
    assert "Scan using cases_open_due" in chosen
    assert "Sort" not in chosen


async def test_what_is_late_is_put_in_another_order_before_its_rows_are_read(
    many_cases: Database, keyring: Keyring
) -> None:
    plan = await _plan_of_list(many_cases, keyring, CaseFilters(overdue=True), NOW - timedelta(days=12))
    assert "Index Only Scan using cases_open" in plan.partition("Limit")[2]

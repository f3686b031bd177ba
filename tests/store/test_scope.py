"""可见范围: SQL and the domain agree on who may know of which case, whatever the tree and the groups."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest_asyncio
from fixtures.stack import PostgresForTests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from store_hands import bring, migrated
from unit import lives

from hotline.case import Actor, Concern
from hotline.identifiers import CaseNo, UnitCode, UserId
from hotline.roles import CITIZEN_ACTOR, SYSTEM_ACTOR, UNIT_ROLES
from hotline.visibility import Parents, may_see
from hotline.vocabulary import Role
from store.accounts import DisciplineGroup, Unit, User, put_groups, put_units, put_users
from store.cases import visible_to
from store.engine import Database, WriteSession
from store.scope import effective
from store.tables.casework import cases
from store.tables.reference import discipline_groups, supervised_units, units, users
from store.viewers import lineages, parents, viewer

CODES = tuple(UnitCode(f"U{n}") for n in range(7))
STRANGER = UnitCode("nowhere")
GROUPS = ("G1", "G2")
PEOPLE = tuple(UserId(f"person-{n}") for n in range(4))


class World(NamedTuple):
    """A tree of units, what groups supervise, accounts, and whom each case concerns."""

    tree: Parents
    groups: tuple[DisciplineGroup, ...]
    accounts: tuple[User, ...]
    concerns: tuple[Concern, ...]


def _some(of: tuple[Any, ...], at_most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(of), max_size=at_most, unique=True).map(tuple)


# Each unit hangs below one that comes before it, so that it is a tree; a ring has a test of its own.
_TREES = st.tuples(*(st.sampled_from((None, *CODES[:n])) for n in range(len(CODES)))).map(
    lambda uppers: dict(zip(CODES, uppers, strict=True))
)


def _account(user_id: UserId) -> st.SearchStrategy[User]:
    role = st.sampled_from([role for role in Role if role not in {Role.SYSTEM, Role.CITIZEN}])
    return st.tuples(role, st.sampled_from((None, *CODES)), st.sampled_from((None, *GROUPS))).map(
        lambda drawn: User(
            user_id=user_id,
            display_name="somebody",
            role=drawn[0],
            unit=drawn[1] or (CODES[0] if drawn[0] in UNIT_ROLES else None),
            discipline_group=drawn[2] if drawn[0] is Role.DISCIPLINE else None,
        )
    )


_WORLDS = st.builds(
    World,
    tree=_TREES,
    groups=st.tuples(
        *(st.builds(DisciplineGroup, code=st.just(c), name=st.just(c), units=_some(CODES, 2)) for c in GROUPS)
    ),
    accounts=st.tuples(*(_account(person) for person in PEOPLE)),
    concerns=st.lists(
        st.builds(
            Concern,
            units=_some((*CODES, STRANGER), 3),
            accused_units=_some((*CODES, STRANGER), 2),
            recused=_some(PEOPLE, 2),
        ),
        min_size=1,
        max_size=8,
    ).map(tuple),
)


@pytest_asyncio.fixture(scope="module")
async def city(postgres: PostgresForTests) -> AsyncIterator[tuple[Database, dict[str, Any]]]:
    """A database that its owner may empty, and a row of `cases` to make others from."""
    fresh = await postgres.create_database(prepared_by=migrated)
    database = Database.connect(fresh.owner_url)
    await bring(database, lives.dispatched())
    async with database.read() as session:
        row = (await session.execute(select(cases))).mappings().one()
    yield database, dict(row)
    await database.close()


async def _build(session: WriteSession, world: World, row: dict[str, Any]) -> dict[CaseNo, Concern]:
    for table in (cases, users, supervised_units, discipline_groups, units):
        await session.execute(delete(table))
    await put_units(
        session,
        [Unit(code=code, name=code, level="city", parent=upper) for code, upper in world.tree.items()],
    )
    await put_groups(session, world.groups)
    await put_users(session, world.accounts)
    concerns = {CaseNo(f"{n:018}"): concern for n, concern in enumerate(world.concerns)}
    values = [row | {"case_no": number, **concern.model_dump()} for number, concern in concerns.items()]
    await session.execute(insert(cases), values)
    return concerns


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(world=_WORLDS)
async def test_sql_shows_what_the_rule_allows(city: tuple[Database, dict[str, Any]], world: World) -> None:
    database, row = city
    unknown = Actor(user_id=UserId("unknown"), role=Role.DISCIPLINE)
    lost = Actor(user_id=UserId("lost"), role=Role.HANDLER, unit=STRANGER)
    homeless = Actor(user_id=UserId("homeless"), role=Role.HANDLER)
    everybody = [
        *(user.actor for user in world.accounts),
        SYSTEM_ACTOR,
        CITIZEN_ACTOR,
        unknown,
        lost,
        homeless,
    ]
    async with database.write() as session:
        concerns = await _build(session, world, row)
        for actor in everybody:
            found = await session.execute(select(cases.c.case_no).where(visible_to(actor).condition))
            seen_by = await viewer(session, actor)
            allowed = {number for number, concern in concerns.items() if may_see(seen_by, concern)}
            assert set(found.scalars()) == allowed, actor
            rows_of_cases = cases.alias()
            held = visible_to(actor).holds(rows_of_cases.c.case_no)
            found = await session.execute(select(rows_of_cases.c.case_no).where(held))
            assert set(found.scalars()) == allowed, actor


async def test_a_tree_that_was_made_a_ring_ends_where_it_began(
    city: tuple[Database, dict[str, Any]],
) -> None:
    database, row = city
    one, two = CODES[:2]
    world = World({one: None, two: one}, (), (), (Concern(units=(two,)), Concern(accused_units=(two,))))
    async with database.write() as session:
        await _build(session, world, row)
        await put_units(session, [Unit(code=one, name=one, level="city", parent=two)])
        assert await parents(session) == {one: two, two: one}
        handler = lives.handler_of(one)
        found = await session.execute(select(cases.c.case_no).where(visible_to(handler).condition))
        assert set(found.scalars()) == {f"{0:018}"}
        assert (await viewer(session, handler)).below == (two,)
        assert [line.above for line in await lineages(session, [one])] == [(two,)]


async def test_scope_that_hides_nothing_is_everybodys_until_it_hides_something(database: Database) -> None:
    everybodys, own = visible_to(SYSTEM_ACTOR), visible_to(lives.SUPERVISOR)
    number = await bring(database, lives.registered())
    async with database.read() as session:
        assert await effective(session, own) is everybodys
        assert await effective(session, everybodys) is everybodys
    async with database.write() as session:
        hide = update(cases).where(cases.c.case_no == number).values(recused=[lives.SUPERVISOR.user_id])
        await session.execute(hide)
    async with database.read() as session:
        assert await effective(session, own) is own

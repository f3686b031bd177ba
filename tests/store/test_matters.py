"""The catalogue: matters that cases name and those that are kept, read without counting cases."""

import pytest
from sqlalchemy import text
from store_hands import NOW, bring, multiply_cases, plan_of
from unit import lives

from hotline.case import Classification
from hotline.identifiers import CaseNo, UnitCode
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import RequestType, TrailEvent
from store.accounts import Unit, put_units
from store.administration import By
from store.engine import Database
from store.matters import (
    MatterEntry,
    default_leads,
    matters,
    named_by_cases,
    offered_matters,
    put_matter,
)
from store.scope import visible_to
from store.tallies import tally_changed
from store.trail import TrailFilters, entries

ALL = visible_to(SYSTEM_ACTOR)
BY = By(lives.ADMINISTRATOR, NOW)

_RECOUNT = """
SELECT category, sum(cases)::int, sum(open_cases)::int,
       (array_agg(lead_unit ORDER BY cases DESC, lead_unit) FILTER (WHERE lead_unit <> ''))[1], min(first_at), max(last_at)
FROM (
  SELECT category, COALESCE(lead_unit, '') AS lead_unit, COUNT(*) AS cases, COUNT(*) FILTER (WHERE closed_at IS NULL) AS open_cases,
         MIN(registered_at) AS first_at, MAX(registered_at) AS last_at
  FROM cases WHERE category IS NOT NULL GROUP BY 1, 2
) AS led GROUP BY category ORDER BY 2 DESC, 1
"""


async def about(database: Database, *categories: str) -> None:
    for place, category in enumerate(categories):
        told = Classification(type=RequestType.COMPLAINT, category=category)
        number = CaseNo(f"26030210000001{place:04}")
        await bring(database, lives.registered(case_no=number, classification=told))


async def test_kept_and_named_matters_are_offered_once_and_retired_ones_are_not(database: Database) -> None:
    await about(database, "b", "a", "b", "gone")
    async with database.write() as session:
        await put_units(session, [Unit(code=UnitCode("U1"), name="一", level="city")])
        for entry in (
            MatterEntry(category="a", note="甲", lead=UnitCode("U1")),
            MatterEntry(category="kept"),
            MatterEntry(category="gone", lead=UnitCode("U1"), active=False),
        ):
            await put_matter(session, entry, BY)
        await put_matter(session, MatterEntry(category="kept"), BY)
    async with database.read(snapshot=True) as session:
        offered = await offered_matters(session, ALL)
        listed = await matters(session, ALL, limit=10)
        leads = await default_leads(session, ["a", "b", "gone"])
        told = await entries(session, TrailFilters(event=TrailEvent.MATTER_CHANGED))
    assert [(one.category, one.note) for one in offered] == [("a", "甲"), ("b", ""), ("kept", "")]
    assert [(one.category, one.cases, one.kept is None) for one in listed] == [
        ("b", 2, True),
        ("a", 1, False),
        ("gone", 1, False),
        ("kept", 0, False),
    ]
    assert leads == {"a": "U1"}
    assert len(told) == 3, "what is kept already changes nothing"


async def test_names_of_matters_are_read_from_their_index(database: Database, as_owner: Database) -> None:
    await about(database, "a")
    await multiply_cases(as_owner, 5_000)
    async with as_owner.write() as session:
        spread = "UPDATE cases SET category = 'm' || (substr(case_no, 17)::int % 50)"
        await session.execute(text(spread))
        await session.execute(text("ANALYZE cases"))
    async with database.read(snapshot=True) as session:
        plan = await plan_of(session, named_by_cases(ALL))
        offered = await offered_matters(session, ALL)
    assert "Index Only Scan using cases_category" in plan
    assert "Seq Scan on cases" not in plan
    assert len(offered) == 50


CHANGES = (
    "UPDATE cases SET category = 'c' || (substr(case_no, 18)::int % 3), lead_unit = 'U' || (substr(case_no, 17)::int % 4)",
    "UPDATE cases SET closed_at = registered_at WHERE substr(case_no, 17)::int % 2 = 0",
    "UPDATE cases SET category = 'c1', lead_unit = NULL WHERE lead_unit = 'U3'",
    "UPDATE cases SET category = NULL WHERE lead_unit = 'U2' AND category = 'c0'",
    "UPDATE cases SET closed_at = NULL WHERE category = 'c2'",
    "UPDATE cases SET version = version + 1",
    "DELETE FROM cases WHERE substr(case_no, 17)::int % 5 = 0",
    "TRUNCATE cases",
)


@pytest.mark.parametrize("is_counted", [False, True])
async def test_what_is_counted_is_what_a_recount_finds_whatever_changed(
    database: Database, as_owner: Database, is_counted: bool
) -> None:
    await about(database, "a")
    await multiply_cases(as_owner, 200)
    for change in CHANGES:
        async with as_owner.write() as session:
            await session.execute(text(change))
        if is_counted:
            async with database.write() as session:
                await tally_changed(session, limit=2_000)
        async with as_owner.read(snapshot=True) as session:
            told = await matters(session, ALL, limit=1_000)
            recount = await session.execute(text(_RECOUNT))
        assert [
            (line.category, line.cases, line.open_cases, line.lead, line.first_at, line.last_at)
            for line in told
        ] == [tuple(row) for row in recount], change


async def test_matter_tells_nobody_of_a_case_that_is_hidden_from_them(
    database: Database, as_owner: Database
) -> None:
    await about(database, "a", "a", "alone")
    async with as_owner.write() as session:
        await session.execute(
            text(
                "UPDATE cases SET recused = ARRAY[:user], lead_unit = 'U1', registered_at = registered_at + interval '1 day'"
                " WHERE case_no LIKE '%0001' OR category = 'alone'"
            ),
            {"user": lives.ADMINISTRATOR.user_id},
        )
        await session.execute(text("UPDATE cases SET lead_unit = 'U1' WHERE lead_unit IS NULL"))
    async with database.read(snapshot=True) as session:
        [everything, alone] = await matters(session, ALL, limit=10)
        [shown] = await matters(session, visible_to(lives.ADMINISTRATOR), limit=10)
    assert (everything.category, everything.cases, alone.cases) == ("a", 2, 1)
    assert (shown.category, shown.cases, shown.open_cases, shown.lead) == ("a", 1, 1, "U1")
    assert everything.first_at == shown.first_at == shown.last_at
    assert everything.last_at is not None
    assert shown.last_at is not None
    assert everything.last_at > shown.last_at

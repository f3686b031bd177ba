"""The catalogue: matters that cases name and those that are kept, read without counting cases."""

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
from store.trail import TrailFilters, entries

ALL = visible_to(SYSTEM_ACTOR)
BY = By(lives.ADMINISTRATOR, NOW)


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
    async with database.read() as session:
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
        spread = "UPDATE cases SET category = 'm' || (substr(case_no, 17)::int % 50) WHERE category = 'a'"
        await session.execute(text(spread))
        await session.execute(text("ANALYZE cases"))
    async with database.read() as session:
        plan = await plan_of(session, named_by_cases(ALL))
        offered = await offered_matters(session, ALL)
    assert "Index Only Scan using cases_matter" in plan
    assert "Seq Scan on cases" not in plan
    assert len(offered) == 50

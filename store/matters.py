"""The catalogue of matters (事项目录): what cases are about, and what administrators keep about it.

A matter is in it from the first case that was registered or reclassified under it, and as long as an administrator
keeps it (说明, 默认主办单位). Its name is in the ledgers of cases and never changes: one that is not to be used any more
is retired, and cases are reclassified one by one.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import JsonValue
from sqlalchemy import (
    BigInteger,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, insert

from hotline.identifiers import UnitCode
from hotline.knowledge import require_impersonal
from hotline.model import Record
from hotline.refusals import GuardFailed
from hotline.vocabulary import TrailEvent
from store.accounts import unknown_units
from store.administration import By
from store.conditions import among
from store.engine import ReadSession, WriteSession
from store.scope import CaseScope
from store.sheets import Sheet
from store.tables.casework import cases
from store.tables.knowledge import matters as kept_matters
from store.tables.reference import units
from store.tallied import tallied
from store.trail import TrailEntry, record


class MatterEntry(Record):
    """What is kept about a matter: what belongs to it, which unit leads it unless cases tell otherwise, whether it is in use."""

    category: str
    note: str = ""
    lead: UnitCode | None = None
    active: bool = True


class MatterLine(Record):
    """One matter: how many cases, how many of them open, since when and until when, who mostly leads them; what is kept."""

    category: str
    cases: int = 0
    open_cases: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    lead: UnitCode | None = None
    kept: MatterEntry | None = None


class OfferedMatter(Record):
    """A matter that can be chosen for a case, with what belongs to it as far as somebody keeps that."""

    category: str
    note: str = ""


async def matters(session: ReadSession, scope: CaseScope, *, limit: int) -> tuple[MatterLine, ...]:
    """Return the matters of the visible cases, those with the most cases first, then those that are only kept.

    The session must be a snapshot (store/tallied.py).
    """
    every = await tallied(session, scope, Sheet.MATTERS)
    in_hand = await tallied(session, scope, Sheet.OPEN_MATTERS)
    query = _most_named(scope, every.lines, in_hand.lines)
    found = await session.execute(query, {**every.values, **in_hand.values, "at_most": limit})
    kept = {one.category: one for one in await _kept(session)}
    used = [MatterLine(**row, kept=kept.pop(row["category"], None)) for row in found.mappings()]
    return (*used, *(MatterLine(category=category, kept=one) for category, one in kept.items()))


# Built once for each scope and shape of lines. Select is generic in the types of its columns, which a Table does not tell.
@lru_cache(maxsize=1024)
def _most_named(scope: CaseScope, every: Subquery, in_hand: Subquery) -> Select[Any]:
    none = literal_column("0", BigInteger)
    lines = union_all(
        select(every.c.what, every.c.unit, every.c.number.label("cases"), none.label("open_cases")),
        select(in_hand.c.what, in_hand.c.unit, none, in_hand.c.number),
    ).subquery()
    led = (
        select(
            lines.c.what.label("category"),
            lines.c.unit,
            func.sum(lines.c.cases).label("cases"),
            func.sum(lines.c.open_cases).label("open_cases"),
        )
        .group_by(lines.c.what, lines.c.unit)
        .having(func.sum(lines.c.cases) > 0)
        .subquery()
    )
    leads = func.array_agg(aggregate_order_by(led.c.unit, led.c.cases.desc(), led.c.unit))
    number = cast(func.sum(led.c.cases), Integer)
    most = (
        select(
            led.c.category,
            number.label("cases"),
            cast(func.sum(led.c.open_cases), Integer).label("open_cases"),
            type_coerce(leads.filter(led.c.unit != ""), ARRAY(Text))[1].label("lead"),
        )
        .group_by(led.c.category)
        .order_by(number.desc(), led.c.category)
        .limit(bindparam("at_most", type_=Integer))
        .subquery()
    )
    named = and_(cases.c.category == most.c.category, scope.condition)
    registered = {
        "first_at": select(func.min(cases.c.registered_at)).where(named).correlate(most).scalar_subquery(),
        "last_at": select(func.max(cases.c.registered_at)).where(named).correlate(most).scalar_subquery(),
    }
    return select(most, *(at.label(name) for name, at in registered.items())).order_by(
        most.c.cases.desc(), most.c.category
    )


async def _kept(session: ReadSession) -> tuple[MatterEntry, ...]:
    found = await session.execute(select(kept_matters).order_by(kept_matters.c.category))
    return tuple(MatterEntry.model_validate(dict(row)) for row in found.mappings())


async def put_matter(session: WriteSession, entry: MatterEntry, by: By) -> None:
    """Keep a matter, or keep something else about it from now on; what is kept already changes nothing.

    GuardFailed: the unit is none, or the note has a number of a person in it.
    """
    require_impersonal(note=entry.note)
    if entry.lead is not None and await unknown_units(session, [entry.lead]):
        raise GuardFailed("unit_unknown", "没有这个代码的单位", field="lead")
    known = await session.execute(select(kept_matters).where(kept_matters.c.category == entry.category))
    row = known.mappings().one_or_none()
    if row and MatterEntry.model_validate(dict(row)) == entry:
        return
    values = entry.model_dump()
    statement = insert(kept_matters).values(values)
    await session.execute(statement.on_conflict_do_update(index_elements=["category"], set_=values))
    detail: dict[str, JsonValue] = {"lead": entry.lead, "active": entry.active}
    await record(
        session,
        TrailEntry(
            at=by.at,
            event=TrailEvent.MATTER_CHANGED,
            actor=by.actor,
            subject=entry.category,
            address=by.address,
            detail=detail,
        ),
    )


async def add_matters(session: WriteSession, entries: Iterable[MatterEntry]) -> None:
    """Keep the matters that nobody keeps yet, without an entry in the trail: demonstration data."""
    rows = [entry.model_dump() for entry in entries]
    await session.execute(insert(kept_matters).values(rows).on_conflict_do_nothing())


async def default_leads(session: ReadSession, categories: Iterable[str]) -> dict[str, UnitCode]:
    """Return the unit that leads a matter unless cases tell otherwise, for those of some matters that have one in use."""
    query = (
        select(kept_matters.c.category, kept_matters.c.lead)
        .join(units, units.c.code == kept_matters.c.lead)
        .where(among(kept_matters.c.category, sorted(set(categories))), kept_matters.c.active, units.c.active)
    )
    return {row.category: UnitCode(row.lead) for row in await session.execute(query)}


async def offered_matters(session: ReadSession, scope: CaseScope) -> tuple[OfferedMatter, ...]:
    """Return what a case can be about, by name: every matter in use, and those of visible cases that nobody retired."""
    every = union(named_by_cases(scope), select(kept_matters.c.category)).subquery()
    query = (
        select(every.c.category, func.coalesce(kept_matters.c.note, "").label("note"))
        .join(kept_matters, kept_matters.c.category == every.c.category, isouter=True)
        .where(kept_matters.c.active.is_not(False))
        .order_by(every.c.category)
    )
    found = await session.execute(query)
    return tuple(OfferedMatter.model_validate(dict(row)) for row in found.mappings())


# Select is generic in the types of its columns, which a Table does not tell.
def named_by_cases(scope: CaseScope) -> Select[Any]:
    """The matters of visible cases, read one after the other from their index, however many cases there are."""
    named = and_(scope.condition, cases.c.category.is_not(None))
    first = select(cases.c.category).where(named).order_by(cases.c.category).limit(1).subquery()
    walk = select(first.c.category).cte("walk", recursive=True)
    following = (
        select(cases.c.category)
        .where(scope.condition, cases.c.category > walk.c.category)
        .order_by(cases.c.category)
        .limit(1)
        .correlate(walk)
        .scalar_subquery()
    )
    walk = walk.union_all(select(following).where(walk.c.category.is_not(None)))
    return select(walk.c.category).where(walk.c.category.is_not(None))

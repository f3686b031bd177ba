"""The catalogue of matters (事项目录): what cases are about, and what administrators keep about it.

A matter is in it from the first case that was registered or reclassified under it, and as long as an administrator
keeps it (说明, 默认主办单位). Its name is in the ledgers of cases and never changes: one that is not to be used any more
is retired, and cases are reclassified one by one.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import (
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    func,
    not_,
    select,
    type_coerce,
    union,
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
from store.tables.casework import cases
from store.tables.knowledge import matter_counts
from store.tables.knowledge import matters as kept_matters
from store.tables.reference import units
from store.trail import TrailEntry, record


class MatterEntry(Record):
    """What is kept about a matter: what belongs to it, which unit leads it unless cases tell otherwise, whether it is in use."""

    category: str
    note: str = ""
    lead: UnitCode | None = None
    active: bool = True


class MatterLine(Record):
    """One matter: how many cases, how many of them open, since when and until when, who mostly leads them; what is kept.

    A case that was reclassified since still counts for the instants.
    """

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
    """Return the matters of the visible cases, those with the most cases first, then those that are only kept."""
    led = _counted_by_unit(scope)
    leads = func.array_agg(aggregate_order_by(led.c.lead_unit, led.c.cases.desc(), led.c.lead_unit))
    query = (
        select(
            led.c.category,
            cast(func.sum(led.c.cases), Integer).label("cases"),
            cast(func.sum(led.c.open_cases), Integer).label("open_cases"),
            func.min(led.c.first_at).label("first_at"),
            func.max(led.c.last_at).label("last_at"),
            type_coerce(leads.filter(led.c.lead_unit != ""), ARRAY(Text))[1].label("lead"),
        )
        .group_by(led.c.category)
        .order_by(func.sum(led.c.cases).desc(), led.c.category)
        .limit(limit)
    )
    kept = {one.category: one for one in await _kept(session)}
    found = (await session.execute(query)).mappings().all()
    used = [MatterLine(**row, kept=kept.pop(row["category"], None)) for row in found]
    return (*used, *(MatterLine(category=category, kept=one) for category, one in kept.items()))


def _counted_by_unit(scope: CaseScope) -> Subquery:
    """The visible cases of each matter by the unit that leads them: those of everybody, less those that are hidden.

    How many there are is kept (`matter_counts`), and an index knows the few that somebody is shut out of. When the
    first and the last were registered is looked up only where some are hidden, for it must not tell of those.
    """
    lead = func.coalesce(cases.c.lead_unit, "")
    hidden = (
        select(
            cases.c.category,
            lead.label("lead_unit"),
            func.count().label("cases"),
            func.count().filter(cases.c.closed_at.is_(None)).label("open_cases"),
        )
        .where(not_(scope.condition), cases.c.category.is_not(None))
        .group_by(cases.c.category, lead)
        .subquery()
    )
    every = matter_counts.c
    same = and_(hidden.c.category == every.category, hidden.c.lead_unit == every.lead_unit)
    visible = and_(cases.c.category == every.category, lead == every.lead_unit, scope.condition)
    nothing_hidden = hidden.c.cases.is_(None)
    first = select(func.min(cases.c.registered_at)).where(visible).correlate(matter_counts).scalar_subquery()
    last = select(func.max(cases.c.registered_at)).where(visible).correlate(matter_counts).scalar_subquery()
    number = every.cases - func.coalesce(hidden.c.cases, 0)
    return (
        select(
            every.category,
            every.lead_unit,
            number.label("cases"),
            (every.open_cases - func.coalesce(hidden.c.open_cases, 0)).label("open_cases"),
            case((nothing_hidden, every.first_at), else_=first).label("first_at"),
            case((nothing_hidden, every.last_at), else_=last).label("last_at"),
        )
        .join_from(matter_counts, hidden, same, isouter=True)
        .where(number > 0)
        .subquery()
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

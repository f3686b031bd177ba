"""Bursts (聚集): many different callers on one matter in one place within days, and the mass events that answer them.

A burst is noticed in the transaction that projects a case, under a lock on the matter, so that it is raised once:
whoever calls while it goes on belongs to it (domain.md §1.8). A mass event 群体性诉求 is a master case that others
are joined to; who called stays with each of them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Integer, Row, and_, cast, distinct, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from hotline.case import Actor, CaseState
from hotline.facts import Fact, named_by
from hotline.identifiers import CaseNo
from hotline.model import Record
from hotline.policy import ProblemRules
from hotline.problems.vocabulary import BurstGround
from hotline.vocabulary import Outcome, RequestType, TrailEvent
from store.conditions import among
from store.engine import ReadSession, WriteSession
from store.listing import CASE_COLUMNS
from store.rows import CaseRow
from store.scope import CaseScope
from store.tables.casework import cases
from store.tables.problems import bursts, mass_events
from store.tables.reference import policies
from store.tables.registration import intake
from store.trail import TrailEntry, record

_LOCK: Final = "burst/"
_DEFAULTS: Final = ProblemRules()


class Burst(Record):
    """One burst: how many different callers it has so far, and whether somebody has dealt with it."""

    burst_id: int
    category: str
    area: str | None
    first_at: datetime
    last_at: datetime
    raised_at: datetime
    callers: int
    settled_at: datetime | None
    settled_by: str | None
    ground: BurstGround | None


class MassEvent(Record):
    """How a mass event stands, of the cases that its reader may see: callers, revisited, satisfied.

    `burst_id` is the burst that showed it, if one did.
    """

    case_no: CaseNo
    burst_id: int | None
    callers: int
    revisited: int
    satisfied: int
    members: tuple[CaseNo, ...]


_BURSTS: Final = TypeAdapter(list[Burst])


async def notice_burst(session: WriteSession, number: CaseNo, fresh: Iterable[Fact]) -> None:
    """Raise a burst that a case makes, or let the one that goes on have it."""
    named = named_by(fresh)
    matter = await _matter_of(session, number) if named else None
    if named is None or matter is None:
        return
    key = f"{_LOCK}{matter.category}/{matter.area or ''}"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    window_for = timedelta(days=matter.days or _DEFAULTS.burst_days)
    since, until = matter.registered_at - window_for, matter.registered_at + window_for
    going_on = await session.execute(
        update(bursts)
        .where(_of_matter(bursts, matter), bursts.c.last_at >= since, bursts.c.first_at <= until)
        .values(
            first_at=func.least(bursts.c.first_at, matter.registered_at),
            last_at=func.greatest(bursts.c.last_at, matter.registered_at),
        )
    )
    if going_on.rowcount:
        return
    found = await session.execute(
        select(
            func.count(distinct(cases.c.caller_hash)).label("callers"),
            func.min(cases.c.registered_at).label("first_at"),
        ).where(
            _of_matter(cases, matter),
            cases.c.registered_at.between(since, matter.registered_at),
            cases.c.type != RequestType.PRAISE.value,
        )
    )
    so_far = found.one()
    if so_far.callers >= (matter.callers or _DEFAULTS.burst_callers):
        values = {"category": matter.category, "area": matter.area, "first_at": so_far.first_at}
        values |= {"last_at": matter.registered_at, "raised_at": named.at}
        await session.execute(insert(bursts).values(values))


# A row of the query: category, area, registered_at, and the figures of the case's policy.
async def _matter_of(session: WriteSession, number: CaseNo) -> Row[Any] | None:
    """The matter of a case; none while nobody has classified it, for praise, and for what is history already."""
    rules = policies.c.body["problems"]
    found = await session.execute(
        select(
            cases.c.category,
            cases.c.area,
            cases.c.registered_at,
            cast(rules["burst_callers"].astext, Integer).label("callers"),
            cast(rules["burst_days"].astext, Integer).label("days"),
        )
        .join_from(cases, intake, intake.c.case_no == cases.c.case_no)
        .join(policies, policies.c.revision == cases.c.policy_revision, isouter=True)
        .where(
            cases.c.case_no == number,
            cases.c.category.is_not(None),
            cases.c.type != RequestType.PRAISE.value,
            intake.c.raised_at >= cases.c.registered_at - timedelta(days=_DEFAULTS.burst_days),
        )
    )
    return found.one_or_none()


# A table with category and area, and a row that has both.
def _of_matter(table: Any, matter: Any) -> ColumnElement[bool]:
    return and_(table.c.category == matter.category, table.c.area.is_not_distinct_from(matter.area))


async def list_bursts(
    session: ReadSession, scope: CaseScope, *, unsettled: bool, before: int | None = None, limit: int = 50
) -> tuple[Burst, ...]:
    """Return bursts of which somebody may see a case, the newest first; a page goes on before a number."""
    callers = select(func.count(distinct(cases.c.caller_hash))).where(_of_burst(), scope.condition)
    query = select(bursts, callers.scalar_subquery().label("callers")).where(
        exists().where(_of_burst(), scope.condition)
    )
    if unsettled:
        query = query.where(bursts.c.settled_at.is_(None))
    if before is not None:
        query = query.where(bursts.c.burst_id < before)
    found = await session.execute(query.order_by(bursts.c.burst_id.desc()).limit(limit))
    return tuple(_BURSTS.validate_python(found.mappings().all()))


async def cases_of_burst(session: ReadSession, scope: CaseScope, burst_id: int) -> tuple[CaseRow, ...]:
    """Return the cases of a burst that somebody may see, the oldest first, at most five hundred."""
    query = select(*CASE_COLUMNS).join_from(cases, bursts, _of_burst())
    found = await session.execute(
        query.where(bursts.c.burst_id == burst_id, scope.condition)
        .order_by(cases.c.registered_at, cases.c.case_no)
        .limit(500)
    )
    return tuple(CaseRow.model_validate(dict(row)) for row in found.mappings())


def _of_burst() -> ColumnElement[bool]:
    return and_(
        cases.c.category == bursts.c.category,
        cases.c.area.is_not_distinct_from(bursts.c.area),
        cases.c.registered_at.between(bursts.c.first_at, bursts.c.last_at),
        cases.c.type != RequestType.PRAISE.value,
    )


async def settle_burst(
    session: WriteSession, burst_id: int, ground: BurstGround, *, by: Actor, at: datetime
) -> bool:
    """Note how a burst was dealt with, once, and record it; False if somebody had done so before."""
    settled = await session.execute(
        update(bursts)
        .where(bursts.c.burst_id == burst_id, bursts.c.settled_at.is_(None))
        .values(settled_at=at, settled_by=by.user_id, ground=ground.value)
    )
    if settled.rowcount:
        detail = {"ground": ground.value}
        entry = TrailEntry(
            at=at, event=TrailEvent.BURST_SETTLED, actor=by, subject=str(burst_id), detail=detail
        )
        await record(session, entry)
    return bool(settled.rowcount)


async def note_mass_event(
    session: WriteSession, master: CaseNo, burst_id: int | None, *, by: Actor, at: datetime
) -> None:
    """Note that a case is the master of a mass event; building it again only adds the burst that showed it."""
    known = select(bursts.c.burst_id).where(bursts.c.burst_id == burst_id).scalar_subquery()
    row = {"case_no": master, "burst_id": known, "built_at": at, "built_by": by.user_id}
    building = insert(mass_events).values(row)
    shown = func.coalesce(mass_events.c.burst_id, building.excluded.burst_id)
    await session.execute(
        building.on_conflict_do_update(index_elements=["case_no"], set_={"burst_id": shown})
    )


async def mass_event(session: ReadSession, scope: CaseScope, master: CaseState) -> MassEvent | None:
    """Count how a mass event stands: each of its cases has a caller of its own, who is revisited alone.

    None if the case is not the master of one.
    """
    built = await session.execute(select(mass_events).where(mass_events.c.case_no == master.case_no))
    event = built.one_or_none()
    if event is None:
        return None
    numbers: Sequence[CaseNo] = (master.case_no, *master.members)
    found = await session.execute(
        select(cases.c.case_no, cases.c.outcome, cases.c.state)
        .where(scope.condition, among(cases.c.case_no, numbers))
        .order_by(cases.c.registered_at, cases.c.case_no)
    )
    rows = found.all()
    return MassEvent(
        case_no=master.case_no,
        burst_id=event.burst_id,
        callers=len(rows),
        revisited=sum(bool(row.state["revisits"]) or row.state["rating"] is not None for row in rows),
        satisfied=sum(row.outcome == Outcome.SATISFIED.value for row in rows),
        members=tuple(CaseNo(row.case_no) for row in rows if row.case_no != master.case_no),
    )

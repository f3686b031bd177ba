"""What waits for somebody (待办): cases by group, with the clock that presses and what the group asks about.

A unit's groups are its own cases alone: whoever looks on from above acts on nothing (hotline/work.py).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Date, Integer, and_, cast, func, not_, or_, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from hotline.case import Actor
from hotline.identifiers import HOTLINE, CaseNo, UnitCode
from hotline.model import Record
from hotline.vocabulary import ClockKind, Status
from hotline.work import WorkGroup
from store.conditions import among
from store.engine import ReadSession
from store.listing import CASE_COLUMNS
from store.rows import CaseRow, ClockRow
from store.scope import CaseScope
from store.tables.casework import cases, clocks

_REQUESTS: Final = (ClockKind.EXTENSION_DECISION, ClockKind.DETERMINATION)
_PENDING: Final = "$.extensions[*] ? (@.approved == null && @.lapsed == false)"
"""The extension of a state that somebody still has to decide."""


@dataclass(frozen=True, slots=True)
class WorkQuestion:
    """Whose work, as of when: `day_ends_at` is the end of today, `days` how many a head may approve."""

    actor: Actor
    day_ends_at: datetime
    days: int


class WorkRow(Record):
    """A case that waits, with what the groups ask about: bounces, a request that is to be decided, a next date."""

    case: CaseRow
    accused_units: tuple[UnitCode, ...]
    returns: int
    joint_reviews: int
    extension_days: int | None
    determination: str | None
    next_on: date | None


class WorkRows(NamedTuple):
    """Rows in the order in which they are due, and whether there are more."""

    rows: tuple[WorkRow, ...]
    more: bool


_COUNTS: Final = TypeAdapter(dict[WorkGroup, int])


async def count_work(
    session: ReadSession, scope: CaseScope, question: WorkQuestion, groups: Collection[WorkGroup]
) -> Mapping[WorkGroup, int]:
    """Count the cases of each group."""
    conditions = {group: _condition(group, question) for group in groups}
    counts = [func.count().filter(condition).label(group.value) for group, condition in conditions.items()]
    query = select(*counts).where(scope.condition, _own(question.actor), or_(*conditions.values()))
    row = (await session.execute(query)).mappings().one()
    return _COUNTS.validate_python(dict(row))


async def list_work(
    session: ReadSession, scope: CaseScope, question: WorkQuestion, group: WorkGroup, *, limit: int
) -> WorkRows:
    """Return the cases of a group: the first due first, those without a running clock last."""
    state = cases.c.state
    pending = func.jsonb_path_query_first(state, cast(f"{_PENDING}.days", JSONPATH))
    order = (cases.c.next_due_at.asc().nulls_last(), cases.c.case_no)
    # Chosen before anything is read out of their states, which costs more for a thousand than the choice.
    chosen = (
        select(cases.c.case_no)
        .where(scope.condition, _own(question.actor), _condition(group, question))
        .order_by(*order)
        .limit(limit + 1)
        .subquery()
    )
    query = (
        select(
            *CASE_COLUMNS,
            cases.c.accused_units,
            func.jsonb_array_length(state["returns"]).label("returns"),
            cast(state["joint_reviews"].astext, Integer).label("joint_reviews"),
            cast(pending, Integer).label("extension_days"),
            state["determination"]["kind"].astext.label("determination"),
            cast(state["suspension"]["next_on"].astext, Date).label("next_on"),
        )
        .join(chosen, chosen.c.case_no == cases.c.case_no)
        .order_by(*order)
    )
    found = [dict(row) for row in (await session.execute(query)).mappings()]
    rows = tuple(WorkRow.model_validate({**row, "case": row}) for row in found[:limit])
    return WorkRows(rows, more=len(found) > limit)


async def running_clocks(
    session: ReadSession, scope: CaseScope, numbers: Sequence[CaseNo]
) -> dict[CaseNo, tuple[ClockRow, ...]]:
    """Return the clocks of some cases that have not stopped, those that run before those that stand still."""
    if not numbers:
        return {}
    query = (
        select(clocks)
        .join(cases, cases.c.case_no == clocks.c.case_no)
        .where(scope.condition, among(clocks.c.case_no, numbers), clocks.c.stopped_at.is_(None))
        .order_by(clocks.c.held_at.is_not(None), clocks.c.due_at, clocks.c.clock_id)
    )
    found: dict[CaseNo, tuple[ClockRow, ...]] = {}
    for row in (await session.execute(query)).mappings():
        clock = ClockRow.model_validate(dict(row))
        found[clock.case_no] = (*found.get(clock.case_no, ()), clock)
    return found


def holder_of(actor: Actor) -> UnitCode:
    """Who acts when this person does: their unit, or the hotline."""
    return actor.unit or HOTLINE


def _own(actor: Actor) -> ColumnElement[bool]:
    """Cases of one's own unit; the hotline's desks work for all."""
    open_ = cases.c.closed_at.is_(None)
    return and_(open_, cases.c.units.contains([actor.unit])) if actor.unit else open_


def _condition(group: WorkGroup, question: WorkQuestion) -> ColumnElement[bool]:
    unit = holder_of(question.actor)
    by_status = {
        WorkGroup.TO_DISPATCH: (Status.RECEIVED, Status.AWAITING_DISPATCH),
        WorkGroup.RETURNS: (Status.RETURN_REVIEW,),
        WorkGroup.JOINT_REVIEWS: (Status.JOINT_REVIEW,),
        WorkGroup.REPLIES: (Status.REPLY_REVIEW,),
    }
    of_the_lead = {
        WorkGroup.TO_SIGN: (Status.AWAITING_SIGNATURE,),
        WorkGroup.IN_HAND: (Status.IN_HAND,),
        WorkGroup.REWORK: (Status.REWORK,),
        WorkGroup.SUSPENDED: (Status.SUSPENDED,),
    }
    if group in by_status:
        return _in_status(by_status[group])
    if group in of_the_lead:
        return and_(cases.c.lead_unit == unit, _in_status(of_the_lead[group]))
    match group:
        case WorkGroup.DUE_TODAY:
            return _due_by(unit, question.day_ends_at)
        case WorkGroup.ASSIST:
            return _assists(unit)
        case WorkGroup.TO_APPROVE:
            return _awaits_head(question)
        case _:
            return _awaits_decision(*_REQUESTS)


def _in_status(statuses: Collection[Status]) -> ColumnElement[bool]:
    return among(cases.c.status, [status.value for status in statuses])


def _due_by(unit: UnitCode, until: datetime) -> ColumnElement[bool]:
    return _has_clock(clocks.c.holder == unit, clocks.c.held_at.is_(None), clocks.c.due_at < until)


def _assists(unit: UnitCode) -> ColumnElement[bool]:
    """Somebody else leads, and this unit's part is still open: its clock has not stopped."""
    part = _has_clock(clocks.c.holder == unit, clocks.c.kind == ClockKind.ASSIST.value)
    return and_(cases.c.lead_unit != unit, part)


def _awaits_decision(*kinds: ClockKind) -> ColumnElement[bool]:
    """A decision is owed: a clock of its own runs for whoever decides."""
    return _has_clock(clocks.c.holder == HOTLINE, among(clocks.c.kind, [kind.value for kind in kinds]))


def _has_clock(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return cases.c.case_no.in_(select(clocks.c.case_no).where(clocks.c.stopped_at.is_(None), *conditions))


def _awaits_head(question: WorkQuestion) -> ColumnElement[bool]:
    """A first extension within the head's days, which somebody else asked for (domain.md §12 rule 14)."""
    asked = {"days": question.days, "person": question.actor.user_id}
    path = cast(f"{_PENDING[:-1]} && @.days <= $days && @.requested_by != $person)", JSONPATH)
    own = func.jsonb_path_exists(cases.c.state, path, cast(asked, JSONB))
    granted = cases.c.state.contains({"extensions": [{"approved": True}]})
    return and_(
        cases.c.lead_unit == holder_of(question.actor),
        _awaits_decision(ClockKind.EXTENSION_DECISION),
        own,
        not_(granted),
    )

"""One case, its clocks and its holders, and the boards over all of them (工单查询).

Every query takes a scope (store/scope.py); lists with filters and pages are in store/listing.py and are
exported here as well.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Select, and_, bindparam, func, select

from hotline.case import CaseState
from hotline.holding import holdings_at
from hotline.identifiers import CaseNo
from hotline.vocabulary import Status
from store.engine import ReadSession
from store.listing import CASE_COLUMNS, CaseFilters, CasePage, list_cases
from store.rows import CaseRow, ClockRow, HoldingRow
from store.scope import CaseScope, visible_to
from store.tables.casework import cases, clocks

__all__ = [
    "CaseFilters",
    "CasePage",
    "CaseRow",
    "CaseScope",
    "ClockRow",
    "HoldingRow",
    "case_row",
    "clocks_of",
    "counts_by_status",
    "due_clocks",
    "holdings_of",
    "list_cases",
    "overdue",
    "state_of",
    "states_of",
    "visible_among",
    "visible_to",
]

_COUNTS: Final = TypeAdapter(dict[Status, int])


async def case_row(session: ReadSession, scope: CaseScope, case_no: CaseNo) -> CaseRow | None:
    """Return one case as lists show it, if it may be seen."""
    found = await session.execute(select(*CASE_COLUMNS).where(scope.condition, cases.c.case_no == case_no))
    row = found.mappings().one_or_none()
    return CaseRow.model_validate(dict(row)) if row else None


async def state_of(session: ReadSession, scope: CaseScope, case_no: CaseNo) -> CaseState | None:
    """Return the state of one case as of its last projected fact, if it may be seen."""

    async def read() -> CaseState | None:
        stored = await session.scalar(_state_within(scope), {"of_case": case_no})
        return None if stored is None else CaseState.model_validate(stored)

    return await session.once((state_of, scope, case_no), read)


# Select is generic in the types of its columns, which a Table does not tell. Built once for each who asks.
@lru_cache(maxsize=1024)
def _state_within(scope: CaseScope) -> Select[Any]:
    return select(cases.c.state).where(scope.condition, cases.c.case_no == bindparam("of_case"))


async def states_of(
    session: ReadSession, scope: CaseScope, numbers: Collection[CaseNo]
) -> dict[CaseNo, CaseState]:
    """Return the states of those of some cases that may be seen."""
    found = await session.execute(
        select(cases.c.case_no, cases.c.state).where(scope.condition, cases.c.case_no.in_(sorted(numbers)))
    )
    return {CaseNo(row.case_no): CaseState.model_validate(row.state) for row in found}


async def visible_among(
    session: ReadSession, scope: CaseScope, numbers: Collection[CaseNo]
) -> frozenset[CaseNo]:
    """Return those of some cases that may be seen, so that no page names one of the others."""
    if not numbers:
        return frozenset()
    found = await session.execute(
        select(cases.c.case_no).where(scope.condition, cases.c.case_no.in_(sorted(numbers)))
    )
    return frozenset(CaseNo(number) for number in found.scalars())


async def clocks_of(session: ReadSession, scope: CaseScope, case_no: CaseNo) -> tuple[ClockRow, ...]:
    """Return every clock that a case had, in the order in which they started."""
    query = _visible_clocks(scope).where(clocks.c.case_no == case_no)
    return await _clocks(session, query.order_by(clocks.c.started_at, clocks.c.clock_id))


async def due_clocks(
    session: ReadSession, scope: CaseScope, *, before: datetime, limit: int = 100
) -> tuple[ClockRow, ...]:
    """Return the running clocks of open cases that are due before an instant, the earliest first."""
    running = and_(clocks.c.stopped_at.is_(None), clocks.c.held_at.is_(None))
    query = _visible_clocks(scope).where(running, clocks.c.due_at < before, cases.c.closed_at.is_(None))
    return await _clocks(session, query.order_by(clocks.c.due_at, clocks.c.case_no).limit(limit))


async def overdue(
    session: ReadSession, scope: CaseScope, *, now: datetime, limit: int = 100
) -> tuple[ClockRow, ...]:
    """Return the running clocks of open cases that are past due, the oldest first."""
    return await due_clocks(session, scope, before=now, limit=limit)


async def holdings_of(
    session: ReadSession, scope: CaseScope, case_no: CaseNo, *, now: datetime
) -> tuple[HoldingRow, ...]:
    """Return who held a case for how long, the running span included; the sum is how long it was open."""
    state = await state_of(session, scope, case_no)
    lines = holdings_at(state, now) if state else ()
    return tuple(HoldingRow(holder=line.holder, cause=line.cause, held_for=line.held_for) for line in lines)


async def counts_by_status(session: ReadSession, scope: CaseScope) -> Mapping[Status, int]:
    """Count the visible cases of each status that occurs."""
    query = (
        select(cases.c.status, func.count().label("number")).where(scope.condition).group_by(cases.c.status)
    )
    found = await session.execute(query)
    return _COUNTS.validate_python({row.status: row.number for row in found})


# Select is generic in the types of its columns, which a Table does not tell.
def _visible_clocks(scope: CaseScope) -> Select[Any]:
    return select(clocks).join(cases, cases.c.case_no == clocks.c.case_no).where(scope.condition)


async def _clocks(session: ReadSession, query: Select[Any]) -> tuple[ClockRow, ...]:
    found = await session.execute(query)
    return tuple(ClockRow.model_validate(dict(row)) for row in found.mappings())

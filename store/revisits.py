"""What waits at the revisit desk (回访队列): cases to be asked about, those in the rating window, those to ask again.

The rules' own predicates decide what may be done with a case; the queue only finds the cases (domain.md §5).
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select, tuple_

from hotline.case import CaseState
from hotline.identifiers import CaseNo
from hotline.vocabulary import Status
from store.conditions import among
from store.engine import ReadSession
from store.scope import CaseScope
from store.tables.casework import cases


class RevisitQueue(StrEnum):
    """Which part of the desk: to be called, invited by message, or to be asked again by somebody else."""

    TO_ASK = "to_ask"
    WINDOW = "window"
    AGAIN = "again"


_LAST_ANSWER: Final = cases.c.state["revisits"][-1]
_MAY_BE_ASKED_AGAIN: Final = and_(
    among(cases.c.status, [Status.REWORK.value, Status.JOINT_REVIEW.value]),
    cases.c.state["reply"]["accepted_at"].astext.is_not(None),
    _LAST_ANSWER["second"].astext == "false",
)
"""As `hotline.rules.revisit.may_revisit_again`; that the answer was unfavourable follows from the status."""

_CONDITIONS: Final = {
    RevisitQueue.TO_ASK: cases.c.status == Status.AWAITING_REVISIT.value,
    RevisitQueue.WINDOW: cases.c.status == Status.UNREACHED.value,
    RevisitQueue.AGAIN: _MAY_BE_ASKED_AGAIN,
}


async def waiting(
    session: ReadSession,
    scope: CaseScope,
    queue: RevisitQueue,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int,
) -> tuple[CaseState, ...]:
    """Return the states of the cases of one part of the desk, the next due first; a page goes on after a place."""
    key = tuple_(cases.c.next_due_at, cases.c.case_no)
    query = select(cases.c.state).where(scope.condition, cases.c.next_due_at.is_not(None), _of(queue))
    if after:
        query = query.where(key > after)
    found = await session.scalars(query.order_by(cases.c.next_due_at, cases.c.case_no).limit(limit))
    return tuple(CaseState.model_validate(stored) for stored in found)


async def counts(session: ReadSession, scope: CaseScope) -> dict[RevisitQueue, int]:
    """Count what waits in each part of the desk."""
    columns = [func.count().filter(_of(queue)).label(queue.value) for queue in RevisitQueue]
    open_here = and_(cases.c.closed_at.is_(None), among(cases.c.status, _STATUSES))
    found = (await session.execute(select(*columns).where(scope.condition, open_here))).one()
    return {queue: int(getattr(found, queue.value)) for queue in RevisitQueue}


def place_of_state(state: CaseState) -> tuple[datetime, CaseNo]:
    """Where a case stands in its queue."""
    assert state.next_due_at is not None, "the queue has cases with a due instant only"
    return state.next_due_at, state.case_no


_STATUSES: Final = [
    status.value for status in (Status.AWAITING_REVISIT, Status.UNREACHED, Status.REWORK, Status.JOINT_REVIEW)
]


def _of(queue: RevisitQueue) -> ColumnElement[bool]:
    return _CONDITIONS[queue]

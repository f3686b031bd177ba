"""Measures of supervision (督办措施) as people read them: lists by kind, unit and state, and the points they cost.

The rows are a fold of the ledger, so the audit compares them and a rebuild makes them again. A measure whose
appeal was upheld stays in every list and costs nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_

from hotline.identifiers import CaseNo, MeasureNo, UnitCode, UserId
from hotline.model import Record
from hotline.vocabulary import AlarmCode, MeasureKind
from store.engine import ReadSession
from store.scope import CaseScope
from store.tables.casework import cases, measures


class MeasureRow(Record):
    """One measure; `answer_until` is there as long as its order waits for an answer, or the case is on the list."""

    number: MeasureNo
    case_no: CaseNo
    kind: MeasureKind
    rung: AlarmCode | None
    unit: UnitCode
    person: UserId | None
    issued_at: datetime
    issued_by: UserId
    unit_points: int
    person_points: int
    appeal_until: datetime
    answer_until: datetime | None
    answered_at: datetime | None
    settled: bool
    appealed_at: datetime | None
    appeal_upheld: bool | None
    awaits_approval: bool


class MeasureState(StrEnum):
    """What is still to be done about a measure."""

    AWAITS_ANSWER = "awaits_answer"
    AWAITS_REVIEW = "awaits_review"
    UNDER_APPEAL = "under_appeal"
    AWAITS_APPROVAL = "awaits_approval"
    REVERSED = "reversed"


class MeasureQuestion(Record):
    """Which measures are asked about; what is left out asks about all."""

    kind: MeasureKind | None = None
    unit: UnitCode | None = None
    case_no: CaseNo | None = None
    state: MeasureState | None = None


class PointsBy(StrEnum):
    """Whom points are added up for."""

    UNIT = "unit"
    PERSON = "person"


class PointsLine(Record):
    """What one unit or person was charged: how many cards stand, how many cards and deductions were reversed, and the points."""

    code: str
    cards: int
    reversed: int
    points: int


_ROWS: Final = TypeAdapter(list[MeasureRow])
_POINTS: Final = TypeAdapter(list[PointsLine])
_OPEN_ORDER: Final = and_(measures.c.kind == MeasureKind.ORDER.value, measures.c.settled.is_(False))
_CONDITIONS: Final[dict[MeasureState, ColumnElement[bool]]] = {
    MeasureState.AWAITS_ANSWER: and_(_OPEN_ORDER, measures.c.answered_at.is_(None)),
    MeasureState.AWAITS_REVIEW: and_(_OPEN_ORDER, measures.c.answered_at.is_not(None)),
    MeasureState.UNDER_APPEAL: and_(measures.c.appealed_at.is_not(None), measures.c.appeal_upheld.is_(None)),
    MeasureState.AWAITS_APPROVAL: measures.c.awaits_approval.is_(True),
    MeasureState.REVERSED: measures.c.appeal_upheld.is_(True),
}


async def list_measures(
    session: ReadSession,
    scope: CaseScope,
    question: MeasureQuestion,
    *,
    before: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> tuple[MeasureRow, ...]:
    """List measures, the newest first; a page goes on before (instant, number) of the last line."""
    query = _visible(scope, *measures.c).where(*_asked(question))
    query = query.order_by(measures.c.issued_at.desc(), measures.c.number.desc()).limit(limit)
    if before:
        query = query.where(tuple_(measures.c.issued_at, measures.c.number) < before)
    return tuple(_ROWS.validate_python((await session.execute(query)).mappings().all()))


async def sum_points(
    session: ReadSession, scope: CaseScope, *, by: PointsBy, since: datetime, until: datetime
) -> tuple[PointsLine, ...]:
    """Add up the cards and deductions issued from `since` until before `until`, the most points first."""
    is_unit = by is PointsBy.UNIT
    who = measures.c.unit if is_unit else measures.c.person
    worth = measures.c.unit_points if is_unit else measures.c.person_points
    stands = measures.c.appeal_upheld.is_not(True)
    is_card = measures.c.kind == MeasureKind.CARD.value
    costs = or_(is_card, measures.c.kind == MeasureKind.DEDUCTION.value)
    points = func.coalesce(func.sum(worth).filter(stands), 0)
    query = (
        _visible(
            scope,
            who.label("code"),
            func.count().filter(stands, is_card).label("cards"),
            func.count().filter(measures.c.appeal_upheld.is_(True)).label("reversed"),
            points.label("points"),
        )
        .where(costs, who.is_not(None))
        .where(measures.c.issued_at >= since, measures.c.issued_at < until)
        .group_by(who)
        .order_by(points.desc(), who)
    )
    return tuple(_POINTS.validate_python((await session.execute(query)).mappings().all()))


# Select is generic in the types of its columns, which a Table does not tell.
def _visible(scope: CaseScope, *columns: ColumnElement[Any]) -> Select[Any]:
    joined = select(*columns).join_from(measures, cases, cases.c.case_no == measures.c.case_no)
    return joined.where(scope.condition)


def _asked(question: MeasureQuestion) -> Iterator[ColumnElement[bool]]:
    if question.kind:
        yield measures.c.kind == question.kind.value
    if question.unit:
        yield measures.c.unit == question.unit
    if question.case_no:
        yield measures.c.case_no == question.case_no
    if question.state:
        yield _CONDITIONS[question.state]

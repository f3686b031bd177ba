"""The supervisor's boards (督办看板): what clocks will do, what they did, and who held cases for how long.

All of it is derived when it is asked for: overdue from due instants, what comes next from the clocks that run,
what fired from the ledger. Every number here is the count of rows that another query of this file lists.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Date,
    Interval,
    Select,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    select,
    true,
    tuple_,
    union_all,
)

from hotline.calendar import SHANGHAI
from hotline.identifiers import CaseNo, ClockId, UnitCode
from hotline.model import Record
from hotline.vocabulary import AlarmCode, Cause, ClockKind, Status
from store.alarms import missed_at
from store.engine import ReadSession
from store.scope import CaseScope
from store.tables.casework import cases, clocks, firings, holdings


class AlarmState(StrEnum):
    """Where an alarm stands that has not fired: it will, or it should have."""

    UPCOMING = "upcoming"
    MISSED = "missed"


class AlarmCount(Record):
    """How many alarms of one kind a unit has."""

    holder: UnitCode
    alarm: AlarmCode
    count: int


class FiredCount(AlarmCount):
    """How many alarms fired, and how late at the worst: the span between the true instant and the firing."""

    latest_for: timedelta


class AlarmMoment(AlarmCount):
    """How many alarms of one kind a unit has in one stretch of time, which begins at `at`."""

    at: datetime


class AlarmLine(Record):
    """One alarm that has not fired."""

    case_no: CaseNo
    clock_id: ClockId
    kind: ClockKind
    holder: UnitCode
    alarm: AlarmCode
    alarm_at: datetime
    due_at: datetime


class StillCount(Record):
    """How many clocks of a unit stand still because their cases have a status."""

    holder: UnitCode
    status: Status
    count: int


class StillLine(Record):
    """One clock that stands still and announces nothing: since when, and in which status its case is."""

    case_no: CaseNo
    clock_id: ClockId
    kind: ClockKind
    holder: UnitCode
    status: Status
    held_at: datetime


class FiredLine(Record):
    """One alarm that fired: its true instant, and when the case told it."""

    case_no: CaseNo
    seq: int
    clock_id: ClockId
    kind: ClockKind
    holder: UnitCode
    alarm: AlarmCode
    alarm_at: datetime
    fired_at: datetime


class HeldSum(Record):
    """What one unit's cases come to for one cause: how many cases, how long together, how long at the most."""

    holder: UnitCode
    cause: Cause
    cases: int
    held_for: timedelta
    longest_for: timedelta


class HeldCase(Record):
    """How long one unit held one case for one cause, and whether it holds it now."""

    case_no: CaseNo
    held_for: timedelta
    holds_now: bool
    status: Status


class Standing(Record):
    """How many open cases one unit leads, and how they stand; without a unit, those that nobody leads yet.

    `due_soon` are not late and come due within the horizon asked about.
    """

    unit: UnitCode | None
    open: int
    due_soon: int
    overdue: int
    suspended: int


class Aged(Record):
    """How many open cases were registered from `since` until before `until`; None where the span has no end."""

    since: datetime | None
    until: datetime | None
    count: int


class DayCount(Record):
    """How many cases were registered and how many ended on one day of Shanghai's calendar."""

    day: date
    registered: int
    closed: int


class Matter(Record):
    """How often one matter was complained of within a span, and within the span before it."""

    category: str
    count: int
    before: int


_COUNTS: Final = TypeAdapter(list[AlarmCount])
_MOMENTS: Final = TypeAdapter(list[AlarmMoment])
_STANDINGS: Final = TypeAdapter(list[Standing])
_DAYS: Final = TypeAdapter(dict[date, int])
_MATTERS: Final = TypeAdapter(list[Matter])
_STILL_COUNTS: Final = TypeAdapter(list[StillCount])
_STILL: Final = TypeAdapter(list[StillLine])
_FIRED_COUNTS: Final = TypeAdapter(list[FiredCount])
_RUNGS: Final = TypeAdapter(dict[AlarmCode, int])
_ALARMS: Final = TypeAdapter(list[AlarmLine])
_FIRED_LINES: Final = TypeAdapter(list[FiredLine])
_SUMS: Final = TypeAdapter(list[HeldSum])
_HELD: Final = TypeAdapter(list[HeldCase])


# ── what is open 在办 ────────────────────────────────────────────────────────────────────────────


async def count_standing(
    session: ReadSession, scope: CaseScope, *, now: datetime, soon: datetime
) -> tuple[Standing, ...]:
    """Count the open cases by lead unit, and of them those that come due before `soon`, are late, or 挂账."""
    due = cases.c.next_due_at
    query = (
        select(
            cases.c.lead_unit.label("unit"),
            func.count().label("open"),
            func.count().filter(due >= now, due < soon).label("due_soon"),
            func.count().filter(due < now).label("overdue"),
            func.count().filter(cases.c.status == Status.SUSPENDED.value).label("suspended"),
        )
        .where(scope.condition, cases.c.closed_at.is_(None))
        .group_by(cases.c.lead_unit)
        .order_by(cases.c.lead_unit)
    )
    return tuple(_STANDINGS.validate_python((await session.execute(query)).mappings().all()))


async def count_ages(session: ReadSession, scope: CaseScope, edges: Sequence[datetime]) -> tuple[Aged, ...]:
    """Count the open cases by when they were registered, between edges that go back in time: the youngest first."""
    spans = [*zip([*edges, None], [None, *edges], strict=True)]
    counts = [
        func.count().filter(*_between(cases.c.registered_at, since, until)).label(f"span_{place}")
        for place, (since, until) in enumerate(spans)
    ]
    found = (await session.execute(select(*counts).where(scope.condition, cases.c.closed_at.is_(None)))).one()
    return tuple(
        Aged(since=since, until=until, count=count)
        for (since, until), count in zip(spans, found, strict=True)
    )


async def count_days(
    session: ReadSession, scope: CaseScope, *, since: datetime, until: datetime
) -> tuple[DayCount, ...]:
    """Count what was registered and what ended on each day of a span, the days without any included."""
    came = await _by_day(session, scope, cases.c.registered_at, since, until)
    went = await _by_day(session, scope, cases.c.closed_at, since, until)
    first, last = since.astimezone(SHANGHAI).date(), until.astimezone(SHANGHAI).date()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return tuple(DayCount(day=day, registered=came.get(day, 0), closed=went.get(day, 0)) for day in days)


# Column is generic in what it holds, which a Table does not tell.
async def _by_day(
    session: ReadSession, scope: CaseScope, at: ColumnElement[Any], since: datetime, until: datetime
) -> dict[date, int]:
    day = cast(func.timezone(SHANGHAI.key, at), Date).label("day")
    counted = select(day, func.count().label("number"))
    query = counted.where(scope.condition, *_between(at, since, until)).group_by(day)
    return _DAYS.validate_python({row.day: row.number for row in await session.execute(query)})


async def count_matters(
    session: ReadSession, scope: CaseScope, *, now: datetime, span_for: timedelta, limit: int
) -> tuple[Matter, ...]:
    """Count what is complained of most within a span before now, each beside the span before."""
    at, middle = cases.c.registered_at, now - span_for
    recent = func.count().filter(at >= middle)
    query = (
        select(cases.c.category, recent.label("count"), func.count().filter(at < middle).label("before"))
        .where(scope.condition, cases.c.category.is_not(None), *_between(at, middle - span_for, now))
        .group_by(cases.c.category)
        .having(recent > 0)
        .order_by(recent.desc(), cases.c.category)
        .limit(limit)
    )
    return tuple(_MATTERS.validate_python((await session.execute(query)).mappings().all()))


# As above.
def _between(
    at: ColumnElement[Any], since: datetime | None, until: datetime | None
) -> Iterator[ColumnElement[bool]]:
    if since is not None:
        yield at >= since
    if until is not None:
        yield at < until


# ── alarms that have not fired ──────────────────────────────────────────────────────────────────


class AlarmQuestion(Record):
    """Which alarms are asked about: their state, from and until when, of which unit, of which kind.

    `missed` alarms are those that should have fired longer ago than a firing is on its way.
    """

    state: AlarmState
    now: datetime
    until: datetime
    since: datetime | None = None
    unit: UnitCode | None = None
    alarm: AlarmCode | None = None


async def count_alarms(
    session: ReadSession, scope: CaseScope, question: AlarmQuestion
) -> tuple[AlarmCount, ...]:
    """Count the alarms by unit and rung."""
    query = (
        select(clocks.c.holder, clocks.c.next_alarm.label("alarm"), func.count().label("count"))
        .where(scope.holds(clocks.c.case_no), *await _asked(session, question))
        .group_by(clocks.c.holder, clocks.c.next_alarm)
        .order_by(clocks.c.holder, clocks.c.next_alarm)
    )
    return tuple(_COUNTS.validate_python((await session.execute(query)).mappings().all()))


async def spread_alarms(
    session: ReadSession, scope: CaseScope, question: AlarmQuestion, *, stretch_for: timedelta
) -> tuple[AlarmMoment, ...]:
    """Count the alarms by unit, rung and stretch of time, the next first; stretches are counted from now."""
    at = func.date_bin(stretch_for, clocks.c.next_alarm_at, question.now).label("at")
    query = (
        select(at, clocks.c.holder, clocks.c.next_alarm.label("alarm"), func.count().label("count"))
        .where(scope.holds(clocks.c.case_no), *await _asked(session, question))
        .group_by(at, clocks.c.holder, clocks.c.next_alarm)
        .order_by(at, clocks.c.holder, clocks.c.next_alarm)
    )
    return tuple(_MOMENTS.validate_python((await session.execute(query)).mappings().all()))


async def list_alarms(
    session: ReadSession,
    scope: CaseScope,
    question: AlarmQuestion,
    *,
    after: tuple[datetime, str, str] | None = None,
    limit: int = 100,
) -> tuple[AlarmLine, ...]:
    """List the alarms, the next first; a page goes on after (instant, case, clock) of the last line."""
    place = tuple_(clocks.c.next_alarm_at, clocks.c.case_no, clocks.c.clock_id)
    query = (
        select(
            clocks.c.case_no,
            clocks.c.clock_id,
            clocks.c.kind,
            clocks.c.holder,
            clocks.c.next_alarm.label("alarm"),
            clocks.c.next_alarm_at.label("alarm_at"),
            clocks.c.due_at,
        )
        .where(scope.holds(clocks.c.case_no), *await _asked(session, question))
        .order_by(clocks.c.next_alarm_at, clocks.c.case_no, clocks.c.clock_id)
        .limit(limit)
    )
    if after:
        query = query.where(place > after)
    return tuple(_ALARMS.validate_python((await session.execute(query)).mappings().all()))


async def _asked(session: ReadSession, question: AlarmQuestion) -> list[ColumnElement[bool]]:
    missed = await missed_at(session, question.now)
    at = clocks.c.next_alarm_at
    asked: list[ColumnElement[bool]] = [clocks.c.stopped_at.is_(None)]
    match question.state:
        case AlarmState.UPCOMING:
            asked += [clocks.c.held_at.is_(None), not_(missed), at < question.until]
        case AlarmState.MISSED:
            asked.append(missed)
    if question.since:
        asked.append(at >= question.since)
    if question.unit:
        asked.append(clocks.c.holder == question.unit)
    if question.alarm:
        asked.append(clocks.c.next_alarm == question.alarm)
    return asked


# ── clocks that stand still ─────────────────────────────────────────────────────────────────────


async def count_still(
    session: ReadSession, scope: CaseScope, *, unit: UnitCode | None = None
) -> tuple[StillCount, ...]:
    """Count the clocks that stand still by unit and by the status that holds them."""
    query = (
        _still(scope, unit, clocks.c.holder, cases.c.status, func.count().label("count"))
        .group_by(clocks.c.holder, cases.c.status)
        .order_by(clocks.c.holder, cases.c.status)
    )
    return tuple(_STILL_COUNTS.validate_python((await session.execute(query)).mappings().all()))


async def list_still(
    session: ReadSession,
    scope: CaseScope,
    *,
    unit: UnitCode | None = None,
    status: Status | None = None,
    after: tuple[datetime, str, str] | None = None,
    limit: int = 100,
) -> tuple[StillLine, ...]:
    """List them, the longest held first; a page goes on after (instant, case, clock) of the last line."""
    key = clocks.c.held_at, clocks.c.case_no, clocks.c.clock_id
    query = _still(scope, unit, *key, clocks.c.kind, clocks.c.holder, cases.c.status).order_by(*key)
    if status:
        query = query.where(cases.c.status == status.value)
    if after:
        query = query.where(tuple_(*key) > after)
    return tuple(_STILL.validate_python((await session.execute(query.limit(limit))).mappings().all()))


# Select is generic in the types of its columns, which a Table does not tell.
def _still(scope: CaseScope, unit: UnitCode | None, *columns: ColumnElement[Any]) -> Select[Any]:
    query = (
        select(*columns)
        .join_from(clocks, cases, cases.c.case_no == clocks.c.case_no)
        .where(scope.condition, clocks.c.stopped_at.is_(None), clocks.c.held_at.is_not(None))
    )
    return query.where(clocks.c.holder == unit) if unit else query


# ── alarms that fired ───────────────────────────────────────────────────────────────────────────


class FiredQuestion(Record):
    """Which fired alarms are asked about: fired from `since` until before `until`."""

    since: datetime
    until: datetime
    unit: UnitCode | None = None
    alarm: AlarmCode | None = None


async def count_fired(
    session: ReadSession, scope: CaseScope, question: FiredQuestion
) -> tuple[FiredCount, ...]:
    """Count what fired by unit and rung, with the worst lateness of each."""
    kind = firings.c.holder, firings.c.alarm
    latest = func.max(firings.c.fired_at - firings.c.alarm_at).label("latest_for")
    query = select(*kind, func.count().label("count"), latest).where(*_fired(scope, question))
    query = query.group_by(*kind).order_by(*kind)
    return tuple(_FIRED_COUNTS.validate_python((await session.execute(query)).mappings().all()))


async def count_rungs(
    session: ReadSession, scope: CaseScope, question: FiredQuestion
) -> Mapping[AlarmCode, int]:
    """Count what fired by rung alone, whosever it was."""
    counted = select(firings.c.alarm, func.count().label("number"))
    query = counted.where(*_fired(scope, question)).group_by(firings.c.alarm)
    return _RUNGS.validate_python({row.alarm: row.number for row in await session.execute(query)})


async def spread_fired(
    session: ReadSession, scope: CaseScope, question: FiredQuestion, *, stretch_for: timedelta
) -> tuple[AlarmMoment, ...]:
    """Count what fired by unit, rung and stretch of time, the oldest first; stretches are counted back from `until`."""
    at = func.date_bin(stretch_for, firings.c.fired_at, question.until).label("at")
    kind = at, firings.c.holder, firings.c.alarm
    query = select(*kind, func.count().label("count")).where(*_fired(scope, question))
    query = query.group_by(*kind).order_by(*kind)
    return tuple(_MOMENTS.validate_python((await session.execute(query)).mappings().all()))


async def list_fired(
    session: ReadSession,
    scope: CaseScope,
    question: FiredQuestion,
    *,
    before: tuple[datetime, str, int] | None = None,
    limit: int = 100,
) -> tuple[FiredLine, ...]:
    """List what fired, the newest first; a page goes on before (instant, case, number) of the last line."""
    place = firings.c.fired_at, firings.c.case_no, firings.c.seq
    query = select(firings).where(*_fired(scope, question)).order_by(*(column.desc() for column in place))
    if before:
        query = query.where(tuple_(*place) < before)
    found = await session.execute(query.limit(limit))
    return tuple(_FIRED_LINES.validate_python(found.mappings().all()))


def _fired(scope: CaseScope, question: FiredQuestion) -> Iterator[ColumnElement[bool]]:
    yield scope.holds(firings.c.case_no)
    yield from _between(firings.c.fired_at, question.since, question.until)
    if question.unit:
        yield firings.c.holder == question.unit
    if question.alarm:
        yield firings.c.alarm == question.alarm


# ── the holding ledger 时长台账 ──────────────────────────────────────────────────────────────────


class HeldQuestion(Record):
    """Which spans are asked about: of cases registered from `since` until before `until`, open ones or all."""

    now: datetime
    since: datetime | None = None
    until: datetime | None = None
    only_open: bool = False


async def sum_held(session: ReadSession, scope: CaseScope, question: HeldQuestion) -> tuple[HeldSum, ...]:
    """Add up the holding ledger by unit and cause, the spans that still run included."""
    spans = _spans(scope, question).subquery()
    query = (
        select(
            spans.c.holder,
            spans.c.cause,
            func.count().filter(spans.c.is_first).label("cases"),
            func.sum(spans.c.held_for).label("held_for"),
            func.max(spans.c.so_far).label("longest_for"),
        )
        .group_by(spans.c.holder, spans.c.cause)
        .order_by(func.sum(spans.c.held_for).desc(), spans.c.holder, spans.c.cause)
    )
    return tuple(_SUMS.validate_python((await session.execute(query)).mappings().all()))


async def list_held(
    session: ReadSession,
    scope: CaseScope,
    question: HeldQuestion,
    *,
    holder: UnitCode,
    cause: Cause,
    limit: int = 100,
) -> tuple[HeldCase, ...]:
    """List the cases behind one sum, the longest held first."""
    spans = _spans(scope, question).subquery()
    held = (
        select(
            spans.c.case_no,
            func.max(spans.c.so_far).label("held_for"),
            func.bool_or(spans.c.runs).label("holds_now"),
        )
        .where(spans.c.holder == holder, spans.c.cause == cause)
        .group_by(spans.c.case_no)
        .order_by(func.max(spans.c.so_far).desc(), spans.c.case_no)
        .limit(limit)
        .subquery()
    )
    query = (
        select(held, cases.c.status)
        .join(cases, cases.c.case_no == held.c.case_no)
        .order_by(held.c.held_for.desc(), held.c.case_no)
    )
    return tuple(_HELD.validate_python((await session.execute(query)).mappings().all()))


# As above.
def _spans(scope: CaseScope, question: HeldQuestion) -> Select[Any]:
    """One line per closed span and per span that runs; a case has at most one of each for a unit and a cause.

    `so_far` is how long the unit held the case for the cause until then, in all; `is_first` marks one line of the two.
    """
    conditions = [scope.condition, *_registered(question)]
    running_for = cast(literal(question.now) - cases.c.owner_since, Interval)
    again = and_(holdings.c.holder == cases.c.owner_unit, holdings.c.cause == cases.c.owner_cause)
    closed = (
        select(
            holdings.c.case_no,
            holdings.c.holder,
            holdings.c.cause,
            holdings.c.held_for,
            case((again, holdings.c.held_for + running_for), else_=holdings.c.held_for).label("so_far"),
            func.coalesce(not_(again), true()).label("is_first"),
            false().label("runs"),
        )
        .join(cases, cases.c.case_no == holdings.c.case_no)
        .where(*conditions)
    )
    running = select(
        cases.c.case_no,
        cases.c.owner_unit,
        cases.c.owner_cause,
        running_for,
        running_for,
        true(),
        true(),
    ).where(cases.c.owner_unit.is_not(None), *conditions)
    return select(union_all(closed, running).subquery())


def _registered(question: HeldQuestion) -> Iterator[ColumnElement[bool]]:
    yield from _between(cases.c.registered_at, question.since, question.until)
    if question.only_open:
        yield cases.c.closed_at.is_(None)

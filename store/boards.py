"""The supervisor's boards (督办看板): what clocks will do, what they did, and who held cases for how long.

All of it is derived when it is asked for: overdue from due instants, what comes next from the clocks that run,
what fired from the ledger. Every number here is the count of rows that another query of this file lists; where there are
many, it is added up from tallies (store/tallied.py), for which the session has to be a snapshot.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, Self

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Interval,
    Numeric,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from hotline.calendar import SHANGHAI
from hotline.identifiers import CaseNo, ClockId, UnitCode
from hotline.model import Record
from hotline.vocabulary import AlarmCode, Cause, ClockKind, Status
from store.alarms import missed_at, missed_by
from store.engine import ReadSession
from store.scope import CaseScope
from store.sheets import Sheet, hour_of, whole_after
from store.tables.casework import cases, clocks, firings, holdings
from store.tables.kinds import Instant
from store.tallied import between, span_of, tallied


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


class FiredMoment(AlarmMoment, FiredCount):
    """How many alarms of one kind of a unit fired in one stretch of time."""


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


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NONE: Final = literal_column("0", BigInteger)
_NEVER: Final = cast(null(), Instant).label("at")
_COUNTS: Final = TypeAdapter(list[AlarmCount])
_MOMENTS: Final = TypeAdapter(list[AlarmMoment])
_STANDINGS: Final = TypeAdapter(list[Standing])
_DAYS: Final = TypeAdapter(dict[date, int])
_MATTERS: Final = TypeAdapter(list[Matter])
_STILL_COUNTS: Final = TypeAdapter(list[StillCount])
_STILL: Final = TypeAdapter(list[StillLine])
_FIRED_MOMENTS: Final = TypeAdapter(list[FiredMoment])
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
    held = await tallied(session, scope, Sheet.OPEN)
    due = await tallied(session, scope, Sheet.DUE, until=soon, cuts=(now,))
    found = await session.execute(_standing(held.lines, due.lines), {**held.values, **due.values, "now": now})
    return tuple(_STANDINGS.validate_python(found.mappings().all()))


# Each of these is built once for each shape of lines. Select is generic in the types of its columns, which a Table does not tell.
@lru_cache
def _standing(held: Subquery, due: Subquery) -> Select[Any]:
    now = bindparam("now", type_=Instant)
    lines = union_all(
        select(
            held.c.unit, held.c.what.label("status"), held.c.number.label("open"), _NONE.label("due"), _NEVER
        ),
        select(due.c.unit, cast(null(), Text), _NONE, due.c.number, due.c.at),
    ).subquery()
    return (
        select(
            func.nullif(lines.c.unit, "").label("unit"),
            _sum(lines.c.open).label("open"),
            _sum(lines.c.due, lines.c.at >= now).label("due_soon"),
            _sum(lines.c.due, lines.c.at < now).label("overdue"),
            _sum(lines.c.open, lines.c.status == Status.SUSPENDED.value).label("suspended"),
        )
        .group_by(lines.c.unit)
        .having(func.sum(lines.c.open) > 0)
        .order_by("unit")
    )


async def count_ages(session: ReadSession, scope: CaseScope, edges: Sequence[datetime]) -> tuple[Aged, ...]:
    """Count the open cases by when they were registered, between edges that go back in time: the youngest first."""
    lines, values = await tallied(session, scope, Sheet.AGE, cuts=edges)
    asked = {f"edge_{place}": edge for place, edge in enumerate(edges)}
    found = (await session.execute(_ages(lines, len(edges)), {**values, **asked})).one()
    return tuple(
        Aged(since=since, until=until, count=count)
        for (since, until), count in zip(_spans_between([*edges]), found, strict=True)
    )


@lru_cache
def _ages(lines: Subquery, edges: int) -> Select[Any]:
    given = [bindparam(f"edge_{place}", type_=Instant) for place in range(edges)]
    sums: list[ColumnElement[Any]] = [
        _sum(lines.c.number, *between(lines.c.at, since, until)).label(f"span_{place}")
        for place, (since, until) in enumerate(_spans_between(given))
    ]
    return select(*sums)


def _spans_between(
    edges: list[Any],
) -> list[tuple[Any, Any]]:  # Any: instants, or parameters that stand for them
    """From each edge until the one before it: the first span has no end, the last no beginning."""
    return [*zip([*edges, None], [None, *edges], strict=True)]


async def count_days(
    session: ReadSession, scope: CaseScope, *, since: datetime, until: datetime
) -> tuple[DayCount, ...]:
    """Count what was registered and what ended on each day from one to another, the days without any included."""
    came = await _by_day(session, scope, Sheet.CAME, since)
    went = await _by_day(session, scope, Sheet.WENT, since)
    first, last = since.astimezone(SHANGHAI).date(), until.astimezone(SHANGHAI).date()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return tuple(DayCount(day=day, registered=came.get(day, 0), closed=went.get(day, 0)) for day in days)


async def _by_day(session: ReadSession, scope: CaseScope, sheet: Sheet, since: datetime) -> dict[date, int]:
    lines, values = await tallied(session, scope, sheet, since=since)
    found = await session.execute(_days(lines), values)
    return _DAYS.validate_python({row.day: row.number for row in found})


@lru_cache
def _days(lines: Subquery) -> Select[Any]:
    day = cast(func.timezone(SHANGHAI.key, lines.c.at), Date).label("day")
    columns: tuple[ColumnElement[Any], ...] = day, _sum(lines.c.number).label("number")
    return select(*columns).group_by("day")


async def count_matters(
    session: ReadSession, scope: CaseScope, *, now: datetime, span_for: timedelta, limit: int
) -> tuple[Matter, ...]:
    """Count what is complained of most since a span before now, each beside the span before."""
    middle = now - span_for
    lines, values = await tallied(session, scope, Sheet.CAME, since=middle - span_for, cuts=(middle,))
    found = await session.execute(_matters(lines), {**values, "middle": middle, "at_most": limit})
    return tuple(_MATTERS.validate_python(found.mappings().all()))


@lru_cache
def _matters(lines: Subquery) -> Select[Any]:
    middle = bindparam("middle", type_=Instant)
    recent = _sum(lines.c.number, lines.c.at >= middle)
    return (
        select(
            lines.c.what.label("category"),
            recent.label("count"),
            _sum(lines.c.number, lines.c.at < middle).label("before"),
        )
        .where(lines.c.what != "")
        .group_by(lines.c.what)
        .having(recent > 0)
        .order_by(recent.desc(), lines.c.what)
        .limit(bindparam("at_most", type_=Integer))
    )


# Column is generic in what it holds, which a Table does not tell.
def _sum(numbers: ColumnElement[Any], *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    """Add counts up, where something is true of them; nothing comes to 0."""
    some = func.sum(numbers).filter(*conditions) if conditions else func.sum(numbers)
    return cast(func.coalesce(some, 0), BigInteger)


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


class Axis(Record):
    """An axis of time (时间轴), in stretches of one length that are counted from an instant."""

    origin: datetime
    stretch_for: timedelta

    @classmethod
    def around(cls, now: datetime, stretch_for: timedelta) -> Self:
        """Stretches that begin with the hour, as the clock on the wall tells it."""
        return cls(origin=hour_of(now), stretch_for=stretch_for)

    def values(self, unit: UnitCode | None, alarm: AlarmCode | None) -> dict[str, Any]:
        """The parameters of a count on it."""
        of = {"of_unit": unit, "of_alarm": alarm and alarm.value}
        return {"origin": self.origin, "stretch": self.stretch_for, **of}

    def between(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """Where one stretch ends and the next begins."""
        at = self.origin + -((self.origin - since) // self.stretch_for) * self.stretch_for
        while at < until:
            yield at
            at += self.stretch_for


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
    session: ReadSession, scope: CaseScope, question: AlarmQuestion, axis: Axis
) -> tuple[AlarmMoment, ...]:
    """Count the alarms that will fire by unit, rung and stretch of time, the next first."""
    assert question.state is AlarmState.UPCOMING, "what is missed is not ahead"
    lines, values = await tallied(
        session,
        scope,
        Sheet.ALARM,
        since=question.since,
        until=question.until,
        cuts=axis.between(question.now, question.until),
        # What is about to fire, or a moment late, may be missed by the rules of its clock.
        whole_from=whole_after(question.now),
    )
    asked = axis.values(question.unit, question.alarm) | await missed_by(session, question.now)
    found = await session.execute(_spread(lines), {**values, **asked})
    return tuple(_MOMENTS.validate_python(found.mappings().all()))


@lru_cache
def _spread(lines: Subquery, *, latest: bool = False) -> Select[Any]:
    """Lines by stretch, unit and rung; `latest` tells the longest of each as well."""
    stretch, origin = bindparam("stretch", type_=Interval), bindparam("origin", type_=Instant)
    at = func.date_bin(stretch, lines.c.at, origin).label("at")
    kind = lines.c.unit.label("holder"), lines.c.what.label("alarm")
    # By place, for the stretches have the name of what they are made of.
    place: tuple[ColumnElement[Any], ...] = (literal_column("1"), *kind)
    more = (span_of(func.max(lines.c.longest)).label("latest_for"),) if latest else ()
    unit, alarm = bindparam("of_unit", type_=Text), bindparam("of_alarm", type_=Text)
    return (
        select(at, *kind, _sum(lines.c.number).label("count"), *more)
        .where(or_(unit.is_(None), lines.c.unit == unit), or_(alarm.is_(None), lines.c.what == alarm))
        .group_by(*place)
        .having(func.sum(lines.c.number) > 0)
        .order_by(*place)
    )


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
    lines, values = await tallied(session, scope, Sheet.STILL)
    found = await session.execute(_still_counts(lines), {**values, "of_unit": unit})
    return tuple(_STILL_COUNTS.validate_python(found.mappings().all()))


@lru_cache
def _still_counts(lines: Subquery) -> Select[Any]:
    kind, unit = (
        (lines.c.unit.label("holder"), lines.c.what.label("status")),
        bindparam("of_unit", type_=Text),
    )
    return (
        select(*kind, _sum(lines.c.number).label("count"))
        .where(or_(unit.is_(None), lines.c.unit == unit))
        .group_by(*kind)
        .having(func.sum(lines.c.number) > 0)
        .order_by(*kind)
    )


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


async def count_rungs(session: ReadSession, scope: CaseScope, *, since: datetime) -> Mapping[AlarmCode, int]:
    """Count what has fired since then by rung alone, whosever it was."""
    lines, values = await tallied(session, scope, Sheet.RUNGS, since=since)
    found = await session.execute(_rungs(lines), values)
    return _RUNGS.validate_python({row.what: row.number for row in found})


@lru_cache
def _rungs(lines: Subquery) -> Select[Any]:
    counted = select(lines.c.what, _sum(lines.c.number).label("number")).group_by(lines.c.what)
    return counted.having(func.sum(lines.c.number) > 0)


async def spread_fired(
    session: ReadSession, scope: CaseScope, question: FiredQuestion, axis: Axis
) -> tuple[FiredMoment, ...]:
    """Count what fired by unit, rung and stretch of time, the oldest first, with the worst lateness of each."""
    since, until = question.since, question.until
    cuts = axis.between(since, until)
    lines, values = await tallied(session, scope, Sheet.FIRED, since=since, until=until, cuts=cuts)
    found = await session.execute(
        _spread(lines, latest=True), {**values, **axis.values(question.unit, question.alarm)}
    )
    return tuple(_FIRED_MOMENTS.validate_python(found.mappings().all()))


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
    yield from between(firings.c.fired_at, question.since, question.until)
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
    sheets = (Sheet.HOLDS, Sheet.HELD) if question.only_open else (Sheet.HOLDS, Sheet.HELD, Sheet.ENDED)
    told = [
        await tallied(session, scope, sheet, since=question.since, until=question.until) for sheet in sheets
    ]
    values = {"now": (question.now - _EPOCH) // timedelta(microseconds=1)}
    for one in told:
        values |= one.values
    found = await session.execute(_held(*(one.lines for one in told)), values)
    return tuple(_SUMS.validate_python(found.mappings().all()))


@lru_cache
def _held(holds: Subquery, *held: Subquery) -> Select[Any]:
    """What runs has been held since an instant, and is held until now."""
    now = bindparam("now", type_=BigInteger)
    runs = select(
        holds.c.unit,
        holds.c.what,
        holds.c.number,
        holds.c.microseconds,
        holds.c.number.label("running"),
        (holds.c.longest + now).label("longest"),
    )
    rests = (select(of.c.unit, of.c.what, of.c.number, of.c.microseconds, _NONE, of.c.longest) for of in held)
    spans = union_all(runs, *rests).subquery()
    held_for = func.sum(spans.c.microseconds) + func.sum(spans.c.running) * cast(now, Numeric)
    return (
        select(
            spans.c.unit.label("holder"),
            spans.c.what.label("cause"),
            _sum(spans.c.number).label("cases"),
            span_of(held_for).label("held_for"),
            span_of(func.max(spans.c.longest)).label("longest_for"),
        )
        .group_by(spans.c.unit, spans.c.what)
        .having(func.sum(spans.c.number) > 0)
        .order_by(held_for.desc(), spans.c.unit, spans.c.what)
    )


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

    `so_far` is how long the unit held the case for the cause until then, in all.
    """
    conditions = [scope.condition, *_registered(question)]
    running_for = cast(literal(question.now) - cases.c.owner_since, Interval)
    again = and_(holdings.c.holder == cases.c.owner_unit, holdings.c.cause == cases.c.owner_cause)
    closed = (
        select(
            holdings.c.case_no,
            holdings.c.holder,
            holdings.c.cause,
            case((again, holdings.c.held_for + running_for), else_=holdings.c.held_for).label("so_far"),
            false().label("runs"),
        )
        .join(cases, cases.c.case_no == holdings.c.case_no)
        .where(*conditions)
    )
    running = select(cases.c.case_no, cases.c.owner_unit, cases.c.owner_cause, running_for, true()).where(
        cases.c.owner_unit.is_not(None), *conditions
    )
    return select(union_all(closed, running).subquery())


def _registered(question: HeldQuestion) -> Iterator[ColumnElement[bool]]:
    yield from between(cases.c.registered_at, question.since, question.until)
    if question.only_open:
        yield cases.c.closed_at.is_(None)

"""Tallies (汇总): what boards ask for, counted ahead by cells of unit, matter and time, and exact at every moment.

A sheet (`Sheet`) says what of a case's read rows counts where. A keeper counts each case again, a moment after its rows
have changed, and keeps beside the sums what it was counted as. Whoever reads takes the sums and puts right what stands
apart from them: cases that were not counted since, and cases that the reader may not know of, are taken off and looked
at themselves; so are the rows of cells that a span cuts in two. Counting late costs readers time, and never a number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Interval,
    Select,
    Subquery,
    Table,
    Text,
    all_,
    and_,
    any_,
    bindparam,
    case,
    cast,
    delete,
    except_,
    func,
    insert,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, Insert
from sqlalchemy.dialects.postgresql import insert as upsert

from hotline.calendar import SHANGHAI
from hotline.identifiers import CaseNo
from hotline.roles import SYSTEM_ACTOR
from store.alarms import MISSED
from store.engine import ReadSession, Snapshot, WriteSession
from store.given import given_rows
from store.scope import CaseScope, visible_to
from store.tables.casework import cases, clocks, firings, holdings
from store.tables.kinds import Codes, Instant
from store.tables.tallies import tallies, tally_due, tally_lines

PAGE: Final = 500
"""Marks that are settled in one transaction."""

MARKED_AT_MOST: Final = 500
"""Where more cases stand apart, as before the first counting, readers count rows, which costs them no more."""

_STATEMENTS: Final = 512
"""Of so many shapes the statements are kept, for they take longer to build than to answer."""

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)

# Any number will do, so long as nothing else in the database locks the same.
_LOCK: Final = 1234500030
_NOTHING: Final = cast(literal_column("''"), Text)
_AT_NO_TIME: Final = literal_column("TIMESTAMPTZ 'epoch'", Instant)
"""The one cell of a sheet that does not ask when."""
_NO_TIME: Final = cast(null(), BigInteger)
_TRUE: Final = true()


class Sheet(StrEnum):
    """What is counted; the value is kept with the sums."""

    OPEN = "open"
    """在办 by lead unit and status."""

    DUE = "due"
    """在办 by lead unit and the hour in which they come due."""

    AGE = "age"
    """在办 by the hour of their registration."""

    CAME = "came"
    """Cases by category and the day of their registration."""

    WENT = "went"
    """Cases by the day of their end."""

    MATTERS = "matters"
    """Cases that have a category, by it and by lead unit."""

    OPEN_MATTERS = "open_matters"
    """在办 alike."""

    ALARM = "alarm"
    """Alarms of running clocks by holder, rung and hour; those that are missed do not count, which no cell ahead can know."""

    STILL = "still"
    """Clocks that stand still, by holder and by the status of their case."""

    FIRED = "fired"
    """Alarms that fired, by holder, rung and hour, with their lateness."""

    RUNGS = "rungs"
    """The same by rung and day alone."""

    ENDED = "ended"
    """What units held of cases that have ended, by cause and the day of registration: for how long."""

    HELD = "held"
    """The same of open cases, for as long as nobody holds them again for the same cause."""

    HOLDS = "holds"
    """What units hold, by cause and the day of registration: for how long before, less the instant since when, from 1970 on."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the rows of a sheet are, which of them count, and what says in which cell."""

    rows: FromClause
    counts: ColumnElement[bool]
    # Column is generic in what it holds, which a Table does not tell.
    case_no: ColumnElement[Any] = cases.c.case_no
    unit: ColumnElement[Any] = _NOTHING
    what: ColumnElement[Any] = _NOTHING
    at: ColumnElement[Any] = _AT_NO_TIME
    cell_for: timedelta | None = None
    microseconds: ColumnElement[Any] = _NO_TIME
    by_now: ColumnElement[bool] = _TRUE
    """What is asked of rows alone, for it changes with the hour; whoever asks gives its parameters."""

    def visible(self, scope: CaseScope) -> ColumnElement[bool]:
        """The condition that somebody may see the case of a row."""
        return scope.condition if self.case_no is cases.c.case_no else scope.holds(self.case_no)


def _microseconds(of: ColumnElement[Any]) -> ColumnElement[Any]:
    """An interval, or an instant since 1970, as an integer; a double has them exactly for the next centuries."""
    return cast(func.date_part("epoch", of) * 1_000_000, BigInteger)


_IS_OPEN: Final = cases.c.closed_at.is_(None)
_HAS_CATEGORY: Final = cases.c.category.is_not(None)
_RUNS: Final = clocks.c.stopped_at.is_(None)
_AGAIN: Final = and_(
    holdings.c.case_no == cases.c.case_no,
    holdings.c.holder == cases.c.owner_unit,
    holdings.c.cause == cases.c.owner_cause,
)
_NOT_AGAIN: Final = or_(
    cases.c.owner_unit.is_(None),
    holdings.c.holder != cases.c.owner_unit,
    holdings.c.cause != cases.c.owner_cause,
)
_LEAD: Final = func.coalesce(cases.c.lead_unit, _NOTHING)
_OF_HOLDINGS: Final = holdings.join(cases, cases.c.case_no == holdings.c.case_no)
_SOURCES: Final[Mapping[Sheet, _Source]] = MappingProxyType(
    {
        Sheet.OPEN: _Source(cases, _IS_OPEN, unit=_LEAD, what=cases.c.status),
        Sheet.DUE: _Source(
            cases,
            and_(_IS_OPEN, cases.c.next_due_at.is_not(None)),
            unit=_LEAD,
            at=cases.c.next_due_at,
            cell_for=HOUR,
        ),
        Sheet.AGE: _Source(cases, _IS_OPEN, at=cases.c.registered_at, cell_for=HOUR),
        Sheet.CAME: _Source(
            cases,
            true(),
            what=func.coalesce(cases.c.category, _NOTHING),
            at=cases.c.registered_at,
            cell_for=DAY,
        ),
        Sheet.WENT: _Source(cases, cases.c.closed_at.is_not(None), at=cases.c.closed_at, cell_for=DAY),
        Sheet.MATTERS: _Source(cases, _HAS_CATEGORY, unit=_LEAD, what=cases.c.category),
        Sheet.OPEN_MATTERS: _Source(cases, and_(_IS_OPEN, _HAS_CATEGORY), unit=_LEAD, what=cases.c.category),
        Sheet.ALARM: _Source(
            clocks,
            and_(_RUNS, clocks.c.held_at.is_(None), clocks.c.next_alarm_at.is_not(None)),
            clocks.c.case_no,
            unit=clocks.c.holder,
            what=clocks.c.next_alarm,
            at=clocks.c.next_alarm_at,
            cell_for=HOUR,
            by_now=not_(MISSED),
        ),
        Sheet.STILL: _Source(
            clocks.join(cases, cases.c.case_no == clocks.c.case_no),
            and_(_RUNS, clocks.c.held_at.is_not(None)),
            unit=clocks.c.holder,
            what=cases.c.status,
        ),
        Sheet.FIRED: _Source(
            firings,
            true(),
            firings.c.case_no,
            unit=firings.c.holder,
            what=firings.c.alarm,
            at=firings.c.fired_at,
            cell_for=HOUR,
            microseconds=_microseconds(firings.c.fired_at - firings.c.alarm_at),
        ),
        Sheet.RUNGS: _Source(
            firings, true(), firings.c.case_no, what=firings.c.alarm, at=firings.c.fired_at, cell_for=DAY
        ),
        Sheet.ENDED: _Source(
            _OF_HOLDINGS,
            and_(not_(_IS_OPEN), _NOT_AGAIN),
            unit=holdings.c.holder,
            what=holdings.c.cause,
            at=cases.c.registered_at,
            cell_for=DAY,
            microseconds=_microseconds(holdings.c.held_for),
        ),
        Sheet.HELD: _Source(
            _OF_HOLDINGS,
            and_(_IS_OPEN, _NOT_AGAIN),
            unit=holdings.c.holder,
            what=holdings.c.cause,
            at=cases.c.registered_at,
            cell_for=DAY,
            microseconds=_microseconds(holdings.c.held_for),
        ),
        Sheet.HOLDS: _Source(
            cases.outerjoin(holdings, _AGAIN),
            and_(_IS_OPEN, cases.c.owner_unit.is_not(None)),
            unit=cases.c.owner_unit,
            what=cases.c.owner_cause,
            at=cases.c.registered_at,
            cell_for=DAY,
            microseconds=func.coalesce(_microseconds(holdings.c.held_for), 0)
            - _microseconds(cases.c.owner_since),
        ),
    }
)


# ── counting ────────────────────────────────────────────────────────────────────────────────────

_NUMBERS: Final = bindparam("numbers", type_=Codes)
_CELL: Final = ("sheet", "at", "unit", "what")


def _cell_of(source: _Source) -> ColumnElement[Any]:
    if source.cell_for is None:
        return source.at
    return func.date_trunc("day" if source.cell_for == DAY else "hour", source.at, SHANGHAI.key)


# Select is generic in the types of its columns, which a Table does not tell.
def _lines(sheet: Sheet, source: _Source) -> Select[Any]:
    """What some cases count as on a sheet."""
    at = _cell_of(source).label("at")
    return (
        select(
            source.case_no.label("case_no"),
            literal(sheet.value).label("sheet"),
            source.unit.label("unit"),
            source.what.label("what"),
            at,
            func.count().label("number"),
            cast(func.sum(source.microseconds), BigInteger).label("microseconds"),
            func.max(source.microseconds).label("longest"),
        )
        .select_from(source.rows)
        .where(source.case_no == any_(_NUMBERS), source.counts, source.visible(visible_to(SYSTEM_ACTOR)))
        .group_by(source.case_no, source.unit, source.what, at)
    )


_COUNTED_AS: Final = union_all(*(_lines(sheet, source) for sheet, source in _SOURCES.items()))
"""The lines of the cases `numbers`, as their rows are now."""


def _added(lines: CTE, sign: int) -> Insert:
    """Add lines to the sums, or take them off, which leaves the longest as it was."""
    cell = [lines.c[name] for name in _CELL]
    longest = func.max(lines.c.longest) if sign > 0 else _NO_TIME
    sums = select(*cell, sign * func.sum(lines.c.number), sign * func.sum(lines.c.microseconds), longest)
    statement = upsert(tallies).from_select(
        [*_CELL, "number", "microseconds", "longest"], sums.group_by(*cell)
    )
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=tallies.primary_key,
        set_={
            "number": tallies.c.number + new.number,
            "microseconds": tallies.c.microseconds + new.microseconds,
            "longest": func.greatest(tallies.c.longest, new.longest),
        },
    )


_SUMMED: Final = tuple(tally_lines.c[name] for name in (*_CELL, "number", "microseconds", "longest"))
_TAKE_OFF: Final = _added(
    delete(tally_lines).where(tally_lines.c.case_no == any_(_NUMBERS)).returning(*_SUMMED).cte("went"), -1
).returning(*(tallies.c[name] for name in _CELL))
_ADD: Final = _added(
    insert(tally_lines).from_select([*tally_lines.c.keys()], _COUNTED_AS).returning(*_SUMMED).cte("came"), +1
)
_LEFT: Final = given_rows(tallies, "cells")
_OF_LEFT: Final = and_(*(tallies.c[name] == _LEFT.c[name] for name in _CELL))
_LONGEST: Final = (
    update(tallies)
    .where(_OF_LEFT)
    .values(
        longest=select(func.max(tally_lines.c.longest))
        .where(*(tally_lines.c[name] == tallies.c[name] for name in _CELL))
        .scalar_subquery()
    )
)
_ADD_UP: Final = insert(tallies).from_select(
    [*_CELL, "number", "microseconds", "longest"],
    select(
        *(tally_lines.c[name] for name in _CELL),
        func.sum(tally_lines.c.number),
        func.sum(tally_lines.c.microseconds),
        func.max(tally_lines.c.longest),
    )
    .where(tally_lines.c.sheet == bindparam("of_sheet", type_=Text))
    .group_by(*(tally_lines.c[name] for name in _CELL)),
)
_EMPTY: Final = delete(tallies).where(_OF_LEFT, tallies.c.number == 0)


async def tally_changed(session: WriteSession, limit: int = PAGE) -> int:
    """Count the cases of the next marks again, and return how many marks are settled; none while another process counts."""
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return 0
    found = (await session.execute(select(tally_due).order_by(tally_due.c.mark).limit(limit))).all()
    if not found:
        return 0
    of_cases = {"numbers": sorted({row.case_no for row in found})}
    # What changes from here on is marked anew, whether these statements see it or not.
    left = (await session.execute(_TAKE_OFF, of_cases)).all()
    await session.execute(_ADD, of_cases)
    cells = {
        "cells": [
            dict(zip(_CELL, (cell.sheet, cell.at.isoformat(), cell.unit, cell.what), strict=True))
            for cell in left
        ]
    }
    await session.execute(_LONGEST, cells)
    await session.execute(_EMPTY, cells)
    settled = bindparam("settled", type_=ARRAY(BigInteger))
    await session.execute(
        delete(tally_due).where(tally_due.c.mark == any_(settled)), {"settled": [row.mark for row in found]}
    )
    return len(found)


async def count_marked(session: ReadSession) -> int:
    """How many marks wait for the keeper; from `MARKED_AT_MOST` on boards count rows until it has been through them."""
    return int(await session.scalar(select(func.count()).select_from(tally_due)) or 0)


async def tally_anew(session: WriteSession) -> None:
    """Add all lines up again, and mark every case, so that the keeper counts each anew."""
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    await session.execute(delete(tallies))
    # One sheet at a time, for each statement has to end in time.
    for sheet in Sheet:
        await session.execute(_ADD_UP, {"of_sheet": sheet.value})
    every = select(cases.c.case_no).where(visible_to(SYSTEM_ACTOR).condition)
    await session.execute(insert(tally_due).from_select(["case_no"], every))


# ── proof ───────────────────────────────────────────────────────────────────────────────────────


async def wrongly_counted(session: ReadSession, numbers: Sequence[CaseNo]) -> frozenset[CaseNo]:
    """Which of some cases count as something else than their rows say, though nothing marks them to be counted again."""
    kept = select(tally_lines).where(tally_lines.c.case_no == any_(_NUMBERS))
    now = select(_COUNTED_AS.subquery())
    differing = union_all(except_(kept, now), except_(now, kept)).subquery()
    marked = select(tally_due.c.case_no)
    query = select(differing.c.case_no).distinct().where(differing.c.case_no.not_in(marked))
    found = await session.execute(query, {"numbers": [*numbers]})
    return frozenset(CaseNo(number) for number in found.scalars())


async def wrong_sums(session: ReadSession, sheet: Sheet) -> int:
    """How many sums of a sheet are not those of its lines."""
    of, sums = tally_lines.c, (func.sum(tally_lines.c.number), func.sum(tally_lines.c.microseconds))
    lines = select(of.at, of.unit, of.what, *sums, func.max(of.longest)).where(of.sheet == sheet.value)
    lines = lines.group_by(of.at, of.unit, of.what)
    kept = select(*(column for column in tallies.c if column is not tallies.c.sheet))
    kept = kept.where(tallies.c.sheet == sheet.value)
    differing = union_all(except_(lines, kept), except_(kept, lines)).subquery()
    return int(await session.scalar(select(func.count()).select_from(differing)) or 0)


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


class Tallied(NamedTuple):
    """Lines of unit, what, at, number, microseconds and longest, and the values of the parameters in them.

    The lines of one shape are one object, so that whoever builds a statement on them can keep it.
    """

    lines: Subquery
    values: Mapping[str, Any]


async def tallied(
    session: ReadSession,
    scope: CaseScope,
    sheet: Sheet,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    cuts: Iterable[datetime] = (),
    whole_from: datetime | None = None,
) -> Tallied:
    """What counts on a sheet from `since` until before `until`.

    A line is a row, or all rows of a cell, whose beginning is `at` then. A cell is never told in one line that
    a cut falls into, nor one before `whole_from`. The session must be a snapshot, for this asks twice.
    """
    assert isinstance(session, Snapshot), "who stands apart now may not stand apart in the next statement"
    values: dict[str, Any] = {_SINCE: since, _UNTIL: until}
    apart = await _apart(session, scope)
    if apart is None:
        return _told(sheet, _by_rows(sheet, scope, since is not None, until is not None), values)
    cell_for = _SOURCES[sheet].cell_for
    cut = _cut([edge for edge in (since, until, *cuts) if edge is not None], cell_for)
    stretches = _stretches(cut, cell_for, whole_from)
    begins = [begin for begin in (since and _floor(since, cell_for), whole_from) if begin]
    values |= {_FROM: max(begins, default=None), _CUT: cut or None, APART: list(apart) or None}
    for place, (begin, end) in enumerate(stretches):
        values |= {f"{_BEGIN}_{place}": begin, f"{_END}_{place}": end}
    shape = _Shape(
        sheet,
        scope if apart else None,
        frozenset(name for name, value in values.items() if value is not None),
        len(stretches),
    )
    return _told(sheet, _by_cells(shape), values)


_SINCE: Final = "since"
_UNTIL: Final = "until"
_FROM: Final = "from"
_CUT: Final = "cut"
_BEGIN: Final = "begin"
_END: Final = "end"
APART: Final = "apart"


def _told(sheet: Sheet, lines: Subquery, values: Mapping[str, Any]) -> Tallied:
    given = {_name(sheet, name): value for name, value in values.items() if value is not None}
    return Tallied(lines, given)


def _name(sheet: Sheet, name: str) -> str:
    """What a parameter of the lines of a sheet is called; who stands apart is the same for all."""
    return name if name == APART else f"{sheet.value}_{name}"


async def _apart(session: ReadSession, scope: CaseScope) -> tuple[CaseNo, ...] | None:
    """The cases whose lines are not to be used: those marked since, and those that must not be seen.

    None if they are too many, or if whoever asks sees so little that it is counted sooner.
    """

    async def read() -> tuple[CaseNo, ...] | None:
        apart = await session.scalars(_who_stands_apart(scope))
        return tuple(sorted({*apart})) if len(apart) <= MARKED_AT_MOST else None

    return await session.once((_apart, scope), read) if scope.reaches_all else None


@lru_cache(maxsize=_STATEMENTS)
def _who_stands_apart(scope: CaseScope) -> CompoundSelect[Any]:
    marked = select(tally_due.c.case_no).limit(MARKED_AT_MOST + 1).subquery()
    return union_all(select(marked.c.case_no), select(cases.c.case_no).where(not_(scope.condition)))


class _Shape(NamedTuple):
    """What lines look like: of what, for whom if some cases stand apart, and which parameters there are."""

    sheet: Sheet
    scope: CaseScope | None
    given: frozenset[str]
    stretches: int

    def value(self, name: str, kind: Any = Instant) -> Any:  # Any: a parameter of that kind, or none
        """A parameter, if it is given."""
        return bindparam(_name(self.sheet, name), type_=kind) if name in self.given else None


@lru_cache(maxsize=_STATEMENTS)
def _by_rows(sheet: Sheet, scope: CaseScope, has_since: bool, has_until: bool) -> Subquery:
    names = {_SINCE: has_since, _UNTIL: has_until}
    shape = _Shape(sheet, scope, frozenset(name for name, is_given in names.items() if is_given), 0)
    return _rows(shape, _SOURCES[sheet].visible(scope)).subquery()


@lru_cache(maxsize=_STATEMENTS)
def _by_cells(shape: _Shape) -> Subquery:
    source = _SOURCES[shape.sheet]
    parts = [_whole(shape)]
    is_counted: ColumnElement[bool] = true()
    if shape.scope is not None:
        apart = shape.value(APART, Codes)
        is_counted = source.case_no != all_(apart)
        parts += [
            _taken_off(shape),
            _rows(shape, and_(source.case_no == any_(apart), source.visible(shape.scope))),
        ]
    for place in range(shape.stretches):
        stretch = between(source.at, shape.value(f"{_BEGIN}_{place}"), shape.value(f"{_END}_{place}"))
        parts.append(_rows(shape, and_(is_counted, *stretch)))
    return union_all(*parts).subquery()


def _rows(shape: _Shape, condition: ColumnElement[bool]) -> Select[Any]:
    """Rows one by one."""
    source = _SOURCES[shape.sheet]
    asked = between(source.at, shape.value(_SINCE), shape.value(_UNTIL))
    return (
        select(
            source.unit.label("unit"),
            source.what.label("what"),
            source.at.label("at"),
            literal_column("1", BigInteger).label("number"),
            source.microseconds.label("microseconds"),
            source.microseconds.label("longest"),
        )
        .select_from(source.rows)
        .where(source.counts, source.by_now, *asked, condition)
    )


def _within(of: Table, shape: _Shape) -> ColumnElement[bool]:
    """The condition on the cells of a sheet that are told whole."""
    cut = shape.value(_CUT, ARRAY(Instant))
    is_whole = true() if cut is None else of.c.at != all_(cut)
    return and_(
        of.c.sheet == literal_column(f"'{shape.sheet.value}'"),
        *between(of.c.at, shape.value(_FROM), shape.value(_UNTIL)),
        is_whole,
    )


def _whole(shape: _Shape) -> Select[Any]:
    """Cells in one line each."""
    of = tallies.c
    longest: ColumnElement[Any] = of.longest
    if shape.scope is not None and _SOURCES[shape.sheet].microseconds is not _NO_TIME:
        # A case that stands apart may be the longest of its cell.
        apart, lines = shape.value(APART, Codes), tally_lines.c
        theirs = select(lines.at, lines.unit, lines.what).where(
            lines.case_no == any_(apart), lines.sheet == shape.sheet.value
        )
        of_cell = (lines[name] == of[name] for name in _CELL)
        others = select(func.max(lines.longest)).where(*of_cell, lines.case_no != all_(apart))
        is_theirs = tuple_(of.at, of.unit, of.what).in_(theirs)
        longest = case((is_theirs, others.scalar_subquery()), else_=longest)
    columns = of.unit, of.what, of.at, of.number, of.microseconds, longest.label("longest")
    return select(*columns).where(_within(tallies, shape))


def _taken_off(shape: _Shape) -> Select[Any]:
    """What those who stand apart were counted as, to be subtracted."""
    of = tally_lines.c
    return select(of.unit, of.what, of.at, -of.number, -of.microseconds, _NO_TIME).where(
        of.case_no == any_(shape.value(APART, Codes)), _within(tally_lines, shape)
    )


def span_of(microseconds: ColumnElement[Any]) -> ColumnElement[timedelta]:
    """Microseconds as an interval."""
    return cast(func.make_interval(0, 0, 0, 0, 0, 0, microseconds / 1_000_000.0), Interval)


def hour_of(at: datetime) -> datetime:
    """Where the hour begins that an instant is in, as the clock on the wall tells it."""
    return _floor(at, HOUR)


def whole_after(at: datetime, cell_for: timedelta = HOUR) -> datetime:
    """Where the first hour, or day, begins that is wholly after an instant."""
    return _floor(at, cell_for) + cell_for


def _floor(at: datetime, cell_for: timedelta | None) -> datetime:
    """Where the cell of an instant begins; days are Shanghai's."""
    assert cell_for is not None, "a sheet that does not ask when has no instants"
    local = at.astimezone(SHANGHAI)
    midnight = datetime.combine(local.date(), time(), SHANGHAI)
    return midnight + (local - midnight) // cell_for * cell_for


def _cut(edges: Iterable[datetime], cell_for: timedelta | None) -> list[datetime]:
    """The beginnings of the cells that an edge cuts in two, in order."""
    return sorted({begin for edge in edges if (begin := _floor(edge, cell_for)) != edge})


def _stretches(
    cut: Sequence[datetime], cell_for: timedelta | None, whole_from: datetime | None
) -> list[tuple[datetime | None, datetime]]:
    """The stretches of time of which rows are told: what is before `whole_from`, and the cells that are cut."""
    found: list[tuple[datetime | None, datetime]] = [] if whole_from is None else [(None, whole_from)]
    for cell in cut:
        assert cell_for is not None, "only what has an instant is cut"
        begin, end = found.pop() if found and found[-1][1] >= cell else (cell, cell)
        found.append((begin, max(end, cell + cell_for)))
    return found


# Any: an instant, or a parameter that stands for one.
def between(at: ColumnElement[Any], since: Any, until: Any) -> Iterator[ColumnElement[bool]]:
    """The conditions that an instant is in a span, which may have no beginning (None) or no end."""
    if since is not None:
        yield at >= since
    if until is not None:
        yield at < until

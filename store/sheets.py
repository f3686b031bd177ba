"""Sheets (汇总表): which of a case's read rows count where, for what boards ask for is counted ahead (store/tallies.py).

Said once, as queries on rows: the keeper counts by them, whoever reads looks by them at what is not counted yet, and
the audit proves by them what was counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Text,
    and_,
    cast,
    func,
    literal_column,
    not_,
    null,
    or_,
    true,
)

from hotline.calendar import SHANGHAI
from store.alarms import MISSED
from store.scope import CaseScope
from store.tables.casework import cases, clocks, firings, holdings
from store.tables.kinds import Instant

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)

CELL: Final = ("sheet", "at", "unit", "what")
"""What makes a cell, as the tables of tallies name it."""

_NOTHING: Final = cast(literal_column("''"), Text)
_AT_NO_TIME: Final = literal_column("TIMESTAMPTZ 'epoch'", Instant)
"""The one cell of a sheet that does not ask when."""
NO_TIME: Final = cast(null(), BigInteger)
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
class Source:
    """Where the rows of a sheet are, which of them count, and what says in which cell."""

    rows: FromClause
    counts: ColumnElement[bool]
    # Column is generic in what it holds, which a Table does not tell.
    case_no: ColumnElement[Any] = cases.c.case_no
    unit: ColumnElement[Any] = _NOTHING
    what: ColumnElement[Any] = _NOTHING
    at: ColumnElement[Any] = _AT_NO_TIME
    cell_for: timedelta | None = None
    microseconds: ColumnElement[Any] = NO_TIME
    by_now: ColumnElement[bool] = _TRUE
    """What is asked of rows alone, for it changes with the hour; whoever asks gives its parameters."""

    def cell(self) -> ColumnElement[Any]:
        """Where the cell of a row begins; days are Shanghai's (`begin_of`)."""
        if self.cell_for is None:
            return self.at
        return func.date_trunc("day" if self.cell_for == DAY else "hour", self.at, SHANGHAI.key)

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
SOURCES: Final[Mapping[Sheet, Source]] = MappingProxyType(
    {
        Sheet.OPEN: Source(cases, _IS_OPEN, unit=_LEAD, what=cases.c.status),
        Sheet.DUE: Source(
            cases,
            and_(_IS_OPEN, cases.c.next_due_at.is_not(None)),
            unit=_LEAD,
            at=cases.c.next_due_at,
            cell_for=HOUR,
        ),
        Sheet.AGE: Source(cases, _IS_OPEN, at=cases.c.registered_at, cell_for=HOUR),
        Sheet.CAME: Source(
            cases,
            true(),
            what=func.coalesce(cases.c.category, _NOTHING),
            at=cases.c.registered_at,
            cell_for=DAY,
        ),
        Sheet.WENT: Source(cases, cases.c.closed_at.is_not(None), at=cases.c.closed_at, cell_for=DAY),
        Sheet.MATTERS: Source(cases, _HAS_CATEGORY, unit=_LEAD, what=cases.c.category),
        Sheet.OPEN_MATTERS: Source(cases, and_(_IS_OPEN, _HAS_CATEGORY), unit=_LEAD, what=cases.c.category),
        Sheet.ALARM: Source(
            clocks,
            and_(_RUNS, clocks.c.held_at.is_(None), clocks.c.next_alarm_at.is_not(None)),
            clocks.c.case_no,
            unit=clocks.c.holder,
            what=clocks.c.next_alarm,
            at=clocks.c.next_alarm_at,
            cell_for=HOUR,
            by_now=not_(MISSED),
        ),
        Sheet.STILL: Source(
            clocks.join(cases, cases.c.case_no == clocks.c.case_no),
            and_(_RUNS, clocks.c.held_at.is_not(None)),
            unit=clocks.c.holder,
            what=cases.c.status,
        ),
        Sheet.FIRED: Source(
            firings,
            true(),
            firings.c.case_no,
            unit=firings.c.holder,
            what=firings.c.alarm,
            at=firings.c.fired_at,
            cell_for=HOUR,
            microseconds=_microseconds(firings.c.fired_at - firings.c.alarm_at),
        ),
        Sheet.RUNGS: Source(
            firings, true(), firings.c.case_no, what=firings.c.alarm, at=firings.c.fired_at, cell_for=DAY
        ),
        Sheet.ENDED: Source(
            _OF_HOLDINGS,
            and_(not_(_IS_OPEN), _NOT_AGAIN),
            unit=holdings.c.holder,
            what=holdings.c.cause,
            at=cases.c.registered_at,
            cell_for=DAY,
            microseconds=_microseconds(holdings.c.held_for),
        ),
        Sheet.HELD: Source(
            _OF_HOLDINGS,
            and_(_IS_OPEN, _NOT_AGAIN),
            unit=holdings.c.holder,
            what=holdings.c.cause,
            at=cases.c.registered_at,
            cell_for=DAY,
            microseconds=_microseconds(holdings.c.held_for),
        ),
        Sheet.HOLDS: Source(
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


def begin_of(at: datetime, cell_for: timedelta | None) -> datetime:
    """Where the cell of an instant begins, as `Source.cell` has it of a row."""
    assert cell_for is not None, "a sheet that does not ask when has no instants"
    local = at.astimezone(SHANGHAI)
    midnight = datetime.combine(local.date(), time(), SHANGHAI)
    return midnight + (local - midnight) // cell_for * cell_for


def hour_of(at: datetime) -> datetime:
    """Where the hour begins that an instant is in, as the clock on the wall tells it."""
    return begin_of(at, HOUR)


def whole_after(at: datetime, cell_for: timedelta = HOUR) -> datetime:
    """Where the first hour, or day, begins that is wholly after an instant."""
    return begin_of(at, cell_for) + cell_for

"""Periods drawn on a time axis (影响期图): where a bar begins and ends, in hundredths of the axis, and where today is.

Only numbers: a template writes them into attributes of a drawing, and the same dates stand in words beside it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_LEAST: Final = timedelta(days=180)
_ROOM: Final = timedelta(days=30)
_WIDE_YEARS: Final = 6


@dataclass(frozen=True, slots=True)
class Mark:
    """A day on the axis, and what is written there."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """A time axis from one day to another, with today on it."""

    begins_on: date
    ends_on: date
    today: date

    def at(self, day: date) -> float:
        """Where a day is, from 0 to 100; what lies outside is at the end."""
        whole = (self.ends_on - self.begins_on).days
        return round(min(max((day - self.begins_on).days / whole, 0), 1) * 100, 2)

    def width(self, from_on: date, until_on: date | None) -> float:
        """How long a period is; one without an end goes on to the end of the axis."""
        return round(max(self.at(until_on or self.ends_on) - self.at(from_on), 0.5), 2)

    @property
    def now(self) -> float:
        """Where today is."""
        return self.at(self.today)

    @property
    def marks(self) -> Iterator[Mark]:
        """Yield the beginnings of years, or of half-years on a short axis."""
        years = range(self.begins_on.year, self.ends_on.year + 2)
        months = (1,) if len(years) > _WIDE_YEARS else (1, 7)
        for day in (date(year, month, 1) for year in years for month in months):
            if self.begins_on < day < self.ends_on:
                yield Mark(self.at(day), f"{day:%Y-%m}")


def axis_of(periods: Iterable[tuple[date | None, date | None]], today: date) -> Axis:
    """An axis that has room for all of some periods and for today."""
    days = [day for period in periods for day in period if day is not None]
    begins_on = min([*days, today]) - _ROOM
    return Axis(begins_on, max([*days, today + _LEAST]) + _ROOM, today)

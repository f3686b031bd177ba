"""The limits and approvals of accountability as data (办案时限与审批权限), versioned with their calendar.

A span reads as people write it: "30 d" calendar days, "15 wd" working days, "1 m" months. Days and months
end as 民法典 art. 200–203 says: the starting day does not count, a month ends on the corresponding day or
else the last, and what ends on a rest day ends at the close of business of the next working day.
"""

import re
import tomllib
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Final, Self

from pydantic import Field, model_serializer, model_validator

from hotline.accountability.vocabulary import DossierClockKind, Level, Matter
from hotline.calendar import SHANGHAI, WorkingCalendar, default_calendar
from hotline.model import Record

_SPAN: Final = re.compile(r"(\d{1,4}) ?(wd|d|m)")
_WORDS: Final = {"wd": "个工作日", "d": "日", "m": "个月"}


class Span(Record):
    """A stretch of working days, calendar days or months, written and stored as text such as "15 wd"."""

    amount: int = Field(ge=1)
    unit: str

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if not (found := _SPAN.fullmatch(value.strip())):
            message = f"span {value!r} is not of the form '15 wd', '30 d' or '1 m'"
            raise ValueError(message)
        return {"amount": int(found[1]), "unit": found[2]}

    @model_serializer
    def _text(self) -> str:
        return f"{self.amount} {self.unit}"

    @property
    def words(self) -> str:
        """The span in Chinese."""
        return f"{self.amount} {_WORDS[self.unit]}"

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a span."""
        return cls.model_validate(text)


def months_after(day: date, months: int) -> date:
    """The last day of a period of months: the corresponding day, or the last of that month (民法典 art. 202)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def end_of(day: date) -> datetime:
    """The instant at which a day of Shanghai is over."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)


def day_of(at: datetime) -> date:
    """The day of Shanghai in which an instant lies."""
    return at.astimezone(SHANGHAI).date()


class DossierPolicy(Record):
    """One published revision of limits, approval chains and periods; it travels with a dossier.

    `chains` names, per matter, the levels that approve one after the other; `heads` the levels that are added
    when the head of a next-level body is concerned. `effect_months` has the periods that no national text fixes.
    """

    revision: str
    calendar: WorkingCalendar
    speed: float = Field(default=1.0, gt=0)
    limits: Mapping[DossierClockKind, Span]
    approval: Mapping[Level, Span]
    chains: Mapping[Matter, tuple[Level, ...]]
    first_form_chain: tuple[Level, ...]
    heads: tuple[Level, ...] = (Level.PRINCIPAL,)
    execution: Mapping[str, Span]
    effect_months: Mapping[str, int] = Field(default_factory=dict)
    yellow_before_days: int = 3
    recommendation_extension: Span = Span(amount=15, unit="d")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if missing := sorted(_FIXED - set(self.limits)):
            message = f"limits: no limit for {', '.join(missing)}"
            raise ValueError(message)
        if unapproved := sorted(set(Matter) - set(self.chains)):
            message = f"chains: nobody approves {', '.join(unapproved)}"
            raise ValueError(message)
        if not all((*self.chains.values(), self.first_form_chain)):
            message = "chains: every matter is approved by at least one level"
            raise ValueError(message)
        return self

    def ends_at(self, since: datetime, span: Span) -> datetime:
        """When a span that starts in an instant is over, as this policy's clock counts it."""
        due_at = self._ends_at(since, span)
        return due_at if self.speed == 1 else since + (due_at - since) / self.speed

    def _ends_at(self, since: datetime, span: Span) -> datetime:
        if span.unit == "wd":
            return self.calendar.add_working_days(since, span.amount).at
        first = day_of(since)
        last = months_after(first, span.amount) if span.unit == "m" else first + timedelta(days=span.amount)
        noon = datetime.combine(last, time(12), SHANGHAI)
        return self.calendar.closes_on(last) or self.calendar.add_working_days(noon, 1).at

    def day_ends_at(self, since: datetime, day: date) -> datetime:
        """When a day is over that a period of effect ends on; rest days do not lengthen a period."""
        due_at = max(end_of(day), since)
        return due_at if self.speed == 1 else since + (due_at - since) / self.speed

    def compressed(self, speed: float, revision: str) -> "DossierPolicy":
        """The same policy on a clock that runs `speed` times as fast, for simulations (模拟)."""
        return self.model_copy(update={"revision": revision, "speed": speed})


_FIXED: Final = frozenset(DossierClockKind) - {
    DossierClockKind.APPROVAL,
    DossierClockKind.EXECUTION,
    DossierClockKind.REMEDY,
    DossierClockKind.REMEDY_WINDOW,
    DossierClockKind.RECTIFICATION,
    DossierClockKind.PROBATION,
    DossierClockKind.EFFECT,
}
"""The clocks whose limit is one figure; the others follow from level, family, remedy, order or decision."""


def parse_dossier_policy(text: str, calendar: WorkingCalendar) -> DossierPolicy:
    """Read a policy written as TOML. Raises ValueError that names field and rule."""
    return DossierPolicy.model_validate({**tomllib.loads(text), "calendar": calendar})


@lru_cache(maxsize=1)
def default_dossier_policy() -> DossierPolicy:
    """The policy that the package ships (hotline/data/accountability-default.toml)."""
    text = files("hotline").joinpath("data/accountability-default.toml").read_text(encoding="utf-8")
    return parse_dossier_policy(text, default_calendar())

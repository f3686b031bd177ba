"""The working calendar (工作日历): which days and hours count towards a limit of the 12345 hotline.

Holiday notices of the State Council (节假日安排) are data of a named revision that travels with a case, so a
limit reckoned today is explained and repeated years later; the counting rules are domain.md §3.2.

The rules, each by its source or by our decision (D):

- A holiday beats everything; a make-up day (调休) is a working day with the hours of its date; any other
  day works from Monday to Friday.
- A limit in working days leaves out the day it starts on and ends at the close of business of its last day
  (民法典 201, 203 by analogy). Zero working days means "today": the close of business of the starting day
  while the office has not closed yet, else that of the next working day (D).
- A limit in working time runs in opening hours only. It ends at the earliest instant at which the time is
  used up, so a sum that fills a segment ends at its close and not at the next opening (D).
- A year without a notice has its weekends and its statutory holidays (全国年节及纪念日放假办法, 2024) alone,
  and what consulted it is *provisional*. The fixed days are rules below; the days of the lunar and solar-term
  holidays are data of the calendar, known to 2035 in the default one. Substitute days off for a statutory
  holiday on a weekend are left to the notice, because the law does not date them.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import cached_property, lru_cache
from importlib import resources
from itertools import chain, groupby
from typing import Annotated, ClassVar, Final, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictInt,
    StrictStr,
    StringConstraints,
    ValidationError,
    model_validator,
)

__all__ = [
    "SHANGHAI",
    "DayHours",
    "DayKind",
    "HolidayYear",
    "Reckoning",
    "WorkingCalendar",
    "WorkingHours",
    "default_calendar",
    "parse_notice",
]

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


_WEEKDAYS: Final = "一二三四五六日"
_FIXED_HOLIDAYS: Final = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""元旦, 劳动节 and 国庆节 as (month, day): the statutory days that need no almanac."""


# --- Days and how they are written ---------------------------------------------------------------------


def _expand(days: object) -> object:
    """Let a list of days name a run of them as an ISO 8601 interval, such as `2026-02-15/23`."""
    if isinstance(days, str) or not isinstance(days, Iterable):
        return days
    return tuple(chain.from_iterable(_expand_one(day) for day in days))


def _expand_one(day: object) -> Iterable[object]:
    if not isinstance(day, str) or "/" not in day:
        return (day,)
    start, _, tail = day.partition("/")
    first, last = date.fromisoformat(start), date.fromisoformat(start[: -len(tail)] + tail)
    if last < first:
        raise ValueError("a span of days ends before it starts")
    return tuple(_days_from_to(first, last))


def _contract(days: Sequence[date]) -> list[str]:
    """Write runs as spans: a calendar travels with every case, and most holidays are one run."""
    runs = groupby(enumerate(days), key=lambda numbered: numbered[1].toordinal() - numbered[0])
    return [_span([day for _, day in run]) for _, run in runs]


def _span(run: Sequence[date]) -> str:
    first, last = run[0].isoformat(), run[-1].isoformat()
    if first == last:
        return first
    shared = 8 if first[:8] == last[:8] else 5 if first[:5] == last[:5] else 0
    return f"{first}/{last[shared:]}"


def _days_from_to(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _sorted_days(days: tuple[date, ...]) -> tuple[date, ...]:
    return tuple(sorted(set(days)))


_Days = Annotated[
    tuple[date, ...],
    BeforeValidator(_expand),
    AfterValidator(_sorted_days),
    PlainSerializer(_contract, return_type=list[str], when_used="json"),
]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# --- Opening hours 工作时间 ------------------------------------------------------------------------------


def _within_one_day(segments: tuple[tuple[time, time], ...]) -> tuple[tuple[time, time], ...]:
    bounds = list(chain.from_iterable(segments))
    if not bounds:
        raise ValueError("a working day has at least one segment")
    if any(bound.tzinfo is not None for bound in bounds):
        raise ValueError("opening hours are local times of Asia/Shanghai without an offset")
    if any(opens >= closes for opens, closes in segments):
        raise ValueError("a segment opens before it closes, within one day")
    if bounds != sorted(bounds):
        raise ValueError("segments are in order and do not overlap")
    return segments


def _real_month_day(month_day: str) -> str:
    date.fromisoformat(f"2000-{month_day}")  # A leap year, because 02-29 may begin or end a season.
    return month_day


_Segments = Annotated[tuple[tuple[time, time], ...], AfterValidator(_within_one_day)]
_MonthDay = Annotated[str, StringConstraints(pattern=r"^\d{2}-\d{2}$"), AfterValidator(_real_month_day)]


class DayHours(_Value):
    """The hours of one season (夏令/冬令作息), both ends included; it may run over the turn of the year."""

    from_month_day: _MonthDay
    to_month_day: _MonthDay
    segments: _Segments

    def covers(self, day: date) -> bool:
        month_day = f"{day.month:02}-{day.day:02}"
        if self.from_month_day <= self.to_month_day:
            return self.from_month_day <= month_day <= self.to_month_day
        return month_day >= self.from_month_day or month_day <= self.to_month_day


class WorkingHours(_Value):
    """The opening segments of a working day: the default ones, and those of seasons that differ."""

    segments: _Segments
    seasons: tuple[DayHours, ...] = ()

    @model_validator(mode="after")
    def _seasons_do_not_overlap(self) -> Self:
        days = tuple(_days_from_to(date(2000, 1, 1), date(2000, 12, 31)))
        claims = Counter(day for season in self.seasons for day in days if season.covers(day))
        if any(count > 1 for count in claims.values()):
            raise ValueError("seasons do not overlap")
        return self

    def segments_on(self, day: date) -> tuple[tuple[time, time], ...]:
        return next((season.segments for season in self.seasons if season.covers(day)), self.segments)


# --- Notices 放假安排 ------------------------------------------------------------------------------------


class HolidayYear(_Value):
    """One year's holiday notice: its days off, weekends among them, and its make-up working days (调休).

    A notice also sets December days of the year before, where New Year joins a weekend there. A notice
    without days is one that is awaited; its year is not published.
    """

    year: int = Field(ge=1950, le=9998)
    papers: tuple[str, ...] = ()
    off: _Days = ()
    work: _Days = ()

    @model_validator(mode="after")
    def _days_belong_together(self) -> Self:
        if any(not self._may_set(day) for day in self.off + self.work):
            raise ValueError("a notice sets days of its own year and of the December before it")
        if not set(self.off).isdisjoint(self.work):
            raise ValueError("a day is either off or a make-up working day")
        return self

    def _may_set(self, day: date) -> bool:
        return day.year == self.year or (day.year == self.year - 1 and day.month == 12)

    @property
    def is_published(self) -> bool:
        return bool(self.off or self.work)


def _one_notice_a_year(years: tuple[HolidayYear, ...]) -> tuple[HolidayYear, ...]:
    if len({notice.year for notice in years}) < len(years):
        raise ValueError("a year has one notice")
    return tuple(sorted(years, key=lambda notice: notice.year))


# --- The calendar ----------------------------------------------------------------------------------------


class DayKind(StrEnum):
    """Why a day counts or does not."""

    WORKDAY = "workday"
    MAKE_UP = "make_up"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class _DayBook:
    """The notices of all years merged into sets, because a day is looked up a thousand times more often."""

    off: frozenset[date]
    work: frozenset[date]
    lunar_off: frozenset[date]
    published: frozenset[int]

    @classmethod
    def of(cls, years: Iterable[HolidayYear], lunar_off: Iterable[date]) -> Self:
        notices = tuple(years)
        return cls(
            off=frozenset(day for notice in notices for day in notice.off),
            work=frozenset(day for notice in notices for day in notice.work),
            lunar_off=frozenset(lunar_off),
            published=frozenset(notice.year for notice in notices if notice.is_published),
        )

    def kind_of(self, day: date) -> DayKind:
        if day in self.off or (day.year not in self.published and self._is_statutory(day)):
            return DayKind.HOLIDAY
        if day.weekday() < 5:
            return DayKind.WORKDAY
        return DayKind.MAKE_UP if day in self.work else DayKind.WEEKEND

    def _is_statutory(self, day: date) -> bool:
        return (day.month, day.day) in _FIXED_HOLIDAYS or day in self.lunar_off


class Reckoning(_Value):
    """A limit worked out: when it ends, whether a coming notice may move it, and why, for a clerk to read."""

    at: AwareDatetime
    provisional: bool
    because: tuple[str, ...]


class WorkingCalendar(_Value):
    """Working days and hours under one revision of the notices; every question takes and gives aware times."""

    ALGORITHM: ClassVar[str] = "cn-working-days/1"

    revision: str = Field(min_length=1)
    hours: WorkingHours
    years: Annotated[tuple[HolidayYear, ...], AfterValidator(_one_notice_a_year)]
    lunar_off: _Days = ()

    @cached_property
    def day_book(self) -> _DayBook:
        return _DayBook.of(self.years, self.lunar_off)

    def __copy__(self) -> Self:
        """Leave behind what was worked out: `model_copy(update=…)` would answer from that of the original."""
        copied = super().__copy__()
        for book in ("day_book", "span_book"):
            copied.__dict__.pop(book, None)
        return copied

    def kind_of(self, day: date) -> DayKind:
        return self.day_book.kind_of(day)

    def is_working_day(self, day: date) -> bool:
        return self.kind_of(day) in {DayKind.WORKDAY, DayKind.MAKE_UP}

    def is_published(self, day: date) -> bool:
        return day.year in self.day_book.published

    def opens_on(self, day: date) -> datetime | None:
        return next((opens for opens, _ in self._open_spans_on(day)), None)

    def closes_on(self, day: date) -> datetime | None:
        return next((closes for _, closes in reversed(self._open_spans_on(day))), None)

    def next_opening(self, at: datetime) -> datetime:
        """Give `at` itself while the office is open; at the instant of closing it is not."""
        asked_at = _utc(at)
        for day in _days_onward(_local(at).date()):
            for opens, closes in self._open_spans_on(day):
                if asked_at < closes:
                    return max(asked_at, opens)
        raise _beyond_the_calendar()

    def add_working_days(self, start: datetime, days: int) -> Reckoning:
        if days < 0:
            raise ValueError("a limit in working days is not negative")
        started_on = _local(start).date()
        _reject_endless(started_on, days)
        first = started_on if days == 0 and self._is_before_close(start) else _day_after(started_on)
        due_on = self._nth_working_day(first, max(days, 1))
        due_at = self._close_of(due_on)
        return Reckoning(
            at=due_at,
            provisional=self._is_provisional(first, due_on),
            because=tuple(self._explain_days(start, days, first, due_at)),
        )

    def add_working_time(self, start: datetime, duration: timedelta) -> Reckoning:
        if duration < timedelta(0):
            raise ValueError("a limit in working time is not negative")
        first = _local(start).date()
        _reject_endless(first, duration.days)
        due_at = self._use_up(_utc(start), duration)
        return Reckoning(
            at=due_at,
            provisional=self._is_provisional(first, _local(due_at).date()),
            because=tuple(self._explain_time(start, duration, due_at)),
        )

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Measure the open time from `start` to `end`; it is negative when `end` is the earlier one."""
        start_at, end_at = _utc(start), _utc(end)
        if end_at < start_at:
            return -self.working_time_between(end_at, start_at)
        overlaps = (
            min(closes, end_at) - max(opens, start_at)
            for day in _days_from_to(_local(start_at).date(), _local(end_at).date())
            for opens, closes in self._open_spans_on(day)
        )
        return sum((overlap for overlap in overlaps if overlap > timedelta(0)), start=timedelta(0))

    def with_notice(self, notice: HolidayYear, revision: str) -> "WorkingCalendar":
        """Import one year's notice under a new revision; it replaces the notice of that year."""
        others = tuple(known for known in self.years if known.year != notice.year)
        return WorkingCalendar(
            revision=revision, hours=self.hours, years=(*others, notice), lunar_off=self.lunar_off
        )

    def _open_spans_on(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        if day not in self.span_book:
            self.span_book[day] = tuple(
                (_instant(day, opens), _instant(day, closes))
                for opens, closes in self.hours.segments_on(day)
                if self.is_working_day(day)
            )
        return self.span_book[day]

    @cached_property
    def span_book(self) -> dict[date, tuple[tuple[datetime, datetime], ...]]:
        """The days that were asked for: a list asks for the same few for each of its rows."""
        return {}

    def _is_before_close(self, at: datetime) -> bool:
        closes_at = self.closes_on(_local(at).date())
        return closes_at is not None and at < closes_at

    def _close_of(self, working_day: date) -> datetime:
        return _instant(working_day, self.hours.segments_on(working_day)[-1][1])

    def _nth_working_day(self, first: date, count: int) -> date:
        left = count
        for day in _days_onward(first):
            left -= self.is_working_day(day)
            if left == 0:
                return day
        raise _beyond_the_calendar()

    def _use_up(self, start: datetime, duration: timedelta) -> datetime:
        left = duration
        for day in _days_onward(_local(start).date()):
            for opens, closes in self._open_spans_on(day):
                begins = max(opens, start)
                if begins <= closes and left <= closes - begins:
                    return begins + left
                left -= max(closes - begins, timedelta(0))
        raise _beyond_the_calendar()

    # The reasons are written after the result is known, from the days it passed over.

    def _is_provisional(self, first: date, last: date) -> bool:
        return bool(self._unpublished_years(first, last))

    def _unpublished_years(self, first: date, last: date) -> list[int]:
        return [year for year in range(first.year, last.year + 1) if year not in self.day_book.published]

    def _explain_days(self, start: datetime, days: int, first: date, due_at: datetime) -> Iterator[str]:
        due_on, closing = _local(due_at).date(), f"{_local(due_at):%H:%M}"
        yield f"{_stamp(start)} 起算，" + ("当日不计" if days else "限当日")
        if not days and due_on != _local(start).date():
            yield "当日已下班或不上班，顺延至下一个工作日"
        yield from self._explain_between(first, due_on)
        name = f"第 {days} 个工作日为 {due_on}" if days else f"期限日为 {due_on}"
        yield f"{name}，下班时间 {closing} 截止"

    def _explain_time(self, start: datetime, duration: timedelta, due_at: datetime) -> Iterator[str]:
        yield f"{_stamp(start)} 起算，按工作时间计 {_spell(duration)}"
        opening = self.next_opening(start)
        if start < opening <= due_at:
            yield f"起算时不在工作时间，自 {_stamp(opening)} 起计"
        yield from self._explain_between(_local(start).date(), _local(due_at).date())
        yield f"累计至 {_stamp(due_at)} 截止"

    def _explain_between(self, first: date, last: date) -> Iterator[str]:
        weekend_days = 0
        for is_working, run in groupby(_days_from_to(first, last), key=self.is_working_day):
            days = tuple(run)
            kinds = {self.kind_of(day) for day in days}
            if is_working:
                yield from (_make_up_sentence(day) for day in days if self.kind_of(day) is DayKind.MAKE_UP)
            elif DayKind.HOLIDAY in kinds:
                yield _holiday_sentence(days)
            else:
                weekend_days += len(days)
        if weekend_days:
            yield f"其间周末 {weekend_days} 天不计"
        yield from map(self._provisional_sentence, self._unpublished_years(first, last))

    def _provisional_sentence(self, year: int) -> str:
        is_to_come = year > max(self.day_book.published, default=0)
        lack = "尚未公布" if is_to_come else "未收录"
        return f"{year} 年放假安排{lack}，按法定节假日暂定"


# --- Times and sentences ---------------------------------------------------------------------------------


def _local(at: datetime) -> datetime:
    return _in_zone(at, SHANGHAI)


def _utc(at: datetime) -> datetime:
    """Take a time to UTC before any arithmetic: within one zone Python compares and subtracts wall clocks."""
    return _in_zone(at, UTC)


def _in_zone(at: datetime, zone: tzinfo) -> datetime:
    if at.utcoffset() is None:
        raise ValueError("a naive datetime names no instant; give one with an offset")
    try:
        return at.astimezone(zone)
    except OverflowError as error:
        raise _beyond_the_calendar() from error


def _instant(day: date, local: time) -> datetime:
    return datetime.combine(day, local, SHANGHAI).astimezone(UTC)


def _days_onward(first: date) -> Iterator[date]:
    return _days_from_to(first, date.max)


def _day_after(day: date) -> date:
    if day == date.max:
        raise _beyond_the_calendar()
    return day + timedelta(days=1)


def _reject_endless(first: date, days: int) -> None:
    """Refuse at once what a walk through eight thousand years would refuse in the end."""
    if days > (date.max - first).days:
        raise _beyond_the_calendar()


def _beyond_the_calendar() -> ValueError:
    return ValueError("the reckoning leaves the years a calendar can name")


def _stamp(at: datetime) -> str:
    return f"{_local(at).date()} {_local(at):%H:%M}"


def _spell(duration: timedelta) -> str:
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "小时"), (minutes, "分钟"), (seconds, "秒"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 分钟"


def _make_up_sentence(day: date) -> str:
    return f"{day}（周{_WEEKDAYS[day.weekday()]}）调休上班，计入"


def _holiday_sentence(days: Sequence[date]) -> str:
    run = f"{days[0]}" if len(days) == 1 else f"{days[0]} 至 {days[-1]}"
    return f"{run} 放假，不计"


# --- Data coming in --------------------------------------------------------------------------------------


def _iso_day(text: object) -> object:
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError("a day is a string of the form YYYY-MM-DD")
    return text


class _NoticeDay(BaseModel):
    name: StrictStr
    date: Annotated[date, BeforeValidator(_iso_day)]
    is_off_day: StrictBool = Field(alias="isOffDay")


class _Notice(BaseModel):
    """The `{year}.json` form of the holiday-cn data set; keys beside these four do not concern us."""

    year: StrictInt
    papers: list[StrictStr]
    days: list[_NoticeDay]

    @model_validator(mode="after")
    def _each_day_once(self) -> Self:
        if len({day.date for day in self.days}) < len(self.days):
            raise ValueError("days: a notice names each date once")
        return self

    def to_holiday_year(self) -> HolidayYear:
        return HolidayYear(
            year=self.year,
            papers=tuple(self.papers),
            off=tuple(day.date for day in self.days if day.is_off_day),
            work=tuple(day.date for day in self.days if not day.is_off_day),
        )


def parse_notice(data: Mapping[str, object]) -> HolidayYear:
    """Read a year's notice in its `{year}.json` form; a ValueError names each bad field and its rule."""
    try:
        return _Notice.model_validate(data).to_holiday_year()
    except ValidationError as error:
        faults = (f"{_path(fault['loc'])}: {fault['msg']}" for fault in error.errors(include_url=False))
        raise ValueError("; ".join(faults)) from error


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "notice"


@lru_cache(maxsize=1)
def default_calendar() -> WorkingCalendar:
    """Load the calendar that the package ships."""
    text = resources.files("hotline").joinpath("data/calendar-cn.toml").read_text(encoding="utf-8")
    return WorkingCalendar.model_validate(tomllib.loads(text))

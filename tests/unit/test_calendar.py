"""The working calendar: the vectors of domain.md §3.2, every boundary of a day, and laws that always hold.

The shipped years are checked day by day against an independent library and, where it is at hand, against
the notices' machine-readable form.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hotline.calendar import (
    SHANGHAI,
    DayHours,
    DayKind,
    HolidayYear,
    Reckoning,
    WorkingCalendar,
    WorkingHours,
    default_calendar,
    parse_notice,
)

CALENDAR = default_calendar()
SEASONAL = WorkingCalendar(
    revision="seasonal",
    hours=WorkingHours(
        segments=((time(8, 30), time(12)), (time(13, 30), time(18))),
        seasons=(
            DayHours(
                from_month_day="06-01",
                to_month_day="09-30",
                segments=((time(8), time(12)), (time(15), time(18, 30))),
            ),
            DayHours(from_month_day="12-15", to_month_day="02-15", segments=((time(9), time(16)),)),
        ),
    ),
    years=CALENDAR.years,
    lunar_off=CALENDAR.lunar_off,
)
LUNATION = 29.530588
SHARED_NOTICES = Path(__file__).resolve().parents[3] / "shared" / "data" / "calendar"


def at(text: str) -> datetime:
    """Read a local time of Shanghai, such as `2026-02-13 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def shown(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat(" ", "minutes")[:16]


def days_of(first: str, last: str) -> Iterator[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return (start + timedelta(days=n) for n in range((end - start).days + 1))


def notice_of(*days: tuple[object, object]) -> dict[str, Any]:  # Any: JSON as it comes in
    return {
        "year": 2027,
        "papers": ["https://example.invalid/notice"],
        "days": [{"name": "节", "date": day, "isOffDay": is_off} for day, is_off in days],
    }


# --- Working days ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dispatched_on", "days", "due_on"),
    [
        ("2025-01-24", 5, "2025-02-07"),
        ("2025-09-26", 5, "2025-10-10"),
        ("2025-09-30", 1, "2025-10-09"),
        ("2026-02-13", 3, "2026-02-25"),
        ("2026-04-30", 5, "2026-05-11"),
        ("2026-09-18", 5, "2026-09-24"),
        ("2026-09-30", 2, "2026-10-09"),
    ],
)
@pytest.mark.parametrize("hour", ["00:00", "08:30", "12:30", "17:59", "18:00", "23:59:59.999999"])
def test_published_vector_is_due_at_close_of_its_day_whatever_the_hour_of_dispatch(
    dispatched_on: str, days: int, due_on: str, hour: str
) -> None:
    reckoning = CALENDAR.add_working_days(at(f"{dispatched_on} {hour}"), days)
    assert shown(reckoning.at) == f"{due_on} 18:00"
    assert reckoning.provisional is False


def test_limit_into_an_unpublished_year_skips_new_year_and_is_provisional() -> None:
    reckoning = CALENDAR.add_working_days(at("2026-12-31 10:00"), 1)
    assert shown(reckoning.at) == "2027-01-04 18:00"
    assert reckoning.provisional is True
    assert reckoning.because == (
        "2026-12-31 10:00 起算，当日不计",
        "2027-01-01 至 2027-01-03 放假，不计",
        "2027 年放假安排尚未公布，按法定节假日暂定",
        "第 1 个工作日为 2027-01-04，下班时间 18:00 截止",
    )


def test_limit_that_ends_on_the_last_published_day_is_final() -> None:
    reckoning = CALENDAR.add_working_days(at("2026-12-30 10:00"), 1)
    assert shown(reckoning.at) == "2026-12-31 18:00"
    assert reckoning.provisional is False


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-03-02 00:00", "2026-03-02 18:00"),
        ("2026-03-02 12:30", "2026-03-02 18:00"),
        ("2026-03-02 17:59", "2026-03-02 18:00"),
        ("2026-03-02 18:00", "2026-03-03 18:00"),
        ("2026-03-06 18:00", "2026-03-09 18:00"),
        ("2026-02-14 09:00", "2026-02-14 18:00"),
        ("2026-02-14 19:00", "2026-02-24 18:00"),
        ("2026-02-17 09:00", "2026-02-24 18:00"),
    ],
)
def test_zero_working_days_end_today_until_close_and_on_the_next_working_day_after_it(
    start: str, due: str
) -> None:
    assert shown(CALENDAR.add_working_days(at(start), 0).at) == due


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-02-14 10:00", 1, "2026-02-24 18:00"),  # a make-up day as the starting day
        ("2026-02-16 10:00", 1, "2026-02-24 18:00"),  # a holiday as the starting day
        ("2026-02-23 10:00", 1, "2026-02-24 18:00"),
        ("2026-03-07 10:00", 1, "2026-03-09 18:00"),
        ("2026-03-08 23:59", 5, "2026-03-13 18:00"),
    ],
)
def test_starting_day_is_not_counted_whatever_it_is(start: str, days: int, due: str) -> None:
    assert shown(CALENDAR.add_working_days(at(start), days).at) == due


def test_starting_day_is_the_day_in_shanghai_not_the_day_of_the_offset_given() -> None:
    late_in_utc = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)
    assert shown(CALENDAR.add_working_days(late_in_utc, 1).at) == "2026-03-04 18:00"


@pytest.mark.parametrize("start", ["2026-05-29 10:00", "2026-08-31 20:00"])
def test_close_of_business_is_that_of_the_last_days_season(start: str) -> None:
    due = SEASONAL.add_working_days(at(start), 1).at
    assert shown(due).endswith("18:30")


# --- Reasons ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "days", "because"),
    [
        (
            "2026-02-13 10:00",
            3,
            (
                "2026-02-13 10:00 起算，当日不计",
                "2026-02-14（周六）调休上班，计入",
                "2026-02-15 至 2026-02-23 放假，不计",
                "第 3 个工作日为 2026-02-25，下班时间 18:00 截止",
            ),
        ),
        (
            "2026-06-01 09:00",
            10,
            (
                "2026-06-01 09:00 起算，当日不计",
                "其间周末 4 天不计",
                "第 10 个工作日为 2026-06-15，下班时间 18:00 截止",
            ),
        ),
        (
            "2026-03-02 09:00",
            0,
            ("2026-03-02 09:00 起算，限当日", "期限日为 2026-03-02，下班时间 18:00 截止"),
        ),
        (
            "2026-03-07 09:00",
            0,
            (
                "2026-03-07 09:00 起算，限当日",
                "当日已下班或不上班，顺延至下一个工作日",
                "其间周末 1 天不计",
                "期限日为 2026-03-09，下班时间 18:00 截止",
            ),
        ),
        (
            "2024-12-31 09:00",
            1,
            (
                "2024-12-31 09:00 起算，当日不计",
                "2025-01-01 放假，不计",
                "第 1 个工作日为 2025-01-02，下班时间 18:00 截止",
            ),
        ),
    ],
)
def test_reasons_of_a_day_limit_name_what_was_counted_and_what_was_not(
    start: str, days: int, because: tuple[str, ...]
) -> None:
    assert CALENDAR.add_working_days(at(start), days).because == because


def test_reasons_of_a_time_limit_name_the_opening_and_the_days_passed_over() -> None:
    reckoning = CALENDAR.add_working_time(at("2026-02-13 12:30"), timedelta(hours=13, minutes=30))
    assert reckoning.because == (
        "2026-02-13 12:30 起算，按工作时间计 13 小时 30 分钟",
        "起算时不在工作时间，自 2026-02-13 13:30 起计",
        "2026-02-14（周六）调休上班，计入",
        "2026-02-15 至 2026-02-23 放假，不计",
        "累计至 2026-02-24 09:30 截止",
    )


def test_reasons_name_no_opening_after_the_limit_has_ended() -> None:
    reckoning = CALENDAR.add_working_time(at("2026-03-02 12:00"), timedelta(0))
    assert reckoning.because == (
        "2026-03-02 12:00 起算，按工作时间计 0 分钟",
        "累计至 2026-03-02 12:00 截止",
    )


@pytest.mark.parametrize(
    ("duration", "spelled"),
    [
        (timedelta(0), "0 分钟"),
        (timedelta(minutes=45), "45 分钟"),
        (timedelta(hours=30), "30 小时"),
        (timedelta(hours=1, seconds=5), "1 小时 5 秒"),
    ],
)
def test_reasons_spell_a_duration_in_hours_and_minutes(duration: timedelta, spelled: str) -> None:
    reckoning = CALENDAR.add_working_time(at("2026-03-02 10:00"), duration)
    assert reckoning.because[0] == f"2026-03-02 10:00 起算，按工作时间计 {spelled}"


def test_year_before_the_notices_is_said_to_be_missing_not_to_come() -> None:
    reckoning = CALENDAR.add_working_days(at("1999-04-30 10:00"), 1)
    assert shown(reckoning.at) == "1999-05-03 18:00"
    assert reckoning.provisional is True
    assert "1999 年放假安排未收录，按法定节假日暂定" in reckoning.because


# --- Working time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        # Before opening, at opening, in the morning.
        ("2026-03-02 00:00", 60, "2026-03-02 09:30"),
        ("2026-03-02 08:30", 60, "2026-03-02 09:30"),
        ("2026-03-02 09:15", 60, "2026-03-02 10:15"),
        # To the exact end of a segment, one minute past it, and from it.
        ("2026-03-02 08:30", 210, "2026-03-02 12:00"),
        ("2026-03-02 08:30", 211, "2026-03-02 13:31"),
        ("2026-03-02 12:00", 1, "2026-03-02 13:31"),
        # In the lunch break and at its end.
        ("2026-03-02 12:45", 30, "2026-03-02 14:00"),
        ("2026-03-02 13:30", 30, "2026-03-02 14:00"),
        # To the exact close, past it, at it and after it.
        ("2026-03-02 08:30", 480, "2026-03-02 18:00"),
        ("2026-03-02 08:30", 481, "2026-03-03 08:31"),
        ("2026-03-02 17:59", 2, "2026-03-03 08:31"),
        ("2026-03-02 18:00", 1, "2026-03-03 08:31"),
        ("2026-03-02 23:59", 1, "2026-03-03 08:31"),
        # Over a weekend, from a holiday, on a make-up day and from it over a holiday.
        ("2026-03-06 17:00", 120, "2026-03-09 09:30"),
        ("2026-02-17 10:00", 60, "2026-02-24 09:30"),
        ("2026-02-14 10:00", 60, "2026-02-14 11:00"),
        ("2026-02-14 17:00", 120, "2026-02-24 09:30"),
        # Nothing to use up: an instant of opening hours stays, both ends included; any other waits for them.
        ("2026-03-02 10:00", 0, "2026-03-02 10:00"),
        ("2026-03-02 12:00", 0, "2026-03-02 12:00"),
        ("2026-03-02 12:01", 0, "2026-03-02 13:30"),
        ("2026-03-02 18:00", 0, "2026-03-02 18:00"),
        ("2026-03-02 18:01", 0, "2026-03-03 08:30"),
        ("2026-02-20 18:00", 0, "2026-02-24 08:30"),
        # Five days of eight hours.
        ("2026-03-02 08:30", 5 * 480, "2026-03-06 18:00"),
    ],
)
def test_working_time_is_used_up_in_opening_hours_alone(start: str, minutes: int, due: str) -> None:
    duration = timedelta(minutes=minutes)
    assert shown(CALENDAR.add_working_time(at(start), duration).at) == due
    assert CALENDAR.working_time_between(at(start), at(due)) == duration


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-05-29 17:00", 120, "2026-06-01 09:00"),  # into the summer: opens at 08:00
        ("2026-05-29 18:00", 300, "2026-06-01 16:00"),  # its lunch break ends at 15:00
        ("2026-09-30 18:00", 60, "2026-10-08 09:00"),  # out of it: opens at 08:30 after the holiday
        ("2026-12-14 17:00", 120, "2026-12-15 10:00"),  # into a winter that runs over the turn of the year
        ("2025-12-31 15:00", 120, "2026-01-04 10:00"),  # within it, and on a make-up day
        ("2026-02-14 09:00", 420, "2026-02-14 16:00"),  # a make-up day has the hours of its date
    ],
)
def test_hours_follow_the_season_of_each_day(start: str, minutes: int, due: str) -> None:
    assert shown(SEASONAL.add_working_time(at(start), timedelta(minutes=minutes)).at) == due


@pytest.mark.parametrize(
    ("month_day", "opens"),
    [
        ("05-31", time(8, 30)),
        ("06-01", time(8)),
        ("09-30", time(8)),
        ("10-01", time(8, 30)),
        ("12-14", time(8, 30)),
        ("12-15", time(9)),
        ("01-01", time(9)),
        ("02-15", time(9)),
        ("02-16", time(8, 30)),
    ],
)
def test_both_ends_of_a_season_belong_to_it(month_day: str, opens: time) -> None:
    assert SEASONAL.hours.segments_on(date.fromisoformat(f"2026-{month_day}"))[0][0] == opens


def test_working_time_that_enters_an_unpublished_year_is_provisional() -> None:
    to_the_close = CALENDAR.add_working_time(at("2026-12-31 10:00"), timedelta(hours=6, minutes=30))
    past_the_close = CALENDAR.add_working_time(at("2026-12-31 10:00"), timedelta(hours=6, minutes=31))
    assert (shown(to_the_close.at), to_the_close.provisional) == ("2026-12-31 18:00", False)
    assert (shown(past_the_close.at), past_the_close.provisional) == ("2027-01-04 08:31", True)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-03-02 00:00", "2026-03-03 00:00", 480),
        ("2026-03-02 12:00", "2026-03-02 13:30", 0),
        ("2026-03-02 11:59", "2026-03-02 13:31", 2),
        ("2026-03-02 18:00", "2026-03-03 08:30", 0),
        ("2026-02-15 00:00", "2026-02-24 00:00", 0),
        ("2026-02-14 00:00", "2026-02-24 08:31", 481),
        ("2026-03-03 09:00", "2026-03-02 17:00", -90),
    ],
)
def test_time_between_counts_open_minutes_with_the_sign_of_the_direction(
    start: str, end: str, minutes: int
) -> None:
    assert CALENDAR.working_time_between(at(start), at(end)) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-03-02 08:29", "2026-03-02 08:30"),
        ("2026-03-02 08:30", "2026-03-02 08:30"),
        ("2026-03-02 11:59", "2026-03-02 11:59"),
        ("2026-03-02 12:00", "2026-03-02 13:30"),
        ("2026-03-02 17:59", "2026-03-02 17:59"),
        ("2026-03-02 18:00", "2026-03-03 08:30"),
        ("2026-02-14 03:00", "2026-02-14 08:30"),
        ("2026-02-15 10:00", "2026-02-24 08:30"),
    ],
)
def test_next_opening_is_now_while_open_and_the_coming_one_otherwise(moment: str, opening: str) -> None:
    assert CALENDAR.next_opening(at(moment)) == at(opening)


def test_rest_day_neither_opens_nor_closes() -> None:
    holiday, working = date(2026, 2, 17), date(2026, 2, 14)
    assert (CALENDAR.opens_on(holiday), CALENDAR.closes_on(holiday)) == (None, None)
    assert CALENDAR.opens_on(working) == at("2026-02-14 08:30")
    assert CALENDAR.closes_on(working) == at("2026-02-14 18:00")


@pytest.mark.parametrize("day", [date(2026, 1, 14), date(2026, 7, 15)])
def test_office_opens_at_the_same_utc_hour_in_winter_and_in_summer(day: date) -> None:
    opens_at = CALENDAR.opens_on(day)
    assert opens_at == datetime.combine(day, time(0, 30), UTC)


def test_daylight_saving_of_the_eighties_moves_the_opening_and_keeps_the_hours() -> None:
    assert CALENDAR.opens_on(date(1988, 6, 1)) == datetime(1988, 5, 31, 23, 30, tzinfo=UTC)
    assert CALENDAR.working_time_between(at("1988-06-01 00:00"), at("1988-06-02 00:00")) == timedelta(hours=8)


@pytest.mark.parametrize("offset_hours", [-11, 0, 8, 14])
def test_answers_are_utc_and_the_same_for_any_offset_of_the_question(offset_hours: int) -> None:
    shifted = at("2026-03-02 17:30").astimezone(timezone(timedelta(hours=offset_hours)))
    answers = (
        CALENDAR.next_opening(shifted),
        CALENDAR.add_working_days(shifted, 1).at,
        CALENDAR.add_working_time(shifted, timedelta(minutes=20)).at,
    )
    assert [shown(answer) for answer in answers] == [
        "2026-03-02 17:30",
        "2026-03-03 18:00",
        "2026-03-02 17:50",
    ]
    assert {answer.tzinfo for answer in answers} == {UTC}


def test_clock_change_of_the_askers_zone_adds_no_working_time() -> None:
    sunday = date(2026, 3, 29)  # Berlin's clocks jump from 02:00 to 03:00, at 09:00 in Shanghai.
    working = WorkingCalendar(
        revision="x", hours=CALENDAR.hours, years=(HolidayYear(year=2026, work=(sunday,)),)
    )
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime.combine(sunday, time(1, 30), berlin)
    end = datetime.combine(sunday, time(3, 30), berlin)
    assert working.working_time_between(start, end) == timedelta(hours=1)
    assert working.add_working_time(start, timedelta(hours=1)).at == end.astimezone(UTC)


# --- Refused questions -----------------------------------------------------------------------------------


NAIVE = datetime(2026, 3, 2, 10)  # noqa: DTZ001 -- the refusal of a naive time is what is tested


@pytest.mark.parametrize("moment", [NAIVE, at("2026-03-02 10:00")])
def test_naive_time_is_refused_by_every_question_that_an_aware_time_answers(moment: datetime) -> None:
    aware = at("2026-03-02 11:00")
    questions = (
        lambda: CALENDAR.next_opening(moment),
        lambda: CALENDAR.add_working_days(moment, 0),
        lambda: CALENDAR.add_working_days(moment, 1),
        lambda: CALENDAR.add_working_time(moment, timedelta(hours=1)),
        lambda: CALENDAR.working_time_between(moment, aware),
        lambda: CALENDAR.working_time_between(aware, moment),
        lambda: CALENDAR.working_time_between(moment, moment),
    )
    for ask in questions:
        if moment is NAIVE:
            with pytest.raises(ValueError, match="naive"):
                ask()
        else:
            ask()


def test_negative_limit_is_refused_and_zero_is_not() -> None:
    start = at("2026-03-02 10:00")
    assert CALENDAR.add_working_days(start, 0)
    assert CALENDAR.add_working_time(start, timedelta(0))
    with pytest.raises(ValueError, match="working days is not negative"):
        CALENDAR.add_working_days(start, -1)
    with pytest.raises(ValueError, match="working time is not negative"):
        CALENDAR.add_working_time(start, timedelta(microseconds=-1))


@pytest.mark.parametrize(
    "start",
    [datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), datetime.max.replace(tzinfo=UTC)],
)
def test_instant_beyond_the_named_years_is_a_value_error(start: datetime) -> None:
    with pytest.raises(ValueError, match="leaves the years"):
        CALENDAR.add_working_days(start, 1)


class _UnwalkedCalendar(WorkingCalendar):
    def is_working_day(self, day: date) -> bool:
        raise AssertionError(f"walked to {day}")


def test_limit_beyond_the_named_years_is_a_value_error_without_walking_there() -> None:
    unwalked = _UnwalkedCalendar.model_validate(CALENDAR.model_dump())
    start = at("2026-03-02 10:00")
    with pytest.raises(ValueError, match="leaves the years"):
        unwalked.add_working_days(start, 10**15)
    with pytest.raises(ValueError, match="leaves the years"):
        unwalked.add_working_time(start, timedelta.max)


@pytest.mark.parametrize("text", ["9999-12-31 10:00", "9999-12-31 19:00"])
def test_last_day_of_all_has_no_next_working_day(text: str) -> None:
    with pytest.raises(ValueError, match="leaves the years"):
        CALENDAR.add_working_days(at(text), 1)
    with pytest.raises(ValueError, match="leaves the years"):
        CALENDAR.add_working_time(at(text), timedelta(hours=20))


def test_last_day_of_all_can_be_due_until_its_close_alone() -> None:
    assert shown(CALENDAR.add_working_days(at("9999-12-31 10:00"), 0).at) == "9999-12-31 18:00"
    with pytest.raises(ValueError, match="leaves the years"):
        CALENDAR.add_working_days(at("9999-12-31 18:00"), 0)


# --- Kinds of day ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-03-06", DayKind.WORKDAY),
        ("2026-03-07", DayKind.WEEKEND),
        ("2026-02-14", DayKind.MAKE_UP),
        ("2026-02-17", DayKind.HOLIDAY),
        ("2007-12-29", DayKind.MAKE_UP),  # set by the notice of 2008
        ("2018-12-31", DayKind.HOLIDAY),  # set by the notice of 2019
        ("2027-01-01", DayKind.HOLIDAY),  # from here on by statute
        ("2027-01-02", DayKind.WEEKEND),
        ("2027-02-04", DayKind.WORKDAY),
        ("2027-02-05", DayKind.HOLIDAY),  # 除夕
        ("2027-02-08", DayKind.HOLIDAY),  # 初三
        ("2027-02-09", DayKind.WORKDAY),
        ("2027-05-02", DayKind.HOLIDAY),
        ("2027-05-03", DayKind.WORKDAY),
        ("2027-10-03", DayKind.HOLIDAY),
        ("2027-10-04", DayKind.WORKDAY),
        ("2040-10-01", DayKind.HOLIDAY),
        ("2026-05-06", DayKind.WORKDAY),
        ("2026-10-08", DayKind.WORKDAY),
    ],
)
def test_day_is_of_the_kind_its_notice_or_the_statute_makes_it(day: str, kind: DayKind) -> None:
    assert CALENDAR.kind_of(date.fromisoformat(day)) is kind


def test_holiday_beats_a_make_up_day_named_by_another_notice() -> None:
    december = date(2026, 12, 26)
    working = CALENDAR.with_notice(HolidayYear(year=2027, work=(december,)), "a")
    both = WorkingCalendar(
        revision="b",
        hours=working.hours,
        years=(HolidayYear(year=2026, off=(december,)), HolidayYear(year=2027, work=(december,))),
    )
    assert working.kind_of(december) is DayKind.MAKE_UP
    assert both.kind_of(december) is DayKind.HOLIDAY


def test_statute_has_no_say_in_a_published_year() -> None:
    worked = CALENDAR.with_notice(HolidayYear(year=2027, off=(date(2027, 1, 1),)), "worked")
    assert CALENDAR.kind_of(date(2027, 6, 9)) is DayKind.HOLIDAY
    assert worked.kind_of(date(2027, 6, 9)) is DayKind.WORKDAY


def test_statutory_lunar_days_lie_whole_lunations_apart() -> None:
    new_moon = date(2026, 2, 17)
    for year in range(2027, 2036):
        eve, first, second, third, clear_bright, dragon_boat, mid_autumn = (
            day for day in CALENDAR.lunar_off if day.year == year
        )
        assert [second, third] == [first + timedelta(days=1), first + timedelta(days=2)]
        assert eve == first - timedelta(days=1)
        assert clear_bright in {date(year, 4, 4), date(year, 4, 5)}
        for day, day_of_month in ((first, 1), (dragon_boat, 5), (mid_autumn, 15)):
            elapsed = (day - new_moon).days - (day_of_month - 1)
            assert abs(elapsed - round(elapsed / LUNATION) * LUNATION) < 1.2
        assert (dragon_boat - first).days in range(121, 154)
        assert (mid_autumn - dragon_boat).days in range(97, 130)


def test_every_shipped_day_agrees_with_an_independent_library() -> None:
    differing = [
        day
        for day in days_of("2004-01-01", "2026-12-31")
        if CALENDAR.is_working_day(day) is not chinese_calendar.is_workday(day)
    ]
    assert differing == []
    assert all(CALENDAR.is_published(day) for day in days_of("2004-01-01", "2026-12-31"))
    assert not CALENDAR.is_published(date(2003, 12, 31))
    assert not CALENDAR.is_published(date(2027, 1, 1))


@pytest.mark.shared
@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_shipped_notice_is_the_one_in_the_shared_data(year: int) -> None:
    notice = parse_notice(_shared_notice(year))
    assert notice == next(known for known in CALENDAR.years if known.year == year)


@pytest.mark.shared
def test_awaited_notice_in_the_shared_data_publishes_nothing() -> None:
    awaited = parse_notice(_shared_notice(2027))
    imported = CALENDAR.with_notice(awaited, "cn-2027.0")
    assert awaited == HolidayYear(year=2027)
    assert imported.add_working_days(at("2026-12-31 10:00"), 1).provisional is True


def _shared_notice(year: int) -> Mapping[str, object]:
    path = SHARED_NOTICES / f"{year}.json"
    if not path.exists():
        pytest.skip("the holiday notices of ../shared/data/calendar are not beside the project")
    notice: Mapping[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return notice


# --- Notices ---------------------------------------------------------------------------------------------


def test_imported_notice_makes_its_year_final_and_moves_what_it_changes() -> None:
    invented = parse_notice(
        notice_of(("2026-12-26", False), ("2027-01-01", True), ("2027-01-04", True), ("2027-01-02", False))
    )
    imported = CALENDAR.with_notice(invented, "cn-2027.1")
    assert imported.revision == "cn-2027.1"
    assert imported.is_working_day(date(2026, 12, 26))
    assert imported.kind_of(date(2028, 1, 25)) is DayKind.HOLIDAY  # 除夕, still by statute alone
    reckoning = imported.add_working_days(at("2026-12-31 10:00"), 2)
    assert (shown(reckoning.at), reckoning.provisional) == ("2027-01-05 18:00", False)
    before = CALENDAR.add_working_days(at("2026-12-31 10:00"), 2)
    assert (shown(before.at), before.provisional) == ("2027-01-05 18:00", True)


def test_second_notice_of_a_year_replaces_the_first() -> None:
    once = CALENDAR.with_notice(HolidayYear(year=2027, off=(date(2027, 1, 4),)), "a")
    twice = once.with_notice(HolidayYear(year=2027, off=(date(2027, 1, 5),)), "b")
    assert once.is_working_day(date(2027, 1, 5))
    assert twice.is_working_day(date(2027, 1, 4))
    assert not twice.is_working_day(date(2027, 1, 5))
    assert [notice.year for notice in twice.years] == [*range(2004, 2028)]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"year": None}, r"year: .*integer"),
        ({"year": "2027"}, r"year: .*integer"),
        ({"year": True}, r"year: .*integer"),
        ({"year": 12}, r"year: .*1950"),
        ({"papers": "https://example.invalid"}, r"papers: .*list"),
        ({"papers": [7]}, r"papers\.0: .*string"),
        ({"days": {}}, r"days: .*list"),
        ({"days": ["2027-01-01"]}, r"days\.0: .*dictionary"),
        ({"days": [{"name": "节", "date": "2027-01-01"}]}, r"days\.0\.isOffDay: .*required"),
        ({"days": [{"date": "2027-01-01", "isOffDay": True}]}, r"days\.0\.name: .*required"),
        ({"days": [{"name": "节", "isOffDay": True}]}, r"days\.0\.date: .*required"),
        (notice_of(("2027-01-01", "yes")), r"days\.0\.isOffDay: .*boolean"),
        (notice_of(("2027-01-01", True), ("2027-02-30", True)), r"days\.1\.date: .*date"),
        (notice_of(("2027/01/01", True)), r"days\.0\.date: .*YYYY-MM-DD"),
        (notice_of(("20270101", True)), r"days\.0\.date: .*YYYY-MM-DD"),
        (notice_of((1798761600, True)), r"days\.0\.date: .*YYYY-MM-DD"),
        (notice_of(("2027-01-01", True), ("2027-01-01", False)), r"days: .*once"),
        (notice_of(("2027-01-01", True), ("2027-01-01", True)), r"days: .*once"),
        (notice_of(("2026-11-30", True)), r"notice: .*its own year"),
        (notice_of(("2028-01-01", True)), r"notice: .*its own year"),
    ],
)
def test_bad_notice_is_refused_with_its_field_and_rule(change: dict[str, Any], complaint: str) -> None:
    good = notice_of(("2027-01-01", True))
    assert parse_notice(good).off == (date(2027, 1, 1),)
    with pytest.raises(ValueError, match=complaint):
        parse_notice(good | change)


@pytest.mark.parametrize("missing", ["year", "papers", "days"])
def test_notice_without_a_field_is_refused_by_the_name_of_the_field(missing: str) -> None:
    notice = notice_of(("2027-01-01", True))
    del notice[missing]
    with pytest.raises(ValueError, match=f"{missing}: .*required"):
        parse_notice(notice)


def test_notice_keeps_its_papers_and_ignores_what_it_does_not_know() -> None:
    notice = parse_notice(notice_of(("2027-01-01", True)) | {"$schema": "https://example.invalid"})
    assert notice.papers == ("https://example.invalid/notice",)


# --- The calendar as data --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "segments",
    [
        (),
        ((time(12), time(8)),),
        ((time(8), time(8)),),
        ((time(13), time(17)), (time(8), time(12))),
        ((time(8), time(13)), (time(12), time(17))),
        ((time(8, tzinfo=UTC), time(12, tzinfo=UTC)),),
    ],
)
def test_hours_out_of_order_or_without_a_segment_are_refused(segments: tuple[tuple[time, time], ...]) -> None:
    assert WorkingHours(segments=((time(8), time(12)), (time(12), time(17))))
    with pytest.raises(ValidationError):
        WorkingHours(segments=segments)


@pytest.mark.parametrize(
    ("first", "second"),
    [(("06-01", "09-30"), ("09-30", "10-31")), (("11-01", "02-28"), ("01-15", "01-20"))],
)
def test_seasons_that_share_a_day_are_refused(first: tuple[str, str], second: tuple[str, str]) -> None:
    segments = ((time(8), time(12)),)
    seasons = tuple(DayHours(from_month_day=a, to_month_day=b, segments=segments) for a, b in (first, second))
    assert WorkingHours(segments=segments, seasons=seasons[:1])
    with pytest.raises(ValidationError, match="overlap"):
        WorkingHours(segments=segments, seasons=seasons)


@pytest.mark.parametrize("month_day", ["6-1", "02-30", "13-01", "", "2026-06-01", "06-01\n"])
def test_season_begins_on_a_day_that_exists(month_day: str) -> None:
    segments = ((time(8), time(12)),)
    assert DayHours(from_month_day="02-29", to_month_day="03-01", segments=segments)
    with pytest.raises(ValidationError):
        DayHours(from_month_day=month_day, to_month_day="12-31", segments=segments)


def test_day_both_off_and_worked_in_one_notice_is_refused() -> None:
    day = date(2027, 1, 1)
    with pytest.raises(ValidationError, match="either off or"):
        HolidayYear(year=2027, off=(day,), work=(day,))


def test_two_notices_of_one_year_are_refused() -> None:
    with pytest.raises(ValidationError, match="one notice"):
        WorkingCalendar(revision="x", hours=CALENDAR.hours, years=(HolidayYear(year=2027),) * 2)


@pytest.mark.parametrize(
    ("days", "written"),
    [
        (["2027-01-01"], ["2027-01-01"]),
        (["2027-01-03", "2027-01-01", "2027-01-02", "2027-01-02"], ["2027-01-01/03"]),
        (["2027-01-30/02-02"], ["2027-01-30/02-02"]),
        (["2026-12-31/2027-01-01", "2027-01-03"], ["2026-12-31/2027-01-01", "2027-01-03"]),
    ],
)
def test_runs_of_days_are_written_as_intervals(days: list[str], written: list[str]) -> None:
    notice = HolidayYear.model_validate({"year": 2027, "off": days})
    assert notice.model_dump(mode="json")["off"] == written
    assert HolidayYear.model_validate_json(notice.model_dump_json()) == notice


@pytest.mark.parametrize("span", ["2027-01-03/01", "2027-01-03/", "/03", "2027-01-03/35", "2027-01-01/a"])
def test_interval_that_names_no_run_of_days_is_refused(span: str) -> None:
    with pytest.raises(ValidationError):
        HolidayYear.model_validate({"year": 2027, "off": [span]})


@pytest.mark.parametrize("calendar", [CALENDAR, SEASONAL])
def test_calendar_survives_json_exactly_and_stays_small(calendar: WorkingCalendar) -> None:
    calendar.is_working_day(date(2026, 1, 1))
    text = calendar.model_dump_json()
    restored = WorkingCalendar.model_validate_json(text)
    assert restored == calendar
    assert hash(restored) == hash(calendar)
    assert restored.model_dump_json() == text
    assert set(json.loads(text)) == {"revision", "hours", "years", "lunar_off"}
    assert WorkingCalendar.model_validate(calendar.model_dump()) == calendar
    assert len(text) < 8_000


def test_copy_with_other_years_answers_from_those_years() -> None:
    assert not CALENDAR.is_working_day(date(2026, 2, 17))
    emptied = CALENDAR.model_copy(update={"years": ()})
    assert emptied.is_working_day(date(2026, 2, 24))
    assert emptied.is_working_day(date(2026, 2, 17))
    assert not CALENDAR.is_working_day(date(2026, 2, 17))


def test_default_calendar_is_loaded_once() -> None:
    assert default_calendar() is default_calendar()
    assert WorkingCalendar.ALGORITHM == "cn-working-days/1"


# --- Laws ------------------------------------------------------------------------------------------------

untimed = settings(deadline=None)  # A busy machine is no reason to fail.
calendars = st.sampled_from([CALENDAR, SEASONAL])
instants = st.datetimes(datetime(2023, 12, 1), datetime(2028, 3, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- Hypothesis takes naive bounds
durations = st.timedeltas(timedelta(0), timedelta(hours=200))
boundaries = st.builds(
    lambda day, clock: datetime.combine(day, clock, SHANGHAI),
    st.dates(date(2025, 12, 20), date(2026, 10, 20)),
    st.sampled_from([time(0), time(8), time(8, 30), time(9), time(12), time(13, 30), time(15), time(18)]),
)
round_durations = st.integers(0, 200).map(lambda halves: timedelta(minutes=30 * halves))
starts = instants | boundaries
spells = durations | round_durations


@untimed
@given(calendars, starts, spells)
def test_time_between_start_and_due_is_the_duration_added(
    calendar: WorkingCalendar, start: datetime, duration: timedelta
) -> None:
    due = calendar.add_working_time(start, duration).at
    assert due >= start
    assert calendar.working_time_between(start, due) == duration


@untimed
@given(calendars, starts, spells)
def test_due_instant_lies_in_opening_hours(
    calendar: WorkingCalendar, start: datetime, duration: timedelta
) -> None:
    due = calendar.add_working_time(start, duration).at.astimezone(SHANGHAI)
    assert calendar.is_working_day(due.date())
    segments = calendar.hours.segments_on(due.date())
    assert any(opens <= due.time() <= closes for opens, closes in segments)


@untimed
@given(calendars, starts, spells)
def test_no_earlier_instant_has_used_up_the_duration(
    calendar: WorkingCalendar, start: datetime, duration: timedelta
) -> None:
    due = calendar.add_working_time(start, duration).at
    just_before = due - timedelta(microseconds=1)
    if duration and just_before >= start:
        assert calendar.working_time_between(start, just_before) < duration


@untimed
@given(calendars, starts, spells, spells)
def test_two_durations_in_a_row_end_where_their_sum_ends(
    calendar: WorkingCalendar, start: datetime, one: timedelta, two: timedelta
) -> None:
    in_a_row = calendar.add_working_time(calendar.add_working_time(start, one).at, two).at
    assert in_a_row == calendar.add_working_time(start, one + two).at


@untimed
@given(calendars, starts, starts, spells)
def test_a_later_start_is_never_due_earlier(
    calendar: WorkingCalendar, one: datetime, other: datetime, duration: timedelta
) -> None:
    early, late = sorted((one, other))
    assert calendar.add_working_time(early, duration).at <= calendar.add_working_time(late, duration).at


@untimed
@given(calendars, starts, spells, st.timedeltas(timedelta(microseconds=1), timedelta(hours=50)))
def test_a_longer_duration_is_always_due_later(
    calendar: WorkingCalendar, start: datetime, duration: timedelta, more: timedelta
) -> None:
    due = calendar.add_working_time(start, duration).at
    assert due < calendar.add_working_time(start, duration + more).at


@untimed
@given(calendars, starts, starts, starts)
def test_time_between_adds_up_over_any_stop_on_the_way(
    calendar: WorkingCalendar, one: datetime, two: datetime, three: datetime
) -> None:
    measured = calendar.working_time_between
    assert measured(one, two) + measured(two, three) == measured(one, three)


@untimed
@given(calendars, starts, st.integers(0, 60))
def test_day_limit_ends_at_the_close_of_a_working_day(
    calendar: WorkingCalendar, start: datetime, days: int
) -> None:
    reckoning = calendar.add_working_days(start, days)
    due_on = reckoning.at.astimezone(SHANGHAI).date()
    assert calendar.is_working_day(due_on)
    assert reckoning.at == calendar.closes_on(due_on)
    assert reckoning.at > start


@untimed
@given(calendars, starts, st.integers(1, 60))
def test_day_limit_passes_exactly_its_number_of_working_days(
    calendar: WorkingCalendar, start: datetime, days: int
) -> None:
    first = start.astimezone(SHANGHAI).date() + timedelta(days=1)
    due_on = calendar.add_working_days(start, days).at.astimezone(SHANGHAI).date()
    passed = [day for day in days_of(str(first), str(due_on)) if calendar.is_working_day(day)]
    assert len(passed) == days


@untimed
@given(calendars, starts, starts, st.integers(0, 30), st.integers(0, 5))
def test_day_limit_never_falls_earlier_for_a_later_start_or_more_days(
    calendar: WorkingCalendar, one: datetime, other: datetime, days: int, more: int
) -> None:
    early, late = sorted((one, other))
    assert calendar.add_working_days(early, days).at <= calendar.add_working_days(late, days + more).at


@untimed
@given(starts, st.integers(0, 60))
def test_limit_is_provisional_exactly_when_its_days_reach_an_unpublished_year(
    start: datetime, days: int
) -> None:
    reckoning = CALENDAR.add_working_days(start, days)
    assert reckoning.provisional is (reckoning.at.astimezone(SHANGHAI).year > 2026)
    assert reckoning.provisional is any("暂定" in reason for reason in reckoning.because)


@untimed
@given(st.dates(date(2025, 12, 20), date(2026, 10, 20)), st.integers(0, 1440), st.integers(0, 4 * 1440))
def test_time_between_equals_a_count_of_open_minutes(day: date, before: int, span: int) -> None:
    start = datetime.combine(day, time(0), SHANGHAI) + timedelta(minutes=before)
    end = start + timedelta(minutes=span)
    assert SEASONAL.working_time_between(start, end) == timedelta(
        minutes=_open_minutes(SEASONAL, start, span)
    )


def _open_minutes(calendar: WorkingCalendar, start: datetime, span: int) -> int:
    return sum(
        _is_open(calendar, (start + timedelta(minutes=minute)).replace(tzinfo=None)) for minute in range(span)
    )


def _is_open(calendar: WorkingCalendar, local: datetime) -> bool:
    segments = calendar.hours.segments_on(local.date())
    return calendar.is_working_day(local.date()) and any(a <= local.time() < b for a, b in segments)


@untimed
@given(
    st.sets(st.dates(date(2026, 12, 1), date(2027, 12, 31)), max_size=40),
    st.sets(st.dates(date(2026, 12, 1), date(2027, 12, 31)), max_size=40),
)
def test_any_notice_survives_json_exactly(off: set[date], work: set[date]) -> None:
    notice = HolidayYear(year=2027, off=tuple(off), work=tuple(work - off))
    restored = HolidayYear.model_validate_json(notice.model_dump_json())
    assert restored == notice
    assert set(restored.off) == off
    assert set(restored.work) == work - off


@untimed
@given(starts, st.integers(0, 20))
def test_reckoning_survives_json_exactly(start: datetime, days: int) -> None:
    reckoning = CALENDAR.add_working_days(start, days)
    assert Reckoning.model_validate_json(reckoning.model_dump_json()) == reckoning

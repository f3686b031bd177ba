"""What a day off is called (节日名称), for people who look at a calendar; no limit is counted by it.

The calendar keeps which days are off, not why. A statutory holiday falls within a few weeks of the year
(全国年节及纪念日放假办法 art. 2), so its name follows from the date; a day off outside of these windows, such as the
parade of 2015, has none.
"""

from datetime import date
from typing import Final

from hotline.calendar import DayKind, WorkingCalendar

_SEASONS: Final = (
    ("元旦", (12, 29), (1, 4)),
    ("春节", (1, 17), (2, 28)),
    ("清明节", (4, 2), (4, 8)),
    ("劳动节", (4, 27), (5, 8)),
    ("端午节", (5, 26), (6, 27)),
    ("国庆节", (9, 29), (10, 10)),
    ("中秋节", (9, 6), (10, 9)),
)
"""Between which days the days off of a holiday lie, with those that a notice moves there. National Day goes before Mid-Autumn."""


def name_of(calendar: WorkingCalendar, day: date) -> str | None:
    """The holiday that a day off belongs to; None for days that are not off, and for those off for another reason."""
    if calendar.kind_of(day) is not DayKind.HOLIDAY:
        return None
    return next((name for name, first, last in _SEASONS if _within(day, first, last)), None)


def _within(day: date, first: tuple[int, int], last: tuple[int, int]) -> bool:
    place = (day.month, day.day)
    return first <= place <= last if first <= last else place >= first or place <= last

"""What the demo city is made of (演示方案): so many cases that went so far, registered so many days ago.

The table is commands/city.toml. Which complaint each case is and how it goes follow from the seed of the plan, so
that a city which was stopped half-way goes on with the same cases.
"""

import hashlib
import math
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final

from pydantic import Field, JsonValue

from commands.simulation.complaints import complaint
from commands.simulation.dice import Dice
from commands.simulation.life import Life
from hotline.calendar import SHANGHAI, default_calendar
from hotline.model import Record
from hotline.vocabulary import Status

SEED: Final = "city"
_HOURS: Final = {
    8: 6,
    9: 10,
    10: 10,
    11: 8,
    12: 5,
    13: 5,
    14: 8,
    15: 9,
    16: 9,
    17: 8,
    18: 6,
    19: 6,
    20: 5,
    21: 3,
}
"""When people call: the hour of the day, and how many of a hundred calls come in it."""

_WEEKEND_SHARE: Final = 0.45
"""Offices are closed, and people call less than half as often."""


class Row(Record):
    """So many cases that go one way. `until` is a status or a command after which nobody acts any more; without it
    the case goes on to its end or to the present. `stands` is where that leads, unless it is left to chance. `loads` are
    answers of the dice (commands/simulation) that are settled.
    """

    name: str
    count: int = Field(ge=1)
    days: tuple[float, float]
    until: str = ""
    stands: Status | None = None
    loads: Mapping[str, bool | str | float] = Field(default_factory=dict)
    form: Mapping[str, Any] = Field(
        default_factory=dict
    )  # Fields of the registration, which the API validates.
    same_caller: bool = False
    is_history: bool = False

    def is_reached(self, life: Life, kind: str = "") -> bool:
        """Whether a case has come as far as this row wants it."""
        return bool(self.until) and self.until in {life.status.value, kind}


class Fate(Record):
    """One case of the city."""

    index: int
    key: str  # The idempotency key under which it is registered.
    row: Row
    registered_at: datetime
    form: Mapping[str, Any]  # As above.

    @property
    def dice(self) -> Dice:
        """The chance of this case, its settled answers among it."""
        return Dice(SEED, f"case/{self.index}", self.row.loads)


class FileRow(Record):
    """One accountability file: its clue, whom it is about, and how far it has come (commands/city.toml)."""

    name: str
    clue: Mapping[str, str]
    unit: str
    person: Mapping[str, str] | None = None
    steps: tuple[tuple[JsonValue, ...], ...] = ()


class Plan(Record):
    """The rows of cases, in the order in which the city grows, and the accountability files."""

    row: tuple[Row, ...]
    file: tuple[FileRow, ...] = ()

    @property
    def key(self) -> str:
        """What every idempotency key of this plan begins with: another plan makes other cases."""
        return f"city-{hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]}"

    @property
    def size(self) -> int:
        """How many cases there will be."""
        return sum(row.count for row in self.row)

    def scaled(self, cases: int) -> "Plan":
        """The same mix with about so many cases, and at least one of each row."""
        share = cases / self.size
        rows = (row.model_copy(update={"count": max(1, math.floor(row.count * share))}) for row in self.row)
        return self.model_copy(update={"row": tuple(rows)})

    def fates(self, present: datetime) -> Iterator[Fate]:
        """Every case: first those that are still open, so that each desk soon has work, then the past, day by day."""
        found = sorted(self._fates(present), key=lambda fate: (fate.row.is_history, fate.registered_at))
        return iter(found)

    def _fates(self, present: datetime) -> Iterator[Fate]:
        index, key = 0, self.key
        for row in self.row:
            for nth in range(row.count):
                yield _fate(f"{key}-{index:05d}", index, nth, row, present)
                index += 1


@cache
def city_plan() -> Plan:
    """The plan that the package ships."""
    text = files("commands").joinpath("city.toml").read_text(encoding="utf-8")
    return Plan.model_validate(tomllib.loads(text))


def _fate(key: str, index: int, nth: int, row: Row, present: datetime) -> Fate:
    dice = Dice(SEED, f"fate/{index}")
    form = {**complaint(SEED, index, again=False).form}
    if row.same_caller:
        first = complaint(SEED, index - nth, again=False).form
        form |= {name: first[name] for name in _CALLER}
    registered_at = _registered_at(dice, row, present)
    return Fate(index=index, key=key, row=row, registered_at=registered_at, form={**form, **row.form})


_CALLER: Final = ("caller_name", "caller_phone", "address")


def _registered_at(dice: Dice, row: Row, present: datetime) -> datetime:
    """An instant of the past at which somebody may have called."""
    first, last = row.days
    if last <= 1:
        return present - timedelta(days=dice.between("age", first, last))
    for attempt in range(20):
        day = (
            present.astimezone(SHANGHAI) - timedelta(days=dice.between(f"age/{attempt}", first, last))
        ).date()
        if default_calendar().is_working_day(day) or dice.happens(f"weekend/{attempt}", _WEEKEND_SHARE):
            break
    seconds = int(dice.between("second", 0, 3_600))
    hour = dice.weighted("hour", _HOURS)
    local = datetime.combine(day, time(hour, seconds // 60 % 60, seconds % 60), SHANGHAI)
    return min(local, present - timedelta(minutes=30)).astimezone(present.tzinfo)

"""The arithmetic of measurements: what is told of many durations, and when an open loop's requests are due."""

import math
import statistics
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final, TypedDict

KEEPS_UP_FROM: Final = 0.95
"""A system that finishes a twentieth less than what arrives only queues the rest."""


class Spread(TypedDict):
    """What is told of many values of one kind."""

    count: int
    p50: float
    p99: float
    max: float


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share of the values does not exceed; nothing is interpolated."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def spread_of(values: Sequence[float]) -> Spread:
    """Median, 99th percentile and longest. Of fewer than a hundred values the last two are the same."""
    if not values:
        return {"count": 0, "p50": math.nan, "p99": math.nan, "max": math.nan}
    return {
        "count": len(values),
        "p50": round(percentile(values, 0.5), 3),
        "p99": round(percentile(values, 0.99), 3),
        "max": round(max(values), 3),
    }


def median(values: Iterable[float]) -> float:
    """The middle one of a few runs."""
    return round(statistics.median(values), 3)


def ratio(ours: float, theirs: float) -> float:
    """How much of theirs ours is; not a number where there is nothing to compare with."""
    return round(ours / theirs, 3) if theirs else math.nan


def arrivals(per_second: float, lasting_for: timedelta) -> list[float]:
    """When lives begin in an open loop, in seconds from its start: evenly, whatever became of those before."""
    return [number / per_second for number in range(int(per_second * lasting_for.total_seconds()))]


def keeps_up(per_second: float, achieved_per_second: float) -> bool:
    """Whether what was finished is what arrived."""
    return achieved_per_second >= per_second * KEEPS_UP_FROM

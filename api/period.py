"""Periods of the past that may be asked about (期间): a quarter at most, for all that was registered in it is added up."""

from datetime import datetime, timedelta
from typing import Final

from hotline.refusals import GuardFailed
from store.period import Period

LONGEST: Final = timedelta(days=93)
"""A quarter: what is asked of more is asked of several."""


def period_of(since: datetime, until: datetime) -> Period:
    """The span from an instant until before another. Raises GuardFailed: it is longer than `LONGEST`, or ends first."""
    if not timedelta(0) < until - since <= LONGEST:
        raise GuardFailed("bad_period", "起止时间须先后有序，且不超过 93 天", field="until")
    return Period(since, until)

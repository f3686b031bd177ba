"""Months (考核月份): which instants belong to one, until when its cases may be put forward, when it may be frozen.

A month is one of the calendar in Shanghai. Its rows are chained in their order, each as canonical JSON, so that
one digest stands for all of them (hotline/proof/chain.py).
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Self

from hotline.calendar import SHANGHAI
from hotline.indicators.counting import Count
from hotline.model import Record
from hotline.policy import PolicySnapshot
from hotline.proof.chain import GENESIS, entry_hash

MONTH: Final = r"[0-9]{4}-(0[1-9]|1[0-2])"
"""How a month is written."""


class Month(Record):
    """One month of the calendar."""

    year: int
    month: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a month such as `2026-11`. Raises ValueError."""
        if not re.fullmatch(MONTH, text, re.ASCII) or not 1900 <= int(text[:4]) <= 2200:
            message = f"{text!r} is not a month such as 2026-11"
            raise ValueError(message)
        return cls(year=int(text[:4]), month=int(text[5:]))

    @classmethod
    def of(cls, at: datetime) -> Self:
        """The month to which an instant belongs."""
        local = at.astimezone(SHANGHAI)
        return cls(year=local.year, month=local.month)

    def __str__(self) -> str:
        """The month as it is written."""
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def following(self) -> "Month":
        """The month after it."""
        if self.month == 12:
            return Month(year=self.year + 1, month=1)
        return Month(year=self.year, month=self.month + 1)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def since(self) -> datetime:
        """Its first instant."""
        return datetime.combine(self.first, time(), SHANGHAI).astimezone(UTC)

    @property
    def until(self) -> datetime:
        """The first instant that is no more of it."""
        return self.following.since


def appeal_until(month: Month, policy: PolicySnapshot) -> datetime:
    """Until when a case that ended in a month may be put forward for exclusion (剔除申请截止)."""
    last = month.until - timedelta(microseconds=1)
    return policy.add(last, policy.scores.appeal_window).at


def freezable_from(month: Month, policy: PolicySnapshot) -> datetime:
    """From when a month's figures may be frozen: the policy's day, but never before the appeals have ended."""
    day = month.following.first.replace(day=policy.scores.freeze_on_day)
    begins_at = datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
    return max(begins_at, appeal_until(month, policy))


# JSON of a row, as it is hashed.
def content_of(row: Count) -> dict[str, Any]:
    """What of a row is under the digest of its month: everything that counts, spelled in one way."""
    return {
        "case_no": row.case_no,
        "indicator": row.indicator.value,
        "occasion": row.occasion,
        "unit": row.unit,
        "type": row.type.value,
        "counted_at": row.counted_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "raw": row.raw.value,
        "adjusted": row.adjusted.value,
        "reason": row.reason.value,
        "excluded_for": row.excluded_for and row.excluded_for.value,
        "points": row.points,
        "seq": row.seq,
    }


def digest_of(rows: Iterable[Count], before: bytes = GENESIS) -> bytes:
    """The digest of rows that come in the order of their keys; `before` is that of the rows that came before."""
    for row in rows:
        before = entry_hash(before, content_of(row))
    return before

"""Who lives (脉搏), told by whether their beats move on and never by comparing clocks: hosts' clocks may differ by minutes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic


class Pulse:
    """When each was last heard to beat, on a clock of our own that only runs forward."""

    def __init__(self, within_for: timedelta, *, clock: Callable[[], float] = monotonic) -> None:
        """Who did not beat for so long is gone."""
        self._within_for = within_for
        self._clock = clock
        self._heard: dict[str, tuple[datetime, float]] = {}

    def beats(self, who: str, beat_at: datetime) -> bool:
        """Whether somebody lives who says that their last beat was at that instant of their own clock."""
        now = self._clock()
        before = self._heard.get(who)
        if before is None:
            # The first time there is nothing else to go by; with another clock than ours they live from their next beat on.
            age_for = abs(datetime.now(UTC) - beat_at)
            self._heard[who] = (beat_at, now - age_for.total_seconds())
        elif before[0] != beat_at:
            self._heard[who] = (beat_at, now)
        return now - self._heard[who][1] <= self._within_for.total_seconds()

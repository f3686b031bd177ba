"""The metrics keeper (指标值守): tells Prometheus where the whole system stands, every few seconds.

Every API process tells the same, read from the database; whoever draws it takes the greatest.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from prometheus_client import Gauge

from api.keeper import Keeper
from hotline.vocabulary import OPEN, PHASE_OF
from store.engine import Database
from store.failures import DatabaseUnavailable
from store.watching import Standing, standing

LOOK_EVERY: Final = timedelta(seconds=15)
"""As often as Prometheus asks by default."""

_log = structlog.get_logger(__name__)
_open = Gauge("hotline_open_cases", "Open cases by status.", ("status", "phase"))
_overdue = Gauge("hotline_overdue_cases", "Open cases whose next due instant has passed.")
_waiting = Gauge("hotline_waiting", "What waits to be done, by kind.", ("what",))
_oldest = Gauge("hotline_waiting_oldest_seconds", "Age of the oldest that waits, by kind.", ("what",))
_failed = Gauge("hotline_deliveries_failed", "Deliveries that were given up.")
_anchored = Gauge("hotline_last_anchor_timestamp_seconds", "When the ledger was last anchored.")
_read_at = Gauge("hotline_standing_timestamp_seconds", "When the figures above were last read.")


class MetricsKeeper(Keeper):
    """A loop that reads and tells."""

    task_name = "metrics-keeper"

    def __init__(self, database: Database) -> None:
        """Nothing happens before it is entered."""
        self._database = database

    async def look(self, now: datetime) -> None:
        """Read once and tell. Raises DatabaseUnavailable."""
        async with self._database.read() as session:
            tell(await standing(session, now=now), now)

    async def _run(self) -> None:
        while True:
            try:
                await self.look(datetime.now(UTC))
            except DatabaseUnavailable:
                _log.warning("metrics.database_away")
            except Exception:  # noqa: BLE001  figures must not end the loop that brings them
                _log.exception("metrics.failed")
            await asyncio.sleep(LOOK_EVERY.total_seconds())


def tell(found: Standing, now: datetime) -> None:
    """Set every gauge; a status without cases is told as none, not as what it was before."""
    for status in OPEN:
        _open.labels(status, PHASE_OF[status]).set(found.open_by_status.get(status, 0))
    _overdue.set(found.overdue)
    telling = found.telling
    for what, count, since in (
        ("rung", found.missed, found.missed_since),
        ("adoption", found.unadopted, found.unadopted_since),
        ("handover", found.handed_over, found.handed_over_since),
        ("notice", telling.untold, telling.untold_since),
        ("delivery", telling.due, telling.due_since),
        ("delivery_again", telling.retrying, telling.retrying_since),
    ):
        _waiting.labels(what).set(count)
        _oldest.labels(what).set((now - since).total_seconds() if since else 0)
    # A mark says which case, not since when.
    _waiting.labels("tally").set(found.untallied)
    _failed.set(telling.failed)
    if found.anchored_at:
        _anchored.set(found.anchored_at.timestamp())
    _read_at.set(now.timestamp())

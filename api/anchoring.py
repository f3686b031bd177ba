"""The anchor keeper (锚定值守): closes each day of the ledger with a signed anchor, a while after midnight.

A task of every API process; the database lets one of them do it. Days that passed while everything was down
are anchored one by one on return.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from prometheus_client import Counter

from api.keeper import Keeper
from store.anchors import Signer, anchor_next
from store.engine import Database
from store.failures import DatabaseUnavailable

LOOK_EVERY: Final = timedelta(minutes=5)

GRACE_FOR: Final = timedelta(minutes=10)
"""What was decided before midnight has mostly been written by then; what comes later is under the next anchor."""

_log = structlog.get_logger(__name__)
_anchored = Counter("hotline_ledger_anchors", "Days of the ledger that this process has anchored.")


class AnchorKeeper(Keeper):
    """A loop that looks whether a day is due."""

    task_name = "anchor-keeper"

    def __init__(self, database: Database, signer: Signer) -> None:
        """Nothing happens before it is entered."""
        self._database = database
        self._signer = signer

    async def keep(self, now: datetime) -> int:
        """Anchor every day that is due and return how many there were."""
        made = 0
        while True:
            async with self._database.write() as session:
                anchor = await anchor_next(session, self._signer, now=now, grace=GRACE_FOR)
            if anchor is None:
                return made
            made += 1
            _anchored.inc()
            _log.info(
                "ledger.anchored",
                number=anchor.number,
                day=anchor.day.isoformat(),
                cases=anchor.cases,
                hash=anchor.hash.hex(),
            )

    async def _run(self) -> None:
        while True:
            try:
                await self.keep(datetime.now(UTC))
            except DatabaseUnavailable:
                _log.warning("ledger.database_away")
            except Exception:  # noqa: BLE001  a loop that died of a bug would leave days without an anchor
                _log.exception("ledger.anchoring_failed")
            await asyncio.sleep(LOOK_EVERY.total_seconds())

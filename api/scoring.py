"""The score keeper (计数值守): counts each case again, a moment after its ledger grew.

A task of every API process; the database lets one of them count at a time. What changed while everything was down is
still noted, and counted on return.
"""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from api.keeper import Keeper
from store.engine import Database
from store.failures import DatabaseUnavailable
from store.scores import count_changed

LOOK_EVERY: Final = timedelta(seconds=2)

_log = structlog.get_logger(__name__)


class ScoreKeeper(Keeper):
    """A loop that looks for cases which have changed."""

    task_name = "score-keeper"

    def __init__(self, database: Database) -> None:
        """Nothing happens before it is entered."""
        self._database = database

    async def keep(self, *, wait: bool = False) -> int:
        """Count everything that has changed, and return how many cases there were.

        Another process may be counting: then there is nothing to do here, unless the caller needs to know it done.
        """
        counted = 0
        while True:
            async with self._database.write() as session:
                page = await count_changed(session, wait=wait)
            if not page:
                return counted
            counted += page

    async def _run(self) -> None:
        while True:
            try:
                await self.keep()
            except DatabaseUnavailable as away:
                _log.warning("scores.database_away", error_type=type(away).__name__)
            except Exception:  # noqa: BLE001  a loop that died of a bug would leave every figure behind
                _log.exception("scores.counting_failed")
            await asyncio.sleep(LOOK_EVERY.total_seconds())

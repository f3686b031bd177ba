"""The tally keeper (汇总值守): counts each case again for the boards, a moment after its rows have changed.

A task of every API process; the database lets one of them count at a time. Readers put right what it has not come to yet, so
that it may be late, or gone, and no number is wrong; they only take longer.
"""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from api.keeper import Keeper
from store.engine import Database
from store.failures import DatabaseUnavailable
from store.tallies import tally_changed

LOOK_EVERY: Final = timedelta(seconds=1)

_log = structlog.get_logger(__name__)


class TallyKeeper(Keeper):
    """A loop that looks for cases which are marked."""

    task_name = "tally-keeper"

    def __init__(self, database: Database) -> None:
        """Nothing happens before it is entered."""
        self._database = database

    async def keep(self) -> int:
        """Count everything that is marked, and return how many marks there were; none while another process counts."""
        settled = 0
        while True:
            async with self._database.write() as session:
                page = await tally_changed(session)
            if not page:
                return settled
            settled += page

    async def _run(self) -> None:
        while True:
            try:
                await self.keep()
            except DatabaseUnavailable as away:
                _log.warning("tallies.database_away", error_type=type(away).__name__)
            except Exception:  # noqa: BLE001  a loop that died of a bug would leave every board slow
                _log.exception("tallies.counting_failed")
            await asyncio.sleep(LOOK_EVERY.total_seconds())

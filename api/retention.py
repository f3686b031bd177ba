"""The retention keeper (到期清除): erases what is past its term, a batch at a time, a few times a day.

A task of every API process; the database lets one of them do it at a time, and a second finds nothing left.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from prometheus_client import Counter

from api.keeper import Keeper
from hotline.policy import default_policy
from store.engine import Database
from store.failures import DatabaseUnavailable
from store.policies import active
from store.retention import BATCH, Swept, sweep

LOOK_EVERY: Final = timedelta(hours=6)

_log = structlog.get_logger(__name__)
_erased = Counter("hotline_retention_erased", "Things erased because their term was over.", ["what"])


async def apply_retention(database: Database, *, now: datetime) -> Swept:
    """Erase everything that is past its term under the policy in force, and return how much it was."""
    total = Swept()
    while True:
        async with database.write() as session:
            policy = await active(session) or default_policy()
            swept = await sweep(session, policy.retention, now=now)
        if swept is None:
            return total
        total += swept
        if max(swept.callers, swept.cases) < BATCH:
            return total


class RetentionKeeper(Keeper):
    """A loop that looks for what is past its term."""

    task_name = "retention-keeper"

    def __init__(self, database: Database) -> None:
        """Nothing happens before it is entered."""
        self._database = database

    async def keep(self, now: datetime) -> Swept:
        """Erase what is past its term, and tell metrics and log how much."""
        swept = await apply_retention(self._database, now=now)
        for what, count in swept.model_dump().items():
            _erased.labels(what).inc(count)
        if swept.is_anything:
            _log.info("retention.applied", **swept.model_dump())
        return swept

    async def _run(self) -> None:
        while True:
            try:
                await self.keep(datetime.now(UTC))
            except DatabaseUnavailable:
                _log.warning("retention.database_away")
            except Exception:  # noqa: BLE001  a loop that died of a bug would keep data beyond its term
                _log.exception("retention.failed")
            await asyncio.sleep(LOOK_EVERY.total_seconds())

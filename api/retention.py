"""The retention keeper (到期清除): erases what is past its term, a batch at a time, a few times a day.

A task of every API process; the database lets one of them do it at a time, and a second finds nothing left.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Final, Self

import structlog
from prometheus_client import Counter

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


class RetentionKeeper:
    """A loop that looks for what is past its term."""

    def __init__(self, database: Database) -> None:
        """Nothing happens before it is entered."""
        self._database = database
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start looking."""
        self._task = asyncio.create_task(self._run(), name="retention-keeper")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; a batch that is cut short is found again."""
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

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

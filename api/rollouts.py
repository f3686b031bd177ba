"""The rollout keeper (规则换版): sees to it that the engine takes on every rollout that publishing has ordered.

A task of every API process. Publishing needs PostgreSQL alone; if the engine is away, the rollout follows.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from api.errors import ApiError
from api.gateway import CaseGateway, GatewayError
from api.keeper import Keeper
from store.engine import Database
from store.failures import DatabaseUnavailable
from store.rollouts import RolloutReport, mark_started, report_of, unstarted

LOOK_EVERY: Final = timedelta(seconds=30)

_log = structlog.get_logger(__name__)


async def rollout_of(database: Database, revision: str) -> RolloutReport:
    """Where a rollout stands. Raises 404."""
    async with database.read(snapshot=True) as session:
        found = await report_of(session, revision)
    if found is None:
        raise ApiError(404, "rollout_not_found", "没有这个版本的换版记录")
    return found


class RolloutKeeper(Keeper):
    """A loop that looks for rollouts which the engine does not have yet."""

    task_name = "rollout-keeper"

    def __init__(self, database: Database, gateway: CaseGateway) -> None:
        """Nothing happens before it is entered."""
        self._database = database
        self._gateway = gateway
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """Look now, because a revision was published."""
        self._nudged.set()

    async def keep(self) -> None:
        """Have the engine take on what it does not have yet."""
        async with self._database.read() as session:
            waiting = await unstarted(session)
        for revision in waiting:
            await self._gateway.roll_out(revision)
            async with self._database.write() as session:
                await mark_started(session, revision, at=datetime.now(UTC))
            _log.info("rollout.started", revision=revision)

    async def _run(self) -> None:
        while True:
            self._nudged.clear()
            try:
                await self.keep()
            except (GatewayError, DatabaseUnavailable) as away:
                _log.warning("rollout.servers_away", error_type=type(away).__name__)
            except Exception:  # noqa: BLE001  a loop that died of a bug would leave cases on the old policy
                _log.exception("rollout.failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._nudged.wait(), LOOK_EVERY.total_seconds())

"""The rollout keeper (规则换版): sees to it that the engine takes on every rollout that publishing has ordered.

A task of every API process. Publishing needs PostgreSQL alone; if the engine is away, the rollout follows.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Final, Self

import structlog

from api.errors import ApiError
from api.gateway import CaseGateway, GatewayError
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


class RolloutKeeper:
    """A loop that looks for rollouts which the engine does not have yet."""

    def __init__(self, database: Database, gateway: CaseGateway) -> None:
        """Nothing happens before it is entered."""
        self._database = database
        self._gateway = gateway
        self._nudged = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start looking."""
        self._task = asyncio.create_task(self._run(), name="rollout-keeper")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; a start that is cut short is found again, and starting twice is once."""
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

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

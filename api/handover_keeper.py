"""The handover keeper (交接值守): sees to the commands whose facts nobody brought to the ledger in time.

A task of every API process. Whoever asked has died, or got no answer and does not know whether the case decided: the case
itself is asked to write whatever the ledger lacks. Asked twice, it has nothing more to write.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from prometheus_client import Counter

from api.gateway import CaseGateway, GatewayError
from api.keeper import Keeper
from store.engine import Database
from store.failures import DatabaseUnavailable
from store.handovers import Handover, left_behind, look_again, remove_handover

LOOK_EVERY: Final = timedelta(seconds=5)
AGAIN_AFTER: Final = timedelta(seconds=30)
"""A case that cannot write now is asked again then, behind those that were not asked yet."""

BATCH: Final = 100
AT_ONCE: Final = 8

_log = structlog.get_logger(__name__)
_seen_to = Counter(
    "hotline_handovers_seen_to", "Commands whose facts a case wrote because whoever asked did not."
)


class HandoverKeeper(Keeper):
    """A loop that looks for handovers which have outlived their time."""

    task_name = "handover-keeper"

    def __init__(self, database: Database, gateway: CaseGateway) -> None:
        """Nothing happens before it is entered."""
        self._database = database
        self._gateway = gateway
        self._in_flight = asyncio.Semaphore(AT_ONCE)

    async def keep(self, now: datetime) -> None:
        """See to what is left behind; what cannot be seen to now is looked at again.

        Raises DatabaseUnavailable.
        """
        async with self._database.read() as session:
            left = await left_behind(session, now, limit=BATCH)
        if not left:
            return
        async with asyncio.TaskGroup() as group:
            tries = [group.create_task(self._see_to(handover)) for handover in left]
        done = [handover for handover, attempt in zip(left, tries, strict=True) if attempt.result()]
        await self._note(done, [handover for handover in left if handover not in done], now)
        _seen_to.inc(len(done))

    async def _see_to(self, handover: Handover) -> bool:
        async with self._in_flight:
            try:
                await self._gateway.catch_up(handover.case_no)
            except GatewayError as error:
                _log.warning(
                    "handovers.case_away",
                    case_no=handover.case_no,
                    command_id=handover.command_id,
                    error_type=type(error).__name__,
                )
                return False
        _log.info("handovers.seen_to", case_no=handover.case_no, command_id=handover.command_id)
        return True

    async def _note(self, done: Sequence[Handover], waiting: Sequence[Handover], now: datetime) -> None:
        async with self._database.write() as session:
            for handover in done:
                await remove_handover(session, handover.handover_id)
            if waiting:
                await look_again(session, [one.handover_id for one in waiting], at=now + AGAIN_AFTER)

    async def _run(self) -> None:
        while True:
            try:
                await self.keep(datetime.now(UTC))
            except DatabaseUnavailable as away:
                _log.warning("handovers.database_away", error_type=type(away).__name__)
            except Exception:  # noqa: BLE001  a loop that died of a bug would leave the ledger behind
                _log.exception("handovers.failed")
            await asyncio.sleep(LOOK_EVERY.total_seconds())

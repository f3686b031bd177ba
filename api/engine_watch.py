"""Whether anybody serves the queue of cases (值守), asked once in a few seconds however many people look.

The API asks the engine and nobody else: a process that runs is not yet one that serves cases. Whoever watches
the live stream hears of it when the last worker goes and when the first one is back.
"""

import asyncio
from datetime import timedelta
from typing import Final

from api.gateway import CaseGateway, GatewayError, WorkerSeen
from api.keeper import Keeper
from api.live import EngineChange, LiveHub
from hotline.model import Record

LOOK_EVERY: Final = timedelta(seconds=3)
"""Pages of a whole city stand on one look, and the engine is there to serve cases."""


class EngineSeen(Record):
    """Whether the engine answers, and the workers that take its tasks."""

    serves: bool
    workers: tuple[WorkerSeen, ...] = ()

    @property
    def is_attended(self) -> bool:
        """Whether a command that is given now is carried out."""
        return self.serves and bool(self.workers)


class EngineWatch(Keeper):
    """What was last seen of the engine; whoever asks while somebody looks waits for the same look."""

    task_name = "engine-watch"

    def __init__(self, gateway: CaseGateway, live: LiveHub) -> None:
        """Nothing is asked before it is entered or somebody wants to know."""
        self._gateway = gateway
        self._live = live
        self._looking = asyncio.Lock()
        self._stands_until = float("-inf")
        self.seen: EngineSeen | None = None

    @property
    def is_unattended(self) -> bool:
        """Whether nobody served when it was last looked; before the first look, nobody warns of it."""
        return self.seen is not None and not self.seen.is_attended

    async def look(self) -> EngineSeen:
        """What is known, looked up anew when it is too old."""
        now = asyncio.get_running_loop().time
        async with self._looking:
            if self.seen is None or now() >= self._stands_until:
                before, self.seen = self.seen, await self._ask()
                self._stands_until = now() + LOOK_EVERY.total_seconds()
                if before is None or before.is_attended != self.seen.is_attended:
                    self._live.tell(EngineChange(attended=self.seen.is_attended))
            return self.seen

    async def _ask(self) -> EngineSeen:
        try:
            return EngineSeen(serves=True, workers=await self._gateway.workers())
        except GatewayError:
            return EngineSeen(serves=False)

    async def _run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY.total_seconds())

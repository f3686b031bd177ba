"""Overtaking (优先处理): what a person waits for goes before the clocks of a closing time.

The engine gives every task of a workflow the workflow's priority, whoever caused it, so a command on an ordinary case
queues behind thousands of cases whose clocks wake. Whoever has waited for a moment has the case put first
([ADR 0059](../docs/adr/0059-who-waits-is-put-first.md)).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import structlog
from prometheus_client import Counter

PATIENT_FOR: Final = timedelta(milliseconds=300)
"""Seven times what a command takes with nobody else there, and a third of what it may take."""

AT_ONCE: Final = 4
REST_FOR: Final = timedelta(milliseconds=100)
"""Forty cases a second at most: where people alone are too many, nobody gains by being put first, and it must not cost them more."""

STANDS_FOR: Final = timedelta(minutes=10)
"""How long a case that was put first is taken to be first: it stays so for its life, but another engine may have taken it up."""

_log = structlog.get_logger(__name__)
_put_first = Counter("hotline_put_first", "Cases that were put first because somebody waited for them.")


class Overtaking:
    """Watches those who wait, and has the workflows of the slow ones put first, a few at a time."""

    def __init__(self, put_first: Callable[[str], Awaitable[None]], *, patient_for: timedelta) -> None:
        """Take what puts a workflow first; whatever goes wrong there is told to nobody who waits."""
        self._put_first = put_first
        self._patient_for = patient_for
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._first: dict[str, float] = {}

    @asynccontextmanager
    async def waiting_for(self, workflow: str) -> AsyncIterator[None]:
        """Somebody waits for a workflow inside this block."""
        watch = asyncio.create_task(self._watch(workflow))
        try:
            yield
        finally:
            watch.cancel()

    async def _watch(self, workflow: str) -> None:
        await asyncio.sleep(self._patient_for.total_seconds())
        async with self._turns:
            if self._is_first(workflow):
                return
            try:
                await self._put_first(workflow)
            except Exception as error:  # noqa: BLE001  who waits is no worse off than before
                _log.info("overtaking.failed", error_type=type(error).__name__)
            else:
                self._first[workflow] = asyncio.get_running_loop().time()
                _put_first.inc()
            await asyncio.sleep(REST_FOR.total_seconds())

    def _is_first(self, workflow: str) -> bool:
        long_ago = asyncio.get_running_loop().time() - STANDS_FOR.total_seconds()
        while self._first and self._first[oldest := next(iter(self._first))] < long_ago:
            del self._first[oldest]
        return workflow in self._first

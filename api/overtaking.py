"""Overtaking (优先处理): what a person waits for goes before the clocks of a closing time.

The engine gives every task of a workflow the workflow's priority, whoever caused it, so a command on an ordinary case
queues behind thousands of cases whose clocks wake. While that is so, whoever has waited for a moment has the case put
before them until the answer ([ADR 0059](../docs/adr/0059-who-waits-is-put-first.md)).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog
from prometheus_client import Counter

from store.alarms import are_waking
from store.engine import Database
from store.failures import StoreFailure

PATIENT_FOR: Final = timedelta(milliseconds=100)
"""Twice what a command takes with nobody else there, and a tenth of what it may take."""

AT_ONCE: Final = 4
REST_FOR: Final = timedelta(milliseconds=100)
"""Forty changes a second at most: the engine has the clocks to master."""

ASKS_EVERY: Final = timedelta(seconds=1)

_log = structlog.get_logger(__name__)
_put_first = Counter("hotline_put_first", "Cases that were put first because somebody waited for them.")


class WakingClocks:
    """Whether so many clocks wake that people queue behind them; the database is asked once a second at most."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        """Take the clock that alarms are reckoned by."""
        self._database = database
        self._now = now
        self._asked_at: float | None = None
        self._are_many = False

    async def are_many(self) -> bool:
        """What was true a second ago; a database that is away has nobody overtaken."""
        at = asyncio.get_running_loop().time()
        if self._asked_at is None or at >= self._asked_at + ASKS_EVERY.total_seconds():
            self._asked_at = at
            self._are_many = await self._ask()
        return self._are_many

    async def _ask(self) -> bool:
        try:
            async with self._database.read() as session:
                return await are_waking(session, self._now())
        except StoreFailure:
            return False


class Priorities(Protocol):
    """What changes the priority of a workflow in the engine."""

    async def put_first(self, workflow: str) -> int | None:
        """Put a workflow before the clocks; the priority that it had, or None where it was before them already."""
        ...

    async def put_back(self, workflow: str, priority: int) -> None:
        """Give it the priority back that it had."""
        ...


class _Waiting:
    """So many wait for one workflow; `answered` is set while nobody does."""

    def __init__(self) -> None:
        self.people = 0
        self.answered = asyncio.Event()

    def come(self) -> None:
        self.people += 1
        self.answered.clear()

    def go(self) -> None:
        self.people -= 1
        if not self.people:
            self.answered.set()


class Overtaking:
    """Watches those who wait, and has the workflows of the slow ones put first until their answer, a few at a time."""

    def __init__(
        self,
        priorities: Priorities,
        are_many_waking: Callable[[], Awaitable[bool]],
        *,
        patient_for: timedelta,
    ) -> None:
        """Take what changes priorities, and what tells whether there is anybody to overtake; neither's failure is told to who waits."""
        self._priorities = priorities
        self._are_many_waking = are_many_waking
        self._patient_for = patient_for
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = dict[str, _Waiting]()
        self._watches = set[asyncio.Task[None]]()

    @asynccontextmanager
    async def waiting_for(self, workflow: str) -> AsyncIterator[None]:
        """Somebody waits for a workflow inside this block, maybe beside others."""
        waiting = self._waiting.get(workflow) or self._begun(workflow)
        waiting.come()
        try:
            yield
        finally:
            # What the engine was asked meanwhile goes to its end: to break it off costs the engine more.
            waiting.go()

    def _begun(self, workflow: str) -> _Waiting:
        waiting = self._waiting[workflow] = _Waiting()
        watch = asyncio.create_task(self._watch(workflow, waiting))
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)
        return waiting

    async def _watch(self, workflow: str, waiting: _Waiting) -> None:
        """As long as anybody waits; whoever comes while the case is being put back is watched from then on."""
        try:
            while waiting.people:
                if not await self._is_answered_soon(waiting) and await self._are_many_waking():
                    await self._overtake(workflow, waiting)
        except Exception as error:  # noqa: BLE001  who waits is no worse off than before
            _log.info("overtaking.failed", error_type=type(error).__name__)
        finally:
            del self._waiting[workflow]

    async def _is_answered_soon(self, waiting: _Waiting) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patient_for.total_seconds()):
                return await waiting.answered.wait()
        return False

    async def _overtake(self, workflow: str, waiting: _Waiting) -> None:
        async with self._turn():
            priority = await self._priorities.put_first(workflow) if waiting.people else None
        if priority is None:
            return
        _put_first.inc()
        while True:
            await waiting.answered.wait()
            async with self._turn():
                if not waiting.people:
                    await self._priorities.put_back(workflow, priority)
                    return

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        async with self._turns:
            yield
            await asyncio.sleep(REST_FOR.total_seconds())

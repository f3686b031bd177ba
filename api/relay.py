"""The relay (补登中继): brings every registered case to the engine that no workflow has adopted yet.

Registering needs PostgreSQL alone; the intake record is the outbox. Any number of relays and requests may
adopt the same case at once, because adopting is idempotent by its number.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from prometheus_client import Counter

from api.bookkeeping import Bookkeeper
from api.gateway import CaseArchived, EngineFault, EngineUnavailable
from api.keeper import Keeper
from hotline.policy import PolicySnapshot
from hotline.refusals import Refusal
from store.engine import Database
from store.failures import DatabaseUnavailable
from store.intake import Unadopted, mark_adopted, unadopted
from store.policies import by_revision

BATCH: Final = 100
AT_ONCE: Final = 8
"""Adoptions in flight. Two cores start about a hundred cases a second; more would only queue up."""

GRACE_FOR: Final = timedelta(seconds=2)
"""Who registers a case brings it to the engine as well; the relay leaves them this long."""

LONGEST_PAUSE: Final = timedelta(seconds=30)

_log = structlog.get_logger(__name__)
_adopted = Counter("hotline_relay_adopted", "Cases that the relay brought to the engine.")


class ServersAway(Exception):  # noqa: N818  as the failures of store and gateway
    """The database or the engine does not answer: the rest of a batch would only wait."""


class Relay(Keeper):
    """A loop that looks for unadopted cases, at intervals and when nudged."""

    task_name = "relay"

    def __init__(self, database: Database, books: Bookkeeper, *, interval: timedelta) -> None:
        """Look every `interval` while the servers answer, less and less often while they do not."""
        self._database = database
        self._books = books
        self._interval = interval
        self._policies: dict[str, PolicySnapshot] = {}
        self._in_flight = asyncio.Semaphore(AT_ONCE)
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """Look now, for instance because a case could not be brought to the engine."""
        self._nudged.set()

    async def sweep(self, *, grace: timedelta = timedelta(0)) -> int:
        """Bring one batch to the engine, the oldest cases first, and return how many it took.

        ServersAway: not all of them were tried; they are found again next time.
        """
        try:
            async with self._database.read() as session:
                found = await unadopted(session, older_than=datetime.now(UTC) - grace, limit=BATCH)
            async with asyncio.TaskGroup() as group:
                tries = [group.create_task(self._bring(case)) for case in found]
        except* (EngineUnavailable, DatabaseUnavailable) as away:
            raise ServersAway from away
        return sum(attempt.result() for attempt in tries)

    async def _run(self) -> None:
        pause = self._interval
        grace = GRACE_FOR
        while True:
            try:
                taken = await self.sweep(grace=grace)
                pause = timedelta(0) if taken == BATCH else self._interval
            except ServersAway:
                pause = _longer(pause, self._interval)
                _log.warning("relay.servers_away", next_try_seconds=pause.total_seconds())
            except Exception:  # noqa: BLE001  a loop that died of a bug would leave citizens' cases lying
                pause = _longer(pause, self._interval)
                _log.exception("relay.failed")
            grace = timedelta(0) if await self._nudged_within(pause) else GRACE_FOR

    async def _nudged_within(self, pause: timedelta) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._nudged.wait(), pause.total_seconds())
        nudged = self._nudged.is_set()
        self._nudged.clear()
        return nudged

    async def _bring(self, case: Unadopted) -> bool:
        async with self._in_flight:
            try:
                await self._books.adopt(case.registration, await self._policy(case))
            except CaseArchived:
                _log.info("relay.case_had_ended", case_no=case.case_no)
            except (EngineFault, Refusal, PolicyMissing) as error:
                # One case that cannot start must not keep the others out; it is tried again next time.
                _log.exception(
                    "relay.case_not_adopted", case_no=case.case_no, error_type=type(error).__name__
                )
                return False
            async with self._database.write() as session:
                await mark_adopted(session, case.case_no, at=datetime.now(UTC))
        _adopted.inc()
        return True

    async def _policy(self, case: Unadopted) -> PolicySnapshot:
        revision = case.registration.policy_revision
        if revision not in self._policies:
            async with self._database.read() as session:
                found = await by_revision(session, revision)
            if found is None:
                raise PolicyMissing(revision)
            self._policies[revision] = found
        return self._policies[revision]


def _longer(pause: timedelta, interval: timedelta) -> timedelta:
    return min(max(pause, interval) * 2, LONGEST_PAUSE)


class PolicyMissing(Exception):  # noqa: N818  as above
    """A case was registered under a revision that is not published."""

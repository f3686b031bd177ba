"""The screening keeper (筛查值守): reads every case in which something happened that a rule looks for.

A task of every API process; the database lets one of them read at a time. A case waits in the queue from the
transaction that wrote its facts until its hits are kept, so a crash costs a second look and nothing else. Rules
that are new are laid against every living case once.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from prometheus_client import Counter

from api.keeper import Keeper
from hotline.identifiers import CaseNo
from hotline.policy import PolicySnapshot
from store.engine import Database
from store.failures import DatabaseUnavailable
from store.policies import active_revision, by_revision
from store.screening import next_waiting, postpone, screen_cases, sweep

LOOK_EVERY: Final = timedelta(seconds=5)
"""The rule gives a working day (domain.md §12 rule 22); looking costs one query."""

_log = structlog.get_logger(__name__)
_hits = Counter("hotline_screening_hits", "Hits of screening that this process has found.")


class ScreeningKeeper(Keeper):
    """A loop that looks for cases to read."""

    task_name = "screening-keeper"

    def __init__(self, database: Database) -> None:
        """Nothing happens before it is entered."""
        self._database = database
        self._policy: PolicySnapshot | None = None

    async def keep(self, now: datetime) -> int:
        """Read every case that waits, and return how many hits were found."""
        policy = await self._in_force(now)
        found = 0
        while policy and (case_nos := await self._next()):
            hits, goes_on = await self._read(case_nos, policy, now)
            found += hits
            if not goes_on:
                break
        return found

    async def _in_force(self, now: datetime) -> PolicySnapshot | None:
        """The policy in force; when it is another than last time, its rules are laid against what there is."""
        async with self._database.read() as session:
            revision = await active_revision(session)
            if revision is None or (self._policy and self._policy.revision == revision):
                return self._policy
            policy = await by_revision(session, revision)
        if policy:
            async with self._database.write() as session:
                queued = await sweep(session, policy.screens, revision, at=now)
            _log.info("screening.rules_in_force", revision=revision, queued=queued)
        self._policy = policy
        return policy

    async def _next(self) -> tuple[CaseNo, ...]:
        async with self._database.read() as session:
            return await next_waiting(session)

    async def _read(
        self, case_nos: Sequence[CaseNo], policy: PolicySnapshot, now: datetime
    ) -> tuple[int, bool]:
        """Read some cases: how many new hits they have, and whether to go on at once.

        Not if another process is reading, nor if one of them cannot be read, which then waits behind all others.
        """
        try:
            async with self._database.write() as session:
                hits = await screen_cases(session, case_nos, policy, at=now)
        except DatabaseUnavailable:
            raise
        except Exception:  # noqa: BLE001  one case that cannot be read must not keep the others unread
            if len(case_nos) > 1:
                each = [await self._read((case_no,), policy, now) for case_no in case_nos]
                return sum(found for found, _ in each), False
            _log.exception("screening.case_failed", case_no=case_nos[0])
            async with self._database.write() as session:
                await postpone(session, case_nos[0], at=now)
            return 0, False
        if hits:
            _hits.inc(len(hits))
            _log.info("screening.found", hits=hits)
        return len(hits or ()), hits is not None

    async def _run(self) -> None:
        while True:
            try:
                await self.keep(datetime.now(UTC))
            except DatabaseUnavailable:
                _log.warning("screening.database_away")
            except Exception:  # noqa: BLE001  a loop that died of a bug would leave cases unread
                _log.exception("screening.failed")
            await asyncio.sleep(LOOK_EVERY.total_seconds())

"""The clue keeper (线索值守): brings every registered clue to the engine that no workflow has adopted yet.

A task of every API process. Registering a clue needs PostgreSQL alone; if the engine is away, the file follows.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from api.gateway import CaseGateway, DossierArchived, GatewayError
from api.keeper import Keeper
from hotline.accountability.policy import default_dossier_policy
from store.clues import mark_adopted, unadopted_clues
from store.engine import Database
from store.failures import DatabaseUnavailable

LOOK_EVERY: Final = timedelta(seconds=30)
GRACE_FOR: Final = timedelta(seconds=5)
"""Who registers a clue brings it to the engine as well; the keeper leaves them this long."""

_log = structlog.get_logger(__name__)


class ClueKeeper(Keeper):
    """A loop that looks for clues which the engine does not have yet."""

    task_name = "clue-keeper"

    def __init__(self, database: Database, gateway: CaseGateway) -> None:
        """Nothing happens before it is entered."""
        self._database = database
        self._gateway = gateway
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """Look now, because a clue could not be brought to the engine."""
        self._nudged.set()

    async def keep(self, *, grace: timedelta = timedelta(0)) -> None:
        """Have the engine take on what it does not have yet."""
        async with self._database.read() as session:
            waiting = await unadopted_clues(session, older_than=datetime.now(UTC) - grace)
        for registration in waiting:
            with suppress(DossierArchived):
                await self._gateway.adopt_dossier(registration, default_dossier_policy())
            async with self._database.write() as session:
                await mark_adopted(session, registration.dossier_no, at=datetime.now(UTC))

    async def _run(self) -> None:
        while True:
            was_nudged = self._nudged.is_set()
            self._nudged.clear()
            try:
                await self.keep(grace=timedelta(0) if was_nudged else GRACE_FOR)
            except (GatewayError, DatabaseUnavailable) as away:
                _log.warning("clues.servers_away", error_type=type(away).__name__)
            except Exception:  # noqa: BLE001  a loop that died of a bug would leave clues lying
                _log.exception("clues.failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._nudged.wait(), LOOK_EVERY.total_seconds())

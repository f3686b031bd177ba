"""The ladder keeper (问责提示): when the last rung of a case's ladder fires, a clue is registered, exactly once.

The rung only proposes: the file waits for its disposal plan, which people propose and approve (domain.md §7.2). It
is found in the ledger, so that one which fired while no API ran is found by the next. The cause keeps it single.
"""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from api.dossier_desk import Clue, clue_from_case, raise_clue
from api.keeper import Keeper
from api.services import Services
from hotline.accountability.decide import SYSTEM_OFFICER
from hotline.accountability.vocabulary import ClueSource
from hotline.refusals import Refusal
from store.clues import LadderProposal, proposed_by_ladders
from store.failures import DatabaseUnavailable

LOOK_EVERY: Final = timedelta(seconds=60)
LOOKS_BACK_FOR: Final = timedelta(days=30)
"""Longer than any outage; further back the ledger need not be read every minute."""

_log = structlog.get_logger(__name__)


class LadderKeeper(Keeper):
    """A loop that looks for last rungs without a clue."""

    task_name = "ladder-keeper"

    def __init__(self, services: Services) -> None:
        """Nothing happens before it is entered."""
        self._services = services

    async def keep(self) -> None:
        """Register a clue for each case whose last rung has fired."""
        since = self._services.now() - LOOKS_BACK_FOR
        async with self._services.database.read() as session:
            found = await proposed_by_ladders(session, since=since)
        for proposal in found:
            await propose_clue(self._services, proposal)

    async def _run(self) -> None:
        while True:
            try:
                await self.keep()
            except (DatabaseUnavailable, Refusal) as away:
                _log.warning("ladder.clue_not_registered", error_type=type(away).__name__)
            except Exception:  # noqa: BLE001  a loop that died of a bug would propose nothing any more
                _log.exception("ladder.failed")
            await asyncio.sleep(LOOK_EVERY.total_seconds())


async def propose_clue(services: Services, proposal: LadderProposal) -> None:
    """Register the clue of a ladder; asked again, it is the same one."""
    summary = "督办阶梯已升至“问责”提示：承办单位持有期间逾期未办结，经逐级督办仍未整改，请提出处置方案。"
    clue = Clue(
        form=clue_from_case(proposal.case_no, ClueSource.LADDER, [proposal.unit], summary),
        officer=SYSTEM_OFFICER,
        key=proposal.cause,
        cause=proposal.cause,
    )
    await raise_clue(services, clue)

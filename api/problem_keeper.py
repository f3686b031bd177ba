"""The line keeper (台账值守): tells each line of repeat problems how its cases stand.

A task of every API process. Links are written with the projection of a case; what a line has not heard yet is
found by comparing the two, so that whatever is killed in between is told when somebody looks again. Telling is
idempotent by line, case and version, and any number of keepers may do it.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from api.gateway import CaseGateway, EngineUnavailable, GatewayError, LineFiled
from api.keeper import Keeper
from api.policies import PolicyShelf
from hotline.identifiers import derived_command
from hotline.problems.commands import ProblemEnvelope
from hotline.refusals import Refusal
from hotline.roles import SYSTEM_ACTOR
from store.engine import Database
from store.failures import DatabaseUnavailable
from store.problem_lines import Untold, find_another, mark_told, untold

LOOK_EVERY: Final = timedelta(seconds=5)

_OVER: Final = frozenset({"line_is_over", "line_wrong_stage"})
"""How a line says that its look-back has ended."""

_log = structlog.get_logger(__name__)


class ProblemKeeper(Keeper):
    """A loop that looks for news which lines have yet to hear."""

    task_name = "problem-keeper"

    def __init__(self, database: Database, gateway: CaseGateway) -> None:
        """Nothing happens before it is entered."""
        self._database = database
        self._gateway = gateway
        self._policies = PolicyShelf(database)

    async def keep(self) -> int:
        """Tell one batch, and return how much of it lines have heard.

        EngineUnavailable, DatabaseUnavailable: the rest is found again next time.
        """
        async with self._database.read() as session:
            waiting = await untold(session)
        heard = 0
        for news in waiting:
            heard += await self._tell(news)
        return heard

    async def _tell(self, news: Untold) -> bool:
        line, note = news.registration.line_no, news.note
        envelope = ProblemEnvelope(
            command_id=derived_command(line, f"{note.case_no}/{note.version}"),
            actor=SYSTEM_ACTOR,
            command=note,
        )
        try:
            policy = await self._policies.of(news.registration.policy_revision)
            await self._gateway.note(news.registration, policy, envelope)
        except EngineUnavailable:
            raise
        except LineFiled:
            await self._look_again(news)
            return False
        except (GatewayError, Refusal) as error:
            if isinstance(error, Refusal) and error.code in _OVER:
                await self._look_again(news)
                return False
            # One line that cannot hear must not keep the others from it; it is tried again next time.
            _log.exception("problem.not_told", line_no=line, error_type=type(error).__name__)
            return False
        async with self._database.write() as session:
            await mark_told(session, line, note.case_no, news.told)
        return True

    async def _look_again(self, news: Untold) -> None:
        """The line was over before it heard: what comes now belongs to another one, or to none yet."""
        line, number = news.registration.line_no, news.note.case_no
        _log.info("problem.line_was_over", line_no=line, case_no=number)
        async with self._database.write() as session:
            await find_another(session, line, number, at=datetime.now(UTC))

    async def _run(self) -> None:
        while True:
            heard = 0
            try:
                heard = await self.keep()
            except (GatewayError, DatabaseUnavailable) as away:
                _log.warning("problem.servers_away", error_type=type(away).__name__)
            except Exception:  # noqa: BLE001  a loop that died of a bug would leave lines without news
                _log.exception("problem.failed")
            await asyncio.sleep(0 if heard else LOOK_EVERY.total_seconds())

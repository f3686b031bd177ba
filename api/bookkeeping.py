"""Bookkeeping (记账): a case decides, and whoever asked writes what it decided into the ledger before anybody is told.

The engine has recorded a decision before it is known here, so the ledger may lag behind a case and never leads it. That it
lags for seconds at most is what a handover is for: noted before the case is asked, gone once its facts are written, and
seen to by the keeper (api/handover_keeper.py) if this process dies in between. A registration needs none: its intake
record is one, and the relay asks again until its facts are there.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import structlog

from api.gateway import CaseArchived, CaseGateway, CaseNotAdopted
from hotline.case import CaseState, Registration
from hotline.commands import CommandEnvelope
from hotline.identifiers import CaseNo, CommandId
from hotline.policy import PolicySnapshot
from hotline.refusals import Refusal
from store.engine import Database, WriteSession
from store.failures import DatabaseUnavailable, LedgerFailure
from store.handovers import Handover, HandoverId, note_handover, remove_handover
from store.projection import project
from workflows.contracts import Answer, Receipt

MARGIN_FOR: Final = timedelta(seconds=5)
"""After the longest wait for the engine: time to write what it answered."""

_log = structlog.get_logger(__name__)


class Bookkeeper:
    """The way from a command to its receipt, with the ledger on it."""

    def __init__(self, database: Database, gateway: CaseGateway, *, brings: bool = True) -> None:
        """Take the pool and the way to the cases that everybody shares; what it does not bring, cases write by themselves."""
        self._database = database
        self._gateway = gateway
        self._brings = brings

    async def adopt(self, registration: Registration, policy: PolicySnapshot) -> Receipt:
        """Have the engine take a registered case on; any number of callers may race. Raises GatewayError."""
        answer = await self._gateway.adopt(registration, policy, ledger_seen=0 if self._brings else None)
        await self._write(answer)
        return answer

    async def expect(self, session: WriteSession, case_no: CaseNo, command_id: CommandId) -> Handover:
        """Note, in a transaction that ends before the case is asked, that it is about to be."""
        at = datetime.now(UTC)
        handover = Handover(
            handover_id=HandoverId(uuid4().hex),
            case_no=case_no,
            command_id=command_id,
            since=at,
            look_at=at + self._gateway.answer_within + MARGIN_FOR,
        )
        await note_handover(session, handover)
        return handover

    async def send(self, handover: Handover, envelope: CommandEnvelope, *, seen: CaseState) -> Receipt:
        """Have a case decide the command that was noted; returns once its facts are in the ledger.

        `seen` is how the ledger had the case before. Raises what the gateway's `send` does.
        """
        if self._brings:
            envelope = envelope.model_copy(update={"ledger_seen": seen.version})
        try:
            answer = await self._gateway.send(handover.case_no, envelope)
        except (Refusal, CaseArchived, CaseNotAdopted):
            # Nothing was decided. Of a note that stays because the database is away, the keeper finds out as much.
            with suppress(DatabaseUnavailable):
                async with self._database.write() as session:
                    await remove_handover(session, handover.handover_id)
            raise
        await self._write(answer, handover, seen)
        return answer

    async def _write(
        self, answer: Answer, handover: Handover | None = None, seen: CaseState | None = None
    ) -> None:
        """Write into the ledger what it lacks; a case can do so itself and is more patient, so what fails here is left to it."""
        brings = handover.handover_id if handover else None
        try:
            async with self._database.write() as session:
                if answer.facts:
                    await project(session, answer.case_no, answer.facts, seen=seen, brings=brings)
                elif brings:
                    await remove_handover(session, brings)
        except (DatabaseUnavailable, LedgerFailure) as failure:
            _log.warning("ledger.left_to_case", case_no=answer.case_no, failure_kind=type(failure).__name__)
            await self._gateway.catch_up(answer.case_no)

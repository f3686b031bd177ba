"""Bookkeeping (记账): a case decides, and whoever asked writes what it decided into the ledger before anybody is told.

The engine has recorded a decision before it is known here, so the ledger may lag behind a case and never leads it. That it
lags for seconds at most is what a handover is for: noted before the case is asked, gone once its facts are written, and
seen to by the keeper (api/handover_keeper.py) if this process dies in between. A registration needs none: its intake
record is one, and the relay asks again until its facts are there.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import structlog

from api.gateway import CaseArchived, CaseGateway, CaseNotAdopted
from hotline.case import CaseState, Registration
from hotline.commands import CommandEnvelope
from hotline.identifiers import CommandId
from hotline.policy import PolicySnapshot
from hotline.refusals import Refusal
from store.engine import Database, WriteSession
from store.failures import DatabaseUnavailable, LedgerFailure
from store.handovers import Handover, HandoverId, note_handover, remove_handover
from store.projection import NOT_BEGUN, Standing, project, write_on
from workflows.contracts import Answer, Receipt

MARGIN_FOR: Final = timedelta(seconds=5)
"""After the longest wait for the engine: time to write what it answered."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Expected:
    """A command that is about to be asked: the note of it, and how the ledger had its case before."""

    handover: Handover
    seen: CaseState
    head: bytes | None
    """The hash of the last fact of `seen`, unless the ledger has lost it."""

    @property
    def stood(self) -> Standing | None:
        """What to write on, if it is known."""
        return Standing(self.seen, self.head) if self.head else None


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

    async def expect(self, session: WriteSession, seen: CaseState, command_id: CommandId) -> Expected:
        """Note, in a transaction that ends before the case is asked, that it is about to be.

        `seen` is how the ledger has the case.
        """
        at = datetime.now(UTC)
        handover = Handover(
            handover_id=HandoverId(uuid4().hex),
            case_no=seen.case_no,
            command_id=command_id,
            since=at,
            look_at=at + self._gateway.answer_within + MARGIN_FOR,
        )
        return Expected(handover, seen, await note_handover(session, handover, seen=seen.version))

    async def send(self, expected: Expected, envelope: CommandEnvelope) -> Receipt:
        """Have a case decide the command that was noted; returns once its facts are in the ledger.

        Raises what the gateway's `send` does.
        """
        if self._brings:
            envelope = envelope.model_copy(update={"ledger_seen": expected.seen.version})
        try:
            answer = await self._gateway.send(expected.handover.case_no, envelope)
        except (Refusal, CaseArchived, CaseNotAdopted):
            # Nothing was decided. Of a note that stays because the database is away, the keeper finds out as much.
            with suppress(DatabaseUnavailable):
                await self._forget(expected.handover)
            raise
        await self._write(answer, expected)
        return answer

    async def _write(self, answer: Answer, expected: Expected | None = None) -> None:
        """Write into the ledger what it lacks; a case can do so itself and is more patient, so what fails here is left to it."""
        try:
            if expected and not answer.facts:
                await self._forget(expected.handover)
            elif answer.facts:
                brings = expected.handover.handover_id if expected else None
                stood = expected.stood if expected else NOT_BEGUN
                if stood and await self._wrote_on(stood, answer, brings):
                    return
                async with self._database.write() as session:
                    await project(session, answer.case_no, answer.facts, brings=brings)
        except (DatabaseUnavailable, LedgerFailure) as failure:
            _log.warning("ledger.left_to_case", case_no=answer.case_no, failure_kind=type(failure).__name__)
            await self._gateway.catch_up(answer.case_no)

    async def _wrote_on(self, stood: Standing, answer: Answer, brings: HandoverId | None) -> bool:
        """Whether it could be written in a statement, as most can: nobody else has written what they ask for meanwhile."""
        async with self._database.write_one() as session:
            return await write_on(session, stood, answer.facts, brings=brings)

    async def _forget(self, handover: Handover) -> None:
        async with self._database.write_one() as session:
            await remove_handover(session, handover.handover_id)

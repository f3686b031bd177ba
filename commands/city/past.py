"""Cases that live in the past (往日工单): decided by the same desk as in the engine, on a clock that is set by hand.

Nothing is invented here: a command passes through the API, its desk and every rule; only the clock is another one,
and no timer of the engine runs. Whoever brings a case to the present hands it to the engine as it stands, just as
one run of a workflow hands it to the next.
"""

from datetime import datetime

import structlog

from api.gateway import CaseGateway
from hotline.case import Registration
from hotline.commands import CommandEnvelope
from hotline.effects import Effect
from hotline.facts import Fact
from hotline.identifiers import CaseNo
from hotline.policy import PolicySnapshot
from hotline.refusals import Refusal
from hotline.spread import DueAlarm
from store.engine import Database
from store.ledger import facts_of
from store.projection import project
from workflows.contracts import Answer, CarriedCase, CaseInput, Errand, Receipt
from workflows.desk import Desk
from workflows.recalling import effects_in, recalled_case

_log = structlog.get_logger(__name__)


class PastCase:
    """One case on the desk, and what it has decided that the ledger does not have yet."""

    def __init__(self, case: CaseInput) -> None:
        """Open a registered case, or take up one that has lived before."""
        self._fresh: list[Fact] = []
        self._effects: list[Effect] = []
        self._registration = case.registration
        self._desk = Desk(
            case, on_facts=self._fresh.extend, on_effects=self._effects.extend, on_bug=self._log_alarm
        )

    @classmethod
    async def recalled(
        cls, database: Database, registration: Registration, policy: PolicySnapshot
    ) -> "PastCase":
        """A case as its ledger leaves it; nothing that it had to tell other cases was told before."""
        facts: list[Fact] = []
        async with database.read() as session:
            while page := await facts_of(session, registration.case_no, after=len(facts)):
                facts.extend(page)
        case = cls(recalled_case(facts, policy, at=facts[-1].at))
        case._effects.extend(effects_in(facts))
        return case

    @property
    def number(self) -> CaseNo:
        """Of which case."""
        return self._registration.case_no

    def settle(self, envelope: CommandEnvelope, now: datetime) -> Receipt:
        """Decide a command at an instant; raises its refusal."""
        self._desk.check(envelope, now)
        return self._desk.settle(envelope, now)

    def sleep_until(self, at: datetime) -> None:
        """Let time pass: every alarm fires when the engine would have woken for it."""
        while (wakes_at := self._desk.wake_at()) is not None and wakes_at <= at:
            self._desk.fire_alarms(wakes_at)

    def take_fresh(self) -> tuple[Fact, ...]:
        """What was decided since this was asked last."""
        fresh = tuple(self._fresh)
        self._fresh.clear()
        return fresh

    async def write(self, database: Database) -> None:
        """Bring the ledger and its rows up to what was decided."""
        if fresh := self.take_fresh():
            async with database.write() as session:
                await project(session, self.number, fresh)

    def handed_over(self, at: datetime) -> CaseInput:
        """What the engine goes on from."""
        carried = CarriedCase(
            state=self._desk.state,
            decided_at=self._desk.decided_at,
            receipts=self._desk.receipts,
            errands=tuple(Errand(effect=effect, not_before=at) for effect in self._effects),
        )
        return CaseInput(registration=self._registration, policy=self._desk.policy, carried=carried)

    def _log_alarm(self, alarm: DueAlarm, refusal: Refusal) -> None:
        _log.warning("alarm.refused", case_no=self.number, what=alarm.name, code=refusal.code)


class PastGateway(CaseGateway):
    """Decides the case that lives in the past right now by itself, and asks the engine about all others."""

    _living: PastCase | None = None
    _database: Database
    _now: datetime

    def live(self, case: PastCase | None, database: Database) -> None:
        """Take a case up, or leave it."""
        self._living, self._database = case, database

    def set_clock(self, now: datetime) -> None:
        """Say what time it is for the case that lives in the past."""
        self._now = now

    async def send(self, case_no: CaseNo, envelope: CommandEnvelope) -> Answer:
        """Decide at the instant that was set, and answer once the facts are in the ledger."""
        case = self._living
        if case is None or case.number != case_no:
            return await super().send(case_no, envelope)
        receipt = case.settle(envelope, self._now)
        await case.write(self._database)
        return Answer.with_facts(receipt, ())

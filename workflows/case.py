"""The case (工单) as one durable workflow: it decides, keeps every clock, and tells the ledger.

Commands arrive as updates, other cases speak by signals, clocks are the workflow's own timers. Every
rule is in `hotline`; what stands here is only what happens when (architecture.md §2).
"""

from typing import NoReturn

from temporalio import workflow
from temporalio.common import Priority, VersioningBehavior
from temporalio.workflow import ContinueAsNewVersioningBehavior

from hotline.accountability.reporting import FileReport
from hotline.case import CaseState
from hotline.commands import CommandEnvelope
from hotline.effects import answer_to_silence, effects_of_refusal
from hotline.facts import ClockFired, Fact
from hotline.refusals import Refusal
from hotline.spread import DueAlarm
from hotline.vocabulary import Role, Status
from workflows import options
from workflows.contracts import (
    Answer,
    CarriedCase,
    CaseEnd,
    CaseInput,
    ProjectionBatch,
    ProjectionContract,
    digest_of,
    state_digest,
)
from workflows.desk import Desk, registration_command
from workflows.errands import TELL, Errands
from workflows.file_reports import REPORT, HeardReports
from workflows.living import Movable, change_or_alarm, everything_settled, should_continue_as_new
from workflows.options import CLOCK, INTERACTIVE, of_clocks
from workflows.outbox import Outbox
from workflows.refusing import refusals_as_failures


@workflow.defn(name="case", versioning_behavior=VersioningBehavior.PINNED)
class CaseWorkflow(Movable):
    """One complaint from registration to the archive."""

    @workflow.init
    def __init__(self, case: CaseInput) -> None:
        """Build the case first: with update-with-start a handler runs before the first line of `run`."""
        carried = case.carried
        self._registration = case.registration
        self._ledger_seen = case.ledger_seen
        self._outbox = Outbox(
            self._append,
            carried.unprojected if carried else (),
            known_as={"case_no": case.registration.case_no},
        )
        self._errands = Errands(carried.errands if carried else ())
        self._reports = HeardReports(carried.heard if carried else ())
        self._desk = Desk(
            case, on_facts=self._outbox.add, on_effects=self._errands.add, on_bug=self._log_alarm
        )

    @workflow.run
    async def run(self, case: CaseInput) -> CaseEnd:  # noqa: ARG002  Temporal passes it here as to __init__
        """Adopt, keep the clocks, continue as new when history grows, and end with the archive."""
        while not self._is_finished():
            seen = self._desk.state.version
            await self._outbox.flush(self._clock_priority)
            await self._reports.outbox.flush(CLOCK)
            await self._run_errands()
            if should_continue_as_new():
                await self._continue_as_new()
            await self._change_or_alarm(seen)
            self._desk.fire_alarms(workflow.now())
        await self._everything_settled()
        return self._end()

    # ── what others ask ─────────────────────────────────────────────────────────────────────────

    @workflow.update
    async def adopt(self) -> Answer:
        """Answer once the registration is in the ledger, or with it; asked again, the answer says where it stands now."""
        facts = await self._brought(self._ledger_seen, INTERACTIVE)
        receipt = self._desk.receipt(registration_command(self._registration), digest_of(self._registration))
        return Answer.with_facts(receipt, facts)

    @workflow.update
    async def command(self, envelope: CommandEnvelope) -> Answer:
        """Decide a command, and answer once its facts are in the ledger, or with them."""
        with refusals_as_failures():
            receipt = self._desk.settle(envelope, workflow.now())
        # What the system asks of thousands of cases, such as a new policy, must not queue before people.
        priority = self._clock_priority if envelope.actor.role is Role.SYSTEM else INTERACTIVE
        return Answer.with_facts(receipt, await self._brought(envelope.ledger_seen, priority))

    @workflow.update
    async def catch_up(self) -> None:
        """Answer once the ledger has everything, also what somebody was to write who may not have."""
        await self._outbox.flush(INTERACTIVE, everything=True)

    @command.validator
    def check(self, envelope: CommandEnvelope) -> None:
        """Refuse before anything is written: a refused command leaves no event in history."""
        with refusals_as_failures():
            self._desk.check(envelope, workflow.now())

    @workflow.signal(name=TELL)
    def tell(self, envelope: CommandEnvelope) -> None:
        """Hear another case. Nobody waits for an answer, so a refusal is logged and answered by a message."""
        try:
            self._desk.settle(envelope, workflow.now())
        except Refusal as refusal:
            self._log_refusal("message.refused", envelope.command.kind, refusal)
            self._errands.add(effects_of_refusal(self._desk.state, envelope))

    @workflow.signal(name=REPORT)
    def hear(self, report: FileReport) -> None:
        """Hear an accountability file that came of this case, beside the state: who sees the case sees nothing of it."""
        self._reports.hear(report)

    @workflow.query
    def state(self) -> CaseState:
        """The whole state, for the audit; lists and pages read PostgreSQL."""
        return self._desk.state

    # ── clocks ──────────────────────────────────────────────────────────────────────────────────

    async def _change_or_alarm(self, seen: int) -> None:
        """Sleep until something was decided or heard, an errand or an alarm is due, or a new run is wanted."""
        errands = len(self._errands.pending)
        await change_or_alarm(
            min((at for at in (self._desk.wake_at(), self._errands.next_at) if at), default=None),
            lambda: (
                self._desk.state.version != seen
                or len(self._errands.pending) != errands
                or bool(self._reports.outbox.facts)
            ),
        )

    # ── ledger ──────────────────────────────────────────────────────────────────────────────────

    @property
    def _clock_priority(self) -> Priority:
        return of_clocks(self._desk.state.classification.urgency)

    async def _brought(self, ledger_seen: int | None, priority: Priority) -> tuple[Fact, ...]:
        """Have the ledger brought up to now: by whoever asked, who gets the facts for it, or from here.

        From here if something is to follow from the facts: other cases hear of them, and a run ends, only afterwards. And if
        an alarm fired before the command: the worker counts how late it was when it writes it (activities/projection.py).
        """
        fired = any(isinstance(fact.body, ClockFired) for fact in self._outbox.own)
        is_followed = fired or self._errands.pending or self._desk.state.status is Status.ARCHIVED
        if ledger_seen is None or is_followed:
            await self._outbox.flush(priority, everything=True)
            return ()
        return self._outbox.hand_over(lambda fact: fact.seq <= ledger_seen)

    async def _append(self, facts: tuple[Fact, ...], priority: Priority) -> None:
        await workflow.execute_activity_method(
            ProjectionContract.append,
            ProjectionBatch(case_no=self._registration.case_no, facts=facts),
            **options.projection(priority),
        )

    # ── other cases ─────────────────────────────────────────────────────────────────────────────

    async def _run_errands(self) -> None:
        for lost in await self._errands.run():
            if answer := answer_to_silence(self._desk.state, lost):
                self.tell(answer)

    # ── ends of a run ───────────────────────────────────────────────────────────────────────────

    def _is_finished(self) -> bool:
        return self._desk.state.status is Status.ARCHIVED and not self._errands.pending

    async def _everything_settled(self) -> None:
        await everything_settled(self._clock_priority, self._outbox, self._reports.outbox)

    async def _continue_as_new(self) -> NoReturn:
        await self._everything_settled()
        carried = CarriedCase(
            state=self._desk.state,
            decided_at=self._desk.decided_at,
            receipts=self._desk.receipts,
            unprojected=self._outbox.facts,
            errands=self._errands.pending,
            heard=self._reports.heard,
        )
        workflow.continue_as_new(
            CaseInput(registration=self._registration, policy=self._desk.policy, carried=carried),
            initial_versioning_behavior=ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
        )

    def _end(self) -> CaseEnd:
        state = self._desk.state
        return CaseEnd(
            case_no=state.case_no,
            version=state.version,
            status=state.status,
            outcome=state.outcome,
            closed_at=state.closed_at,
            state_digest=state_digest(state),
        )

    def _log_alarm(self, alarm: DueAlarm, refusal: Refusal) -> None:
        self._log_refusal("alarm.refused", alarm.name, refusal)

    def _log_refusal(self, event: str, what: str, refusal: Refusal) -> None:
        workflow.logger.warning(
            event, extra={"case_no": self._registration.case_no, "what": what, "code": refusal.code}
        )

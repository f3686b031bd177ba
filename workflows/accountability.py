"""An accountability file (案卷) as one durable workflow, which outlives the case it came from.

It keeps limits of days and periods of effect of years with the workflow's own timers; every rule is in
`hotline.accountability`. What stands here is only what happens when (architecture.md §2).
"""

from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

from temporalio import workflow
from temporalio.common import Priority, VersioningBehavior
from temporalio.workflow import ContinueAsNewVersioningBehavior

from hotline.accountability.commands import DossierClockDue, DossierEnvelope
from hotline.accountability.decide import SYSTEM_OFFICER, DossierContext, decide, register, require_version
from hotline.accountability.evolve import evolve, replay
from hotline.accountability.facts import DossierFact
from hotline.accountability.state import DossierState
from hotline.accountability.vocabulary import DossierStage
from hotline.identifiers import CommandId, derived_command
from workflows import options
from workflows.contracts import (
    CarriedDossier,
    DossierBatch,
    DossierInput,
    DossierLedgerContract,
    DossierReceipt,
    digest_of,
)
from workflows.deciding import Deciding
from workflows.file_reports import ToldReports, begins_to_report
from workflows.living import Movable, change_or_alarm, everything_settled, should_continue_as_new
from workflows.options import INTERACTIVE, ORDINARY
from workflows.outbox import Outbox
from workflows.refusing import refusals_as_failures


class DossierDesk(Deciding[DossierState, DossierEnvelope, DossierFact, DossierReceipt]):
    """One accountability file being decided."""

    def __init__(self, dossier: DossierInput, on_facts: Callable[[tuple[DossierFact, ...]], None]) -> None:
        """Register a clue, or take up a dossier that an earlier run carried over."""
        super().__init__(on_facts)
        self.policy = dossier.policy
        if dossier.carried:
            self._take_up(dossier.carried)
            return
        entry = dossier.registration
        command_id = derived_command(entry.dossier_no, "register")
        facts = register(
            entry, DossierContext(entry.registered_at, entry.registered_by, command_id, self.policy)
        )
        self._open(replay(facts), facts, entry.registered_at)

    def receipt(self, command_id: CommandId, digest: str) -> DossierReceipt:
        """Where the dossier stands now, as an answer to a command."""
        return DossierReceipt.of(self.state, command_id, digest)

    def wake_at(self) -> datetime | None:
        """When the clocks need attention again."""
        waiting = self.state.next_alarm
        return waiting[2] if waiting else None

    def _due(self, now: datetime) -> DossierEnvelope | None:
        waiting = self.state.next_alarm
        if waiting is None or waiting[2] > now:
            return None
        clock, alarm, _ = waiting
        return DossierEnvelope(
            command_id=derived_command(self.state.dossier_no, clock.clock_id + "/" + alarm),
            officer=SYSTEM_OFFICER,
            command=DossierClockDue(clock_id=clock.clock_id, alarm=alarm),
        )

    def _decide(self, envelope: DossierEnvelope, at: datetime) -> tuple[DossierFact, ...]:
        context = DossierContext(at, envelope.officer, envelope.command_id, self.policy)
        return decide(self.state, envelope.command, context)

    def _evolve(self, fact: DossierFact) -> DossierState:
        return evolve(self.state, fact)

    def _require_version(self, expected: int | None) -> None:
        require_version(self.state, expected)


@workflow.defn(name="accountability", versioning_behavior=VersioningBehavior.PINNED)
class AccountabilityWorkflow(Movable):
    """One accountability file from its clue to the end of the last effect."""

    @workflow.init
    def __init__(self, dossier: DossierInput) -> None:
        """Build the dossier first: with update-with-start a handler runs before the first line of `run`."""
        self._registration = dossier.registration
        # The number stays out of the log: nobody there may learn that the dossier exists.
        self._outbox = Outbox(
            self._append, dossier.carried.unwritten if dossier.carried else (), known_as={"what": "dossier"}
        )
        self._desk = DossierDesk(dossier, self._outbox.add)
        # A run that began before files reported replays as it was; its next run tells all of it.
        self._is_reporting = dossier.reports
        self._reports = ToldReports(dossier.carried.reported if dossier.carried else ())

    @workflow.run
    async def run(self, dossier: DossierInput) -> DossierStage:  # noqa: ARG002  Temporal passes it here as to __init__
        """Keep the clocks, continue as new when history grows, and end in the archive."""
        while self._desk.state.stage is not DossierStage.ARCHIVED:
            seen = self._desk.state.version
            await self._outbox.flush(INTERACTIVE)
            await self._tell_cases()
            if should_continue_as_new() or self._must_make_way():
                await self._continue_as_new()
            await change_or_alarm(self._desk.wake_at(), lambda: self._desk.state.version != seen)  # noqa: B023  awaited here
            self._desk.fire_alarms(workflow.now())
        await self._outbox.flush(INTERACTIVE)
        await self._tell_cases()
        await everything_settled(INTERACTIVE, self._outbox)
        return self._desk.state.stage

    @workflow.update
    async def adopt(self) -> DossierReceipt:
        """Answer once the registration is in the ledger."""
        await self._outbox.flush(INTERACTIVE)
        return self._desk.receipt(
            derived_command(self._registration.dossier_no, "register"), digest_of(self._registration)
        )

    @workflow.update
    async def command(self, envelope: DossierEnvelope) -> DossierReceipt:
        """Decide a command, and answer once its facts are in the ledger."""
        with refusals_as_failures():
            receipt = self._desk.settle(envelope, workflow.now())
        await self._outbox.flush(INTERACTIVE)
        return receipt

    @command.validator
    def check(self, envelope: DossierEnvelope) -> None:
        """Refuse before anything is written: a refused command leaves no event in history."""
        with refusals_as_failures():
            self._desk.check(envelope, workflow.now())

    @workflow.query
    def state(self) -> DossierState:
        """The whole state, for the audit; lists and pages read PostgreSQL."""
        return self._desk.state

    # ── ledger, cases and ends of a run ─────────────────────────────────────────────────────────

    async def _append(self, facts: tuple[DossierFact, ...], priority: Priority) -> None:
        await workflow.execute_activity_method(
            DossierLedgerContract.append,
            DossierBatch(dossier_no=self._registration.dossier_no, facts=facts),
            **options.projection(priority),
        )

    async def _tell_cases(self) -> None:
        """What the file's own ledger has, its cases may know of; nobody waits for that."""
        if self._is_reporting:
            await self._reports.tell(self._desk.state, ORDINARY)

    def _must_make_way(self) -> bool:
        return not self._is_reporting and begins_to_report(self._desk.state)

    async def _continue_as_new(self) -> NoReturn:
        await everything_settled(INTERACTIVE, self._outbox)
        desk = self._desk
        carried = CarriedDossier(
            state=desk.state,
            decided_at=desk.decided_at,
            receipts=desk.receipts,
            unwritten=self._outbox.facts,
            reported=self._reports.told,
        )
        workflow.continue_as_new(
            DossierInput(registration=self._registration, policy=desk.policy, carried=carried, reports=True),
            initial_versioning_behavior=ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
        )

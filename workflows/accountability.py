"""An accountability file (案卷) as one durable workflow, which outlives the case it came from.

It keeps limits of days and periods of effect of years with the workflow's own timers; every rule is in
`hotline.accountability`. What stands here is only what happens when (architecture.md §2).
"""

import asyncio
from collections import deque
from datetime import datetime, timedelta
from typing import NoReturn

from temporalio import workflow
from temporalio.common import VersioningBehavior
from temporalio.exceptions import ActivityError
from temporalio.workflow import ContinueAsNewVersioningBehavior

from hotline.accountability.commands import DossierClockDue, DossierEnvelope
from hotline.accountability.decide import SYSTEM_OFFICER, DossierContext, decide, register, require_version
from hotline.accountability.evolve import evolve, replay
from hotline.accountability.facts import DossierFact
from hotline.accountability.state import DossierState
from hotline.accountability.vocabulary import DossierStage
from hotline.identifiers import CommandId, derived_command
from hotline.refusals import KeyReused
from workflows import options
from workflows.contracts import (
    CarriedDossier,
    DossierBatch,
    DossierInput,
    DossierLedgerContract,
    DossierReceipt,
    digest_of,
)
from workflows.refusing import refusals_as_failures


@workflow.defn(name="accountability", versioning_behavior=VersioningBehavior.PINNED)
class AccountabilityWorkflow:
    """One accountability file from its clue to the end of the last effect."""

    @workflow.init
    def __init__(self, dossier: DossierInput) -> None:
        """Build the dossier first: with update-with-start a handler runs before the first line of `run`."""
        self._registration, self._policy = dossier.registration, dossier.policy
        self._receipts: deque[DossierReceipt] = deque(maxlen=options.RECEIPTS_KEPT)
        self._unwritten: list[DossierFact] = []
        # Without the lock a handler could send later facts while another's are being retried.
        self._sending = asyncio.Lock()
        if dossier.carried:
            self._state, self._decided_at = dossier.carried.state, dossier.carried.decided_at
            self._receipts.extend(dossier.carried.receipts)
            self._unwritten.extend(dossier.carried.unwritten)
        else:
            entry = dossier.registration
            self._decided_at = entry.registered_at
            command_id = derived_command(entry.dossier_no, "register")
            context = DossierContext(entry.registered_at, entry.registered_by, command_id, self._policy)
            facts = register(entry, context)
            self._state = replay(facts)
            self._unwritten.extend(facts)

    @workflow.run
    async def run(self, dossier: DossierInput) -> DossierStage:  # noqa: ARG002  Temporal passes it here as to __init__
        """Keep the clocks, continue as new when history grows, and end in the archive."""
        while self._state.stage is not DossierStage.ARCHIVED:
            seen = self._state.version
            await self._flush()
            if self._should_continue_as_new():
                await self._continue_as_new()
            await self._change_or_alarm(seen)
            self._fire_alarms(workflow.now())
        await self._everything_settled()
        return self._state.stage

    @workflow.update
    async def adopt(self) -> DossierReceipt:
        """Answer once the registration is in the ledger."""
        await self._flush()
        command_id = derived_command(self._registration.dossier_no, "register")
        return self._receipt(command_id, digest_of(self._registration))

    @workflow.update
    async def command(self, envelope: DossierEnvelope) -> DossierReceipt:
        """Decide a command, and answer once its facts are in the ledger."""
        with refusals_as_failures():
            receipt = self._settle(envelope, workflow.now())
        await self._flush()
        return receipt

    @command.validator
    def check(self, envelope: DossierEnvelope) -> None:
        """Refuse before anything is written: a refused command leaves no event in history."""
        with refusals_as_failures():
            if not self._known(envelope):
                require_version(self._state, envelope.expected_version)
                self._decided(envelope, workflow.now())

    @workflow.query
    def state(self) -> DossierState:
        """The whole state, for the audit; lists and pages read PostgreSQL."""
        return self._state

    # ── deciding: nothing here awaits, so two commands are never decided on one version ──────────

    def _settle(self, envelope: DossierEnvelope, now: datetime) -> DossierReceipt:
        if known := self._known(envelope):
            return known
        require_version(self._state, envelope.expected_version)
        self._fire_alarms(now)
        self._record(self._decided(envelope, now))
        receipt = self._receipt(envelope.command_id, digest_of(envelope.command))
        self._receipts.append(receipt)
        return receipt

    def _known(self, envelope: DossierEnvelope) -> DossierReceipt | None:
        given = (receipt for receipt in self._receipts if receipt.command_id == envelope.command_id)
        receipt = next(given, None)
        if receipt and receipt.command_digest != digest_of(envelope.command):
            raise KeyReused("key_reused", "同一幂等键已用于另一条指令")
        return receipt

    def _decided(self, envelope: DossierEnvelope, now: datetime) -> tuple[DossierFact, ...]:
        # Clocks of machines differ by a little; a dossier's own time never runs backwards.
        at = max(now, self._decided_at)
        context = DossierContext(at, envelope.officer, envelope.command_id, self._policy)
        return decide(self._state, envelope.command, context)

    def _record(self, facts: tuple[DossierFact, ...]) -> None:
        for fact in facts:
            self._state, self._decided_at = evolve(self._state, fact), fact.at
        self._unwritten.extend(facts)

    def _receipt(self, command_id: CommandId, digest: str) -> DossierReceipt:
        return DossierReceipt(
            command_id=command_id,
            command_digest=digest,
            dossier_no=self._state.dossier_no,
            version=self._state.version,
            stage=self._state.stage,
            next_due_at=self._state.next_due_at,
        )

    # ── clocks ──────────────────────────────────────────────────────────────────────────────────

    def _fire_alarms(self, now: datetime) -> None:
        """Decide every alarm that has come, in the order of the true instants."""
        while (waiting := self._state.next_alarm) and waiting[2] <= now:
            clock, alarm, _ = waiting
            due = DossierClockDue(clock_id=clock.clock_id, alarm=alarm)
            command_id = derived_command(self._state.dossier_no, clock.clock_id + "/" + alarm)
            self._record(
                self._decided(
                    DossierEnvelope(command_id=command_id, officer=SYSTEM_OFFICER, command=due), now
                )
            )

    async def _change_or_alarm(self, seen: int) -> None:
        """Sleep until something was decided, an alarm is due, or a new run is wanted."""
        waiting = self._state.next_alarm
        sleep_for = waiting[2] - workflow.now() if waiting else None
        if sleep_for is not None and sleep_for <= timedelta(0):
            return
        try:
            await workflow.wait_condition(
                lambda: self._state.version != seen or self._should_continue_as_new(),
                timeout=sleep_for,
                timeout_summary="clock",
            )
        except TimeoutError:
            return

    # ── ledger and ends of a run ────────────────────────────────────────────────────────────────

    async def _flush(self) -> None:
        """Return once the ledger has every fact decided so far."""
        async with self._sending:
            while self._unwritten:
                batch = DossierBatch(dossier_no=self._state.dossier_no, facts=tuple(self._unwritten))
                if await self._written(batch):
                    del self._unwritten[: len(batch.facts)]

    async def _written(self, batch: DossierBatch) -> bool:
        try:
            await workflow.execute_activity_method(
                DossierLedgerContract.append, batch, **options.projection(options.INTERACTIVE)
            )
        except ActivityError as error:
            # Dropping the facts would leave a gap for ever, and failing would end the dossier: it waits.
            workflow.logger.critical(
                "dossier.projection_given_up", extra={"seq": batch.facts[0].seq}, exc_info=error
            )
            await workflow.sleep(options.PROJECTION_RESUMES_AFTER)
            return False
        return True

    def _should_continue_as_new(self) -> bool:
        info = workflow.info()
        return info.is_continue_as_new_suggested() or info.is_target_worker_deployment_version_changed()

    async def _everything_settled(self) -> None:
        """A run that ends with a handler in flight would leave its caller without an answer."""
        while self._unwritten or not workflow.all_handlers_finished():
            await self._flush()
            await workflow.wait_condition(workflow.all_handlers_finished)

    async def _continue_as_new(self) -> NoReturn:
        await self._everything_settled()
        carried = CarriedDossier(
            state=self._state,
            decided_at=self._decided_at,
            receipts=tuple(self._receipts),
            unwritten=tuple(self._unwritten),
        )
        workflow.continue_as_new(
            DossierInput(registration=self._registration, policy=self._policy, carried=carried),
            initial_versioning_behavior=ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
        )

"""A repeat problem (重复性问题) as one durable workflow: a line of the ledger until it is cleared for good.

It keeps the dates of the plan and the look-back of months with the workflow's own timers; every rule is in
`hotline.problems`. What stands here is only what happens when (architecture.md §2).
"""

from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

from temporalio import workflow
from temporalio.common import Priority, VersioningBehavior
from temporalio.workflow import ContinueAsNewVersioningBehavior

from hotline.identifiers import CommandId, derived_command
from hotline.problems.commands import ProblemClockDue, ProblemEnvelope
from hotline.problems.decide import ProblemContext, decide, register, require_version
from hotline.problems.evolve import evolve, replay
from hotline.problems.facts import ProblemFact
from hotline.problems.state import ProblemState
from hotline.problems.vocabulary import ProblemStage
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import Role
from workflows import options
from workflows.contracts import (
    CarriedProblem,
    ProblemBatch,
    ProblemInput,
    ProblemLedgerContract,
    ProblemReceipt,
)
from workflows.deciding import Deciding
from workflows.living import Movable, change_or_alarm, everything_settled, should_continue_as_new
from workflows.options import CLOCK, INTERACTIVE
from workflows.outbox import Outbox
from workflows.refusing import refusals_as_failures


class ProblemDesk(Deciding[ProblemState, ProblemEnvelope, ProblemFact, ProblemReceipt]):
    """One line being decided."""

    def __init__(self, problem: ProblemInput, on_facts: Callable[[tuple[ProblemFact, ...]], None]) -> None:
        """Open a line, or take up one that an earlier run carried over."""
        super().__init__(on_facts)
        self.policy = problem.policy
        if problem.carried:
            self._take_up(problem.carried)
            return
        entry = problem.registration
        command_id = derived_command(entry.line_no, "register")
        context = ProblemContext(entry.opened_at, SYSTEM_ACTOR, command_id, self.policy)
        facts = register(entry, context)
        self._open(replay(facts), facts, entry.opened_at)

    def receipt(self, command_id: CommandId, digest: str) -> ProblemReceipt:
        """Where the line stands now, as an answer to a command."""
        return ProblemReceipt.of(self.state, command_id, digest)

    def wake_at(self) -> datetime | None:
        """When the clocks need attention again."""
        clock = self.state.next_clock
        return clock.due_at if clock else None

    def _due(self, now: datetime) -> ProblemEnvelope | None:
        clock = self.state.next_clock
        if clock is None or clock.due_at > now:
            return None
        return ProblemEnvelope(
            command_id=derived_command(self.state.line_no, clock.clock_id),
            actor=SYSTEM_ACTOR,
            command=ProblemClockDue(clock_id=clock.clock_id),
        )

    def _decide(self, envelope: ProblemEnvelope, at: datetime) -> tuple[ProblemFact, ...]:
        context = ProblemContext(at, envelope.actor, envelope.command_id, self.policy)
        return decide(self.state, envelope.command, context)

    def _evolve(self, fact: ProblemFact) -> ProblemState:
        return evolve(self.state, fact)

    def _require_version(self, expected: int | None) -> None:
        require_version(self.state, expected)


@workflow.defn(name="repeat_problem", versioning_behavior=VersioningBehavior.PINNED)
class RepeatProblemWorkflow(Movable):
    """One line of the ledger, from the third request to the end of its last look-back."""

    @workflow.init
    def __init__(self, problem: ProblemInput) -> None:
        """Build the line first: with update-with-start a handler runs before the first line of `run`."""
        self._registration = problem.registration
        self._outbox = Outbox(
            self._append,
            problem.carried.unwritten if problem.carried else (),
            known_as={"line_no": problem.registration.line_no},
        )
        self._desk = ProblemDesk(problem, self._outbox.add)

    @workflow.run
    async def run(self, problem: ProblemInput) -> ProblemStage:  # noqa: ARG002  Temporal passes it here as to __init__
        """Keep the clocks, continue as new when history grows, and end when nothing can reopen the line."""
        while self._desk.state.stage is not ProblemStage.FILED:
            seen = self._desk.state.version
            await self._outbox.flush(CLOCK)
            if should_continue_as_new():
                await self._continue_as_new()
            await change_or_alarm(self._desk.wake_at(), lambda: self._desk.state.version != seen)  # noqa: B023  awaited here
            self._desk.fire_alarms(workflow.now())
        await everything_settled(CLOCK, self._outbox)
        return self._desk.state.stage

    @workflow.update
    async def command(self, envelope: ProblemEnvelope) -> ProblemReceipt:
        """Decide a command, and answer once its facts are in the ledger."""
        with refusals_as_failures():
            receipt = self._desk.settle(envelope, workflow.now())
        await self._outbox.flush(CLOCK if envelope.actor.role is Role.SYSTEM else INTERACTIVE)
        return receipt

    @command.validator
    def check(self, envelope: ProblemEnvelope) -> None:
        """Refuse before anything is written: a refused command leaves no event in history."""
        with refusals_as_failures():
            self._desk.check(envelope, workflow.now())

    @workflow.query
    def state(self) -> ProblemState:
        """The whole state, for the audit; lists and pages read PostgreSQL."""
        return self._desk.state

    async def _append(self, facts: tuple[ProblemFact, ...], priority: Priority) -> None:
        await workflow.execute_activity_method(
            ProblemLedgerContract.append,
            ProblemBatch(line_no=self._registration.line_no, facts=facts),
            **options.projection(priority),
        )

    async def _continue_as_new(self) -> NoReturn:
        await everything_settled(CLOCK, self._outbox)
        desk = self._desk
        carried = CarriedProblem(
            state=desk.state,
            decided_at=desk.decided_at,
            receipts=desk.receipts,
            unwritten=self._outbox.facts,
        )
        workflow.continue_as_new(
            ProblemInput(registration=self._registration, policy=desk.policy, carried=carried),
            initial_versioning_behavior=ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
        )

"""The desk on which one case is decided: its rules, the policy in force, its alarms, and what they lead to elsewhere."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from hotline.case import CaseState, Registration
from hotline.commands import CommandEnvelope, ObligationDue, RevisePolicy
from hotline.decide import Context, decide, register, require_version
from hotline.effects import Effect, effects_of
from hotline.evolve import evolve, replay
from hotline.facts import Fact
from hotline.identifiers import CommandId, derived_command
from hotline.policy import PolicySnapshot
from hotline.refusals import Refusal
from hotline.roles import SYSTEM_ACTOR
from hotline.spread import DueAlarm, due_alarms, wake_at
from workflows.contracts import CaseInput, Receipt
from workflows.deciding import Deciding

OnFacts = Callable[[tuple[Fact, ...]], None]
OnEffects = Callable[[tuple[Effect, ...]], None]
OnBug = Callable[[DueAlarm, Refusal], None]


def registration_command(registration: Registration) -> CommandId:
    """The command id under which a case is registered: the number makes it unique."""
    return derived_command(registration.case_no, "register")


class Desk(Deciding[CaseState, CommandEnvelope, Fact, Receipt]):
    """One case being decided."""

    def __init__(self, case: CaseInput, *, on_facts: OnFacts, on_effects: OnEffects, on_bug: OnBug) -> None:
        """Open a registered case, or take up one that an earlier run carried over."""
        super().__init__(on_facts)
        self.policy: PolicySnapshot = case.policy
        self._on_effects = on_effects
        self._on_bug = on_bug
        self._aside: Final[set[DueAlarm]] = set()
        if case.carried:
            self._take_up(case.carried)
        else:
            self._register(case.registration)

    def _register(self, registration: Registration) -> None:
        at, by = registration.registered_at, registration.registered_by
        command_id = registration_command(registration)
        facts = register(registration, Context(at, by, command_id, self.policy))
        self._open(replay(facts), facts, at)

    def receipt(self, command_id: CommandId, digest: str) -> Receipt:
        """Where the case stands now, as an answer to a command."""
        return Receipt.of(self.state, command_id, digest)

    def wake_at(self) -> datetime | None:
        """When the clocks need attention again."""
        return wake_at(self.state, self.policy, self._aside)

    def _next_due(self, now: datetime) -> DueAlarm | None:
        return next(iter(due_alarms(self.state, now, self._aside)), None)

    def _fire(self, envelope: CommandEnvelope, now: datetime) -> None:
        """Set aside what the rules refuse, or what changes nothing, so that it cannot spin."""
        alarm = self._next_due(now)
        assert alarm is not None
        try:
            super()._fire(envelope, now)
        except Refusal as refusal:
            # The rules set this alarm themselves, so refusing it is a bug; the case goes on without.
            self._on_bug(alarm, refusal)
        if self._next_due(now) == alarm:
            self._aside.add(alarm)

    def _due(self, now: datetime) -> CommandEnvelope | None:
        alarm = self._next_due(now)
        return self._envelope_of(alarm) if alarm else None

    def _envelope_of(self, alarm: DueAlarm) -> CommandEnvelope:
        command = ObligationDue(clock_id=alarm.clock_id, alarm=alarm.code)
        command_id = derived_command(self.state.case_no, alarm.name)
        return CommandEnvelope(command_id=command_id, actor=SYSTEM_ACTOR, command=command)

    def _decide(self, envelope: CommandEnvelope, at: datetime) -> tuple[Fact, ...]:
        context = Context(at, envelope.actor, envelope.command_id, self.policy)
        return decide(self.state, envelope.command, context)

    def _evolve(self, fact: Fact) -> CaseState:
        return evolve(self.state, fact)

    def _require_version(self, expected: int | None) -> None:
        require_version(self.state, expected)

    def _recorded(self, fact: Fact) -> None:
        self._on_effects(effects_of(self.state, fact))

    def _follow(self, envelope: CommandEnvelope) -> None:
        if isinstance(envelope.command, RevisePolicy):
            self.policy = envelope.command.policy

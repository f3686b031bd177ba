"""The desk on which one case is decided: its state, the policy in force, and the receipts given.

Nothing here awaits, so a decision and the change of state that follows from it are one step, and two
commands can never both be decided on the same version.
"""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Final

from hotline.case import Registration
from hotline.commands import Command, CommandEnvelope, ObligationDue, RevisePolicy
from hotline.decide import Context, decide, register, require_version
from hotline.effects import Effect, effects_of
from hotline.evolve import evolve, replay
from hotline.facts import Fact
from hotline.identifiers import CommandId, derived_command
from hotline.policy import PolicySnapshot
from hotline.refusals import KeyReused, Refusal
from hotline.roles import SYSTEM_ACTOR
from hotline.spread import DueAlarm, due_alarms, wake_at
from workflows.contracts import CaseInput, Receipt, digest_of
from workflows.options import RECEIPTS_KEPT

OnFacts = Callable[[tuple[Fact, ...]], None]
OnEffects = Callable[[tuple[Effect, ...]], None]
OnBug = Callable[[DueAlarm, Refusal], None]


def registration_command(registration: Registration) -> CommandId:
    """The command id under which a case is registered: the number makes it unique."""
    return derived_command(registration.case_no, "register")


class Desk:
    """One case being decided."""

    def __init__(self, case: CaseInput, *, on_facts: OnFacts, on_effects: OnEffects, on_bug: OnBug) -> None:
        """Open a registered case, or take up one that an earlier run carried over."""
        self.policy: PolicySnapshot = case.policy
        self._on_facts = on_facts
        self._on_effects = on_effects
        self._on_bug = on_bug
        self._receipts: deque[Receipt] = deque(maxlen=RECEIPTS_KEPT)
        self._aside: Final[set[DueAlarm]] = set()
        if case.carried:
            self.state = case.carried.state
            self.decided_at = case.carried.decided_at
            self._receipts.extend(case.carried.receipts)
        else:
            self._open(case.registration)

    def _open(self, registration: Registration) -> None:
        self.decided_at = registration.registered_at
        command_id = registration_command(registration)
        facts = register(
            registration,
            Context(self.decided_at, registration.registered_by, command_id, self.policy),
        )
        self.state = replay(facts)
        self._on_facts(facts)

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """The receipts that may still be asked for again."""
        return tuple(self._receipts)

    def check(self, envelope: CommandEnvelope, now: datetime) -> None:
        """Refuse what cannot be done; nothing changes."""
        if not self._known(envelope):
            require_version(self.state, envelope.expected_version)
            self._decided(envelope, now)

    def settle(self, envelope: CommandEnvelope, now: datetime) -> Receipt:
        """Decide a command and change the state, or give the receipt again that it was given before.

        Alarms come first whose instant lies before the command: a reply after the end of a limit is late,
        even when the case was not to wake for its clocks yet. So this may refuse what `check` let pass.
        """
        if known := self._known(envelope):
            return known
        require_version(self.state, envelope.expected_version)
        self.fire_alarms(now)
        self._record(self._decided(envelope, now))
        self._follow_policy(envelope.command)
        receipt = self.receipt(envelope.command_id, digest_of(envelope.command))
        self._receipts.append(receipt)
        return receipt

    def receipt(self, command_id: CommandId, digest: str) -> Receipt:
        """Where the case stands now, as an answer to a command."""
        return Receipt(
            command_id=command_id,
            command_digest=digest,
            case_no=self.state.case_no,
            version=self.state.version,
            status=self.state.status,
            phase=self.state.phase,
            next_due_at=self.state.next_due_at,
        )

    def wake_at(self) -> datetime | None:
        """When the clocks need attention again."""
        return wake_at(self.state, self.policy, self._aside)

    def fire_alarms(self, now: datetime) -> None:
        """Decide every alarm that has come, in the order of the true instants."""
        while alarm := self._next_due(now):
            try:
                self._fire(alarm, now)
            except Refusal as refusal:
                # The rules set this alarm themselves, so refusing it is a bug; the case goes on without.
                self._on_bug(alarm, refusal)
            if self._next_due(now) == alarm:
                self._aside.add(alarm)

    def _next_due(self, now: datetime) -> DueAlarm | None:
        return next(iter(due_alarms(self.state, now, self._aside)), None)

    def _fire(self, alarm: DueAlarm, now: datetime) -> None:
        command = ObligationDue(clock_id=alarm.clock_id, alarm=alarm.code)
        command_id = derived_command(self.state.case_no, alarm.name)
        envelope = CommandEnvelope(command_id=command_id, actor=SYSTEM_ACTOR, command=command)
        self._record(self._decided(envelope, now))

    def _known(self, envelope: CommandEnvelope) -> Receipt | None:
        given = (receipt for receipt in self._receipts if receipt.command_id == envelope.command_id)
        receipt = next(given, None)
        if receipt and receipt.command_digest != digest_of(envelope.command):
            raise KeyReused("key_reused", "同一幂等键已用于另一条指令")
        return receipt

    def _decided(self, envelope: CommandEnvelope, now: datetime) -> tuple[Fact, ...]:
        # Clocks of machines differ by a little; a case's own time never runs backwards.
        at = max(now, self.decided_at)
        return decide(
            self.state, envelope.command, Context(at, envelope.actor, envelope.command_id, self.policy)
        )

    def _record(self, facts: tuple[Fact, ...]) -> None:
        for fact in facts:
            self.state = evolve(self.state, fact)
            self.decided_at = fact.at
            self._on_effects(effects_of(self.state, fact))
        self._on_facts(facts)

    def _follow_policy(self, command: Command) -> None:
        if isinstance(command, RevisePolicy):
            self.policy = command.policy

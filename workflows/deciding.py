"""How one entity is decided (决定): its state, the receipts given, and the alarms that come before a command.

Cases, accountability files and repeat problems are decided alike; each says in a subclass what its rules are.
Nothing here awaits, so a decision and the change of state that follows from it are one step, and two commands
can never both be decided on the same version.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from hotline.identifiers import CommandId
from hotline.refusals import KeyReused
from workflows.contracts import digest_of, is_digest_of
from workflows.options import RECEIPTS_KEPT


class Dated(Protocol):
    """A fact, as far as deciding needs to know it."""

    @property
    def at(self) -> datetime:
        """When it was decided."""
        ...


class Asked(Protocol):
    """A command in its envelope, as far as deciding needs to know it."""

    @property
    def command_id(self) -> CommandId:
        """What makes a retry the same command."""
        ...

    @property
    def command(self) -> BaseModel:
        """What is asked."""
        ...

    @property
    def expected_version(self) -> int | None:
        """The version that whoever asks has looked at."""
        ...


class Given(Protocol):
    """A receipt, as far as deciding needs to know it."""

    @property
    def command_id(self) -> CommandId:
        """Of which command."""
        ...

    @property
    def command_digest(self) -> str:
        """What tells two commands under one id apart."""
        ...


class Carried(Protocol):
    """What an earlier run of an entity left."""

    @property
    def state(self) -> Any:
        """Any: each entity has its own, which its subclass names."""
        ...

    @property
    def decided_at(self) -> datetime:
        """When its last fact was decided."""
        ...

    @property
    def receipts(self) -> tuple[Any, ...]:
        """The receipts that may still be asked for again. Any: as above."""
        ...


State = TypeVar("State")
Fact = TypeVar("Fact", bound=Dated)
Envelope = TypeVar("Envelope", bound=Asked)
Receipt = TypeVar("Receipt", bound=Given)


class Deciding(ABC, Generic[State, Envelope, Fact, Receipt]):
    """One entity being decided."""

    state: State
    decided_at: datetime

    def __init__(self, on_facts: Callable[[tuple[Fact, ...]], None]) -> None:
        """The subclass opens the entity or takes it up."""
        self._on_facts = on_facts
        self._receipts: deque[Receipt] = deque(maxlen=RECEIPTS_KEPT)

    def _take_up(self, carried: Carried) -> None:
        self.state, self.decided_at = carried.state, carried.decided_at
        self._receipts.extend(carried.receipts)

    def _open(self, state: State, facts: tuple[Fact, ...], at: datetime) -> None:
        self.state, self.decided_at = state, at
        self._on_facts(facts)

    # ── what each entity says for itself ────────────────────────────────────────────────────────

    @abstractmethod
    def _decide(self, envelope: Envelope, at: datetime) -> tuple[Fact, ...]:
        """The rules: facts, or a refusal."""

    @abstractmethod
    def _evolve(self, fact: Fact) -> State:
        """The state after a fact."""

    @abstractmethod
    def _require_version(self, expected: int | None) -> None:
        """Refuse who looked at an older version."""

    @abstractmethod
    def _due(self, now: datetime) -> Envelope | None:
        """The command of the earliest alarm that has come."""

    @abstractmethod
    def receipt(self, command_id: CommandId, digest: str) -> Receipt:
        """Where the entity stands now, as an answer to a command."""

    # ── what all of them do ─────────────────────────────────────────────────────────────────────

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """The receipts that may still be asked for again."""
        return tuple(self._receipts)

    def check(self, envelope: Envelope, now: datetime) -> None:
        """Refuse what cannot be done; nothing changes."""
        if not self._known(envelope):
            self._require_version(envelope.expected_version)
            self._decided(envelope, now)

    def settle(self, envelope: Envelope, now: datetime) -> Receipt:
        """Decide a command and change the state, or give the receipt again that it was given before.

        Alarms come first whose instant lies before the command: a reply after the end of a limit is late,
        even when nobody was to wake for its clocks yet. So this may refuse what `check` let pass.
        """
        if known := self._known(envelope):
            return known
        self._require_version(envelope.expected_version)
        self.fire_alarms(now)
        self._record(self._decided(envelope, now))
        self._follow(envelope)
        receipt = self.receipt(envelope.command_id, digest_of(envelope.command))
        self._receipts.append(receipt)
        return receipt

    def fire_alarms(self, now: datetime) -> None:
        """Decide every alarm that has come, in the order of the true instants."""
        while envelope := self._due(now):
            self._fire(envelope, now)

    def _fire(self, envelope: Envelope, now: datetime) -> None:
        self._record(self._decided(envelope, now))

    def _follow(self, envelope: Envelope) -> None:
        """What a command changes beside the state: nothing, unless a subclass says so."""

    def _known(self, envelope: Envelope) -> Receipt | None:
        given = (receipt for receipt in self._receipts if receipt.command_id == envelope.command_id)
        receipt = next(given, None)
        if receipt and not is_digest_of(receipt.command_digest, envelope.command):
            raise KeyReused("key_reused", "同一幂等键已用于另一条指令")
        return receipt

    def _decided(self, envelope: Envelope, now: datetime) -> tuple[Fact, ...]:
        # Clocks of machines differ by a little; an entity's own time never runs backwards.
        return self._decide(envelope, max(now, self.decided_at))

    def _record(self, facts: tuple[Fact, ...]) -> None:
        for fact in facts:
            self.state, self.decided_at = self._evolve(fact), fact.at
            self._recorded(fact)
        self._on_facts(facts)

    def _recorded(self, fact: Fact) -> None:
        """What a fact leads to elsewhere: nothing, unless a subclass says so."""

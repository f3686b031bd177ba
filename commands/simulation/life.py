"""What is known of one case (所知): enough to choose the next step, and what others need not look up again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from commands.client import CaseSeen, CommandReceipt, KnowledgeSeen
from commands.simulation.dice import Dice
from commands.simulation.past import Past, after_command
from hotline.identifiers import CaseNo, UnitCode
from hotline.vocabulary import ClockKind, EmergencyService, Flag, Outcome, Status, Urgency

_LOOKS: Final = 40
_WORK_CLOCKS: Final = frozenset({ClockKind.HANDLING, ClockKind.REWORK})


@dataclass(frozen=True, slots=True)
class Life:
    """One case as somebody at a desk knows it. `dues` is empty until the case was read after its last change.

    `orders` are those that wait for an answer, with their limits; `knows_measures` says whether the ledger was read
    since clocks were last waited for.
    """

    case_no: CaseNo
    status: Status
    next_due_at: datetime | None = None
    policy_revision: str | None = None
    subject: str = field(default="", repr=False)
    category: str | None = None
    source_reply: str | None = field(default=None, repr=False)
    retrieval_code: str | None = field(default=None, repr=False)
    urgency: Urgency = Urgency.NORMAL
    emergency: EmergencyService | None = None
    secret: bool = False
    has_contact: bool = True
    repeat_of: CaseNo | None = None
    joined_to: CaseNo | None = None
    lead: UnitCode | None = None
    assists: tuple[UnitCode, ...] = ()
    round: int = 0
    flags: frozenset[Flag] = frozenset()
    dues: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    outcome: Outcome | None = None
    past: Past = field(default_factory=Past)
    refused: frozenset[str] = frozenset()
    barred: frozenset[UnitCode] = frozenset()
    orders: tuple[tuple[str, datetime], ...] = ()
    knows_measures: bool = False
    looks: int = 0
    strikes: int = 0

    def may(self, kind: str) -> bool:
        """Whether a step that is not needed may be tried: it was not refused since the case last changed."""
        return kind not in self.refused

    @property
    def was_waited_for(self) -> bool:
        """Whether somebody has looked so often what a clock did that they should act without it."""
        return self.looks >= _LOOKS

    @property
    def work_due_at(self) -> datetime | None:
        """When the unit's own clock is due, if the case was read since it last changed."""
        return self.dues.get("work")

    def seen(self, case: CaseSeen) -> "Life":
        """The same life as the case's page shows it now."""
        task = case.assignment
        return replace(
            self,
            status=case.status,
            policy_revision=case.policy_revision,
            subject=self.subject or case.title or "",
            category=case.category,
            source_reply=case.source_reply,
            urgency=case.urgency,
            emergency=self.emergency or _emergency(case),
            secret=case.secret,
            has_contact=case.has_contact,
            repeat_of=case.repeat_of,
            joined_to=case.joined_to,
            lead=task.lead if task else None,
            assists=tuple(entry.unit for entry in task.assists if entry.is_open) if task else (),
            round=case.round,
            flags=case.flags,
            dues=MappingProxyType(dict(_dues(case))),
            next_due_at=min((clock.due_at for clock in case.clocks if clock.is_running), default=None),
            outcome=case.outcome,
            orders=tuple(_orders(case)),
            knows_measures=False,
            looks=self.looks + 1,
        )

    def accepted(
        self, kind: str, form: Mapping[str, Any], receipt: CommandReceipt, unit: UnitCode | None
    ) -> "Life":
        """The life after a command that was accepted."""
        past = after_command(self.past, kind, form, self.status, receipt.status, unit)
        moved = replace(
            self,
            status=receipt.status,
            next_due_at=receipt.next_due_at,
            dues=MappingProxyType({}),
            orders=(),
            past=past,
            refused=frozenset(),
            looks=0,
            strikes=0,
        )
        change = _CHANGES.get(kind)
        return replace(moved, **change(moved, form, unit)) if change else moved

    def refusing(self, kind: str) -> "Life":
        """The life after a command that was refused."""
        return replace(self, refused=self.refused | {kind}, strikes=self.strikes + 1)


def _emergency(case: CaseSeen) -> EmergencyService | None:
    """An emergency shows by what the hotline is offered: to transfer the case, and nothing else."""
    offered = {"transfer_emergency"} <= set(case.next_actions) and "reject_case" not in case.next_actions
    return EmergencyService.POLICE if offered else None


def _dues(case: CaseSeen) -> Iterator[tuple[str, datetime]]:
    for clock in case.clocks:
        if clock.is_running:
            kind = "work" if clock.kind in _WORK_CLOCKS else f"{clock.kind}:{clock.holder}"
            yield kind, clock.due_at


def _orders(case: CaseSeen) -> Iterator[tuple[str, datetime]]:
    """The orders of the lead that wait for an answer, by the clocks that run for them."""
    lead = case.assignment.lead if case.assignment else None
    for clock in case.clocks:
        if clock.kind is ClockKind.ORDER and clock.is_running and clock.holder == lead:
            tail = clock.clock_id.partition(":")[2].partition(".")[0]
            yield f"{case.case_no}-{tail}", clock.due_at


Change = Callable[[Life, Mapping[str, Any], UnitCode | None], dict[str, Any]]


def _dispatched(_: Life, form: Mapping[str, Any], __: UnitCode | None) -> dict[str, Any]:
    return {
        "lead": UnitCode(form["lead"]),
        "assists": tuple(UnitCode(order["unit"]) for order in form.get("assists", ())),
        "round": 1,
    }


def _assist_ended(life: Life, form: Mapping[str, Any], unit: UnitCode | None) -> dict[str, Any]:
    ended = form.get("unit", unit)
    return {"assists": tuple(other for other in life.assists if other != ended)}


_CHANGES: Final[Mapping[str, Change]] = MappingProxyType(
    {
        "dispatch_case": _dispatched,
        "rule_bindingly": _dispatched,
        "assist_reply": _assist_ended,
        "waive_assist": _assist_ended,
        "join_case": lambda _, form, __: {"joined_to": CaseNo(form["into"])},
        "revise_policy": lambda _, form, __: {"policy_revision": form["revision"]},
        "complete_case": lambda _, form, __: {"has_contact": form["has_contact"]},
        "record_revisit": lambda life, _, __: {"round": life.round + (life.status is Status.REWORK)},
        "rating": lambda life, _, __: {"round": life.round + (life.status is Status.REWORK)},
    }
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A life at an instant, with the chance, the pace and the units of its city."""

    life: Life
    dice: Dice
    now: datetime
    speed: float
    revision: str
    units: tuple[UnitCode, ...]
    fitting: tuple[UnitCode, ...] = ()
    knowledge: KnowledgeSeen | None = None
    is_brisk: bool = False

    def working_days_for(self, days: float) -> timedelta:
        """So many working days of eight hours on the city's clock."""
        return self.hours_for(8 * days)

    def hours_for(self, hours: float) -> timedelta:
        """So many hours on the city's clock."""
        return timedelta(hours=hours) / self.speed

    def thinking_for(self, what: str, low: float, high: float) -> timedelta:
        """The working days that people take for something; none in a brisk city."""
        if self.is_brisk:
            return timedelta(0)
        return self.working_days_for(self.dice.between(f"time/{what}", low, high))

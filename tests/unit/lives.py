"""Lives of cases in the pure domain: people, builders, and `Life`, to which things happen one by one.

A Life applies what is decided and keeps every fact; it asserts nothing, so that any suite may use it.
The stages at the end bring a case to where a test begins.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self, TypeVar

from fixtures.cases import (
    DISPATCHER,
    HANDLER,
    OPERATOR,
    REVIEWER,
    REVISITOR,
    SUPERVISOR,
    TEXT,
    UNIT,
    UNIT_HEAD,
)

from hotline.calendar import SHANGHAI
from hotline.case import Actor, CaseState, Classification, Clock, EvidenceRef, Registration, TextRef
from hotline.commands import (
    AssistOrder,
    Command,
    DispatchCase,
    LogContact,
    LogRevisitAttempt,
    ObligationDue,
    RecordRevisit,
    ReviewReply,
    RevisePolicy,
    SignFor,
    SubmitReply,
)
from hotline.decide import Context, decide, register
from hotline.evolve import evolve, replay
from hotline.facts import CaseRegistered, ClockFired, Fact
from hotline.identifiers import CaseNo, CommandId, TextId, UnitCode, UserId
from hotline.policy import PolicySnapshot, default_policy
from hotline.refusals import Refusal
from hotline.roles import CITIZEN_ACTOR, SYSTEM_ACTOR
from hotline.vocabulary import (
    AlarmCode,
    Channel,
    ClockKind,
    ContactOutcome,
    EmergencyService,
    EvidenceKind,
    RequestType,
    Role,
    Urgency,
)

__all__ = [
    "ADMINISTRATOR",
    "CITIZEN",
    "DISPATCHER",
    "HANDLER",
    "OPERATOR",
    "POLICY",
    "REVIEWER",
    "REVISITOR",
    "SUPERVISOR",
    "SYSTEM",
    "TEXT",
    "UNIT",
    "UNIT_HEAD",
]

POLICY = default_policy()
SYSTEM, CITIZEN = SYSTEM_ACTOR, CITIZEN_ACTOR
OTHER_UNIT = UnitCode("shuiwu")
THIRD_UNIT = UnitCode("gongan")
ACCUSED_UNIT = UnitCode("beifanying")
UNITS = (UNIT, OTHER_UNIT, THIRD_UNIT, ACCUSED_UNIT)


def person(user_id: str, role: Role, unit: UnitCode | None = None) -> Actor:
    return Actor(user_id=UserId(user_id), role=role, unit=unit)


ADMINISTRATOR = person("administrator-1", Role.ADMINISTRATOR)
SECOND_REVISITOR = person("revisitor-2", Role.REVISITOR)
SECOND_SUPERVISOR = person("supervisor-2", Role.SUPERVISOR)


def handler_of(unit: UnitCode) -> Actor:
    return person(f"handler-of-{unit}", Role.HANDLER, unit)


def head_of(unit: UnitCode) -> Actor:
    return person(f"head-of-{unit}", Role.UNIT_HEAD, unit)


def at(text: str) -> datetime:
    """A local time of Shanghai such as `2026-03-02 09:00`, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def shown(moment: datetime) -> str:
    """A UTC instant as a clerk in Shanghai reads it, to the second."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")


def text(name: str) -> TextRef:
    return TextRef(text_id=TextId(name), digest="0" * 64, chars=12)


MONDAY_MORNING = at("2026-03-02 09:00")
"""An ordinary working day in an ordinary week."""

NUMBER = CaseNo("260302090000010001")
MASTER_NUMBER = CaseNo("260302083000010002")


# ── things that commands carry ─────────────────────────────────────────────────────────────────


def classified(type_: RequestType = RequestType.COMPLAINT, **fields: Any) -> Classification:
    return Classification(type=type_, **fields)  # Any: whichever fields a test is about


def emergency(service: EmergencyService = EmergencyService.FIRE) -> Classification:
    return classified(RequestType.HELP, urgency=Urgency.CRITICAL, emergency=service)


def evidence(made_at: datetime, kind: EvidenceKind = EvidenceKind.HANDLING) -> EvidenceRef:
    return EvidenceRef(evidence_id=f"photo-{kind}", kind=kind, made_at=made_at)


def dispatch(lead: UnitCode = UNIT, *assists: UnitCode, days: int | None = None) -> DispatchCase:
    return DispatchCase(lead=lead, assists=tuple(AssistOrder(unit=unit, days=days) for unit in assists))


def contact(contacted_at: datetime, outcome: ContactOutcome = ContactOutcome.REACHED) -> LogContact:
    return LogContact(outcome=outcome, at=contacted_at, note=TEXT)


def reply(made_at: datetime, **fields: Any) -> SubmitReply:
    """A reply with everything that rule 17 asks for; a test leaves out what it is about."""
    complete: dict[str, Any] = {
        "text": TEXT,
        "evidence": (evidence(made_at),),
        "citation": TEXT,
        "signer": UNIT_HEAD.user_id,
    }
    return SubmitReply(**{**complete, **fields})


def accepted() -> ReviewReply:
    return ReviewReply(accepted=True)


def returned() -> ReviewReply:
    return ReviewReply(accepted=False, opinion=TEXT)


FAVOURABLE = RecordRevisit(contacted=True, solved=True, truthful=True, satisfaction=5)
UNSOLVED = RecordRevisit(contacted=True, solved=False, truthful=True, satisfaction=2)
UNTRUE = RecordRevisit(contacted=True, solved=True, truthful=False, satisfaction=1)


# ── a life ──────────────────────────────────────────────────────────────────────────────────────

FactBody = TypeVar("FactBody")


class Life:
    """One case, the time it is there, the policy in force, and everything that happened to it."""

    def __init__(self, registration: Registration, policy: PolicySnapshot = POLICY) -> None:
        self.policy = policy
        self.now = registration.registered_at
        self.issued = 0
        context = self.context(registration.registered_by)
        self.facts = list(register(registration, context))
        self.state: CaseState = replay(self.facts)

    def context(self, by: Actor) -> Context:
        return Context(
            now=self.now, actor=by, command_id=CommandId(f"command-{self.issued:06}"), policy=self.policy
        )

    def do(self, command: Command, by: Actor, *, after: timedelta = timedelta(0)) -> tuple[Fact, ...]:
        """Let somebody do something; raises the Refusal and changes nothing when it is not allowed."""
        self.now += after
        facts = decide(self.state, command, self.context(by))
        self.issued += 1
        for fact in facts:
            self.state = evolve(self.state, fact)
        self.facts.extend(facts)
        if isinstance(command, RevisePolicy):
            self.policy = command.policy
        return facts

    def then(self, command: Command, by: Actor, *, after: timedelta = timedelta(minutes=10)) -> Self:
        """The same, ten minutes later and in a chain."""
        self.do(command, by, after=after)
        return self

    def refusal(self, command: Command, by: Actor) -> Refusal | None:
        """Why somebody may not do something now; None if they may. Nothing happens either way."""
        try:
            decide(self.state, command, self.context(by))
        except Refusal as refusal:
            return refusal
        return None

    def refusal_code(self, command: Command, by: Actor) -> str | None:
        refusal = self.refusal(command, by)
        return refusal.code if refusal else None

    def wait(self, span_for: timedelta) -> Self:
        """Let time pass without anybody looking at the clocks."""
        self.now += span_for
        return self

    def wait_until(self, moment: datetime) -> Self:
        self.now = max(self.now, moment)
        return self

    def fire_due(self) -> tuple[ClockFired, ...]:
        """Fire every alarm whose instant has come, in order, at the present time."""
        fired: list[Fact] = []
        while (waiting := self.state.next_alarm) and waiting[1].at <= self.now:
            clock, alarm = waiting
            due = ObligationDue(clock_id=clock.clock_id, alarm=alarm.code)
            fired.extend(self.do(due, SYSTEM_ACTOR))
        return tuple(fact.body for fact in fired if isinstance(fact.body, ClockFired))

    def sleep_until(self, moment: datetime) -> Self:
        """Let time pass as it does with a worker at hand: each alarm fires at its own instant."""
        while (waiting := self.state.next_alarm) and waiting[1].at <= moment:
            self.wait_until(waiting[1].at).fire_due()
        return self.wait_until(moment)

    def sleep(self, span_for: timedelta) -> Self:
        return self.sleep_until(self.now + span_for)

    def clock(self, kind: ClockKind) -> Clock:
        """The running clock of a kind; raises StopIteration if there is none."""
        return next(clock for clock in self.state.clocks if clock.kind is kind)

    def clock_kinds(self) -> set[ClockKind]:
        return {clock.kind for clock in self.state.clocks}

    def due(self, kind: ClockKind) -> str:
        return shown(self.clock(kind).due_at)

    def all_of(self, body: type[FactBody]) -> list[FactBody]:
        """Every fact's body of a class, in order."""
        return [fact.body for fact in self.facts if isinstance(fact.body, body)]

    def fired(self, kind: ClockKind) -> list[AlarmCode]:
        return [body.alarm for body in self.all_of(ClockFired) if body.clock is kind]

    @property
    def registration(self) -> Registration:
        first = self.facts[0].body
        assert isinstance(first, CaseRegistered)
        return first.registration


# ── stages ──────────────────────────────────────────────────────────────────────────────────────


def registered(
    classification: Classification | None = None, *, policy: PolicySnapshot = POLICY, **fields: Any
) -> Life:
    """A complaint that was just registered; `fields` are those of Registration."""
    defaults: dict[str, Any] = {
        "case_no": NUMBER,
        "registered_at": MONDAY_MORNING,
        "registered_by": OPERATOR,
        "channel": Channel.PHONE,
        "classification": classification or classified(),
        "policy_revision": policy.revision,
    }
    return Life(Registration(**{**defaults, **fields}), policy)


def dispatched(
    classification: Classification | None = None,
    *,
    assists: Iterable[UnitCode] = (),
    days: int | None = None,
    **fields: Any,
) -> Life:
    """Waiting for the unit's signature, dispatched at the instant of registration."""
    life = registered(classification, **fields)
    return life.then(dispatch(UNIT, *assists, days=days), DISPATCHER, after=timedelta(0))


def in_hand(classification: Classification | None = None, **fields: Any) -> Life:
    return dispatched(classification, **fields).then(SignFor(), HANDLER)


def contacted(classification: Classification | None = None, **fields: Any) -> Life:
    """In hand, and the citizen has been spoken to: a complete reply would be taken now."""
    life = in_hand(classification, **fields)
    return life.then(contact(life.now), HANDLER)


def replied(classification: Classification | None = None, **fields: Any) -> Life:
    life = contacted(classification, **fields)
    return life.then(reply(life.now), HANDLER)


def awaiting_revisit(classification: Classification | None = None, **fields: Any) -> Life:
    return replied(classification, **fields).then(accepted(), REVIEWER)


def completed(classification: Classification | None = None, **fields: Any) -> Life:
    return awaiting_revisit(classification, **fields).then(FAVOURABLE, REVISITOR)


def reworking(answer: RecordRevisit = UNSOLVED, **fields: Any) -> Life:
    """Back with the unit for a second round, because the citizen was not content."""
    return awaiting_revisit(**fields).then(answer, REVISITOR)


def next_round(life: Life, answer: RecordRevisit = UNSOLVED) -> Life:
    """One more round of work, an accepted reply, and another answer of the citizen."""
    life.then(contact(life.now), HANDLER)
    life.then(reply(life.now), HANDLER).then(accepted(), REVIEWER)
    return life.then(answer, REVISITOR)


def reworks_used_up(**fields: Any) -> Life:
    """In joint review after the first round and both reworks left the citizen discontented."""
    return next_round(next_round(reworking(**fields)))


def unreached(**fields: Any) -> Life:
    """Three attempts failed; the citizen may still answer the invitation."""
    life = awaiting_revisit(**fields)
    for _ in range(POLICY.caps.revisit_attempts):
        life.then(LogRevisitAttempt(outcome=ContactOutcome.NO_ANSWER), REVISITOR, after=timedelta(minutes=61))
    return life


def day_of(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


Stage = Callable[..., Life]

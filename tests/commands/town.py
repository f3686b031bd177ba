"""A town for tests: cases decided by the real rules, and the simulated people around them.

`Paper` is one case in the pure domain, whose alarms fire as its clock passes them; `Resident` lives with
it in virtual time, without API, engine or sleeping.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from api.forms import command_of, form_of, texts_of
from commands.client import CaseSeen, CommandReceipt, KnowledgeSeen, UnitSeen
from commands.simulation.choosing import choose
from commands.simulation.dice import Dice
from commands.simulation.life import Life, Scene
from commands.simulation.past import Past
from commands.simulation.routing import fitting_units
from commands.simulation.steps import Act, Await, Done, Look, Step, Who
from hotline.actions import next_actions
from hotline.case import Actor, CaseState, Classification, Registration, TextRef
from hotline.commands import AddFacts, CitizenRating, JoinCase, ObligationDue, RevisePolicy
from hotline.decide import RULES, Context, decide, register
from hotline.evolve import evolve
from hotline.facts import Fact
from hotline.identifiers import CaseNo, CommandId, TextId, UnitCode, UserId
from hotline.policy import PolicySnapshot, default_policy
from hotline.refusals import Refusal
from hotline.roles import CITIZEN_ACTOR, SYSTEM_ACTOR
from hotline.vocabulary import Channel, EmergencyService, RequestType, Role, Urgency

BEGIN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SPEED = 1_440.0
UNITS = tuple(
    UnitSeen(code=UnitCode(code), name=name)
    for code, name in (
        ("U1", "市城市管理局"),
        ("U2", "市生态环境局"),
        ("U3", "市水务集团"),
        ("U4", "市公安局"),
    )
)
_OF_KIND = {rule.kind: command for command, rule in RULES.items()} | {
    "rating": CitizenRating,
    "facts": AddFacts,
}
_SHOWN = (
    "case_no",
    "version",
    "status",
    "outcome",
    "secret",
    "has_contact",
    "repeat_of",
    "joined_to",
    "policy_revision",
    "assignment",
    "round",
    "flags",
)
_STEPS_AT_MOST = 150


def user_of(who: Who) -> Actor:
    if who.role is Role.CITIZEN:
        return CITIZEN_ACTOR
    return Actor(user_id=UserId(f"{who.role.value}-{who.unit or who.nth}"), role=who.role, unit=who.unit)


def fast_policy(speed: float) -> PolicySnapshot:
    return default_policy().compressed(speed, f"default/3@x{speed:g}")


class Paper:
    """One case as the rules know it."""

    def __init__(
        self,
        case_no: CaseNo,
        what: Classification,
        *,
        now: datetime = BEGIN,
        speed: float = SPEED,
        title: str = "路灯不亮",
        source_reply: str | None = None,
        **known: Any,
    ) -> None:
        self.now = now
        self.title = title
        self.source_reply = source_reply
        self.facts: list[Fact] = []
        self._fast = fast_policy(speed)
        self._policy = default_policy()
        registration = Registration(
            case_no=case_no,
            registered_at=now,
            registered_by=user_of(Who(Role.OPERATOR)),
            channel=Channel.PHONE,
            classification=what,
            policy_revision=self._policy.revision,
            **known,
        )
        first = register(registration, self._context(SYSTEM_ACTOR))
        self.state: CaseState = evolve(None, first[0])
        self.facts.append(first[0])
        self._apply(first[1:])

    def pass_until(self, at: datetime) -> None:
        """Let time pass, and every alarm fire that comes due."""
        while (waiting := self.state.next_alarm) and waiting[1].at <= at:
            clock, alarm = waiting
            self.now = max(self.now, alarm.at)
            due = ObligationDue(clock_id=clock.clock_id, alarm=alarm.code)
            self._apply(decide(self.state, due, self._context(SYSTEM_ACTOR)))
        self.now = max(self.now, at)

    def file(self, kind: str, fields: Mapping[str, Any], actor: Actor) -> None:
        """Have a form decided; raises the refusal."""
        command = _OF_KIND[kind]
        form = form_of(command).model_validate(fields)
        texts = {
            name: TextRef(text_id=TextId(name), digest="0" * 64, chars=len(text))
            for name, text in texts_of(form).items()
        }
        supplied: Mapping[type, Mapping[str, Any]] = {
            RevisePolicy: {"policy": self._fast},
            JoinCase: {"lead": "U1"},
        }
        sent = command_of(command, form, texts, supplied.get(command, {}))
        self._apply(decide(self.state, sent, self._context(actor)))
        if kind == "revise_policy":
            self._policy = self._fast

    def page(self) -> dict[str, Any]:
        """The case as the API shows it, as far as commands read it."""
        clocks = [
            {
                "clock_id": c.clock_id,
                "kind": c.kind,
                "holder": c.holder,
                "due_at": c.due_at,
                "held_at": c.held_at,
            }
            for c in self.state.clocks
        ]
        known = {
            "urgency": self.state.classification.urgency,
            "title": self.title,
            "source_reply": self.source_reply,
            "next_actions": next_actions(self.state, user_of(Who(Role.DISPATCHER))),
            "clocks": clocks,
        }
        return {name: getattr(self.state, name) for name in _SHOWN} | known

    def ledger(self) -> list[dict[str, Any]]:
        return [
            {
                "seq": fact.seq,
                "at": fact.at,
                "tag": fact.body.tag,
                "body": fact.body.model_dump(mode="json", exclude={"tag"}),
            }
            for fact in self.facts
        ]

    def receipt(self) -> CommandReceipt:
        state = self.state
        return CommandReceipt(
            case_no=state.case_no,
            version=state.version,
            status=state.status,
            phase=state.phase,
            next_due_at=state.next_due_at,
        )

    def _context(self, actor: Actor) -> Context:
        return Context(self.now, actor, CommandId(f"command-{len(self.facts):04}"), self._policy)

    def _apply(self, facts: tuple[Fact, ...]) -> None:
        for fact in facts:
            self.state = evolve(self.state, fact)
            self.facts.append(fact)


@dataclass
class Resident:
    """One case and the people who act on it, in virtual time."""

    number: int
    seed: str = "7"
    type: RequestType = RequestType.COMPLAINT
    emergency: EmergencyService | None = None
    code: str | None = "K7M2QX"
    known: Mapping[str, Any] = field(default_factory=dict)
    knowledge: KnowledgeSeen | None = None
    steps: list[Step] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    unoffered: list[str] = field(default_factory=list)
    paper: Paper = field(init=False)
    life: Life = field(init=False)

    def __post_init__(self) -> None:
        urgency = Urgency.CRITICAL if self.emergency else Urgency.NORMAL
        what = Classification(type=self.type, urgency=urgency, emergency=self.emergency)
        case_no = CaseNo(str(260302090000010000 + self.number))
        self.paper = Paper(case_no, what, **self.known)
        blank = Life(case_no, self.paper.state.status, retrieval_code=self.code)
        self.life = blank.seen(self._page())

    def live(self) -> "Resident":
        """Take steps until nobody is needed."""
        while len(self.steps) < _STEPS_AT_MOST:
            step = self.choose()
            self.steps.append(step)
            if isinstance(step, Done):
                return self
            self.take(step)
        raise AssertionError(f"no end after {_STEPS_AT_MOST} steps: {self.kinds[-20:]}")

    def choose(self, life: Life | None = None) -> Step:
        known = life or self.life
        scene = Scene(
            known,
            Dice(self.seed, known.case_no),
            now=self.paper.now,
            speed=SPEED,
            revision=fast_policy(SPEED).revision,
            units=tuple(unit.code for unit in UNITS),
            fitting=fitting_units(known.subject, UNITS),
            knowledge=self.knowledge,
        )
        return choose(scene)

    def take(self, step: Step) -> None:
        match step:
            case Look(ledger):
                self.life = self.recalled() if ledger else self.life.seen(self._page())
            case Await(until_at):
                self.paper.pass_until(max(until_at, self.paper.now + timedelta(milliseconds=250)))
                self.life = self.life.seen(self._page())
            case Act() as act:
                self.paper.pass_until(self.paper.now + act.after_for + timedelta(milliseconds=50))
                self._act(act)

    def recalled(self) -> Life:
        """The life as somebody knows it who reads the case and its ledger."""
        past = Past()
        for entry in self.paper.ledger():
            past = past.after(entry["tag"], entry["body"])
        return replace(self.life.seen(self._page()), past=past, knows_measures=True)

    @property
    def kinds(self) -> list[str]:
        return [step.kind for step in self.steps if isinstance(step, Act)]

    def _act(self, act: Act) -> None:
        actor = user_of(act.who)
        if _OF_KIND[act.kind] not in {CitizenRating, AddFacts} and act.kind not in next_actions(
            self.paper.state, actor
        ):
            self.unoffered.append(f"{self.paper.state.status}: {act.kind}")
        form = {
            name: user_of(value).user_id if isinstance(value, Who) else value
            for name, value in act.form.items()
        }
        try:
            self.paper.file(act.kind, form, actor)
        except Refusal as refusal:
            self.refusals[f"{act.kind}: {refusal.code}"] += 1
            self.life = self.life.refusing(act.kind)
            self.life = self.recalled()
            return
        self.life = self.life.accepted(act.kind, act.form, self.paper.receipt(), act.who.unit)

    def _page(self) -> CaseSeen:
        return CaseSeen.model_validate(self.paper.page())


def residents(count: int, **what: Any) -> list[Resident]:
    return [Resident(number, **what).live() for number in range(count)]

"""How fast the pure domain decides: one whole life of a case, its replay, and a due instant with reasons."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter

from hotline.calendar import default_calendar
from hotline.case import Actor, EvidenceRef, Registration, TextRef
from hotline.commands import (
    Command,
    DispatchCase,
    LogContact,
    RecordRevisit,
    ReviewReply,
    SignFor,
    SubmitReply,
)
from hotline.decide import Context, decide, register
from hotline.evolve import evolve, replay
from hotline.facts import Fact
from hotline.identifiers import CommandId, TextId, UnitCode, UserId, case_no
from hotline.policy import default_policy
from hotline.vocabulary import Channel, ContactOutcome, EvidenceKind, RequestType, Role

_START_AT = datetime(2026, 2, 13, 2, 0, tzinfo=UTC)
_UNIT = UnitCode("U1")
_TEXT = TextRef(text_id=TextId("t"), digest="d", chars=1)


def _actor(user: str, role: Role, unit: UnitCode | None = None) -> Actor:
    return Actor(user_id=UserId(user), role=role, unit=unit)


def _script(seen_at: datetime) -> list[tuple[Command, Actor]]:
    handler = _actor("h", Role.HANDLER, _UNIT)
    evidence = EvidenceRef(evidence_id="e", kind=EvidenceKind.HANDLING, made_at=seen_at)
    return [
        (DispatchCase(lead=_UNIT), _actor("d", Role.DISPATCHER)),
        (SignFor(), handler),
        (LogContact(outcome=ContactOutcome.REACHED, at=seen_at), handler),
        (SubmitReply(text=_TEXT, evidence=(evidence,), citation=_TEXT, signer=UserId("head")), handler),
        (ReviewReply(accepted=True), _actor("d", Role.DISPATCHER)),
        (
            RecordRevisit(contacted=True, solved=True, truthful=True, satisfaction=5),
            _actor("r", Role.REVISITOR),
        ),
    ]


def one_life() -> list[Fact]:
    """Decide a case from registration to 办结: six commands, about two dozen facts."""
    policy, now = default_policy(), _START_AT
    operator = _actor("o", Role.OPERATOR)
    registration = Registration.model_validate(
        {
            "case_no": case_no(now, "01", 1),
            "registered_at": now,
            "registered_by": operator,
            "channel": Channel.PHONE,
            "classification": {"type": RequestType.COMPLAINT},
            "policy_revision": policy.revision,
        }
    )
    facts = list(register(registration, Context(now, operator, CommandId("register"), policy)))
    state = replay(facts)
    for number, (command, actor) in enumerate(_script(now + timedelta(minutes=25))):
        now += timedelta(minutes=10)
        command_id = CommandId(f"command-{number}")
        for fact in decide(state, command, Context(now, actor, command_id, policy)):
            state = evolve(state, fact)
            facts.append(fact)
    return facts


def _per_second(work: Callable[[], object], seconds: float = 1.0) -> float:
    done, started = 0, perf_counter()
    while (took := perf_counter() - started) < seconds:
        work()
        done += 1
    return done / took


def measure() -> dict[str, float]:
    """Each figure is a rate per second on one core."""
    facts, calendar = one_life(), default_calendar()
    return {
        "lives decided (6 commands)": _per_second(one_life),
        f"replays of {len(facts)} facts": _per_second(lambda: replay(facts)),
        "due instants, 5 working days": _per_second(lambda: calendar.add_working_days(_START_AT, 5)),
    }

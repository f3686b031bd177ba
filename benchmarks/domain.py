"""How fast the pure domain decides: one whole life of a case, its replay, and a due instant with reasons."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter

from hotline.calendar import default_calendar
from hotline.case import Actor, CaseState, EvidenceRef, Registration, TextRef
from hotline.commands import (
    ArchiveCase,
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
from hotline.identifiers import CaseNo, CommandId, TextId, UnitCode, UserId, case_no
from hotline.policy import default_policy
from hotline.vocabulary import Channel, ContactOutcome, EvidenceKind, RequestType, Role

_START_AT = datetime(2026, 2, 13, 2, 0, tzinfo=UTC)
COMMANDS = 7
_UNIT = UnitCode("U1")
_TEXT = TextRef(text_id=TextId("t"), digest="d", chars=1)


def _actor(user: str, role: Role, unit: UnitCode | None = None) -> Actor:
    return Actor(user_id=UserId(user), role=role, unit=unit)


def script(seen_at: datetime) -> list[tuple[Command, Actor]]:
    """The seven commands of a life, and who gives them."""
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
        (ArchiveCase(), _actor("a", Role.ADMINISTRATOR)),
    ]


def registered(number: CaseNo, at: datetime) -> tuple[Fact, ...]:
    """The first facts of a case."""
    operator, policy = _actor("o", Role.OPERATOR), default_policy()
    registration = Registration.model_validate(
        {
            "case_no": number,
            "registered_at": at,
            "registered_by": operator,
            "channel": Channel.PHONE,
            "classification": {"type": RequestType.COMPLAINT},
            "policy_revision": policy.revision,
        }
    )
    return tuple(register(registration, Context(at, operator, CommandId("register"), policy)))


def commanded(state: CaseState, number: int, at: datetime) -> tuple[Fact, ...]:
    """The facts of one command of the life that `state` has come to."""
    command, actor = script(at)[number]
    return tuple(decide(state, command, Context(at, actor, CommandId(f"command-{number}"), default_policy())))


def one_life() -> list[Fact]:
    """Decide a case from registration to the archive: seven commands, about two dozen facts."""
    now = _START_AT
    facts = list(registered(case_no(now, "01", 1), now))
    state = replay(facts)
    for number in range(COMMANDS):
        now += timedelta(minutes=10)
        for fact in commanded(state, number, now):
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
        f"lives decided ({COMMANDS} commands)": _per_second(one_life),
        f"replays of {len(facts)} facts": _per_second(lambda: replay(facts)),
        "due instants, 5 working days": _per_second(lambda: calendar.add_working_days(_START_AT, 5)),
    }

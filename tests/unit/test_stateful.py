"""Any sequence of commands, alarms and policy revisions is refused without change or keeps every rule.

Hypothesis lives lives: people of all roles ask for what they may and may not, time passes over several
alarms, new policies arrive; an auditor (books.py) reads every fact. HOTLINE_EXAMPLES=2000 looks deeper.
"""

import os
from datetime import timedelta
from functools import partial
from itertools import groupby
from typing import get_args

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hotline.actions import next_actions
from hotline.case import Actor, Alarm, CaseState, Clock, Registration
from hotline.commands import Command, CommandEnvelope, ObligationDue, RevisePolicy
from hotline.decide import RULES, decide
from hotline.evolve import replay
from hotline.facts import Fact, PolicyRevised
from hotline.identifiers import CommandId
from hotline.model import Message
from hotline.policy import PolicySnapshot
from hotline.refusals import Refusal
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import Status
from hotline.what_if import compare
from unit.books import Books
from unit.customs import usual_steps
from unit.lives import (
    OTHER_UNIT,
    THIRD_UNIT,
    Life,
    awaiting_revisit,
    completed,
    contacted,
    dispatched,
    replied,
    reworking,
    reworks_used_up,
    unreached,
)
from unit.strategies import ACTORS, COMMANDS, POLICIES, Moment, registrations

DEEPER = int(os.environ.get("HOTLINE_EXAMPLES", "0"))
AT_THE_DOOR = {"role_not_permitted", "wrong_status", "out_of_scope"}
NOT_OFTEN = {
    "obligation_due",
    "revise_policy",
    "accept_member",
    "settle_member",
    "release_member",
    "archive_case",
    "add_facts",
    "report_progress",
    "recuse",
    "lift_recusal",
}
DESKS = [list(colleagues) for _, colleagues in groupby(ACTORS, key=lambda actor: (actor.role, actor.unit))]
STAGES = (
    partial(dispatched, assists=(OTHER_UNIT,)),
    partial(contacted, assists=(OTHER_UNIT, THIRD_UNIT)),
    contacted,
    replied,
    awaiting_revisit,
    completed,
    reworking,
    reworks_used_up,
    unreached,
)
TRIED = [rule.kind for rule in RULES.values() if rule.command is not RevisePolicy]
CLASS_OF: dict[str, type[Message]] = {rule.kind: rule.command for rule in RULES.values()}
PAUSES = st.sampled_from(
    [timedelta(minutes=n) for n in (0, 1, 10, 61, 5 * 60)] + [timedelta(days=n) for n in (1, 3)]
)


class AnyLife(RuleBasedStateMachine):
    """One case among people who do what they like."""

    life: Life
    books: Books
    revisions = 0

    @initialize(life=registrations().map(Life) | st.sampled_from(STAGES).map(lambda stage: stage()))
    def begin(self, life: Life) -> None:
        """Half of the lives begin at registration, half at a later stage."""
        registration = life.registration
        assert Registration.model_validate_json(registration.model_dump_json()) == registration
        self.life, self.books = life, Books()
        for _, batch in groupby(life.facts, key=lambda fact: fact.command_id):
            self.books.enter(tuple(batch), life.policy)

    # ── what may happen ─────────────────────────────────────────────────────────────────────────

    @precondition(lambda self: self.life.state.status is not Status.ARCHIVED)
    @rule(data=st.data(), pause=PAUSES, times=st.integers(1, 3))
    def somebody_does_what_is_offered(self, data: st.DataObject, pause: timedelta, times: int) -> None:
        self.life.wait(pause)
        for _ in range(times):
            self.take_an_offer(data)

    def take_an_offer(self, data: st.DataObject) -> None:
        offers = _offers(self.life.state)
        if not offers:
            return
        kind = data.draw(st.sampled_from(sorted(offers)), label="kind")
        actor = data.draw(st.sampled_from(offers[kind]), label="actor")
        refusal = self.attempt(self.draw_command(data, CLASS_OF[kind]), actor)
        assert refusal is None or refusal.code not in AT_THE_DOOR, "an offer is not refused at the door"

    @rule(data=st.data(), kind=st.sampled_from(TRIED), anybody=st.sampled_from((False, False, False, True)))
    def somebody_tries_anything(self, data: st.DataObject, kind: str, *, anybody: bool) -> None:
        may = RULES[CLASS_OF[kind]].by
        actors = [actor for actor in ACTORS if anybody or actor.role in may]
        actor = data.draw(st.sampled_from(actors), label="actor")
        is_offered = kind in next_actions(self.life.state, actor)
        refusal = self.attempt(self.draw_command(data, CLASS_OF[kind]), actor)
        assert is_offered or refusal is not None, "what is not offered is refused"

    @precondition(lambda self: self.life.state.is_open)
    @rule(data=st.data(), pause=PAUSES, times=st.integers(1, 4))
    def the_case_goes_its_usual_way(self, data: st.DataObject, pause: timedelta, times: int) -> None:
        for _ in range(times):
            self.life.wait(pause)
            if steps := usual_steps(self.life):
                self.attempt(*data.draw(st.sampled_from(steps), label="step"))

    @rule(span_for=st.sampled_from([timedelta(hours=7), timedelta(days=2), timedelta(days=12)]))
    def time_passes_unwatched(self, span_for: timedelta) -> None:
        self.life.wait(span_for)

    @rule()
    def every_due_alarm_fires_in_order(self) -> None:
        while (waiting := self.life.state.next_alarm) and waiting[1].at <= self.life.now:
            self.fire(*waiting)

    @precondition(lambda self: self.life.state.next_alarm is not None)
    @rule(late=st.sampled_from([timedelta(0), timedelta(seconds=30)]))
    def the_next_alarm_comes(self, late: timedelta) -> None:
        waiting = self.life.state.next_alarm
        assert waiting is not None
        self.life.wait_until(waiting[1].at + late)
        self.fire(*waiting)

    @precondition(lambda self: self.life.state.status is not Status.ARCHIVED and self.revisions < 3)
    @rule(data=st.data())
    def a_policy_revision_arrives(self, data: st.DataObject) -> None:
        self.revisions += 1
        others = sorted(set(POLICIES) - {self.life.state.policy_revision})
        policy = POLICIES[data.draw(st.sampled_from(others), label="revision")]
        before, version = self.life.state, self.life.state.version
        assert self.attempt(RevisePolicy(policy=policy), SYSTEM_ACTOR) is None
        if policy.transition == "from_start":
            self.check_missed_clocks_stay(before, version)

    # ── how it happens ──────────────────────────────────────────────────────────────────────────

    def draw_command(self, data: st.DataObject, command: type[Message]) -> Command:
        moment = Moment(self.life.state, self.life.now)
        drawn: Command = data.draw(COMMANDS[command](moment), label="command")
        return drawn

    def fire(self, clock: Clock, alarm: Alarm) -> None:
        refusal = self.attempt(ObligationDue(clock_id=clock.clock_id, alarm=alarm.code), SYSTEM_ACTOR)
        assert refusal is None, "an alarm that is due is never refused"

    def attempt(self, command: Command, actor: Actor) -> Refusal | None:
        """Ask twice: the same answer both times, and nothing changes until the facts are applied."""
        life, before = self.life, self.life.state
        as_it_was = before.model_dump_json()
        first, second = _ask(life, command, actor), _ask(life, command, actor)
        assert life.state is before
        assert before.model_dump_json() == as_it_was, "decide changes nothing"
        if not isinstance(command, RevisePolicy):
            _check_round_trip(command, actor)
        if isinstance(first, Refusal):
            assert isinstance(second, Refusal)
            assert (first.code, first.message) == (second.code, second.message)
            assert first.code
            return first
        assert first == second, "decide is a function"
        self.apply(command, actor, first)
        return None

    def apply(self, command: Command, actor: Actor, facts: tuple[Fact, ...]) -> None:
        before = self.life.state.version
        done = self.life.do(command, actor)
        assert done == facts
        assert done, "whatever is accepted leaves a fact"
        assert self.life.state.version == before + len(done)
        self.books.enter(done, self.life.policy)

    def check_missed_clocks_stay(self, before: CaseState, version: int) -> None:
        """Rule 9: what was missed before a revision stays missed as it was."""
        assert any(isinstance(fact.body, PolicyRevised) for fact in self.life.facts[version:])
        for clock in before.clocks:
            if clock.due_at <= (clock.held_at or self.life.now):
                after = self.life.state.clock(clock.clock_id)
                assert after is not None
                assert after.due_at == clock.due_at

    # ── what holds after every step ─────────────────────────────────────────────────────────────

    @invariant()
    def the_ledger_gives_the_state_back(self) -> None:
        assert self.books.state == self.life.state
        assert CaseState.model_validate_json(self.life.state.model_dump_json()) == self.life.state

    @invariant()
    def every_second_has_an_owner_and_a_cause(self) -> None:
        self.books.check_ledger(self.life.now)

    def teardown(self) -> None:
        if not hasattr(self, "life"):
            return
        assert replay(self.life.facts) == self.life.state
        self.books.check_counts(self.life.facts)
        if not any(isinstance(fact.body, PolicyRevised) for fact in self.life.facts):
            same = compare(tuple(self.life.facts), self.life.policy, self.life.policy, self.life.now)
            assert not same.differs, "a policy compared with itself changes nothing"


def _ask(life: Life, command: Command, actor: Actor) -> tuple[Fact, ...] | Refusal:
    try:
        return decide(life.state, command, life.context(actor))
    except Refusal as refusal:
        return refusal


def _check_round_trip(command: Command, actor: Actor) -> None:
    envelope = CommandEnvelope(command_id=CommandId("command-0"), actor=actor, command=command)
    assert CommandEnvelope.model_validate_json(envelope.model_dump_json()) == envelope


def _offers(state: CaseState) -> dict[str, list[Actor]]:
    """Who is offered what, apart from what the system does by itself and what ends every life."""
    offers: dict[str, list[Actor]] = {}
    for colleagues in DESKS:
        for kind in set(next_actions(state, colleagues[0])) - NOT_OFTEN:
            offers.setdefault(kind, []).extend(colleagues)
    return offers


AnyLife.TestCase.settings = settings(
    max_examples=DEEPER or 40,
    stateful_step_count=80 if DEEPER else 50,
    derandomize=not DEEPER,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestAnyLife = pytest.mark.timeout(0 if DEEPER else 600)(AnyLife.TestCase)


@pytest.mark.parametrize("revision", sorted(POLICIES))
def test_policy_survives_the_wire(revision: str) -> None:
    policy = POLICIES[revision]
    assert PolicySnapshot.model_validate_json(policy.model_dump_json()) == policy
    _check_round_trip(RevisePolicy(policy=policy), SYSTEM_ACTOR)


def test_every_command_has_a_strategy() -> None:
    assert set(COMMANDS) == set(get_args(Command))

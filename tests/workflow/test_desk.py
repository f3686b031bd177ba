"""The desk decides without awaiting: receipts, time and alarms, seen without a server."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from fixtures.cases import ADMINISTRATOR, OPERATOR, TEXT, dispatch, envelope, registration, sign

from hotline.case import CaseState
from hotline.commands import AddFacts, Command, ObligationDue, RevisePolicy
from hotline.decide import Context, decide
from hotline.effects import Effect
from hotline.facts import ClockFired, Fact
from hotline.policy import default_policy
from hotline.refusals import KeyReused, Refusal, WrongStatus
from hotline.spread import DueAlarm, due_alarms
from hotline.vocabulary import ClockKind, Flag
from workflows.contracts import CarriedCase, CaseInput
from workflows.desk import Desk
from workflows.options import RECEIPTS_KEPT

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


class Told:
    """What the desk hands over."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.effects: list[Effect] = []
        self.bugs: list[DueAlarm] = []

    def fired(self) -> list[ClockFired]:
        return [fact.body for fact in self.facts if isinstance(fact.body, ClockFired)]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def case() -> CaseInput:
    return CaseInput(registration=registration(registered_at=AT), policy=default_policy())


@pytest.fixture
def desk(case: CaseInput, told: Told) -> Desk:
    return open_desk(case, told)


def open_desk(case: CaseInput, told: Told) -> Desk:
    return Desk(
        case,
        on_facts=told.facts.extend,
        on_effects=told.effects.extend,
        on_bug=lambda alarm, _: told.bugs.append(alarm),
    )


def add_facts() -> AddFacts:
    return AddFacts(text=TEXT)


def test_checking_changes_nothing(desk: Desk, told: Told) -> None:
    before, count = desk.state, len(told.facts)
    desk.check(dispatch(), AT)
    assert desk.state == before
    assert len(told.facts) == count


def test_what_is_checked_can_be_settled(desk: Desk, told: Told) -> None:
    order = dispatch()
    desk.check(order, AT)
    receipt = desk.settle(order, AT)
    assert receipt.version == told.facts[-1].seq == desk.state.version


def test_refused_command_is_refused_by_the_check_and_by_settling(desk: Desk) -> None:
    for refuse in (desk.check, desk.settle):
        with pytest.raises(Refusal):
            refuse(sign(), AT)


def test_known_command_gets_its_first_receipt_even_when_it_would_be_refused_now(desk: Desk) -> None:
    order = dispatch()
    receipt = desk.settle(order, AT)
    with pytest.raises(WrongStatus):
        desk.settle(dispatch(), AT)
    desk.check(order, AT)
    assert desk.settle(order, AT) == receipt


def test_known_id_with_another_command_is_refused_before_it_is_accepted(desk: Desk) -> None:
    order = dispatch()
    desk.settle(order, AT)
    other = envelope(OPERATOR, add_facts(), command_id=order.command_id)
    with pytest.raises(KeyReused):
        desk.check(other, AT)


def test_receipts_are_kept_up_to_their_number_and_carried_over(desk: Desk, case: CaseInput) -> None:
    sent = [envelope(OPERATOR, add_facts()) for _ in range(RECEIPTS_KEPT + 5)]
    for one in sent:
        desk.settle(one, AT)
    carried = CarriedCase(state=desk.state, decided_at=desk.decided_at, receipts=desk.receipts)
    stored = CaseInput.model_validate_json(case.model_copy(update={"carried": carried}).model_dump_json())
    taken_up = open_desk(stored, Told())
    assert taken_up.state == desk.state
    assert taken_up.receipts == desk.receipts
    assert [receipt.command_id for receipt in taken_up.receipts] == [one.command_id for one in sent[5:]]


def test_time_of_a_case_never_runs_backwards(desk: Desk, told: Told) -> None:
    desk.settle(envelope(OPERATOR, add_facts()), AT + timedelta(seconds=10))
    desk.settle(envelope(OPERATOR, add_facts()), AT + timedelta(seconds=3))
    instants = [fact.at for fact in told.facts]
    assert instants == sorted(instants)


def test_revised_policy_is_in_force_from_then_on(desk: Desk) -> None:
    revised = default_policy().model_copy(update={"revision": "default/next"})
    desk.settle(envelope(ADMINISTRATOR, RevisePolicy(policy=revised)), AT)
    assert desk.policy == revised


def test_alarms_fire_in_the_order_of_their_true_instants(desk: Desk, told: Told) -> None:
    desk.settle(dispatch(), AT)
    desk.fire_alarms(AT + timedelta(days=10))
    instants = [body.due_at for body in told.fired()]
    assert len(instants) > 4
    assert instants == sorted(instants)


def test_alarm_that_came_before_a_command_is_decided_before_it(desk: Desk, told: Told) -> None:
    desk.settle(dispatch(), AT)
    signature_at = next(clock.due_at for clock in desk.state.clocks if clock.kind is ClockKind.SIGNATURE)
    before = desk.state.version
    desk.settle(sign().model_copy(update={"expected_version": before}), signature_at + timedelta(seconds=1))
    tags = [fact.body.tag for fact in told.facts[before:]]
    assert tags.index("flag:raised") < tags.index("assignment:signed")
    assert Flag.UNSIGNED in desk.state.flags


def test_refused_alarm_is_set_aside_and_the_others_fire(
    desk: Desk, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug in a rule costs one alarm, not every later clock, and it does not spin."""
    desk.settle(dispatch(), AT)
    late = AT + timedelta(days=10)
    (broken, *_) = due_alarms(desk.state, late)
    monkeypatch.setattr("workflows.desk.decide", refusing(broken))
    desk.fire_alarms(late)
    assert told.bugs == [broken]
    assert broken.clock_id not in {body.clock_id for body in told.fired()}
    assert told.fired()
    desk.fire_alarms(late)
    assert told.bugs == [broken]
    woken_at = desk.wake_at()
    assert woken_at is None or woken_at > late


def refusing(alarm: DueAlarm) -> Callable[[CaseState, Command, Context], tuple[Fact, ...]]:
    def decide_but_that(state: CaseState, command: Command, ctx: Context) -> tuple[Fact, ...]:
        if isinstance(command, ObligationDue) and command.clock_id == alarm.clock_id:
            raise Refusal("broken", "规则有误")
        return decide(state, command, ctx)

    return decide_but_that

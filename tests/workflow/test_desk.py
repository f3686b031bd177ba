"""The desk decides without awaiting: receipts, time and alarms, seen without a server."""

from datetime import UTC, datetime, timedelta

import pytest
from fixtures.cases import ADMINISTRATOR, OPERATOR, TEXT, dispatch, envelope, registration, sign

from hotline.commands import AddFacts, RevisePolicy
from hotline.effects import Effect
from hotline.facts import ClockFired, Fact
from hotline.identifiers import ClockId
from hotline.policy import default_policy
from hotline.refusals import KeyReused, Refusal, WrongStatus
from hotline.spread import DueAlarm
from hotline.vocabulary import AlarmCode
from workflows.contracts import CarriedCase, CaseInput
from workflows.desk import Desk
from workflows.options import RECEIPTS_KEPT

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


class Told:
    """What the desk hands over."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.effects: list[Effect] = []


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def case() -> CaseInput:
    return CaseInput(registration=registration(registered_at=AT), policy=default_policy())


@pytest.fixture
def desk(case: CaseInput, told: Told) -> Desk:
    return Desk(case, on_facts=told.facts.extend, on_effects=told.effects.extend)


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
    taken_up = Desk(stored, on_facts=lambda _: None, on_effects=lambda _: None)
    assert taken_up.state == desk.state
    assert taken_up.receipts == desk.receipts
    assert [receipt.command_id for receipt in taken_up.receipts] == [one.command_id for one in sent[5:]]


def test_time_of_a_case_never_runs_backwards(desk: Desk, told: Told) -> None:
    desk.settle(envelope(OPERATOR, add_facts()), AT + timedelta(seconds=10))
    desk.settle(envelope(OPERATOR, add_facts()), AT + timedelta(seconds=3))
    instants = [fact.at for fact in told.facts]
    assert instants == sorted(instants)


def test_revised_policy_is_in_force_from_then_on(desk: Desk) -> None:
    revised = default_policy().model_copy(update={"revision": "default/2"})
    desk.settle(envelope(ADMINISTRATOR, RevisePolicy(policy=revised)), AT)
    assert desk.policy == revised


def test_alarms_fire_in_the_order_of_their_true_instants(desk: Desk, told: Told) -> None:
    desk.settle(dispatch(), AT)
    late = AT + timedelta(days=10)
    while alarm := desk.next_due(late):
        desk.fire(alarm, late)
    fired = [fact.body for fact in told.facts if isinstance(fact.body, ClockFired)]
    assert len(fired) > 4
    assert [body.due_at for body in fired] == sorted(body.due_at for body in fired)


def test_refused_alarm_is_set_aside_and_the_others_fire(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in a rule must cost one alarm, not every later clock and not a busy loop."""
    desk.settle(dispatch(), AT)
    late = AT + timedelta(days=10)
    broken = desk.next_due(late)
    assert broken is not None
    never = DueAlarm(broken.at, ClockId("clock:unknown"), AlarmCode.DUE)
    with pytest.raises(Refusal):
        desk.fire(never, late)
    with monkeypatch.context() as patched:
        patched.setattr("workflows.desk.decide", refuse)
        with pytest.raises(Refusal):
            desk.fire(broken, late)
    others = desk.next_due(late)
    assert others is not None
    assert others != broken
    assert desk.wake_at() != broken.at


def refuse(*_: object) -> tuple[Fact, ...]:
    raise Refusal("broken", "规则有误")

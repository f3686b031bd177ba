"""分派: dispatch, signature, returns, joint review, binding rulings (domain.md §12 rules 6–7, 10–12)."""

from datetime import timedelta

import pytest

from hotline.case import Actor
from hotline.commands import (
    AssistOrder,
    CallJointReview,
    DispatchCase,
    RequestExtension,
    RequestTermination,
    ReturnCase,
    RuleBindingly,
    RuleOnReturn,
    SignFor,
)
from hotline.facts import CaseDispatched, CaseReturned, ClockStarted, ReturnRuled
from hotline.identifiers import HOTLINE, UnitCode
from hotline.policy import PolicySnapshot
from hotline.refusals import LimitReached, WindowClosed
from hotline.vocabulary import ClockKind, EvidenceKind, Flag, Status
from unit.lives import (
    ACCUSED_UNIT,
    DISPATCHER,
    HANDLER,
    OTHER_UNIT,
    POLICY,
    SUPERVISOR,
    TEXT,
    THIRD_UNIT,
    UNIT,
    UNIT_HEAD,
    Life,
    classified,
    dispatch,
    dispatched,
    evidence,
    handler_of,
    in_hand,
    registered,
    replied,
    reworks_used_up,
)

RETURN = ReturnCase(legal_basis=TEXT, evidence=(evidence(dispatched().now, EvidenceKind.RETURN),))
UPHELD, OVERTURNED = (RuleOnReturn(upheld=upheld, reason=TEXT) for upheld in (True, False))
JOINT_REVIEW = CallJointReview(participants=(UNIT, OTHER_UNIT), reason=TEXT)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def ruling(lead: UnitCode = UNIT, *assists: UnitCode) -> RuleBindingly:
    return RuleBindingly(lead=lead, assists=tuple(AssistOrder(unit=unit) for unit in assists), reason=TEXT)


def in_dispute() -> Life:
    """Returned an hour after dispatch."""
    return dispatched().then(RETURN, HANDLER, after=HOUR)


def misdirected_twice() -> Life:
    """Two units returned the case, and each was right."""
    life = in_dispute().then(UPHELD, DISPATCHER).then(dispatch(OTHER_UNIT), DISPATCHER)
    return life.then(RETURN, handler_of(OTHER_UNIT)).then(UPHELD, DISPATCHER)


# ── dispatch ────────────────────────────────────────────────────────────────────────────────────


def test_dispatch_names_the_units_and_starts_their_clocks_by_rule_7() -> None:
    life = registered().then(dispatch(UNIT, OTHER_UNIT), DISPATCHER)
    assert life.state.status is Status.AWAITING_SIGNATURE
    assert life.state.units == (UNIT, OTHER_UNIT)
    assert life.clock_kinds() == {ClockKind.SIGNATURE, ClockKind.HANDLING, ClockKind.ASSIST}
    assert {clock.holder for clock in life.state.clocks} == {UNIT, OTHER_UNIT}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (dispatch(UNIT, OTHER_UNIT), None),
        (dispatch(UNIT, UNIT), "unit_named_twice"),
        (dispatch(UNIT, OTHER_UNIT, OTHER_UNIT), "unit_named_twice"),
        (dispatch(ACCUSED_UNIT), "accused_unit"),
        (dispatch(UNIT, ACCUSED_UNIT), "accused_unit"),
    ],
)
def test_accused_unit_is_neither_lead_nor_assistant_by_rule_6(
    command: DispatchCase, code: str | None
) -> None:
    life = registered(classified(accused_units=(ACCUSED_UNIT,)))
    assert life.refusal_code(command, DISPATCHER) == code


def test_accused_unit_is_not_named_by_a_ruling_either_by_rule_6() -> None:
    life = registered(classified(accused_units=(ACCUSED_UNIT,))).then(JOINT_REVIEW, DISPATCHER)
    assert life.refusal(ruling(), SUPERVISOR) is None
    assert life.refusal_code(ruling(ACCUSED_UNIT), SUPERVISOR) == "accused_unit"
    assert life.refusal_code(ruling(UNIT, ACCUSED_UNIT), SUPERVISOR) == "accused_unit"


# ── signature ───────────────────────────────────────────────────────────────────────────────────


def test_signature_does_not_stop_or_restart_the_handling_clock_by_rule_10() -> None:
    life = dispatched()
    before = life.clock(ClockKind.HANDLING)
    assert before.started_at == life.now
    life.then(SignFor(), HANDLER, after=5 * HOUR)
    assert life.state.status is Status.IN_HAND
    assert life.clock(ClockKind.HANDLING) == before
    assert ClockKind.SIGNATURE not in life.clock_kinds()


def test_missing_signature_is_flagged_once_and_the_handling_clock_runs_on_by_rule_10() -> None:
    life = dispatched()
    before = life.clock(ClockKind.HANDLING)
    life.sleep_until(life.clock(ClockKind.SIGNATURE).due_at)
    assert life.state.flags == {Flag.UNSIGNED}
    assert life.clock(ClockKind.HANDLING).schedule == before.schedule
    assert life.refusal(SignFor(), HANDLER) is None


@pytest.mark.parametrize(
    ("actor", "code"),
    [
        (HANDLER, None),
        (UNIT_HEAD, None),
        (handler_of(OTHER_UNIT), "out_of_scope"),
        (handler_of(THIRD_UNIT), "out_of_scope"),
        (DISPATCHER, "role_not_permitted"),
    ],
)
def test_only_the_lead_unit_signs(actor: Actor, code: str | None) -> None:
    assert dispatched(assists=(OTHER_UNIT,)).refusal_code(SignFor(), actor) == code


# ── returns ─────────────────────────────────────────────────────────────────────────────────────


def test_return_is_possible_until_the_window_ends_by_rule_11() -> None:
    life = dispatched()
    assert life.state.assignment is not None
    life.wait_until(life.state.assignment.return_until)
    assert life.refusal(RETURN, HANDLER) is None
    refusal = life.wait(timedelta(microseconds=1)).refusal(RETURN, HANDLER)
    assert isinstance(refusal, WindowClosed)
    assert refusal.code == "return_window_closed"


@pytest.mark.parametrize("back_to", [Status.AWAITING_SIGNATURE, Status.IN_HAND])
def test_overturned_return_goes_back_where_it_was_on_the_same_clock_by_rule_11(back_to: Status) -> None:
    life = dispatched() if back_to is Status.AWAITING_SIGNATURE else in_hand()
    before = life.clock(ClockKind.HANDLING)
    life.then(RETURN, HANDLER).then(OVERTURNED, DISPATCHER, after=HOUR)
    assert life.state.status is back_to
    assert life.clock(ClockKind.HANDLING) == before


def test_return_does_not_stop_the_handling_clock_unless_upheld_by_rule_10() -> None:
    life = in_dispute()
    assert life.clock_kinds() == {ClockKind.HANDLING, ClockKind.RETURN_RULING}
    assert life.clock(ClockKind.HANDLING).held_at is None
    life.then(UPHELD, DISPATCHER)
    assert life.clock_kinds() == {ClockKind.DISPATCH}


def test_upheld_return_is_dispatched_again_with_a_fresh_limit_by_rule_11() -> None:
    life = in_dispute().then(UPHELD, DISPATCHER, after=DAY)
    assert (life.state.status, life.state.assignment) == (Status.AWAITING_DISPATCH, None)
    life.then(dispatch(OTHER_UNIT), DISPATCHER)
    clock = life.clock(ClockKind.HANDLING)
    assert (clock.holder, clock.started_at, clock.clock_id) == (OTHER_UNIT, life.now, "handling:2")


def test_unit_returns_once_by_rule_11() -> None:
    life = in_dispute().then(OVERTURNED, DISPATCHER)
    refusal = life.refusal(RETURN, HANDLER)
    assert isinstance(refusal, LimitReached)
    assert refusal.code == "unit_returned_before"
    assert refusal.rule == "domain.md §12 rule 11"


def test_case_returned_twice_is_final_where_it_goes_next_by_rules_11_and_12() -> None:
    second = in_dispute().then(UPHELD, DISPATCHER).then(dispatch(OTHER_UNIT), DISPATCHER)
    assert second.refusal(RETURN, handler_of(OTHER_UNIT)) is None
    third = misdirected_twice().then(dispatch(THIRD_UNIT), DISPATCHER)
    assert third.refusal_code(RETURN, handler_of(THIRD_UNIT)) == "assignment_is_final"


def lenient() -> PolicySnapshot:
    caps = POLICY.caps.model_copy(update={"returns_per_unit": 3, "returns_per_case": 2})
    return POLICY.model_copy(update={"caps": caps})


def test_second_overturned_return_makes_the_unit_final_by_rule_12() -> None:
    life = dispatched(policy=lenient())
    for _ in range(2):
        life.then(RETURN, HANDLER).then(OVERTURNED, DISPATCHER)
    assert [body.becomes_final for body in life.all_of(ReturnRuled)] == [False, True]
    assert life.refusal_code(RETURN, HANDLER) == "assignment_is_final"


@pytest.mark.parametrize(
    "request_", [RequestExtension(days=2, reason=TEXT), RequestTermination(ground="R2", reason=TEXT)]
)
def test_return_waits_for_a_pending_request(request_: RequestExtension | RequestTermination) -> None:
    life = in_hand()
    assert life.refusal(RETURN, HANDLER) is None
    assert life.then(request_, UNIT_HEAD).refusal_code(RETURN, HANDLER) == "request_pending"


def test_return_keeps_basis_and_evidence_by_rule_11() -> None:
    [body] = in_dispute().all_of(CaseReturned)
    assert (body.unit, body.legal_basis, body.evidence) == (UNIT, TEXT, RETURN.evidence)


# ── whose time a dispute was ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("upheld", "whose"), [(True, HOTLINE), (False, UNIT)])
def test_ruling_attributes_the_disputed_span(*, upheld: bool, whose: UnitCode) -> None:
    life = in_dispute().then(RuleOnReturn(upheld=upheld, reason=TEXT), DISPATCHER, after=3 * HOUR)
    [body] = life.all_of(ReturnRuled)
    assert (body.disputed_for, body.attributed_to) == (3 * HOUR, whose)
    assert dispute_of(life) == {whose: 3 * HOUR}


@pytest.mark.parametrize(("named", "whose"), [(OTHER_UNIT, HOTLINE), (UNIT, UNIT)])
def test_binding_ruling_at_the_dispute_desk_attributes_the_span_too(named: UnitCode, whose: UnitCode) -> None:
    life = in_dispute().then(ruling(named), SUPERVISOR, after=3 * HOUR)
    assert dispute_of(life) == {whose: 3 * HOUR}
    assert [entry.upheld for entry in life.state.returns] == [named != UNIT]


def dispute_of(life: Life) -> dict[UnitCode, timedelta]:
    return {line.holder: line.held_for for line in life.state.holdings if line.cause == "dispute"}


# ── joint review and binding rulings ────────────────────────────────────────────────────────────


def test_hard_case_goes_to_joint_review_before_anybody_is_named() -> None:
    life = registered().then(JOINT_REVIEW, DISPATCHER)
    assert life.state.status is Status.JOINT_REVIEW
    assert life.clock_kinds() == {ClockKind.JOINT_REVIEW}


def test_dispute_in_joint_review_leaves_the_handling_clock_running_by_rule_10() -> None:
    life = in_dispute()
    before = life.clock(ClockKind.HANDLING)
    life.then(JOINT_REVIEW, SUPERVISOR)
    assert life.clock_kinds() == {ClockKind.JOINT_REVIEW, ClockKind.HANDLING}
    life.then(ruling(UNIT), SUPERVISOR)
    assert life.clock(ClockKind.HANDLING) == before


@pytest.mark.parametrize("by_way_of_joint_review", [False, True])
def test_binding_ruling_for_the_same_unit_keeps_its_handling_clock(*, by_way_of_joint_review: bool) -> None:
    life = in_dispute()
    before = life.clock(ClockKind.HANDLING)
    if by_way_of_joint_review:
        life.then(JOINT_REVIEW, SUPERVISOR)
    life.then(ruling(UNIT), SUPERVISOR, after=DAY)
    assert life.clock(ClockKind.HANDLING) == before
    assert life.state.assignment is not None
    assert life.state.assignment.dispatched_at == before.started_at
    assert life.state.assignments == 1


def test_binding_ruling_for_another_unit_starts_a_fresh_clock() -> None:
    life = in_dispute().then(ruling(OTHER_UNIT), SUPERVISOR, after=DAY)
    clock = life.clock(ClockKind.HANDLING)
    assert (clock.holder, clock.started_at) == (OTHER_UNIT, life.now)


@pytest.mark.parametrize("named", [UNIT, OTHER_UNIT])
def test_unit_named_by_a_ruling_cannot_return_by_rule_12(named: UnitCode) -> None:
    undecided = dispatched()
    assert undecided.refusal(RETURN, HANDLER) is None
    life = in_dispute().then(ruling(named), SUPERVISOR)
    assert life.refusal_code(RETURN, handler_of(named)) == "assignment_is_final"


def test_ruling_after_the_last_rework_starts_over_with_a_final_unit() -> None:
    life = reworks_used_up()
    assert life.clock_kinds() == {ClockKind.JOINT_REVIEW}
    life.then(ruling(UNIT), SUPERVISOR)
    assert (life.state.status, life.state.round) == (Status.AWAITING_SIGNATURE, 1)
    assert [body.final for body in life.all_of(CaseDispatched)] == [False, True]
    handling = [body for body in life.all_of(ClockStarted) if body.clock is ClockKind.HANDLING]
    assert [body.clock_id for body in handling] == ["handling:1", "handling:2"]


def test_reply_under_review_is_not_returned() -> None:
    assert in_hand().refusal(RETURN, HANDLER) is None
    assert replied().refusal_code(RETURN, HANDLER) == "wrong_status"

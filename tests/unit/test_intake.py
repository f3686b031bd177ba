"""登记受理: what becomes of a case before anybody is named (domain.md §12 rules 1–4)."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from hotline.case import Classification, Registration
from hotline.commands import (
    AcceptMember,
    AddFacts,
    AnswerDirectly,
    CallJointReview,
    Command,
    CompleteCase,
    DispatchCase,
    JoinCase,
    ReclassifyCase,
    RejectCase,
    ReleaseMember,
    ReopenCase,
    RequestDetails,
    RequestTermination,
    SettleMember,
    SignFor,
    TransferEmergency,
)
from hotline.effects import Effect, effects_of
from hotline.facts import (
    CaseReclassified,
    CaseRejected,
    DetailsOverdue,
    EmergencyTransferred,
    FlagRaised,
    ReplyAccepted,
    named_by,
)
from hotline.identifiers import CaseNo
from hotline.vocabulary import (
    ClockKind,
    Element,
    EmergencyService,
    Flag,
    Outcome,
    RejectReason,
    RequestType,
    Role,
    Status,
    Urgency,
)
from unit.lives import (
    ACCUSED_UNIT,
    CITIZEN,
    DISPATCHER,
    FAVOURABLE,
    HANDLER,
    MASTER_NUMBER,
    NUMBER,
    OPERATOR,
    REVIEWER,
    REVISITOR,
    SUPERVISOR,
    SYSTEM,
    TEXT,
    UNIT,
    UNIT_HEAD,
    Life,
    accepted,
    awaiting_revisit,
    classified,
    completed,
    dispatch,
    emergency,
    in_hand,
    person,
    registered,
    replied,
    reply,
)

TRANSFER = TransferEmergency(service=EmergencyService.FIRE)
JOIN = JoinCase(into=MASTER_NUMBER, lead=UNIT, reason=TEXT)
SETTLE = SettleMember(
    by=MASTER_NUMBER,
    unit=UNIT,
    reply=TEXT,
    accepted_at=registered().now,
    signer=UNIT_HEAD.user_id,
    reviewed_by=REVIEWER.user_id,
)


def _reclassified(classification: Classification) -> ReclassifyCase:
    return ReclassifyCase(classification=classification, reason=TEXT)


# ── rule 1: emergencies ─────────────────────────────────────────────────────────────────────────


def test_emergency_is_transferred_at_once_and_logged_by_rule_1() -> None:
    life = registered(emergency())
    assert life.clock_kinds() == {ClockKind.TRANSFER}
    assert life.clock(ClockKind.TRANSFER).due_at - life.now == timedelta(minutes=2)
    life.do(TRANSFER, OPERATOR)
    assert (life.state.status, life.state.outcome) == (Status.TRANSFERRED, Outcome.EMERGENCY)
    assert [body.service for body in life.all_of(EmergencyTransferred)] == [EmergencyService.FIRE]


@pytest.mark.parametrize(
    "command",
    [
        dispatch(),
        AnswerDirectly(answer=TEXT),
        RejectCase(reason=RejectReason.R6, advice=TEXT),
        JOIN,
        CallJointReview(participants=(UNIT,), reason=TEXT),
    ],
    ids=lambda command: command.kind,
)
def test_emergency_is_only_ever_transferred_by_rule_1(command: Command) -> None:
    assert registered(classified()).refusal(command, DISPATCHER) is None
    assert registered(emergency()).refusal_code(command, DISPATCHER) == "emergency_must_be_transferred"


def test_transfer_clock_does_not_wait_for_details_by_rule_1() -> None:
    life = registered(emergency()).then(RequestDetails(missing=(Element.PLACE,)), OPERATOR)
    assert life.clock(ClockKind.TRANSFER).held_at is None
    assert registered(emergency(), missing=(Element.PLACE,)).state.status is Status.RECEIVED


def test_case_found_to_be_an_emergency_while_awaiting_dispatch_is_transferred_by_rule_1() -> None:
    life = completed().then(ReopenCase(new_facts=TEXT), DISPATCHER)
    life.then(_reclassified(emergency()), DISPATCHER)
    assert ClockKind.TRANSFER in life.clock_kinds()
    assert life.then(TRANSFER, DISPATCHER).state.status is Status.TRANSFERRED


def test_emergency_may_be_transferred_where_the_classification_did_not_show_it() -> None:
    assert registered().then(TRANSFER, OPERATOR).state.status is Status.TRANSFERRED


# ── rule 2: nothing is refused silently ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("reason", RejectReason)
def test_rejection_keeps_reason_and_advice_by_rule_2(reason: RejectReason) -> None:
    life = registered().then(RejectCase(reason=reason, advice=TEXT), OPERATOR)
    assert (life.state.status, life.state.outcome) == (Status.NOT_ACCEPTED, Outcome.NOT_ACCEPTED)
    assert [(body.reason, body.advice) for body in life.all_of(CaseRejected)] == [(reason, TEXT)]
    assert life.state.replied_to_citizen_at == life.now


def test_rejection_without_advice_is_no_command_by_rule_2() -> None:
    with pytest.raises(ValidationError, match="advice"):
        RejectCase.model_validate({"reason": "R2"})


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, Status.RECEIVED),
        ({"has_contact": False}, Status.AWAITING_DETAILS),
        ({"has_contact": False, "anonymous": True}, Status.RECEIVED),
        ({"missing": (Element.PLACE,)}, Status.AWAITING_DETAILS),
        ({"anonymous": True, "missing": (Element.CAUSE,)}, Status.AWAITING_DETAILS),
    ],
)
def test_incomplete_case_waits_for_details_by_rule_2(fields: dict[str, Any], status: Status) -> None:
    assert registered(**fields).state.status is status


# ── details ─────────────────────────────────────────────────────────────────────────────────────


def test_dispatch_clock_stands_still_while_details_are_awaited() -> None:
    life = registered()
    life.then(RequestDetails(missing=(Element.PLACE,)), OPERATOR, after=timedelta(minutes=30))
    assert life.clock_kinds() == {ClockKind.DISPATCH, ClockKind.SUPPLEMENT}
    assert life.clock(ClockKind.DISPATCH).held_at == life.now
    life.then(CompleteCase(note=TEXT), OPERATOR, after=timedelta(hours=20))
    assert life.state.status is Status.RECEIVED
    assert life.state.missing == ()
    assert life.clock(ClockKind.DISPATCH).due_at - life.now == timedelta(minutes=90)


def test_citizens_own_facts_end_the_wait_for_details() -> None:
    life = registered(missing=(Element.PLACE,)).then(AddFacts(text=TEXT), CITIZEN)
    assert life.state.status is Status.RECEIVED
    assert ClockKind.SUPPLEMENT not in life.clock_kinds()


def test_details_that_do_not_come_leave_the_decision_to_the_hotline() -> None:
    life = registered(missing=(Element.PLACE,))
    life.sleep_until(life.clock(ClockKind.SUPPLEMENT).due_at)
    assert life.all_of(DetailsOverdue)
    assert life.state.status is Status.RECEIVED


def test_facts_added_to_a_case_in_hand_leave_its_status() -> None:
    life = in_hand().then(AddFacts(text=TEXT), CITIZEN)
    assert life.state.status is Status.IN_HAND


# ── answers and classification ──────────────────────────────────────────────────────────────────


def test_direct_answer_completes_and_counts_as_a_reply_by_rule_3() -> None:
    life = registered(classified(RequestType.CONSULT)).then(AnswerDirectly(answer=TEXT), OPERATOR)
    assert (life.state.status, life.state.outcome) == (Status.COMPLETED, Outcome.ANSWERED_DIRECTLY)
    assert life.state.replied_to_citizen_at == life.now


def test_reclassification_keeps_what_it_was_before() -> None:
    life, after = registered(), classified(RequestType.HELP)
    life.do(ReclassifyCase(classification=after, reason=TEXT), OPERATOR)
    [body] = life.all_of(CaseReclassified)
    assert (body.before, body.after) == (classified(), after)
    assert life.state.classification == after


def test_matter_is_named_by_the_last_fact_that_says_what_a_case_is_about() -> None:
    life = registered(classified(category="噪音"))
    assert named_by(life.facts) == life.facts[0]
    life.do(_reclassified(classified(category="停水")), OPERATOR)
    assert named_by(life.facts) == next(
        fact for fact in reversed(life.facts) if isinstance(fact.body, CaseReclassified)
    )
    assert named_by(()) is None
    life.do(_reclassified(classified()), OPERATOR)
    assert named_by(life.facts) is None, "it was taken away again"
    assert named_by(registered().facts) is None


def test_reclassification_without_a_change_is_refused() -> None:
    life = registered()
    assert life.refusal(_reclassified(classified(hard=True)), OPERATOR) is None
    assert life.refusal_code(_reclassified(classified()), OPERATOR) == "classification_unchanged"


def test_hard_case_is_flagged_once() -> None:
    life = registered().then(_reclassified(classified(hard=True)), OPERATOR)
    life.then(_reclassified(classified(RequestType.HELP, hard=True)), OPERATOR)
    assert [body.flag for body in life.all_of(FlagRaised)] == [Flag.HARD]
    assert registered(classified(hard=True)).state.flags == {Flag.HARD}


def test_case_that_becomes_critical_gets_a_clock_of_its_urgency() -> None:
    life = registered().then(_reclassified(classified(urgency=Urgency.CRITICAL)), OPERATOR)
    assert life.clock(ClockKind.DISPATCH).due_at - life.now == timedelta(minutes=10)
    life.then(_reclassified(classified()), OPERATOR)
    assert life.clock(ClockKind.DISPATCH).due_at - life.now == timedelta(hours=2)


# ── rule 4: repeats and joined cases ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("occurrence", "is_flagged"), [(1, False), (2, False), (3, True), (4, True)])
def test_third_repeat_is_flagged_from_the_start_by_rule_4(occurrence: int, *, is_flagged: bool) -> None:
    life = registered(occurrence=occurrence)
    assert (Flag.REPEAT in life.state.flags) is is_flagged
    assert life.state.occurrence == occurrence


def test_repeat_of_an_open_case_is_dispatched_only_on_new_facts_by_rule_4() -> None:
    life = registered(repeat_of=MASTER_NUMBER)
    assert life.refusal_code(dispatch(), DISPATCHER) == "repeat_of_open_case"
    assert life.refusal(DispatchCase(lead=UNIT, new_facts=TEXT), DISPATCHER) is None
    assert life.refusal(JOIN, DISPATCHER) is None


def test_joined_case_is_with_the_masters_unit_and_worked_on_through_the_master() -> None:
    life = registered().then(JOIN, DISPATCHER)
    assert (life.state.status, life.state.joined_to) == (Status.IN_HAND, MASTER_NUMBER)
    assert ClockKind.HANDLING in life.clock_kinds()
    assert life.refusal_code(reply(life.now), HANDLER) == "case_is_joined"
    assert life.refusal_code(RequestTermination(ground="R2", reason=TEXT), UNIT_HEAD) == "case_is_joined"


@pytest.mark.parametrize(
    ("join", "code"),
    [
        (JOIN, None),
        (JoinCase(into=NUMBER, lead=UNIT, reason=TEXT), "joined_to_itself"),
        (JoinCase(into=MASTER_NUMBER, lead=ACCUSED_UNIT, reason=TEXT), "accused_unit"),
    ],
)
def test_case_is_not_joined_to_itself_nor_to_the_accused_by_rule_6(join: JoinCase, code: str | None) -> None:
    life = registered(classified(accused_units=(ACCUSED_UNIT,)))
    assert life.refusal_code(join, DISPATCHER) == code


def test_master_with_members_is_not_joined_elsewhere() -> None:
    life = registered()
    assert life.refusal(JOIN, DISPATCHER) is None
    life.do(AcceptMember(member=CaseNo("260302100000010003")), SYSTEM)
    assert life.refusal_code(JOIN, DISPATCHER) == "has_members"


def test_member_is_accepted_once() -> None:
    life, accept = registered(), AcceptMember(member=CaseNo("260302100000010003"))
    life.do(accept, SYSTEM)
    assert life.state.members == (accept.member,)
    assert life.refusal_code(accept, SYSTEM) == "member_known"


def test_settled_member_keeps_its_own_revisit_by_rule_4() -> None:
    life = registered().then(JOIN, DISPATCHER).then(SETTLE, SYSTEM)
    assert (life.state.status, life.state.joined_to) == (Status.AWAITING_REVISIT, None)
    assert life.refusal_code(FAVOURABLE, person(REVIEWER.user_id, Role.REVISITOR)) == "own_case"
    life.then(FAVOURABLE, REVISITOR)
    assert (life.state.status, life.state.outcome) == (Status.COMPLETED, Outcome.SATISFIED)


def test_released_member_goes_on_by_itself() -> None:
    life = registered(repeat_of=MASTER_NUMBER).then(JOIN, DISPATCHER)
    life.then(ReleaseMember(by=MASTER_NUMBER), SYSTEM)
    assert (life.state.status, life.state.joined_to) == (Status.AWAITING_DISPATCH, None)
    life.then(dispatch(), DISPATCHER)
    assert life.state.assignments == 2


@pytest.mark.parametrize("command", [SETTLE, ReleaseMember(by=MASTER_NUMBER)], ids=lambda c: c.kind)
def test_only_its_own_master_speaks_for_a_member(command: Command) -> None:
    joined = registered().then(JOIN, DISPATCHER)
    stranger = JoinCase(into=CaseNo("260302083000019999"), lead=UNIT, reason=TEXT)
    elsewhere = registered().then(stranger, DISPATCHER)
    assert joined.refusal(command, SYSTEM) is None
    assert elsewhere.refusal_code(command, SYSTEM) == "not_joined"


def test_accepted_reply_of_a_master_settles_its_member_on_its_own() -> None:
    member = registered().then(JOIN, DISPATCHER)
    master = replied(case_no=MASTER_NUMBER)
    master.do(AcceptMember(member=member.state.case_no), SYSTEM)
    master.do(accepted(), REVIEWER)
    [effect] = _effects(master)
    assert effect.target == member.state.case_no
    member.do(effect.envelope.command, effect.envelope.actor)
    assert member.state.status is Status.AWAITING_REVISIT
    assert awaiting_revisit().state.reply is not None


def _effects(master: Life) -> list[Effect]:
    [fact] = [fact for fact in master.facts if isinstance(fact.body, ReplyAccepted)]
    return list(effects_of(master.state, fact))


def test_registration_takes_no_field_it_does_not_know() -> None:
    complete = registered().registration.model_dump()
    assert Registration.model_validate(complete)
    with pytest.raises(ValidationError, match="caller_name"):
        Registration.model_validate({**complete, "caller_name": "somebody"})


def test_case_that_is_not_dispatched_cannot_be_signed_for() -> None:
    assert registered().refusal_code(SignFor(), HANDLER) == "out_of_scope"
    assert registered().refusal_code(TRANSFER, SUPERVISOR) == "role_not_permitted"

"""审核与认定: reviewing the reply, and ending a case by two levels' decision (domain.md §12 rules 18, 20)."""

import pytest

from hotline.case import Actor
from hotline.commands import (
    ClaimUnreasonable,
    Command,
    DecideTermination,
    DecideUnreasonable,
    RequestExtension,
    RequestTermination,
    ReviewReply,
    RuleBindingly,
)
from hotline.facts import DeterminationDecided, ReplyAccepted, ReplyReturned, ReplySubmitted
from hotline.vocabulary import ClockKind, Outcome, Role, Status
from unit.lives import (
    DISPATCHER,
    HANDLER,
    REVIEWER,
    REVISITOR,
    SECOND_SUPERVISOR,
    SUPERVISOR,
    TEXT,
    UNIT,
    UNIT_HEAD,
    Life,
    accepted,
    contact,
    evidence,
    in_hand,
    next_round,
    person,
    replied,
    reply,
    returned,
    reworking,
    reworks_used_up,
)

TERMINATE = RequestTermination(ground="R2", reason=TEXT)
CLAIM = ClaimUnreasonable(reason=TEXT, evidence=(evidence(in_hand().now),))
APPROVE, DISAPPROVE = (DecideTermination(approved=approved, reason=TEXT) for approved in (True, False))
FIND_UNREASONABLE = DecideUnreasonable(approved=True, reason=TEXT)


# ── review ──────────────────────────────────────────────────────────────────────────────────────


def test_accepted_reply_goes_to_revisit_and_is_the_citizens_reply_by_rule_3() -> None:
    life = replied().then(accepted(), REVIEWER)
    assert life.state.status is Status.AWAITING_REVISIT
    assert life.state.replied_to_citizen_at == life.now
    assert life.clock_kinds() == {ClockKind.REVISIT}


def test_returned_reply_is_handled_again_on_the_same_clock_and_both_opinions_stay_by_rule_18() -> None:
    life = replied()
    clock = life.clock(ClockKind.HANDLING)
    life.then(returned(), REVIEWER)
    assert (life.state.status, life.state.round) == (Status.REWORK, 1)
    assert life.clock(ClockKind.HANDLING).clock_id == clock.clock_id
    life.then(reply(life.now), HANDLER).then(ReviewReply(accepted=True, opinion=TEXT), REVIEWER)
    assert len(life.all_of(ReplySubmitted)) == 2
    assert [body.opinion for body in life.all_of(ReplyReturned)] == [TEXT]
    assert [body.opinion for body in life.all_of(ReplyAccepted)] == [TEXT]


@pytest.mark.parametrize(
    ("reviewer", "code"),
    [
        (REVIEWER, None),
        (SUPERVISOR, None),
        (person(HANDLER.user_id, Role.DISPATCHER), "own_reply"),
        (person(UNIT_HEAD.user_id, Role.SUPERVISOR), "own_reply"),
        (REVISITOR, "role_not_permitted"),
    ],
    ids=["dispatcher", "supervisor", "who submitted", "who signed", "revisitor"],
)
def test_who_replied_or_signed_does_not_review_by_rule_18(reviewer: Actor, code: str | None) -> None:
    assert replied().refusal_code(accepted(), reviewer) == code


def test_reply_is_returned_with_an_opinion_by_rule_18() -> None:
    life = replied()
    assert life.refusal(returned(), REVIEWER) is None
    assert life.refusal_code(ReviewReply(accepted=False), REVIEWER) == "opinion_missing"


# ── determinations ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("request_", "decision", "status", "outcome"),
    [
        (TERMINATE, APPROVE, Status.TERMINATED, Outcome.TERMINATED),
        (CLAIM, FIND_UNREASONABLE, Status.COMPLETED, Outcome.UNREASONABLE),
    ],
    ids=["termination", "unreasonable"],
)
def test_two_levels_end_a_case_by_decision_and_that_is_its_reply_by_rules_3_and_20(
    request_: Command, decision: Command, status: Status, outcome: Outcome
) -> None:
    life = in_hand().then(request_, UNIT_HEAD)
    assert ClockKind.DETERMINATION in life.clock_kinds()
    life.then(decision, DISPATCHER)
    assert life.state.status is Status.IN_HAND
    life.then(decision, SUPERVISOR)
    assert (life.state.status, life.state.outcome) == (status, outcome)
    assert [body.level for body in life.all_of(DeterminationDecided)] == [1, 2]
    assert life.state.replied_to_citizen_at == life.now
    assert life.clock_kinds() == {ClockKind.ARCHIVE}


def test_first_level_is_the_dispatchers_and_second_the_supervisors_by_rule_20() -> None:
    life = in_hand().then(TERMINATE, UNIT_HEAD)
    assert life.refusal_code(APPROVE, SUPERVISOR) == "determination_level"
    assert life.refusal(APPROVE, DISPATCHER) is None
    life.then(APPROVE, DISPATCHER)
    assert life.refusal_code(APPROVE, REVIEWER) == "determination_level"
    assert life.refusal(APPROVE, SUPERVISOR) is None


@pytest.mark.parametrize("user_id", [UNIT_HEAD.user_id, DISPATCHER.user_id], ids=["proposer", "first"])
def test_second_level_is_neither_the_proposer_nor_the_first_by_rule_20(user_id: str) -> None:
    life = in_hand().then(TERMINATE, UNIT_HEAD).then(APPROVE, DISPATCHER)
    assert life.refusal(APPROVE, SECOND_SUPERVISOR) is None
    assert life.refusal_code(APPROVE, person(user_id, Role.SUPERVISOR)) == "own_request"


def test_proposer_does_not_decide_at_the_first_level_by_rule_20() -> None:
    life = in_hand().then(TERMINATE, UNIT_HEAD)
    assert life.refusal_code(APPROVE, person(UNIT_HEAD.user_id, Role.DISPATCHER)) == "own_request"


@pytest.mark.parametrize("approvals", [0, 1])
def test_refusal_at_either_level_returns_the_case_to_its_unit_by_rule_20(approvals: int) -> None:
    life = in_hand().then(TERMINATE, UNIT_HEAD)
    deciders = [DISPATCHER, SUPERVISOR]
    for decider in deciders[:approvals]:
        life.then(APPROVE, decider)
    life.then(DISAPPROVE, deciders[approvals])
    assert (life.state.status, life.state.determination) == (Status.IN_HAND, None)
    assert ClockKind.DETERMINATION not in life.clock_kinds()
    assert life.refusal(TERMINATE, UNIT_HEAD) is None


def test_decision_answers_the_request_that_was_made() -> None:
    life = in_hand()
    assert life.refusal_code(APPROVE, DISPATCHER) == "nothing_to_decide"
    life.then(CLAIM, UNIT_HEAD)
    assert life.refusal_code(APPROVE, DISPATCHER) == "nothing_to_decide"
    assert life.refusal(FIND_UNREASONABLE, DISPATCHER) is None


@pytest.mark.parametrize("pending", [TERMINATE, CLAIM, RequestExtension(days=1, reason=TEXT)])
def test_one_request_is_decided_at_a_time(pending: Command) -> None:
    life = in_hand()
    assert life.refusal(CLAIM, UNIT_HEAD) is None
    assert life.then(pending, UNIT_HEAD).refusal_code(CLAIM, UNIT_HEAD) == "request_pending"


@pytest.mark.parametrize("actor", [HANDLER, DISPATCHER])
def test_only_the_unit_head_asks_to_end_a_case(actor: Actor) -> None:
    life = in_hand()
    assert life.refusal(TERMINATE, UNIT_HEAD) is None
    assert life.refusal_code(TERMINATE, actor) == "role_not_permitted"


def test_binding_ruling_settles_a_pending_claim() -> None:
    life = reworks_used_up().then(CLAIM, UNIT_HEAD)
    life.then(RuleBindingly(lead=UNIT, reason=TEXT), SUPERVISOR)
    assert life.state.determination is None
    assert ClockKind.DETERMINATION not in life.clock_kinds()


def test_unreasonable_claim_may_end_what_reworks_could_not() -> None:
    life = reworks_used_up().then(CLAIM, UNIT_HEAD)
    life.then(FIND_UNREASONABLE, DISPATCHER).then(FIND_UNREASONABLE, SUPERVISOR)
    assert life.state.outcome is Outcome.UNREASONABLE


def test_citizens_contentment_withdraws_a_pending_claim() -> None:
    life: Life = reworking().then(CLAIM, UNIT_HEAD)
    assert life.refusal_code(reply(life.now), HANDLER) == "request_pending"
    life.then(DecideUnreasonable(approved=False, reason=TEXT), DISPATCHER)
    life.then(contact(life.now), HANDLER)
    assert life.refusal(reply(life.now), HANDLER) is None
    assert next_round(life).state.status is Status.REWORK

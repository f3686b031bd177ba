"""办理整改: contact, assistance, extensions, 挂账, the reply (domain.md §12 rules 5, 13–14, 17, 21)."""

from datetime import timedelta

import pytest

from hotline.actions import next_actions
from hotline.case import Actor
from hotline.commands import (
    AssistReply,
    DecideExtension,
    LogContact,
    RequestExtension,
    RequestTermination,
    Resume,
    SubmitReply,
    SuspendWithPlan,
    WaiveAssist,
)
from hotline.facts import ClockFired, ExtensionDecided, ExtensionLapsed
from hotline.identifiers import UnitCode
from hotline.refusals import LimitReached, WindowClosed
from hotline.vocabulary import AlarmCode, ClockKind, ContactOutcome, EvidenceKind, Status
from unit.lives import (
    DISPATCHER,
    HANDLER,
    OPERATOR,
    OTHER_UNIT,
    REVIEWER,
    REVISITOR,
    SUPERVISOR,
    TEXT,
    THIRD_UNIT,
    UNIT,
    UNIT_HEAD,
    Life,
    Stage,
    contact,
    contacted,
    day_of,
    dispatched,
    evidence,
    handler_of,
    head_of,
    in_hand,
    replied,
    reply,
    returned,
    reworking,
    shown,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASK = RequestExtension(days=5, reason=TEXT)
GRANT, DENY = (DecideExtension(approved=approved, reason=TEXT) for approved in (True, False))
OTHER_HEAD = Actor(user_id=UNIT_HEAD.user_id + "-deputy", role=UNIT_HEAD.role, unit=UNIT)


def plan(life: Life, days_ahead: int = 7) -> SuspendWithPlan:
    return SuspendWithPlan(plan=TEXT, next_on=day_of(life.now) + days_ahead * DAY, owner=UNIT_HEAD.user_id)


# ── the reply ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("without", "code"),
    [
        ({}, None),
        ({"evidence": ()}, "handling_evidence_missing"),
        ({"citation": None}, "citation_missing"),
        ({"citation": None, "explanation": TEXT}, None),
        ({"signer": None}, "signer_missing"),
    ],
)
def test_reply_lacking_a_part_is_refused_by_rule_17(without: dict[str, object], code: str | None) -> None:
    life = contacted()
    assert life.refusal_code(reply(life.now, **without), HANDLER) == code


def test_reply_without_contact_is_refused_by_rule_17() -> None:
    silent, spoken = in_hand(), contacted()
    assert spoken.refusal(reply(spoken.now), HANDLER) is None
    assert silent.refusal_code(reply(silent.now), HANDLER) == "contact_evidence_missing"


def test_three_vain_attempts_count_as_contact_by_rule_17() -> None:
    life = in_hand()
    for _ in range(2):
        life.then(contact(life.now, ContactOutcome.NO_ANSWER), HANDLER)
    assert life.refusal_code(reply(life.now), HANDLER) == "contact_evidence_missing"
    life.then(contact(life.now, ContactOutcome.BUSY), HANDLER)
    assert life.refusal(reply(life.now), HANDLER) is None


def test_citizen_without_contact_needs_none_by_rule_17() -> None:
    life = in_hand(has_contact=False, anonymous=True)
    assert life.refusal(reply(life.now), HANDLER) is None


def test_contact_evidence_is_no_handling_evidence_by_rule_17() -> None:
    life = contacted()
    photo = evidence(life.now, EvidenceKind.CONTACT)
    assert life.refusal_code(reply(life.now, evidence=(photo,)), HANDLER) == "handling_evidence_missing"


@pytest.mark.parametrize(
    ("offset", "code"),
    [
        (timedelta(0), None),
        (-timedelta(microseconds=1), "evidence_not_of_this_case"),
        (HOUR, "evidence_not_of_this_case"),
    ],
    ids=["at dispatch", "before dispatch", "in the future"],
)
def test_evidence_is_made_after_dispatch_by_rule_17(offset: timedelta, code: str | None) -> None:
    life = contacted()
    assert life.state.assignment is not None
    assert life.refusal_code(reply(life.state.assignment.dispatched_at + offset), HANDLER) == code


def test_head_who_submits_signs_by_rule_17() -> None:
    life = contacted()
    life.do(reply(life.now, signer=None), UNIT_HEAD)
    assert life.state.reply is not None
    assert life.state.reply.signer == UNIT_HEAD.user_id
    assert life.state.status is Status.REPLY_REVIEW


def test_contact_of_an_earlier_round_does_not_count_by_rule_17() -> None:
    life = reworking()
    assert life.refusal_code(reply(life.now), HANDLER) == "contact_evidence_missing"
    life.then(contact(life.now), HANDLER)
    assert life.refusal(reply(life.now), HANDLER) is None


# ── contact ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("offset", "code"),
    [
        (timedelta(0), None),
        (-11 * timedelta(minutes=1), "contact_before_dispatch"),
        (timedelta(minutes=1), "contact_in_future"),
    ],
)
def test_contact_lies_between_dispatch_and_now(offset: timedelta, code: str | None) -> None:
    life = in_hand()
    assert life.refusal_code(contact(life.now + offset), HANDLER) == code


@pytest.mark.parametrize("actor", [OPERATOR, DISPATCHER, REVISITOR])
def test_secret_case_is_contacted_by_the_hotline_whose_record_counts_by_rule_5(actor: Actor) -> None:
    plain, secret = in_hand(), in_hand(secret=True)
    assert plain.refusal(contact(plain.now), HANDLER) is None
    assert secret.refusal_code(contact(secret.now), HANDLER) == "secret_contact_through_hotline"
    assert "log_contact" in next_actions(plain.state, HANDLER)
    assert "log_contact" not in next_actions(secret.state, HANDLER)
    assert "log_contact" in next_actions(secret.state, actor)
    secret.do(contact(secret.now), actor)
    assert secret.refusal(reply(secret.now), HANDLER) is None


def test_assisting_unit_may_log_contact_and_a_stranger_may_not() -> None:
    life = in_hand(assists=(OTHER_UNIT,))
    assert life.refusal(contact(life.now), handler_of(OTHER_UNIT)) is None
    assert life.refusal_code(contact(life.now), handler_of(THIRD_UNIT)) == "out_of_scope"


# ── assistance ──────────────────────────────────────────────────────────────────────────────────


def test_lead_replies_only_after_every_assistant_by_rule_13() -> None:
    life = contacted(assists=(OTHER_UNIT, THIRD_UNIT))
    assert life.refusal_code(reply(life.now), HANDLER) == "assist_open"
    life.then(AssistReply(text=TEXT), handler_of(OTHER_UNIT))
    assert life.refusal_code(reply(life.now), HANDLER) == "assist_open"
    life.then(WaiveAssist(unit=THIRD_UNIT, reason=TEXT), DISPATCHER)
    assert life.refusal(reply(life.now), HANDLER) is None
    assert ClockKind.ASSIST not in life.clock_kinds()


@pytest.mark.parametrize(
    ("unit", "code"),
    [(OTHER_UNIT, None), (UNIT, "out_of_scope"), (THIRD_UNIT, "out_of_scope")],
)
def test_only_an_assisting_unit_delivers_assistance(unit: UnitCode, code: str | None) -> None:
    life = in_hand(assists=(OTHER_UNIT,))
    assert life.refusal_code(AssistReply(text=TEXT), handler_of(unit)) == code


def test_assistance_is_delivered_once() -> None:
    life = in_hand(assists=(OTHER_UNIT, THIRD_UNIT)).then(AssistReply(text=TEXT), handler_of(OTHER_UNIT))
    assert life.refusal_code(AssistReply(text=TEXT), head_of(OTHER_UNIT)) == "assist_not_open"
    assert life.refusal_code(WaiveAssist(unit=OTHER_UNIT, reason=TEXT), DISPATCHER) == "assist_not_open"
    assert life.refusal(WaiveAssist(unit=THIRD_UNIT, reason=TEXT), DISPATCHER) is None


def test_late_assistant_is_warned_on_its_own_clock_by_rule_13() -> None:
    life = in_hand(assists=(OTHER_UNIT,))
    life.sleep_until(life.clock(ClockKind.ASSIST).due_at)
    own = [body for body in life.all_of(ClockFired) if body.holder == OTHER_UNIT]
    assert [body.alarm for body in own] == [AlarmCode.WARNING, AlarmCode.URGE]
    assert AlarmCode.URGE not in life.fired(ClockKind.HANDLING)


# ── extensions ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("days", "decider", "code"),
    [
        (5, UNIT_HEAD, None),
        (5, DISPATCHER, None),
        (6, UNIT_HEAD, "extension_level"),
        (6, DISPATCHER, None),
        (10, SUPERVISOR, None),
        (5, head_of(OTHER_UNIT), "out_of_scope"),
        (5, HANDLER, "role_not_permitted"),
    ],
)
def test_extension_is_decided_at_the_level_of_its_length_by_rule_14(
    days: int, decider: Actor, code: str | None
) -> None:
    life = in_hand().then(RequestExtension(days=days, reason=TEXT), HANDLER)
    assert life.refusal_code(GRANT, decider) == code


def test_extension_beyond_the_hotlines_cap_is_refused_by_rule_14() -> None:
    life = in_hand()
    assert life.refusal(RequestExtension(days=10, reason=TEXT), HANDLER) is None
    assert life.refusal_code(RequestExtension(days=11, reason=TEXT), HANDLER) == "extension_too_long"


def test_second_extension_needs_the_next_level_and_a_third_is_refused_by_rule_14() -> None:
    life = in_hand().then(ASK, HANDLER).then(GRANT, UNIT_HEAD).then(ASK, HANDLER)
    assert life.refusal_code(GRANT, UNIT_HEAD) == "extension_level"
    assert life.refusal_code(GRANT, DISPATCHER) == "extension_level"
    refusal = life.then(GRANT, SUPERVISOR).refusal(ASK, HANDLER)
    assert isinstance(refusal, LimitReached)
    assert refusal.code == "extensions_exhausted"


def test_denied_extension_does_not_use_one_up_by_rule_14() -> None:
    life = in_hand().then(ASK, HANDLER).then(DENY, UNIT_HEAD)
    due_at = life.clock(ClockKind.HANDLING).due_at
    assert [body.approved for body in life.all_of(ExtensionDecided)] == [False]
    life.then(ASK, HANDLER)
    assert life.refusal(GRANT, UNIT_HEAD) is None
    assert life.clock(ClockKind.HANDLING).due_at == due_at


def test_extension_is_asked_for_before_expiry_by_rule_14() -> None:
    life = in_hand()
    life.wait_until(life.clock(ClockKind.HANDLING).due_at)
    assert life.refusal(ASK, HANDLER) is None
    refusal = life.wait(timedelta(seconds=1)).refusal(ASK, HANDLER)
    assert isinstance(refusal, WindowClosed)
    assert refusal.code == "extension_after_expiry"


def test_who_asks_for_an_extension_does_not_grant_it_by_rule_14() -> None:
    life = in_hand().then(ASK, UNIT_HEAD)
    assert life.refusal_code(GRANT, UNIT_HEAD) == "own_request"
    assert life.refusal(GRANT, OTHER_HEAD) is None


def test_one_extension_is_pending_at_a_time() -> None:
    life = in_hand()
    assert life.refusal_code(GRANT, UNIT_HEAD) == "no_extension_pending"
    assert life.then(ASK, HANDLER).refusal_code(ASK, HANDLER) == "extension_pending"
    assert ClockKind.EXTENSION_DECISION in life.clock_kinds()


def test_reply_lapses_an_extension_that_nobody_decided() -> None:
    life = contacted().then(ASK, HANDLER)
    life.then(reply(life.now), HANDLER)
    assert [body.number for body in life.all_of(ExtensionLapsed)] == [1]
    assert ClockKind.EXTENSION_DECISION not in life.clock_kinds()
    life.then(returned(), REVIEWER)
    assert life.refusal_code(GRANT, UNIT_HEAD) == "no_extension_pending"


# ── 挂账 ────────────────────────────────────────────────────────────────────────────────────────


def test_suspended_case_has_a_plan_whose_clock_runs_by_rule_21() -> None:
    life = contacted()
    life.then(plan(life), UNIT_HEAD)
    assert life.state.status is Status.SUSPENDED
    assert shown(life.clock(ClockKind.PLAN).due_at) == "2026-03-09 18:00"
    assert life.clock(ClockKind.HANDLING).held_at == life.now


def test_plan_for_a_rest_day_is_due_on_the_next_working_day_by_rule_21() -> None:
    life = contacted()
    life.then(plan(life, days_ahead=5), UNIT_HEAD)
    assert shown(life.clock(ClockKind.PLAN).due_at) == "2026-03-09 18:00"


@pytest.mark.parametrize(
    ("days_ahead", "code"),
    [(0, "plan_date_out_of_range"), (1, None), (180, None), (181, "plan_date_out_of_range")],
)
def test_plan_date_lies_ahead_within_the_cap_by_rule_21(days_ahead: int, code: str | None) -> None:
    life = contacted()
    assert life.refusal_code(plan(life, days_ahead), UNIT_HEAD) == code


def test_missed_plan_date_climbs_the_ladder_by_rule_21() -> None:
    life = contacted()
    life.then(plan(life), UNIT_HEAD).sleep(21 * DAY)
    assert life.fired(ClockKind.PLAN)[-3:] == [
        AlarmCode.YELLOW_CARD,
        AlarmCode.SUPERVISION,
        AlarmCode.SPECIAL_SUPERVISION,
    ]
    assert life.state.status is Status.SUSPENDED


def test_case_is_suspended_at_most_twice_by_rule_21() -> None:
    life = contacted()
    for _ in range(2):
        life.then(plan(life), UNIT_HEAD).then(Resume(reason=TEXT), HANDLER)
    assert life.refusal_code(plan(life), UNIT_HEAD) == "suspensions_exhausted"


def test_citizen_is_told_before_a_case_is_suspended_by_rule_21() -> None:
    silent = in_hand()
    assert silent.refusal_code(plan(silent), UNIT_HEAD) == "citizen_not_told"
    silent.do(contact(silent.now), HANDLER)
    assert silent.refusal(plan(silent), UNIT_HEAD) is None


def test_overdue_case_is_not_suspended_by_rule_21() -> None:
    life = contacted()
    life.wait_until(life.clock(ClockKind.HANDLING).due_at)
    assert life.refusal(plan(life), UNIT_HEAD) is None
    assert life.wait(timedelta(seconds=1)).refusal_code(plan(life), UNIT_HEAD) == "suspension_after_expiry"


def test_suspension_waits_for_a_pending_request() -> None:
    life = contacted().then(ASK, HANDLER)
    assert life.refusal_code(plan(life), UNIT_HEAD) == "request_pending"
    life.then(DENY, UNIT_HEAD)
    assert life.refusal(plan(life), UNIT_HEAD) is None
    life.then(RequestTermination(ground="R5", reason=TEXT), UNIT_HEAD)
    assert life.refusal_code(plan(life), UNIT_HEAD) == "request_pending"


@pytest.mark.parametrize("start", [contacted, reworking], ids=["in hand", "rework"])
def test_resumed_case_is_where_it_was(start: Stage) -> None:
    life = start()
    life.then(contact(life.now), HANDLER)
    status = life.state.status
    life.then(plan(life), UNIT_HEAD).then(Resume(reason=TEXT), SUPERVISOR)
    assert (life.state.status, life.state.suspension) == (status, None)
    assert ClockKind.PLAN not in life.clock_kinds()


def test_pending_termination_blocks_the_reply() -> None:
    life = contacted()
    assert life.refusal(reply(life.now), HANDLER) is None
    life.then(RequestTermination(ground="R2", reason=TEXT), UNIT_HEAD)
    assert life.refusal_code(reply(life.now), HANDLER) == "request_pending"


def test_case_under_review_takes_no_second_reply() -> None:
    life = replied()
    assert life.refusal_code(reply(life.now), HANDLER) == "wrong_status"
    assert isinstance(reply(life.now), SubmitReply)


def test_contact_is_logged_from_dispatch_on() -> None:
    life = dispatched()
    assert life.refusal(LogContact(outcome=ContactOutcome.REACHED, at=life.now), HANDLER) is None

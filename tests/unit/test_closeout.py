"""办结归档: every case ends once, with a reply; it may be looked at again, and is archived (rule 3)."""

from datetime import timedelta

import pytest

from hotline.case import Actor
from hotline.commands import (
    ArchiveCase,
    CallJointReview,
    CitizenRating,
    CloseCase,
    Command,
    DecideExtension,
    RecordLookBack,
    RejectCase,
    ReopenCase,
    RequestExtension,
    Resume,
    ReturnCase,
    RuleBindingly,
    RuleOnReturn,
    SignFor,
    SuspendWithPlan,
    TransferEmergency,
)
from hotline.facts import CaseClosed, CaseReopened
from hotline.vocabulary import ClockKind, EmergencyService, EvidenceKind, Flag, Outcome, RejectReason, Status
from unit.lives import (
    ADMINISTRATOR,
    CITIZEN,
    DISPATCHER,
    FAVOURABLE,
    HANDLER,
    OPERATOR,
    REVIEWER,
    REVISITOR,
    SUPERVISOR,
    TEXT,
    UNIT,
    UNIT_HEAD,
    Life,
    Stage,
    accepted,
    completed,
    contact,
    day_of,
    dispatch,
    dispatched,
    emergency,
    evidence,
    in_hand,
    registered,
    reply,
    reworking,
    reworks_used_up,
    unreached,
)

CLOSE = CloseCase(reason=TEXT)
REOPEN = ReopenCase(new_facts=TEXT)
RATE = CitizenRating(solved=True, satisfaction=5)
RETURN = ReturnCase(legal_basis=TEXT, evidence=(evidence(dispatched().now, EvidenceKind.RETURN),))


def rejected() -> Life:
    return registered().then(RejectCase(reason=RejectReason.R6, advice=TEXT), OPERATOR)


def transferred() -> Life:
    return registered(emergency()).then(TransferEmergency(service=EmergencyService.FIRE), OPERATOR)


def supervised() -> Life:
    return reworks_used_up().then(CLOSE, SUPERVISOR)


def unanswered() -> Life:
    return unreached().sleep(timedelta(hours=73))


@pytest.mark.parametrize(
    ("life", "status", "outcome"),
    [
        (completed, Status.COMPLETED, Outcome.SATISFIED),
        (unanswered, Status.COMPLETED, Outcome.UNREACHED),
        (supervised, Status.COMPLETED, Outcome.SUPERVISED),
        (rejected, Status.NOT_ACCEPTED, Outcome.NOT_ACCEPTED),
        (transferred, Status.TRANSFERRED, Outcome.EMERGENCY),
    ],
)
def test_case_ends_once_with_a_reply_by_rule_3(life: Stage, status: Status, outcome: Outcome) -> None:
    ended = life()
    assert [(body.status, body.outcome) for body in ended.all_of(CaseClosed)] == [(status, outcome)]
    assert ended.state.replied_to_citizen_at is not None
    assert (ended.state.closed_at is None, ended.state.possession) == (False, None)
    assert ended.clock_kinds() == {ClockKind.ARCHIVE}


def discussed_first() -> Life:
    return registered().then(CallJointReview(participants=(UNIT,), reason=TEXT), DISPATCHER)


def test_supervision_closes_only_on_an_accepted_reply_by_rule_17() -> None:
    assert reworks_used_up().refusal(CLOSE, SUPERVISOR) is None
    assert discussed_first().refusal_code(CLOSE, SUPERVISOR) == "no_accepted_reply"


@pytest.mark.parametrize("start", [in_hand, reworking])
def test_supervision_closes_only_after_every_rework(start: Stage) -> None:
    assert reworks_used_up().refusal(CLOSE, SUPERVISOR) is None
    assert start().refusal_code(CLOSE, SUPERVISOR) == "wrong_status"


# ── reopening ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("life", "code"), [(completed, None), (rejected, None), (transferred, "wrong_status")]
)
def test_what_ended_here_may_be_reopened(life: Stage, code: str | None) -> None:
    assert life().refusal_code(REOPEN, DISPATCHER) == code


def test_reopened_case_starts_over_with_its_history() -> None:
    life = completed().then(REOPEN, DISPATCHER)
    assert life.state.status is Status.AWAITING_DISPATCH
    assert life.state.flags == {Flag.REOPENED}
    assert (life.state.reply, life.state.outcome, life.state.closed_at) == (None, None, None)
    life.then(dispatch(), DISPATCHER)
    assert life.clock(ClockKind.HANDLING).clock_id == "handling:2"


def test_reopened_case_cannot_be_closed_on_its_old_reply_by_rule_17() -> None:
    life = supervised().then(REOPEN, DISPATCHER)
    life.then(CallJointReview(participants=(UNIT,), reason=TEXT), SUPERVISOR)
    assert life.refusal_code(CLOSE, SUPERVISOR) == "no_accepted_reply"
    assert life.refusal(RuleBindingly(lead=UNIT, reason=TEXT), SUPERVISOR) is None


def used_up() -> Life:
    """Returned, extended twice and suspended twice, then answered, rated and closed."""
    life = dispatched().then(RETURN, HANDLER).then(RuleOnReturn(upheld=False, reason=TEXT), DISPATCHER)
    life.then(SignFor(), HANDLER).then(contact(life.now), HANDLER)
    for _ in range(2):
        life.then(RequestExtension(days=1, reason=TEXT), HANDLER)
        life.then(DecideExtension(approved=True, reason=TEXT), SUPERVISOR)
        life.then(plan(life), UNIT_HEAD).then(Resume(reason=TEXT), HANDLER)
    life.then(reply(life.now), HANDLER).then(accepted(), REVIEWER).then(FAVOURABLE, REVISITOR)
    return life.then(RATE, CITIZEN)


def test_reopened_case_has_its_returns_extensions_plans_and_rating_again() -> None:
    life = used_up()
    assert life.refusal_code(RATE, CITIZEN) == "rated_before"
    life.then(REOPEN, DISPATCHER).then(dispatch(), DISPATCHER)
    assert life.refusal(RETURN, HANDLER) is None
    life.then(SignFor(), HANDLER).then(contact(life.now), HANDLER)
    assert life.refusal(RequestExtension(days=1, reason=TEXT), HANDLER) is None
    assert life.refusal(plan(life), UNIT_HEAD) is None
    life.then(reply(life.now), HANDLER).then(accepted(), REVIEWER).then(FAVOURABLE, REVISITOR)
    assert life.refusal(RATE, CITIZEN) is None


def plan(life: Life) -> SuspendWithPlan:
    return SuspendWithPlan(plan=TEXT, next_on=day_of(life.now) + timedelta(days=3), owner=UNIT_HEAD.user_id)


def test_clocks_of_a_reopened_case_have_ids_of_their_own_by_rule_15() -> None:
    life = rejected()
    first = registered().clock(ClockKind.DISPATCH).clock_id
    life.then(REOPEN, DISPATCHER)
    assert life.clock(ClockKind.DISPATCH).clock_id != first


@pytest.mark.parametrize(("holds", "status"), [(True, Status.COMPLETED), (False, Status.AWAITING_DISPATCH)])
def test_look_back_reopens_what_does_not_hold(*, holds: bool, status: Status) -> None:
    life = completed().then(RecordLookBack(holds=holds, finding=TEXT), REVISITOR)
    assert life.state.status is status
    assert [body.relapse for body in life.all_of(CaseReopened)] == ([] if holds else [True])


# ── archive ─────────────────────────────────────────────────────────────────────────────────────


def test_closed_case_is_archived_when_its_window_ends() -> None:
    life = completed()
    archived_at = life.now + timedelta(days=15)
    life.sleep_until(archived_at - timedelta(seconds=1))
    assert life.state.status is Status.COMPLETED
    life.sleep_until(archived_at)
    assert (life.state.status, life.state.outcome) == (Status.ARCHIVED, Outcome.SATISFIED)
    assert life.state.clocks == ()


def test_administrator_archives_before_the_window_ends() -> None:
    life = completed()
    assert life.refusal_code(ArchiveCase(), SUPERVISOR) == "role_not_permitted"
    assert life.then(ArchiveCase(), ADMINISTRATOR).state.status is Status.ARCHIVED


@pytest.mark.parametrize(
    ("command", "actor"),
    [
        (REOPEN, DISPATCHER),
        (RecordLookBack(holds=True, finding=TEXT), REVISITOR),
        (RATE, CITIZEN),
        (ArchiveCase(), ADMINISTRATOR),
    ],
    ids=lambda part: getattr(part, "kind", ""),
)
def test_archived_case_does_not_change(command: Command, actor: Actor) -> None:
    assert completed().refusal(command, actor) is None
    archived = completed().then(ArchiveCase(), ADMINISTRATOR)
    assert archived.refusal_code(command, actor) == "wrong_status"

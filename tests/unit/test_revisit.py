"""回访: attempts, answers, rework rounds, second revisit, rating (domain.md §5, §12 rules 18–19)."""

from datetime import timedelta

import pytest

from hotline.actions import next_actions
from hotline.case import Actor
from hotline.commands import CallJointReview, CitizenRating, LogRevisitAttempt, RecordRevisit, SecondRevisit
from hotline.facts import CitizenRated, FlagRaised, RevisitRecorded, ReworkOrdered
from hotline.vocabulary import ClockKind, ContactOutcome, Flag, Outcome, Role, Status
from unit.lives import (
    CITIZEN,
    DISPATCHER,
    FAVOURABLE,
    HANDLER,
    REVIEWER,
    REVISITOR,
    SECOND_REVISITOR,
    TEXT,
    UNIT,
    UNIT_HEAD,
    UNSOLVED,
    UNTRUE,
    Life,
    Stage,
    accepted,
    awaiting_revisit,
    completed,
    contact,
    next_round,
    person,
    registered,
    replied,
    reply,
    returned,
    reworking,
    reworks_used_up,
    shown,
    unreached,
)

NO_ANSWER = LogRevisitAttempt(outcome=ContactOutcome.NO_ANSWER)
HOUR = timedelta(hours=1)


def second(*, contacted: bool = True, solved: bool = True, truthful: bool = True) -> SecondRevisit:
    return SecondRevisit(contacted=contacted, solved=solved, truthful=truthful, satisfaction=4)


# ── answers ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("contacted", "solved", "truthful", "satisfaction", "status", "is_false_closing"),
    [
        (True, True, True, 5, Status.COMPLETED, False),
        (True, True, True, 3, Status.COMPLETED, False),
        (True, True, True, 2, Status.REWORK, False),
        (True, False, True, 5, Status.REWORK, False),
        (False, True, True, 5, Status.REWORK, True),
        (True, True, False, 5, Status.REWORK, True),
    ],
)
def test_answer_decides_what_follows_by_rule_19(
    *,
    contacted: bool,
    solved: bool,
    truthful: bool,
    satisfaction: int,
    status: Status,
    is_false_closing: bool,
) -> None:
    answer = RecordRevisit(contacted=contacted, solved=solved, truthful=truthful, satisfaction=satisfaction)
    life = awaiting_revisit().then(answer, REVISITOR)
    assert life.state.status is status
    assert (Flag.FALSE_CLOSING in life.state.flags) is is_false_closing


def test_false_closing_is_flagged_once_by_rule_19() -> None:
    life = next_round(reworking(UNTRUE), UNTRUE)
    assert [body.flag for body in life.all_of(FlagRaised)] == [Flag.FALSE_CLOSING]


def test_contented_citizen_completes_the_case_by_rule_3() -> None:
    life = completed()
    assert (life.state.status, life.state.outcome) == (Status.COMPLETED, Outcome.SATISFIED)
    assert life.clock_kinds() == {ClockKind.ARCHIVE}


@pytest.mark.parametrize(
    ("revisitor", "code"),
    [
        (REVISITOR, None),
        (person(REVIEWER.user_id, Role.REVISITOR), "own_case"),
        (person(HANDLER.user_id, Role.REVISITOR), "own_case"),
        (person(UNIT_HEAD.user_id, Role.REVISITOR), "own_case"),
        (REVIEWER, "role_not_permitted"),
    ],
    ids=["revisitor", "who reviewed", "who replied", "who signed", "dispatcher"],
)
def test_revisitor_neither_replied_nor_reviewed_by_rule_18(revisitor: Actor, code: str | None) -> None:
    life = awaiting_revisit()
    assert life.refusal_code(FAVOURABLE, revisitor) == code
    assert life.refusal_code(NO_ANSWER, revisitor) == code


# ── attempts ────────────────────────────────────────────────────────────────────────────────────


def test_attempts_lie_an_hour_apart() -> None:
    life = awaiting_revisit().then(NO_ANSWER, REVISITOR)
    life.wait(HOUR - timedelta(seconds=1))
    assert life.refusal_code(NO_ANSWER, REVISITOR) == "attempt_too_soon"
    assert life.wait(timedelta(seconds=1)).refusal(NO_ANSWER, REVISITOR) is None


def test_third_vain_attempt_opens_the_rating_window() -> None:
    life = awaiting_revisit()
    stood = [life.then(NO_ANSWER, REVISITOR, after=HOUR).state.status for _ in range(3)]
    assert stood == [Status.AWAITING_REVISIT, Status.AWAITING_REVISIT, Status.UNREACHED]
    assert life.clock_kinds() == {ClockKind.RATING_WINDOW}
    assert life.clock(ClockKind.RATING_WINDOW).due_at - life.now == timedelta(hours=72)


def test_every_round_has_its_attempts() -> None:
    life = awaiting_revisit().then(NO_ANSWER, REVISITOR).then(NO_ANSWER, REVISITOR, after=HOUR)
    life.then(UNSOLVED, REVISITOR).then(contact(life.now), HANDLER)
    life.then(reply(life.now), HANDLER).then(accepted(), REVIEWER)
    assert life.then(NO_ANSWER, REVISITOR).state.status is Status.AWAITING_REVISIT


def test_citizen_without_contact_is_invited_at_once() -> None:
    life = awaiting_revisit().then(LogRevisitAttempt(outcome=ContactOutcome.NO_CONTACT), REVISITOR)
    assert life.state.status is Status.UNREACHED


def test_attempt_that_reached_the_citizen_needs_a_result() -> None:
    life = awaiting_revisit()
    assert life.refusal(NO_ANSWER, REVISITOR) is None
    reached = LogRevisitAttempt(outcome=ContactOutcome.REACHED)
    assert life.refusal_code(reached, REVISITOR) == "reached_needs_result"


def test_silence_in_the_rating_window_completes_as_unreached() -> None:
    life = unreached()
    closes_at = life.clock(ClockKind.RATING_WINDOW).due_at
    life.sleep_until(closes_at - timedelta(seconds=1))
    assert life.state.status is Status.UNREACHED
    life.sleep_until(closes_at)
    assert (life.state.status, life.state.outcome) == (Status.COMPLETED, Outcome.UNREACHED)


@pytest.mark.parametrize(("solved", "status"), [(True, Status.COMPLETED), (False, Status.REWORK)])
def test_citizen_answers_the_invitation(*, solved: bool, status: Status) -> None:
    life = unreached().then(CitizenRating(solved=solved, satisfaction=4), CITIZEN)
    assert life.state.status is status
    assert life.fired(ClockKind.RATING_WINDOW) == []


# ── rework rounds ───────────────────────────────────────────────────────────────────────────────


def test_two_reworks_then_joint_review() -> None:
    life = reworks_used_up()
    assert [body.round for body in life.all_of(ReworkOrdered)] == [2, 3]
    assert (life.state.status, life.state.round) == (Status.JOINT_REVIEW, 3)


def test_rework_has_a_shorter_clock_of_its_own() -> None:
    life = reworking()
    assert life.clock_kinds() == {ClockKind.REWORK}
    assert life.clock(ClockKind.REWORK).clock_id == "rework:1.2"
    assert shown(life.clock(ClockKind.REWORK).due_at) == "2026-03-05 18:00"


# ── second revisit ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("unfavourable", [reworking, reworks_used_up])
def test_favourable_second_answer_closes_and_both_are_kept(unfavourable: Stage) -> None:
    life = unfavourable().then(second(), SECOND_REVISITOR)
    assert (life.state.status, life.state.outcome) == (Status.COMPLETED, Outcome.SATISFIED)
    assert [body.second for body in life.all_of(RevisitRecorded)][-2:] == [False, True]


def test_unfavourable_second_answer_leaves_the_case_where_it_is_and_is_the_last() -> None:
    life = reworking()
    assert life.refusal(second(), SECOND_REVISITOR) is None
    life.then(second(solved=False), SECOND_REVISITOR)
    assert life.state.status is Status.REWORK
    assert life.refusal_code(second(), person("revisitor-3", Role.REVISITOR)) == "nothing_to_ask_again"


def test_second_answer_that_contradicts_the_reply_is_a_false_closing_by_rule_19() -> None:
    life = reworking(UNSOLVED)
    assert Flag.FALSE_CLOSING not in life.state.flags
    life.then(second(truthful=False), SECOND_REVISITOR)
    assert Flag.FALSE_CLOSING in life.state.flags


@pytest.mark.parametrize(
    ("revisitor", "code"),
    [
        (SECOND_REVISITOR, None),
        (REVISITOR, "own_revisit"),
        (person(REVIEWER.user_id, Role.REVISITOR), "own_case"),
    ],
)
def test_second_revisit_is_independent_by_rule_18(revisitor: Actor, code: str | None) -> None:
    assert reworking().refusal_code(second(), revisitor) == code


def never_revisited() -> Life:
    return replied().then(returned(), REVIEWER)


def reply_in_doubt() -> Life:
    life = reworking()
    life.then(contact(life.now), HANDLER)
    return life.then(reply(life.now), HANDLER).then(returned(), REVIEWER)


def discussed_first() -> Life:
    return registered().then(CallJointReview(participants=(UNIT,), reason=TEXT), DISPATCHER)


@pytest.mark.parametrize("start", [never_revisited, reply_in_doubt, discussed_first])
def test_second_revisit_needs_an_answer_to_the_reply_in_force_by_rule_17(start: Stage) -> None:
    assert reworking().refusal(second(), SECOND_REVISITOR) is None
    assert start().refusal_code(second(), SECOND_REVISITOR) == "nothing_to_ask_again"


# ── rating ──────────────────────────────────────────────────────────────────────────────────────


def test_rating_before_the_end_is_the_citizens_own_answer() -> None:
    life = awaiting_revisit().then(CitizenRating(solved=False, satisfaction=1), CITIZEN)
    assert life.state.status is Status.REWORK
    [body] = life.all_of(RevisitRecorded)
    assert (body.solved, body.satisfaction, body.channel) == (False, 1, "web")


def test_rating_that_closed_the_case_is_its_one_rating() -> None:
    life, rating = awaiting_revisit(), CitizenRating(solved=True, satisfaction=5)
    life.do(rating, CITIZEN)
    assert (life.state.status, life.state.rating) == (Status.COMPLETED, 5)
    assert life.refusal_code(rating, CITIZEN) == "rated_before"
    assert "citizen_rating" not in next_actions(life.state, CITIZEN)


def test_rating_of_an_earlier_round_leaves_room_for_one_of_the_next() -> None:
    life = awaiting_revisit()
    life.do(CitizenRating(solved=False, satisfaction=1), CITIZEN)
    assert (life.state.status, life.state.rating) == (Status.REWORK, None)


def test_closed_case_is_rated_once() -> None:
    life, rating = completed(), CitizenRating(solved=True, satisfaction=2)
    life.do(rating, CITIZEN)
    assert life.state.rating == 2
    assert life.state.status is Status.COMPLETED
    assert life.refusal_code(rating, CITIZEN) == "rated_before"
    assert len(life.all_of(CitizenRated)) == 1

"""时限: when each clock is due, what it announces, and what pauses, extensions and revisions do to it.

Rules 7–9 and 13–16 of domain.md §12; the calendar itself is proved in test_calendar.py.
"""

from datetime import timedelta

import pytest

from hotline.calendar import HolidayYear
from hotline.case import Adjustment
from hotline.commands import (
    DecideExtension,
    LogRevisitAttempt,
    ObligationDue,
    ReopenCase,
    RequestExtension,
    Resume,
    RevisePolicy,
    SignFor,
    SuspendWithPlan,
)
from hotline.facts import ClockFired, ClockMoved, ClockStopped
from hotline.identifiers import UnitCode
from hotline.obligations import assist_limit
from hotline.policy import Limit, PolicySnapshot
from hotline.refusals import GuardFailed
from hotline.vocabulary import (
    AlarmCode,
    ClockKind,
    ContactOutcome,
    Flag,
    RequestType,
    Status,
    StopReason,
    Urgency,
)
from unit.lives import (
    ADMINISTRATOR,
    DISPATCHER,
    FAVOURABLE,
    HANDLER,
    OTHER_UNIT,
    POLICY,
    REVIEWER,
    REVISITOR,
    SUPERVISOR,
    SYSTEM,
    TEXT,
    UNIT_HEAD,
    UNSOLVED,
    Life,
    Stage,
    accepted,
    at,
    awaiting_revisit,
    classified,
    contact,
    contacted,
    day_of,
    dispatch,
    dispatched,
    in_hand,
    registered,
    replied,
    reply,
    returned,
    shown,
    unreached,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LADDER = [
    AlarmCode.WARNING,
    AlarmCode.IMMINENT,
    AlarmCode.URGE,
    AlarmCode.YELLOW_CARD,
    AlarmCode.SUPERVISION,
    AlarmCode.SPECIAL_SUPERVISION,
    AlarmCode.INTERVIEW,
    AlarmCode.CIRCULAR,
    AlarmCode.ACCOUNTABILITY,
]


def alarms(life: Life, kind: ClockKind) -> dict[str, str]:
    return {alarm.code: shown(alarm.at) for alarm in life.clock(kind).schedule.alarms}


def suspend(life: Life, days: int = 7) -> Life:
    plan = SuspendWithPlan(plan=TEXT, next_on=day_of(life.now) + days * DAY, owner=UNIT_HEAD.user_id)
    return life.then(plan, UNIT_HEAD, after=timedelta(0))


def resume(life: Life) -> Life:
    return life.then(Resume(reason=TEXT), SUPERVISOR, after=timedelta(0))


def extended(life: Life, days: int) -> Life:
    life.then(RequestExtension(days=days, reason=TEXT), HANDLER)
    return life.then(DecideExtension(approved=True, reason=TEXT), DISPATCHER)


# ── when clocks are due ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("type_", "urgency", "hard", "due"),
    [
        (RequestType.CONSULT, Urgency.NORMAL, False, "2026-03-03 18:00"),
        (RequestType.HELP, Urgency.NORMAL, False, "2026-03-05 18:00"),
        (RequestType.SUGGESTION, Urgency.NORMAL, False, "2026-03-05 18:00"),
        (RequestType.PRAISE, Urgency.NORMAL, False, "2026-03-05 18:00"),
        (RequestType.COMPLAINT, Urgency.NORMAL, False, "2026-03-09 18:00"),
        (RequestType.REPORT, Urgency.NORMAL, False, "2026-03-09 18:00"),
        (RequestType.COMPLAINT, Urgency.NORMAL, True, "2026-03-23 18:00"),
        (RequestType.COMPLAINT, Urgency.URGENT, False, "2026-03-03 09:00"),
        (RequestType.CONSULT, Urgency.URGENT, True, "2026-03-03 09:00"),
        (RequestType.HELP, Urgency.CRITICAL, False, "2026-03-02 11:00"),
        (RequestType.HELP, Urgency.CRITICAL, True, "2026-03-02 11:00"),
    ],
)
def test_handling_limit_follows_type_and_urgency_by_rule_7(
    type_: RequestType, urgency: Urgency, due: str, *, hard: bool
) -> None:
    life = dispatched(classified(type_, urgency=urgency, hard=hard))
    assert life.due(ClockKind.HANDLING) == due
    assert life.clock(ClockKind.HANDLING).schedule.because


@pytest.mark.parametrize(
    ("start", "urgency", "kind", "due"),
    [
        (registered, Urgency.NORMAL, ClockKind.DISPATCH, "2026-03-02 11:00"),
        (registered, Urgency.CRITICAL, ClockKind.DISPATCH, "2026-03-02 09:10"),
        (dispatched, Urgency.NORMAL, ClockKind.SIGNATURE, "2026-03-03 18:00"),
        (dispatched, Urgency.CRITICAL, ClockKind.SIGNATURE, "2026-03-02 09:30"),
        (replied, Urgency.NORMAL, ClockKind.REVIEW, "2026-03-03 18:00"),
        (replied, Urgency.CRITICAL, ClockKind.REVIEW, "2026-03-02 11:30"),
        (awaiting_revisit, Urgency.NORMAL, ClockKind.REVISIT, "2026-03-04 18:00"),
    ],
)
def test_other_limits_follow_the_policy_by_rules_7_and_10(
    start: Stage, urgency: Urgency, kind: ClockKind, due: str
) -> None:
    assert start(classified(urgency=urgency)).due(kind) == due


@pytest.mark.parametrize(
    ("dispatched_at", "type_", "due"),
    [
        ("2025-01-24 10:00", RequestType.COMPLAINT, "2025-02-07 18:00"),
        ("2025-09-26 10:00", RequestType.COMPLAINT, "2025-10-10 18:00"),
        ("2025-09-30 10:00", RequestType.CONSULT, "2025-10-09 18:00"),
        ("2026-02-13 10:00", RequestType.HELP, "2026-02-25 18:00"),
        ("2026-04-30 10:00", RequestType.COMPLAINT, "2026-05-11 18:00"),
        ("2026-09-18 10:00", RequestType.COMPLAINT, "2026-09-24 18:00"),
    ],
)
def test_day_limits_skip_rest_days_and_count_make_up_days_by_rule_8(
    dispatched_at: str, type_: RequestType, due: str
) -> None:
    assert dispatched(classified(type_), registered_at=at(dispatched_at)).due(ClockKind.HANDLING) == due


@pytest.mark.parametrize(("started", "due"), [("2026-02-14 20:00", "2026-02-15 20:00")])
def test_hour_limits_run_on_the_wall_clock_by_rule_8(started: str, due: str) -> None:
    life = dispatched(classified(urgency=Urgency.URGENT), registered_at=at(started))
    assert life.due(ClockKind.HANDLING) == due


# ── years without a notice ──────────────────────────────────────────────────────────────────────

NEW_YEARS_EVE = at("2026-12-31 10:00")


def with_notice() -> PolicySnapshot:
    notice = HolidayYear(year=2027, off=("2027-01-01/05",), work=("2027-01-09",))
    calendar = POLICY.calendar.with_notice(notice, "cn-2027")
    return POLICY.model_copy(update={"revision": "with-2027", "calendar": calendar})


def test_limit_in_a_year_without_notice_is_provisional_by_rule_9() -> None:
    life = dispatched(classified(RequestType.CONSULT), registered_at=NEW_YEARS_EVE)
    schedule = life.clock(ClockKind.HANDLING).schedule
    assert shown(schedule.due_at) == "2027-01-04 18:00"
    assert schedule.provisional
    assert not dispatched().clock(ClockKind.HANDLING).schedule.provisional


def test_published_notice_moves_what_is_not_yet_due_by_rule_9() -> None:
    life = dispatched(classified(RequestType.CONSULT), registered_at=NEW_YEARS_EVE)
    life.do(RevisePolicy(policy=with_notice()), SYSTEM)
    schedule = life.clock(ClockKind.HANDLING).schedule
    assert (shown(schedule.due_at), schedule.provisional) == ("2027-01-06 18:00", False)
    assert (schedule.policy_revision, schedule.calendar_revision) == ("with-2027", "cn-2027")


def test_published_notice_leaves_what_is_missed_already_by_rule_9() -> None:
    life = dispatched(classified(RequestType.CONSULT), registered_at=NEW_YEARS_EVE)
    missed = life.clock(ClockKind.HANDLING)
    life.sleep_until(missed.due_at).do(RevisePolicy(policy=with_notice()), SYSTEM)
    assert life.clock(ClockKind.HANDLING).schedule == missed.schedule
    assert Flag.OVERDUE in life.state.flags


def test_clock_on_hold_is_not_missed_when_its_instant_passes_by_rule_9() -> None:
    life = replied(classified(RequestType.CONSULT), registered_at=NEW_YEARS_EVE)
    life.wait(10 * DAY).do(RevisePolicy(policy=with_notice()), ADMINISTRATOR)
    assert life.due(ClockKind.HANDLING) == "2027-01-06 18:00"


def test_resuming_a_missed_clock_does_not_reckon_it_anew_by_rule_9() -> None:
    life = contacted(classified(RequestType.CONSULT), registered_at=NEW_YEARS_EVE)
    due = life.clock(ClockKind.HANDLING).due_at
    life.sleep_until(due + HOUR).then(reply(life.now), HANDLER)
    life.do(RevisePolicy(policy=with_notice()), SYSTEM)
    life.then(returned(), REVIEWER)
    assert life.clock(ClockKind.HANDLING).due_at == due


def test_same_revision_is_refused_twice() -> None:
    life = dispatched()
    assert life.refusal(RevisePolicy(policy=with_notice()), SYSTEM) is None
    assert life.refusal_code(RevisePolicy(policy=POLICY), SYSTEM) == "policy_in_force"


# ── alarms ──────────────────────────────────────────────────────────────────────────────────────


def test_ladder_of_a_handling_clock_by_rules_15_and_16() -> None:
    assert alarms(dispatched(), ClockKind.HANDLING) == {
        "warning": "2026-03-06 14:07:30",
        "imminent": "2026-03-09 16:00",
        "urge": "2026-03-09 18:00",
        "yellow_card": "2026-03-10 18:00",
        "supervision": "2026-03-12 18:00",
        "special_supervision": "2026-03-16 18:00",
        "interview": "2026-03-23 18:00",
        "circular": "2026-03-30 18:00",
        "accountability": "2026-04-07 18:00",
    }


def test_each_rung_fires_once_in_order_at_its_instant_by_rules_15_and_16() -> None:
    life = in_hand()
    scheduled = [(alarm.code, alarm.at) for alarm in life.clock(ClockKind.HANDLING).schedule.alarms]
    life.sleep(60 * DAY)
    fired = [
        (fact.body.alarm, fact.at)
        for fact in life.facts
        if isinstance(fact.body, ClockFired) and fact.body.clock is ClockKind.HANDLING
    ]
    assert fired == scheduled
    assert [code for code, _ in fired] == LADDER
    assert life.fire_due() == ()


def test_alarms_slept_through_fire_late_but_all_and_in_order_by_rule_15() -> None:
    life = in_hand().wait(60 * DAY)
    assert life.fired(ClockKind.HANDLING) == []
    life.fire_due()
    assert life.fired(ClockKind.HANDLING) == LADDER
    bodies = [body for body in life.all_of(ClockFired) if body.clock is ClockKind.HANDLING]
    assert [body.due_at for body in bodies] == sorted(body.due_at for body in bodies)
    assert all(body.due_at < life.now for body in bodies)


def test_rung_of_a_short_limit_waits_for_the_one_below_it_by_rule_16() -> None:
    life = dispatched(classified(urgency=Urgency.CRITICAL))
    assert [alarm.code for alarm in life.clock(ClockKind.HANDLING).schedule.alarms] == LADDER
    assert alarms(life, ClockKind.HANDLING)["warning"] == "2026-03-02 10:30"
    assert alarms(life, ClockKind.HANDLING)["imminent"] == "2026-03-02 10:30"


def test_overdue_is_flagged_once_at_the_due_instant() -> None:
    life = in_hand()
    due_at = life.clock(ClockKind.HANDLING).due_at
    life.sleep_until(due_at - timedelta(seconds=1))
    assert life.state.flags == frozenset()
    assert life.sleep_until(due_at).state.flags == {Flag.OVERDUE}


def test_alarm_is_fired_only_at_its_instant_and_in_its_turn_by_rule_15() -> None:
    life = in_hand()
    clock = life.clock(ClockKind.HANDLING)
    warning, imminent = (ObligationDue(clock_id=clock.clock_id, alarm=code) for code in LADDER[:2])
    [warned_at, *_] = [alarm.at for alarm in clock.schedule.alarms]
    life.wait_until(warned_at - timedelta(seconds=1))
    refusal = life.refusal(warning, SYSTEM)
    assert isinstance(refusal, GuardFailed)
    assert refusal.code == "alarm_not_due"
    life.wait_until(warned_at)
    assert life.refusal_code(imminent, SYSTEM) == "alarm_not_due"
    life.do(warning, SYSTEM)
    assert life.refusal_code(warning, SYSTEM) == "alarm_not_due"


# ── pauses ──────────────────────────────────────────────────────────────────────────────────────


def test_pause_keeps_the_working_time_that_was_left() -> None:
    """Friday noon, five hours of work and the Monday are left; a week later they are left still."""
    life = contacted().wait_until(at("2026-03-06 12:00"))
    suspend(life).wait_until(at("2026-03-13 13:30"))
    assert resume(life).due(ClockKind.HANDLING) == "2026-03-16 18:00"
    assert life.clock(ClockKind.HANDLING).held_at is None


def test_day_limit_ends_at_closing_time_after_a_pause_by_rule_8() -> None:
    life = contacted().wait_until(at("2026-03-06 16:00"))
    suspend(life).wait_until(at("2026-03-10 10:30"))
    assert resume(life).due(ClockKind.HANDLING) == "2026-03-11 18:00"


def test_hour_limit_keeps_exactly_what_was_left() -> None:
    life = contacted(classified(urgency=Urgency.URGENT))
    left_for = life.clock(ClockKind.HANDLING).due_at - life.now
    resume(suspend(life).wait(3 * DAY + timedelta(microseconds=7)))
    assert life.clock(ClockKind.HANDLING).due_at - life.now == left_for


def test_review_does_not_cost_the_unit_time() -> None:
    life = replied()
    assert life.clock(ClockKind.HANDLING).held_at == life.now
    life.then(returned(), REVIEWER, after=4 * DAY)
    [entry] = life.clock(ClockKind.HANDLING).schedule.adjustments
    assert entry == Adjustment(paused_at=life.now - 4 * DAY, resumed_at=life.now)
    assert life.due(ClockKind.HANDLING) == "2026-03-13 18:00"


def test_clock_on_hold_says_nothing_of_what_comes_due_meanwhile() -> None:
    life = suspend(contacted(), days=40).sleep(30 * DAY)
    assert life.fired(ClockKind.HANDLING) == []


def test_alarm_that_was_due_before_the_pause_fires_in_it_once() -> None:
    life = contacted()
    warned_at = life.clock(ClockKind.HANDLING).schedule.alarms[0].at
    suspend(life.wait_until(warned_at)).wait(HOUR).fire_due()
    assert life.fired(ClockKind.HANDLING) == [AlarmCode.WARNING]
    resume(life).sleep(60 * DAY)
    assert life.fired(ClockKind.HANDLING) == LADDER


def test_rung_that_waits_for_its_instant_is_not_skipped_by_a_pause() -> None:
    life = contacted().sleep_until(at("2026-03-06 14:30"))
    assert life.fired(ClockKind.HANDLING) == [AlarmCode.WARNING]
    resume(suspend(life).wait(3 * DAY)).sleep(60 * DAY)
    assert life.fired(ClockKind.HANDLING) == LADDER


def test_missed_limit_stays_missed_and_its_ladder_waits_out_the_pause() -> None:
    """An hour late with the reply, a working day at the hotline: the yellow card moves by that day."""
    life = contacted()
    due_at = life.clock(ClockKind.HANDLING).due_at
    life.sleep_until(due_at + HOUR)
    life.do(reply(life.now), HANDLER)
    life.sleep_until(at("2026-03-11 08:30")).do(returned(), REVIEWER)
    assert life.clock(ClockKind.HANDLING).due_at == due_at
    assert alarms(life, ClockKind.HANDLING)["yellow_card"] == "2026-03-11 18:00"
    assert alarms(life, ClockKind.HANDLING)["supervision"] == "2026-03-13 18:00"


def test_warning_that_the_pause_overtook_stands_at_the_resumption() -> None:
    life = contacted().wait_until(at("2026-03-09 17:00"))
    resume(suspend(life).wait_until(at("2026-03-11 09:00")))
    assert life.due(ClockKind.HANDLING) == "2026-03-11 18:00"
    assert alarms(life, ClockKind.HANDLING)["warning"] == "2026-03-11 09:00"


def test_pause_outlives_a_policy_revision() -> None:
    life = contacted().wait_until(at("2026-03-06 12:00"))
    resume(suspend(life).wait_until(at("2026-03-13 13:30"))).do(RevisePolicy(policy=with_notice()), SYSTEM)
    assert life.due(ClockKind.HANDLING) == "2026-03-16 18:00"
    assert len(life.clock(ClockKind.HANDLING).schedule.adjustments) == 1


def test_clock_on_hold_has_its_new_limit_in_full_after_a_revision_that_counts_from_itself() -> None:
    life, fast = replied(), POLICY.compressed(480, "fast")
    life.wait(HOUR).do(RevisePolicy(policy=fast), SYSTEM)
    life.wait(HOUR).do(returned(), REVIEWER)
    assert life.clock(ClockKind.HANDLING).due_at - life.now == timedelta(minutes=5)


def test_plan_of_a_reopened_case_has_a_clock_of_its_own_by_rule_15() -> None:
    life = suspend(contacted())
    first = life.clock(ClockKind.PLAN).clock_id
    resume(life).then(reply(life.now), HANDLER).then(accepted(), REVIEWER).then(FAVOURABLE, REVISITOR)
    life.then(ReopenCase(new_facts=TEXT), DISPATCHER).then(dispatch(), DISPATCHER).then(SignFor(), HANDLER)
    suspend(life.then(contact(life.now), HANDLER))
    assert life.clock(ClockKind.PLAN).clock_id != first


# ── extensions ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("days", "due"), [(1, "2026-03-10 18:00"), (5, "2026-03-16 18:00")])
def test_extension_adds_working_days_by_rule_14(days: int, due: str) -> None:
    life = extended(in_hand(), days)
    assert life.due(ClockKind.HANDLING) == due
    assert len(life.all_of(ClockMoved)) == 1


def test_extended_limit_warns_at_three_quarters_of_the_whole_by_rule_15() -> None:
    life = extended(in_hand(), 5)
    assert alarms(life, ClockKind.HANDLING)["warning"] == "2026-03-12 10:37:30"


def test_extension_of_an_hour_limit_ends_at_a_close_of_business_by_rule_14() -> None:
    life = extended(in_hand(classified(urgency=Urgency.URGENT)), 2)
    assert life.due(ClockKind.HANDLING) == "2026-03-05 18:00"


def test_extension_and_pause_are_both_kept_in_their_order() -> None:
    life = extended(contacted(), 2)
    resume(suspend(life).wait(2 * DAY))
    schedule = life.clock(ClockKind.HANDLING).schedule
    assert [entry.extended_by for entry in schedule.adjustments] == [2, 0]
    assert shown(schedule.due_at) == "2026-03-13 18:00"
    assert len(schedule.because) >= 4


def test_extension_after_the_warning_does_not_repeat_it_by_rule_15() -> None:
    life = in_hand().sleep_until(at("2026-03-06 14:30"))
    extended(life, 5).sleep(60 * DAY)
    assert life.fired(ClockKind.HANDLING) == LADDER


def test_extension_holds_under_a_revision_and_is_counted_by_it() -> None:
    life = extended(in_hand(), 5)
    life.do(RevisePolicy(policy=POLICY.compressed(480, "fast")), SYSTEM)
    assert life.clock(ClockKind.HANDLING).due_at - life.now == timedelta(minutes=5 + 5)
    assert life.clock(ClockKind.HANDLING).schedule.policy_revision == "fast"


def test_extension_of_the_first_round_does_not_lengthen_the_rework_by_rule_14() -> None:
    life = extended(contacted(), 5)
    life.then(reply(life.now), HANDLER).then(accepted(), REVIEWER).then(UNSOLVED, REVISITOR)
    life.then(contact(life.now), HANDLER)
    assert life.due(ClockKind.REWORK) == "2026-03-05 18:00"


def test_extension_does_not_move_an_assistant() -> None:
    life = in_hand(assists=(OTHER_UNIT,))
    before = life.clock(ClockKind.ASSIST).schedule
    extended(life, 5)
    assert life.clock(ClockKind.ASSIST).schedule == before


# ── assistants ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("type_", "urgency", "days", "due"),
    [
        (RequestType.COMPLAINT, Urgency.NORMAL, None, "2026-03-06 18:00"),
        (RequestType.COMPLAINT, Urgency.NORMAL, 2, "2026-03-04 18:00"),
        (RequestType.COMPLAINT, Urgency.NORMAL, 9, "2026-03-06 18:00"),
        (RequestType.CONSULT, Urgency.NORMAL, None, "2026-03-02 16:30"),
        (RequestType.HELP, Urgency.URGENT, None, "2026-03-03 01:00"),
        (RequestType.HELP, Urgency.CRITICAL, None, "2026-03-02 10:30"),
    ],
)
def test_assistant_is_due_before_the_lead_by_rule_13(
    type_: RequestType, urgency: Urgency, days: int | None, due: str
) -> None:
    life = dispatched(classified(type_, urgency=urgency), assists=(OTHER_UNIT,), days=days)
    assert life.due(ClockKind.ASSIST) == due
    assert life.clock(ClockKind.ASSIST).due_at < life.clock(ClockKind.HANDLING).due_at
    assert life.clock(ClockKind.ASSIST).holder == OTHER_UNIT


def test_assist_limit_on_a_compressed_clock_is_shorter_than_the_leads_by_rule_13() -> None:
    fast = POLICY.compressed(480, "fast")
    for limit in (rule.limit for rule in fast.handling):
        assert assist_limit(limit, None, fast).nominal_for < limit.nominal_for
    assert assist_limit(Limit.working_days(5), 1, POLICY) == Limit.working_days(1)


# ── how clocks stop ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("late_for", "is_late"), [(timedelta(0), False), (timedelta(seconds=1), True)])
def test_stopped_clock_tells_whether_it_was_late(late_for: timedelta, *, is_late: bool) -> None:
    life = dispatched()
    due_at = life.clock(ClockKind.SIGNATURE).due_at
    life.wait_until(due_at + late_for).do(SignFor(), HANDLER)
    [stopped] = life.all_of(ClockStopped)[-1:]
    assert (stopped.clock, stopped.reason, stopped.late) == (
        ClockKind.SIGNATURE,
        StopReason.MET,
        is_late,
    )


def test_reply_in_time_is_in_time_however_long_the_review_takes() -> None:
    life = replied().wait(20 * DAY)
    life.do(accepted(), REVIEWER)
    handling = [body for body in life.all_of(ClockStopped) if body.clock is ClockKind.HANDLING]
    assert [(body.reason, body.late) for body in handling] == [(StopReason.MET, False)]


def test_rating_window_closes_the_case_by_itself() -> None:
    life = unreached()
    assert life.refusal_code(LogRevisitAttempt(outcome=ContactOutcome.BUSY), REVISITOR) == "wrong_status"
    assert life.sleep(72 * HOUR).state.status is Status.COMPLETED


def test_holder_of_a_work_clock_is_the_lead() -> None:
    holders: set[UnitCode] = {clock.holder for clock in in_hand().state.clocks}
    assert holders == {HANDLER.unit}

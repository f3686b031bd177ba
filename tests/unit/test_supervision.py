"""督办: what the ladder makes, what people lay upon a unit, how it answers, skips and appeals (rules 15 and 16)."""

from collections.abc import Callable
from datetime import date, timedelta
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline import commands as c
from hotline.case import Actor, CaseState, burdens
from hotline.facts import AppealDecided, ClockFired, ClockStopped, Fact, FlagRaised, MeasureIssued
from hotline.policy import PolicySnapshot, default_policy, parse_policy
from hotline.vocabulary import (
    BURDENING,
    AlarmCode,
    ClockKind,
    Flag,
    MeasureKind,
    RequestType,
    Role,
    StopReason,
)
from unit.lives import (
    ADMINISTRATOR,
    DISPATCHER,
    FAVOURABLE,
    HANDLER,
    MASTER_NUMBER,
    NUMBER,
    OTHER_UNIT,
    POLICY,
    REVIEWER,
    REVISITOR,
    SECOND_SUPERVISOR,
    SUPERVISOR,
    SYSTEM,
    TEXT,
    UNIT,
    UNIT_HEAD,
    UNSOLVED,
    Life,
    accepted,
    at,
    classified,
    contact,
    contacted,
    day_of,
    dispatch,
    dispatched,
    evidence,
    head_of,
    in_hand,
    person,
    registered,
    reply,
    shown,
)

DAY = timedelta(days=1)
LEADER = person("leader-1", Role.LEADER)
ORDER, CARD, URGE = f"{NUMBER}-DB01", f"{NUMBER}-HP01", f"{NUMBER}-CB01"
BEFORE_MEASURES = POLICY.model_copy(update={"supervision": None})


def issued(life: Life) -> list[tuple[str, str]]:
    return [(body.number.removeprefix(f"{NUMBER}-"), body.rung) for body in life.all_of(MeasureIssued)]


def burdens_of(life: Life) -> list[tuple[Fact, ClockFired]]:
    return [
        (fact, fact.body)
        for fact in life.facts
        if isinstance(fact.body, ClockFired) and burdens(fact.body.alarm, fact.body.holder)
    ]


def ordered() -> Life:
    return in_hand().then(c.IssueSupervisionOrder(unit=UNIT, demand=TEXT), SUPERVISOR)


def answer(number: str = ORDER) -> c.AnswerSupervisionOrder:
    return c.AnswerSupervisionOrder(number=number, text=TEXT)  # type: ignore[arg-type]  # a number is text


def review(*, accepted: bool, number: str = ORDER) -> c.ReviewSupervisionAnswer:
    return c.ReviewSupervisionAnswer(number=number, accepted=accepted, opinion=TEXT)  # type: ignore[arg-type]  # as above


def appeal(number: str) -> c.AppealRung:
    return c.AppealRung(number=number, grounds=TEXT)  # type: ignore[arg-type]  # as above


def ruling(number: str, *, upheld: bool) -> c.DecideAppeal:
    return c.DecideAppeal(number=number, upheld=upheld, reason=TEXT)  # type: ignore[arg-type]  # as above


def yellow_card(by_hand: Life | None = None) -> Life:
    life = by_hand or in_hand()
    card = c.IssueCard(unit=UNIT, card=AlarmCode.YELLOW_CARD, person=HANDLER.user_id, reason=TEXT)
    return life.then(card, SUPERVISOR)


# ── what rungs make ─────────────────────────────────────────────────────────────────────────────


def test_ladder_climbs_by_itself_and_makes_what_each_rung_stands_for() -> None:
    life = in_hand().sleep(60 * DAY)
    handling = [
        (body.number.removeprefix(f"{NUMBER}-"), body.rung)
        for body in life.all_of(MeasureIssued)
        if body.clock_id == "handling:1"
    ]
    assert handling == [
        ("CB01", "urge"),
        ("HP01", "yellow_card"),
        ("DB01", "supervision"),
        ("DB02", "special_supervision"),
    ]


def test_order_that_nobody_answers_becomes_a_red_card() -> None:
    life = in_hand().sleep(60 * DAY)
    reds = [body for body in life.all_of(MeasureIssued) if body.rung is AlarmCode.RED_CARD]
    assert [body.clock_id for body in reds] == ["order:DB01", "order:DB02"]
    assert {(body.unit, body.person, body.unit_points, body.person_points) for body in reds} == {
        (UNIT, HANDLER.user_id, 5, 3)
    }


@pytest.mark.parametrize(
    ("rung", "unit_points", "person_points"),
    [
        (AlarmCode.URGE, 0, 0),
        (AlarmCode.YELLOW_CARD, 2, 1),
        (AlarmCode.SUPERVISION, 0, 0),
        (AlarmCode.RED_CARD, 5, 3),
        (AlarmCode.SPECIAL_SUPERVISION, 0, 0),
    ],
)
def test_only_cards_cost_points(rung: AlarmCode, unit_points: int, person_points: int) -> None:
    life = in_hand().sleep(60 * DAY)
    made = next(body for body in life.all_of(MeasureIssued) if body.rung is rung)
    assert (made.unit_points, made.person_points) == (unit_points, person_points)


def test_card_to_a_unit_that_never_signed_names_nobody() -> None:
    life = dispatched().sleep(30 * DAY)
    card = next(body for body in life.all_of(MeasureIssued) if body.rung is AlarmCode.YELLOW_CARD)
    assert (card.clock_id, card.person, card.unit_points, card.person_points) == ("signature:1.0", None, 2, 0)


@pytest.mark.parametrize("rung", [AlarmCode.INTERVIEW, AlarmCode.CIRCULAR, AlarmCode.ACCOUNTABILITY])
def test_highest_rungs_are_proposals_that_a_person_decides_on(rung: AlarmCode) -> None:
    life = in_hand().sleep(60 * DAY)
    assert life.fired(ClockKind.HANDLING).count(rung) == 1
    assert rung not in {body.rung for body in life.all_of(MeasureIssued)}


def test_hotlines_own_desks_are_reminded_and_not_burdened() -> None:
    life = registered().sleep(10 * DAY)
    assert AlarmCode.URGE in life.fired(ClockKind.DISPATCH)
    assert life.state.next_burden_at is None
    assert issued(life) == []


def test_joined_case_is_not_burdened_beside_its_master() -> None:
    life = registered().then(c.JoinCase(into=MASTER_NUMBER, lead=UNIT, reason=TEXT), DISPATCHER)
    life.sleep(30 * DAY)
    assert AlarmCode.YELLOW_CARD in life.fired(ClockKind.HANDLING)
    assert issued(life) == []
    assert life.refusal_code(c.Urge(unit=UNIT, reason=TEXT), SUPERVISOR) == "case_is_joined"


def test_policy_from_before_measures_announces_rungs_and_makes_nothing() -> None:
    life = dispatched(classified(RequestType.CONSULT), policy=BEFORE_MEASURES).sleep(30 * DAY)
    assert AlarmCode.SUPERVISION in life.fired(ClockKind.HANDLING)
    assert issued(life) == []
    assert all(body.waited_until is None for _, body in burdens_of(life))


# ── one a day ───────────────────────────────────────────────────────────────────────────────────


def test_second_rung_of_a_day_waits_for_the_next_working_day_and_keeps_its_true_instant() -> None:
    """A consult that nobody signs for: both limits end on Tuesday at six."""
    life = dispatched(classified(RequestType.CONSULT)).sleep_until(at("2026-03-03 18:00"))
    [(_, first)] = burdens_of(life)
    assert (first.clock, first.alarm) == (ClockKind.HANDLING, AlarmCode.URGE)
    life.sleep_until(at("2026-03-04 08:30"))
    fact, second = burdens_of(life)[1]
    assert (second.clock, second.alarm) == (ClockKind.SIGNATURE, AlarmCode.URGE)
    assert shown(second.due_at) == "2026-03-03 18:00"
    assert second.waited_until == fact.at
    assert shown(fact.at) == "2026-03-04 08:30"


def test_rung_that_waits_over_a_weekend_waits_for_monday() -> None:
    life = dispatched(classified(RequestType.CONSULT), registered_at=at("2026-03-05 10:00"))
    life.sleep_until(at("2026-03-09 09:00"))
    assert [shown(fact.at) for fact, _ in burdens_of(life)] == ["2026-03-06 18:00", "2026-03-09 08:30"]


def test_unit_that_answers_before_a_waiting_rung_is_marked_as_late_all_the_same() -> None:
    life = dispatched(classified(RequestType.CONSULT)).sleep_until(at("2026-03-03 18:00"))
    assert life.state.flags == {Flag.OVERDUE}
    life.then(c.SignFor(), HANDLER)
    assert life.state.flags == {Flag.OVERDUE, Flag.UNSIGNED}
    assert life.fired(ClockKind.SIGNATURE) == [AlarmCode.WARNING]


def test_rungs_missed_in_downtime_fire_in_order_with_their_true_instants_and_days() -> None:
    """A worker that was away finds the same climb as one that was there, at the same true instants."""
    watched = dispatched(classified(RequestType.CONSULT)).sleep(21 * DAY)
    away = dispatched(classified(RequestType.CONSULT)).wait(21 * DAY)
    away.fire_due()
    before = [body for body in away.all_of(ClockFired) if body.clock is not ClockKind.ORDER]
    same = [body for body in watched.all_of(ClockFired) if body.clock is not ClockKind.ORDER]
    told = [(body.clock, body.alarm, body.due_at) for body in before]
    assert set(told) == {(body.clock, body.alarm, body.due_at) for body in same}
    stood = [body.waited_until or body.due_at for body in before]
    assert stood == sorted(stood)


def test_compressed_policy_spaces_rungs_by_a_compressed_day() -> None:
    fast = POLICY.compressed(480, "fast")
    life = dispatched(classified(RequestType.CONSULT), policy=fast).sleep(timedelta(minutes=30))
    stood = [body.waited_until or body.due_at for _, body in burdens_of(life)]
    assert len(stood) > 4
    assert all(later - earlier >= timedelta(minutes=1) for earlier, later in pairwise(stood))


STEPS: dict[str, Callable[[Life], object]] = {
    "night": lambda life: life.sleep(timedelta(hours=15)),
    "week": lambda life: life.sleep(7 * DAY),
    "downtime": lambda life: life.wait(9 * DAY).fire_due(),
    "sign": lambda life: _try(life, c.SignFor(), HANDLER),
    "contact": lambda life: _try(life, contact(life.now), HANDLER),
    "reply": lambda life: _try(life, reply(life.now), HANDLER),
    "accept": lambda life: _try(life, accepted(), REVIEWER),
    "rework": lambda life: _try(life, UNSOLVED, REVISITOR),
    "order": lambda life: _try(life, c.IssueSupervisionOrder(unit=UNIT, demand=TEXT), SUPERVISOR),
    "answer": lambda life: _try(life, answer(), UNIT_HEAD),
    "return": lambda life: _try(life, review(accepted=False), SUPERVISOR),
    "suspend": lambda life: _try(
        life,
        c.SuspendWithPlan(plan=TEXT, next_on=day_of(life.now) + 5 * DAY, owner=UNIT_HEAD.user_id),
        UNIT_HEAD,
    ),
    "resume": lambda life: _try(life, c.Resume(reason=TEXT), SUPERVISOR),
    "skip": lambda life: (
        _try(
            life,
            c.SkipRung(clock_id=life.state.clocks[0].clock_id, rung=AlarmCode.YELLOW_CARD, reason=TEXT),
            SUPERVISOR,
        )
        if life.state.clocks
        else None
    ),
    "revise": lambda life: _try(life, c.RevisePolicy(policy=_sparse(life)), SYSTEM),
}


def _try(life: Life, command: c.Command, by: Actor) -> None:
    if life.refusal(command, by) is None:
        life.do(command, by)


def _sparse(life: Life) -> PolicySnapshot:
    """A revision whose ladder has fewer rungs, or again all of them."""
    full = default_policy()
    revision = f"default/{life.state.version + 10}"
    if life.policy.ladders != full.ladders:
        return full.model_copy(update={"revision": revision})
    ladders = {name: rungs[::2] for name, rungs in full.ladders.items()}
    return full.model_copy(update={"revision": revision, "ladders": ladders})


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.sampled_from((RequestType.CONSULT, RequestType.HELP, RequestType.COMPLAINT)),
    st.lists(st.sampled_from(sorted(STEPS)), max_size=25),
)
def test_whatever_happens_the_ladder_climbs_once_in_order_and_once_a_day(
    type_: RequestType, steps: list[str]
) -> None:
    life = dispatched(classified(type_), assists=(OTHER_UNIT,))
    for step in steps:
        STEPS[step](life)
    life.fire_due()
    order = list(AlarmCode)
    climbed: dict[str, list[int]] = {}
    days: list[date] = []
    for _, body in burdens_of(life):
        climbed.setdefault(body.clock_id, []).append(order.index(body.alarm))
        days.append(day_of(body.waited_until or body.due_at))
        assert body.waited_until is None or POLICY.calendar.is_working_day(day_of(body.waited_until))
    assert all(places == sorted(set(places)) for places in climbed.values()), "monotone, each rung once"
    assert days == sorted(set(days)), "one a day"
    numbers = [body.number for body in life.all_of(MeasureIssued)]
    assert len(numbers) == len(set(numbers))


def test_ladder_that_a_revision_refills_does_not_climb_down() -> None:
    sparse = POLICY.model_copy(
        update={
            "revision": "sparse",
            "ladders": {**POLICY.ladders, "standard": (POLICY.ladders["standard"][3],)},
        }
    )
    life = in_hand(policy=sparse).sleep_until(at("2026-03-10 18:00"))
    assert life.fired(ClockKind.HANDLING) == [AlarmCode.DUE, AlarmCode.YELLOW_CARD]
    life.do(c.RevisePolicy(policy=POLICY.model_copy(update={"transition": "from_revision"})), ADMINISTRATOR)
    life.sleep(60 * DAY)
    assert AlarmCode.URGE not in life.fired(ClockKind.HANDLING)
    assert life.fired(ClockKind.HANDLING).count(AlarmCode.YELLOW_CARD) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('at = "due+1 wd"', 'at = "90%"'),
        ('code = "imminent"', 'code = "supervision"'),
    ],
)
def test_ladder_that_does_not_climb_is_not_published(old: str, new: str) -> None:
    text = files("hotline").joinpath("data/policy-default.toml").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="ladders"):
        parse_policy(text.replace(old, new, 1), POLICY.calendar)


# ── skipping ────────────────────────────────────────────────────────────────────────────────────


def skip(rung: AlarmCode, clock_id: str = "handling:1") -> c.SkipRung:
    return c.SkipRung(clock_id=clock_id, rung=rung, reason=TEXT)  # type: ignore[arg-type]  # ids are text


@pytest.mark.parametrize("rung", [AlarmCode.URGE, AlarmCode.YELLOW_CARD, AlarmCode.SUPERVISION])
def test_skipped_rung_does_not_fire_and_the_ladder_goes_on(rung: AlarmCode) -> None:
    life = in_hand().then(skip(rung), SUPERVISOR).sleep(60 * DAY)
    fired = life.fired(ClockKind.HANDLING)
    assert rung not in fired
    assert fired[-1] is AlarmCode.ACCOUNTABILITY
    assert Flag.OVERDUE in life.state.flags


def test_late_unit_is_marked_even_if_the_rung_at_the_end_was_skipped() -> None:
    life = contacted().then(skip(AlarmCode.URGE), SUPERVISOR)
    life.sleep_until(at("2026-03-10 09:00")).then(reply(life.now), HANDLER).then(accepted(), REVIEWER)
    assert [body.flag for body in life.all_of(FlagRaised)] == [Flag.OVERDUE]


@pytest.mark.parametrize(
    ("command", "by", "code"),
    [
        (skip(AlarmCode.YELLOW_CARD), DISPATCHER, "role_not_permitted"),
        (skip(AlarmCode.YELLOW_CARD), UNIT_HEAD, "role_not_permitted"),
        (skip(AlarmCode.WARNING), SUPERVISOR, "rung_unknown"),
        (skip(AlarmCode.RED_CARD), SUPERVISOR, "rung_unknown"),
        (skip(AlarmCode.YELLOW_CARD, "handling:9"), SUPERVISOR, "clock_unknown"),
        (skip(AlarmCode.YELLOW_CARD), SUPERVISOR, None),
    ],
)
def test_only_a_supervisor_orders_to_skip_a_rung_that_is_to_come(
    command: c.SkipRung, by: Actor, code: str | None
) -> None:
    assert in_hand().refusal_code(command, by) == code


def test_rung_is_skipped_once_and_not_when_it_has_fired() -> None:
    life = in_hand().then(skip(AlarmCode.YELLOW_CARD), SUPERVISOR)
    assert life.refusal_code(skip(AlarmCode.YELLOW_CARD), SUPERVISOR) == "rung_past"
    life.sleep_until(at("2026-03-09 18:00"))
    assert life.refusal_code(skip(AlarmCode.URGE), SUPERVISOR) == "rung_past"


# ── orders ──────────────────────────────────────────────────────────────────────────────────────


def test_order_has_a_clock_of_its_own_until_its_head_has_answered() -> None:
    life = ordered()
    assert (life.clock(ClockKind.ORDER).clock_id, life.due(ClockKind.ORDER)) == (
        "order:DB01",
        "2026-03-05 18:00",
    )
    life.then(answer(), UNIT_HEAD)
    assert ClockKind.ORDER not in life.clock_kinds()
    [stopped] = [body for body in life.all_of(ClockStopped) if body.clock is ClockKind.ORDER]
    assert (stopped.reason, stopped.late) == (StopReason.MET, False)
    life.then(review(accepted=True), SUPERVISOR)
    measure = life.state.measure(ORDER)
    assert measure is not None
    assert not measure.is_open_order


def test_answer_that_is_returned_starts_the_limit_again() -> None:
    life = ordered().then(answer(), UNIT_HEAD).then(review(accepted=False), SUPERVISOR)
    assert life.clock(ClockKind.ORDER).clock_id == "order:DB01.1"
    assert life.refusal_code(answer(), UNIT_HEAD) is None


@pytest.mark.parametrize(
    ("stage", "command", "by", "code"),
    [
        (ordered, answer(), UNIT_HEAD, None),
        (ordered, answer(), HANDLER, "role_not_permitted"),
        (ordered, answer(), head_of(OTHER_UNIT), "out_of_scope"),
        (ordered, answer(f"{NUMBER}-DB09"), UNIT_HEAD, "measure_unknown"),
        (ordered, review(accepted=True), SUPERVISOR, "answer_not_pending"),
        (ordered, c.IssueSupervisionOrder(unit=UNIT, demand=TEXT), LEADER, "order_open"),
        (in_hand, c.IssueSupervisionOrder(unit=OTHER_UNIT, demand=TEXT), LEADER, "unit_not_at_work"),
        (in_hand, c.IssueSupervisionOrder(unit=UNIT, demand=TEXT), LEADER, None),
        (registered, c.Urge(unit=UNIT, reason=TEXT), SUPERVISOR, "unit_not_at_work"),
    ],
)
def test_who_orders_and_who_answers(
    stage: Callable[[], Life], command: c.Command, by: Actor, code: str | None
) -> None:
    assert stage().refusal_code(command, by) == code


def test_order_to_an_assistant_is_its_heads_to_answer() -> None:
    life = in_hand(assists=(OTHER_UNIT,))
    life.then(c.IssueSupervisionOrder(unit=OTHER_UNIT, demand=TEXT), SUPERVISOR)
    assert life.refusal_code(answer(), UNIT_HEAD) == "not_addressed"
    assert life.refusal_code(answer(), head_of(OTHER_UNIT)) is None


def test_order_lapses_with_the_work() -> None:
    life = ordered().then(contact(ordered().now), HANDLER)
    life.then(reply(life.now), HANDLER).then(accepted(), REVIEWER).then(FAVOURABLE, REVISITOR)
    assert life.clock_kinds() == {ClockKind.ARCHIVE}
    [stopped] = [body for body in life.all_of(ClockStopped) if body.clock is ClockKind.ORDER]
    assert stopped.reason is StopReason.CANCELLED
    life.then(c.ReopenCase(new_facts=TEXT), DISPATCHER).then(dispatch(), DISPATCHER)
    assert ClockKind.ORDER not in life.clock_kinds(), "a new round does not bring it back"


# ── by hand ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("command", "by", "tail", "kind"),
    [
        (c.Urge(unit=UNIT, reason=TEXT), DISPATCHER, "CB01", MeasureKind.URGE),
        (c.IssueSupervisionOrder(unit=UNIT, demand=TEXT), LEADER, "DB01", MeasureKind.ORDER),
        (
            c.IssueCard(unit=UNIT, card=AlarmCode.RED_CARD, reason=TEXT),
            SUPERVISOR,
            "HP01",
            MeasureKind.CARD,
        ),
        (c.HoldInterview(unit=UNIT, record=TEXT), LEADER, "YT01", MeasureKind.INTERVIEW),
        (c.CirculateNotice(unit=UNIT, text=TEXT), SUPERVISOR, "TB01", MeasureKind.NOTICE),
    ],
)
def test_measure_by_hand_is_numbered_after_its_case(
    command: c.Command, by: Actor, tail: str, kind: MeasureKind
) -> None:
    [made] = in_hand().then(command, by).all_of(MeasureIssued)
    assert (made.number, made.measure, made.text) == (f"{NUMBER}-{tail}", kind, TEXT)


def test_numbers_count_on_whoever_issues() -> None:
    life = in_hand().then(c.Urge(unit=UNIT, reason=TEXT), SUPERVISOR).sleep_until(at("2026-03-09 18:00"))
    assert [number for number, _ in issued(life)] == ["CB01", "CB02"]


def test_public_notice_waits_for_another_persons_approval() -> None:
    number = f"{NUMBER}-TB01"
    approval = c.ApproveNotice(number=number, approved=True, reason=TEXT)  # type: ignore[arg-type]  # as above
    life = in_hand().then(c.CirculateNotice(unit=UNIT, text=TEXT, public=True), SUPERVISOR)
    assert life.refusal_code(approval, SUPERVISOR) == "own_notice"
    life.then(approval, LEADER)
    assert life.refusal_code(approval, LEADER) == "notice_not_pending"


def test_leader_takes_a_case_in_charge_and_instructs() -> None:
    life = in_hand().then(c.TakeInCharge(plan=TEXT), LEADER).then(c.Instruct(text=TEXT), LEADER)
    assert life.state.in_charge == LEADER.user_id
    assert life.refusal_code(c.TakeInCharge(plan=TEXT), LEADER) == "in_charge_before"
    assert life.refusal_code(c.Instruct(text=TEXT), SUPERVISOR) == "role_not_permitted"


def test_state_keeps_only_what_somebody_can_still_answer_or_appeal() -> None:
    life = in_hand(classified(hard=True))
    for _ in range(20):
        life.wait(4 * DAY).then(c.Urge(unit=UNIT, reason=TEXT), SUPERVISOR)
    assert life.state.measures_issued[MeasureKind.URGE] == 20
    assert len(life.state.measures) < 6


def test_nobody_piles_up_measures_without_end() -> None:
    life = in_hand()
    for _ in range(60):
        life.do(c.Urge(unit=UNIT, reason=TEXT), SUPERVISOR)
    assert life.refusal_code(c.Urge(unit=UNIT, reason=TEXT), SUPERVISOR) == "measures_pending"


# ── appeals ─────────────────────────────────────────────────────────────────────────────────────


def test_upheld_appeal_takes_the_points_back_and_says_so() -> None:
    life = yellow_card().then(appeal(CARD), UNIT_HEAD)
    assert life.due(ClockKind.APPEAL) == "2026-03-16 18:00"
    life.then(ruling(CARD, upheld=True), SECOND_SUPERVISOR)
    [decided] = life.all_of(AppealDecided)
    assert (decided.upheld, decided.unit_points, decided.person_points) == (True, 2, 1)
    assert ClockKind.APPEAL not in life.clock_kinds()


def test_dismissed_appeal_takes_nothing_back() -> None:
    life = yellow_card().then(appeal(CARD), UNIT_HEAD).then(ruling(CARD, upheld=False), LEADER)
    [decided] = life.all_of(AppealDecided)
    assert (decided.unit_points, decided.person_points) == (0, 0)
    assert life.refusal_code(appeal(CARD), UNIT_HEAD) == "appealed_before"


def test_upheld_appeal_against_an_order_ends_it() -> None:
    life = ordered().then(appeal(ORDER), UNIT_HEAD).then(ruling(ORDER, upheld=True), SECOND_SUPERVISOR)
    assert ClockKind.ORDER not in life.clock_kinds()
    assert life.refusal_code(answer(), UNIT_HEAD) == "order_not_open"


@pytest.mark.parametrize(
    ("command", "by", "code"),
    [
        (ruling(CARD, upheld=True), SUPERVISOR, "own_measure"),
        (ruling(CARD, upheld=True), SECOND_SUPERVISOR, None),
        (ruling(CARD, upheld=True), LEADER, None),
        (ruling(CARD, upheld=True), UNIT_HEAD, "role_not_permitted"),
        (ruling(URGE, upheld=True), LEADER, "measure_unknown"),
        (appeal(CARD), UNIT_HEAD, "appealed_before"),
        (appeal(CARD), head_of(OTHER_UNIT), "out_of_scope"),
    ],
)
def test_whoever_issued_a_measure_does_not_decide_on_its_appeal(
    command: c.Command, by: Actor, code: str | None
) -> None:
    assert yellow_card().then(appeal(CARD), UNIT_HEAD).refusal_code(command, by) == code


@pytest.mark.parametrize(
    ("moment", "code"),
    [("2026-03-16 18:00", None), ("2026-03-16 18:01", "appeal_window_closed")],
)
def test_appeal_is_open_for_the_policys_days(moment: str, code: str | None) -> None:
    life = yellow_card(in_hand(classified(hard=True))).wait_until(at(moment))
    assert life.refusal_code(appeal(CARD), UNIT_HEAD) == code


def test_appeal_decided_late_is_told_by_its_own_clock() -> None:
    life = yellow_card().then(appeal(CARD), UNIT_HEAD).sleep(20 * DAY)
    assert life.fired(ClockKind.APPEAL) == [AlarmCode.WARNING, AlarmCode.URGE]
    life.then(ruling(CARD, upheld=True), LEADER)
    [stopped] = [body for body in life.all_of(ClockStopped) if body.clock is ClockKind.APPEAL]
    assert stopped.late


def test_file_stays_open_while_an_appeal_waits_for_its_decision() -> None:
    life = yellow_card(contacted()).then(reply(yellow_card(contacted()).now), HANDLER)
    life.then(accepted(), REVIEWER).then(FAVOURABLE, REVISITOR).then(appeal(CARD), UNIT_HEAD)
    assert life.refusal_code(c.ArchiveCase(), ADMINISTRATOR) == "appeal_pending"
    life.sleep(40 * DAY)
    assert life.clock_kinds() == {ClockKind.ARCHIVE, ClockKind.APPEAL}
    life.then(ruling(CARD, upheld=True), LEADER).sleep(40 * DAY)
    assert life.state.status.value == "archived"


def test_a_state_from_before_there_were_measures_is_read() -> None:
    """What an older run carried over has none of the fields, and is the same case."""
    older = in_hand(policy=BEFORE_MEASURES).state.model_dump(mode="json")
    for name in ("measures", "measures_issued", "in_charge", "next_burden_at"):
        older.pop(name)
    for clock in older["clocks"]:
        clock.pop("skipped")
    older["assignment"].pop("signed_by")
    state = CaseState.model_validate(older)
    assert (state.measures, state.next_burden_at) == ((), None)
    assert BURDENING.isdisjoint({AlarmCode.WARNING, AlarmCode.IMMINENT, AlarmCode.DUE})


def test_unit_that_has_lost_the_case_may_still_appeal_but_do_nothing_else() -> None:
    life = yellow_card(dispatched())
    life.then(c.ReturnCase(legal_basis=TEXT, evidence=(evidence(life.now),)), HANDLER)
    life.then(c.RuleOnReturn(upheld=True, reason=TEXT), DISPATCHER).then(dispatch(OTHER_UNIT), DISPATCHER)
    assert life.refusal_code(appeal(CARD), head_of(OTHER_UNIT)) == "not_addressed"
    assert life.refusal_code(c.ReportProgress(text=TEXT), HANDLER) == "out_of_scope"
    life.then(appeal(CARD), UNIT_HEAD).then(ruling(CARD, upheld=True), SECOND_SUPERVISOR)
    assert [body.unit_points for body in life.all_of(AppealDecided)] == [2]

"""假设推演: the same acts under another policy, and what would have been late, fired and counted otherwise."""

from datetime import timedelta
from typing import Any

import pytest

from hotline import commands as c
from hotline.indicators.figures import rank
from hotline.policy import Points, PolicySnapshot, ScoringRules, SupervisionRules
from hotline.vocabulary import AlarmCode, CountReason, Indicator
from hotline.what_if import CaseComparison, ClockComparison, Side, compare, retold
from unit import lives
from unit.lives import (
    HANDLER,
    POLICY,
    SECOND_SUPERVISOR,
    SUPERVISOR,
    TEXT,
    UNIT,
    UNIT_HEAD,
    Life,
)
from unit.test_revision import revised

DAY = timedelta(days=1)


def after_days(days: int) -> Life:
    """A complaint answered so many days after it was dispatched, with every rung in time."""
    life = lives.contacted()
    life.sleep(days * DAY)
    return life.then(lives.reply(life.now), HANDLER).then(lives.accepted(), lives.REVIEWER)


def with_rules(**rules: Any) -> PolicySnapshot:
    supervision = (POLICY.supervision or SupervisionRules()).model_copy(update=rules)
    return POLICY.model_copy(update={"revision": "city/3", "supervision": supervision})


def compared(life: Life, policy: PolicySnapshot) -> CaseComparison:
    return compare(tuple(life.facts), POLICY, policy, life.now)


def clock(found: CaseComparison, clock_id: str) -> ClockComparison:
    return next(entry for entry in found.clocks if entry.clock_id == clock_id)


def side(found: CaseComparison, *, before: bool = False) -> Side:
    unit = next(entry for entry in found.units if entry.unit == UNIT)
    return unit.before if before else unit.after


SHORTER, LONGER = revised(handling="1 wd"), revised(handling="15 wd")


def test_reply_that_was_in_time_is_late_where_fewer_days_were_allowed() -> None:
    life = after_days(3)
    found = compared(life, SHORTER)
    handling = clock(found, "handling:1")
    assert (handling.was_late, handling.late) == (False, True)
    assert handling.due_at is not None
    assert lives.shown(handling.due_at) == "2026-03-03 18:00"
    assert set(handling.would_fire) - set(handling.fired) == {AlarmCode.URGE, AlarmCode.YELLOW_CARD} | (
        {AlarmCode.WARNING, AlarmCode.IMMINENT} - set(handling.fired)
    )
    rows = {row.indicator: row for row in found.rows}
    assert rows[Indicator.ON_TIME].was is CountReason.FINISHED_IN_TIME
    assert rows[Indicator.ON_TIME].would_be is CountReason.FINISHED_LATE
    assert (rows[Indicator.POINTS].was_points, rows[Indicator.POINTS].points) == (0, 2)


def test_reply_that_was_late_is_in_time_where_more_days_were_allowed_and_the_cards_go() -> None:
    life = after_days(13)
    found = compared(life, LONGER)
    handling = clock(found, "handling:1")
    assert (handling.was_late, handling.late) == (True, False)
    assert AlarmCode.YELLOW_CARD in handling.fired
    assert AlarmCode.YELLOW_CARD not in handling.would_fire
    assert side(found, before=True).figures.figure(Indicator.POINTS).points == 2
    assert side(found).figures.figure(Indicator.POINTS).points == 0
    before, after = (side(found, before=which).late for which in (True, False))
    assert before > after


def test_order_that_no_rung_would_have_issued_waits_for_no_answer() -> None:
    life = after_days(13)
    assert clock(compared(life, LONGER), "order:DB01").due_at is None
    assert AlarmCode.RED_CARD not in side(compared(life, LONGER)).rungs


def test_case_that_still_runs_is_compared_as_of_now() -> None:
    life = lives.in_hand().sleep(2 * DAY)
    found = compared(life, SHORTER)
    assert clock(found, "handling:1").ended_at is None
    rows = {row.indicator: row for row in found.rows}
    assert (rows[Indicator.ON_TIME].was, rows[Indicator.ON_TIME].would_be) == (None, CountReason.NOT_FINISHED)


def test_points_of_another_policy_move_points_alone() -> None:
    life = after_days(10)
    found = compared(life, with_rules(yellow_card=Points(unit=7, person=0)))
    assert found.clocks == ()
    assert [(row.indicator, row.was_points, row.points) for row in found.rows] == [(Indicator.POINTS, 2, 7)]


def test_card_that_was_reversed_on_appeal_stays_reversed_and_one_by_hand_stays() -> None:
    life = after_days(10)
    [card] = [entry.number for entry in life.state.measures if entry.unit_points]
    life.then(c.AppealRung(number=card, grounds=TEXT), UNIT_HEAD)
    life.then(c.DecideAppeal(number=card, upheld=True, reason=TEXT), SECOND_SUPERVISOR)
    by_hand = c.IssueCard(unit=UNIT, card=AlarmCode.RED_CARD, person=None, reason=TEXT)
    life.then(by_hand, SUPERVISOR)
    points = side(compared(life, with_rules(yellow_card=Points(unit=7, person=0)))).figures.figure(
        Indicator.POINTS
    )
    assert (points.raw_points, points.points) == (12, 5)


def test_extension_that_would_have_been_asked_for_too_late_is_not_granted() -> None:
    life = lives.contacted()
    life.sleep(3 * DAY).then(c.RequestExtension(days=3, reason=TEXT), HANDLER)
    life.then(c.DecideExtension(approved=True, reason=TEXT), UNIT_HEAD)
    due = next(entry.due_at for entry in life.state.clocks if entry.clock_id == "handling:1")
    handling = clock(compared(life, SHORTER), "handling:1")
    assert handling.due_at is not None
    assert (handling.was_due_at, lives.shown(handling.due_at)) == (due, "2026-03-03 18:00")
    longer = clock(compared(life, LONGER), "handling:1")
    assert longer.due_at is not None
    assert lives.shown(longer.due_at) == "2026-03-26 18:00", "fifteen days and three"


def test_ledger_told_again_keeps_every_act_and_every_instant() -> None:
    life = after_days(13)
    told = list(retold(life.facts, LONGER))
    kept = [fact for fact in life.facts if not isinstance(fact.body, lives.ClockFired)]
    assert [(fact.seq, fact.at, fact.actor, fact.body.tag) for fact in told] == [
        (fact.seq, fact.at, fact.actor, fact.body.tag) for fact in kept
    ]


def test_a_revision_in_between_does_not_count_as_an_act() -> None:
    life = lives.contacted().sleep(DAY)
    life.then(c.RevisePolicy(policy=SHORTER), lives.ADMINISTRATOR).sleep(DAY)
    handling = clock(compared(life, POLICY), "handling:1")
    assert handling.due_at is not None
    assert (handling.was_late, handling.late, lives.shown(handling.due_at)) == (
        True,
        False,
        "2026-03-09 18:00",
    )


@pytest.mark.parametrize(
    "life",
    [
        lives.dispatched(assists=(lives.OTHER_UNIT,)),
        lives.reworks_used_up(),
        lives.unreached().sleep(9 * DAY),
        after_days(13),
        lives.in_hand().sleep(60 * DAY),
    ],
)
def test_a_policy_compared_with_itself_changes_nothing(life: Life) -> None:
    assert not compared(life, POLICY).differs


def test_sums_of_cases_give_the_score_that_a_unit_would_have() -> None:
    total = sum(
        (side(compared(after_days(13), LONGER), before=True) for _ in range(9)),
        side(compared(after_days(13), LONGER), before=True),
    )
    [line] = rank([total.figures], ScoringRules())
    assert (line.sample, line.score) == (10, 80), "ten cards of two points"
    assert total.clocks == 10 * side(compared(after_days(13), LONGER), before=True).clocks

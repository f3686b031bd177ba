"""剔除: asked for with a ground, decided by two others at two levels, in time, and moving exactly its rows."""

from datetime import timedelta
from typing import Any

import pytest

from hotline import commands as c
from hotline.case import Actor
from hotline.indicators.counting import Count, counts_of
from hotline.indicators.definitions import RATES
from hotline.indicators.figures import add_up
from hotline.notices import notices_of
from hotline.refusals import Refusal
from hotline.vocabulary import (
    ClockKind,
    Counted,
    CountReason,
    ExclusionGround,
    Indicator,
    NoticeKind,
    Role,
    Status,
)
from unit import lives
from unit.lives import (
    ADMINISTRATOR,
    DISPATCHER,
    HANDLER,
    REVIEWER,
    SECOND_SUPERVISOR,
    SUPERVISOR,
    TEXT,
    UNIT,
    UNIT_HEAD,
    Life,
)

LEADER = lives.person("leader-1", Role.LEADER)
YES = c.DecideExclusion(approved=True, reason=TEXT)
NO = c.DecideExclusion(approved=False, reason=TEXT)


def ask(life: Life, *indicators: Indicator) -> c.ExcludeFromScore:
    return c.ExcludeFromScore(
        ground=ExclusionGround.SYSTEM_FAILURE,
        indicators=indicators,
        reason=TEXT,
        evidence=(lives.evidence(life.now),),
    )


def asked(life: Life, by: Actor = UNIT_HEAD, *indicators: Indicator) -> Life:
    return life.then(ask(life, *indicators), by)


def excluded(life: Life, *indicators: Indicator) -> Life:
    return asked(life, UNIT_HEAD, *indicators).then(YES, DISPATCHER).then(YES, SUPERVISOR)


def by_key(life: Life) -> dict[Any, Count]:
    return {row.key: row for row in counts_of(life.facts)}


def test_two_levels_take_the_case_out_of_the_adjusted_rates_and_leave_the_raw_ones() -> None:
    life = lives.completed()
    before = by_key(life)
    after = by_key(excluded(life))
    assert after.keys() == before.keys()
    for key, row in after.items():
        assert (row.raw, row.reason) == (before[key].raw, before[key].reason)
        assert (row.adjusted, row.excluded_for) == (Counted.EXCLUDED, CountReason.APPROVED_EXCLUSION)
    figures = add_up(after.values())[UNIT]
    assert figures.figure(Indicator.RESOLUTION).raw.denominator == 1
    assert figures.figure(Indicator.RESOLUTION).adjusted.denominator == 0
    assert figures.figure(Indicator.RESOLUTION).left_out == 1


def test_exclusion_of_one_rate_moves_exactly_its_row() -> None:
    life = lives.completed()
    before = set(counts_of(life.facts))
    [row] = set(counts_of(excluded(life, Indicator.ON_TIME).facts)) - before
    assert row.indicator is Indicator.ON_TIME


@pytest.mark.parametrize("decisions", [[(NO, DISPATCHER)], [(YES, DISPATCHER), (NO, SUPERVISOR)], []])
def test_what_is_refused_or_undecided_moves_nothing(decisions: list[tuple[c.DecideExclusion, Actor]]) -> None:
    life = lives.completed()
    before = counts_of(life.facts)
    asked(life)
    for decision, by in decisions:
        life.then(decision, by)
    assert counts_of(life.facts) == before
    assert (life.state.exclusion is None) == bool(decisions)


@pytest.mark.parametrize(
    ("by", "first", "second"),
    [
        (UNIT_HEAD, DISPATCHER, SUPERVISOR),
        (SUPERVISOR, REVIEWER, SECOND_SUPERVISOR),
        (SUPERVISOR, DISPATCHER, LEADER),
    ],
)
def test_unit_heads_and_supervisors_ask_and_two_others_decide(by: Actor, first: Actor, second: Actor) -> None:
    life = asked(lives.completed(), by).then(YES, first).then(YES, second)
    assert life.state.exclusion is None
    assert {row.adjusted for row in counts_of(life.facts)} == {Counted.EXCLUDED}


def test_nobody_decides_on_their_own_request_nor_at_both_levels_nor_out_of_order() -> None:
    life = asked(lives.completed(), SUPERVISOR)
    assert life.refusal_code(YES, SUPERVISOR) == "exclusion_level"
    life.then(YES, DISPATCHER)
    assert life.refusal_code(YES, DISPATCHER) == "exclusion_level"
    assert life.refusal_code(YES, SUPERVISOR) == "own_exclusion"
    assert life.refusal_code(YES, SECOND_SUPERVISOR) is None
    assert life.refusal_code(YES, UNIT_HEAD) == "role_not_permitted"


def test_handler_does_not_ask_and_another_unit_neither() -> None:
    life = lives.completed()
    assert life.refusal_code(ask(life), HANDLER) == "role_not_permitted"
    assert life.refusal_code(ask(life), lives.head_of(lives.OTHER_UNIT)) == "out_of_scope"
    assert life.refusal_code(ask(life), UNIT_HEAD) is None


def test_case_can_be_put_forward_until_the_appeals_of_its_month_end() -> None:
    life = lives.completed().wait_until(lives.at("2026-04-03 18:00"))
    assert life.refusal_code(ask(life), UNIT_HEAD) is None
    life.wait(timedelta(seconds=1))
    assert life.refusal_code(ask(life), UNIT_HEAD) == "exclusion_window_closed"


def test_open_case_can_be_put_forward_whenever() -> None:
    life = lives.in_hand().wait(timedelta(days=90))
    assert life.refusal_code(ask(life), UNIT_HEAD) is None


def test_case_of_no_unit_counts_for_nobody_and_is_not_put_forward() -> None:
    life = lives.registered()
    assert life.refusal_code(ask(life), SUPERVISOR) == "nothing_to_exclude"


def test_one_request_at_a_time_and_three_in_all() -> None:
    life = asked(lives.completed())
    assert life.refusal_code(ask(life), SUPERVISOR) == "exclusion_pending"
    life.then(NO, DISPATCHER)
    for _ in range(2):
        asked(life).then(NO, DISPATCHER)
    assert life.refusal_code(ask(life), UNIT_HEAD) == "exclusions_used_up"


def test_cards_are_appealed_and_not_excluded() -> None:
    life = lives.completed()
    assert life.refusal_code(ask(life, Indicator.POINTS), UNIT_HEAD) == "not_a_rate"
    assert Indicator.POINTS not in RATES


def test_request_has_a_clock_and_the_archive_waits_for_it() -> None:
    life = asked(lives.completed())
    clock = life.state.clock("exclusion:1")
    assert clock is not None
    assert (clock.kind, lives.shown(clock.due_at)) == (ClockKind.EXCLUSION, "2026-03-04 18:00")
    life.sleep(60 * timedelta(days=1))
    assert life.state.status is Status.COMPLETED, "held open by the request"
    assert life.refusal_code(c.ArchiveCase(), ADMINISTRATOR) == "exclusion_pending"
    life.then(NO, DISPATCHER).sleep(60 * timedelta(days=1))
    assert life.state.status is Status.ARCHIVED


def test_approval_covers_what_the_case_has_come_to_and_not_what_follows() -> None:
    life = excluded(lives.completed())
    life.then(c.ReopenCase(new_facts=TEXT, relapse=True), DISPATCHER)
    life.then(lives.dispatch(UNIT), DISPATCHER)
    rows = {(row.indicator, row.occasion): row for row in counts_of(life.facts)}
    assert rows[Indicator.RETURN, "1"].adjusted is Counted.EXCLUDED
    assert rows[Indicator.RETURN, "2"].adjusted is Counted.DENOMINATOR


def test_request_and_decision_are_told_to_whom_they_concern() -> None:
    life = lives.completed()
    known = len(life.facts)
    excluded(life)
    told = {notice.kind: notice for notice in notices_of(life.state, life.facts[known:])}
    assert told[NoticeKind.EXCLUSION_REQUESTED].is_for(DISPATCHER)
    assert told[NoticeKind.EXCLUSION_REQUESTED].is_for(SUPERVISOR)
    assert told[NoticeKind.EXCLUSION_DECIDED].is_for(HANDLER)
    assert "已批准" in told[NoticeKind.EXCLUSION_DECIDED].text


def test_refusals_say_which_rule_they_keep() -> None:
    life = lives.registered()
    refusal = life.refusal(ask(life), SUPERVISOR)
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "domain.md §12 rule 20"

"""When a case wakes: true instants in order, day-level limits spread, everything else at once."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from fixtures.cases import DISPATCHER, UNIT, registration

from hotline.case import CaseState
from hotline.commands import DispatchCase
from hotline.decide import Context, decide, register
from hotline.evolve import evolve, replay
from hotline.identifiers import CaseNo, CommandId
from hotline.policy import Limit, PolicySnapshot, default_policy
from hotline.spread import due_alarms, offset_of, wake_at
from hotline.vocabulary import ClockKind, Urgency

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
POLICY = default_policy()


def dispatched(urgency: Urgency = Urgency.NORMAL, policy: PolicySnapshot = POLICY) -> CaseState:
    what = registration(registered_at=AT, urgency=urgency)
    ctx = Context(AT, DISPATCHER, CommandId("command-1"), policy)
    state = replay(register(what, ctx))
    for fact in decide(state, DispatchCase(lead=UNIT), ctx):
        state = evolve(state, fact)
    return state


def first_alarm_at(state: CaseState) -> datetime:
    assert state.next_alarm is not None
    return state.next_alarm[1].at


def test_day_level_limit_wakes_a_little_after_its_instant() -> None:
    state = dispatched()
    woken_at = wake_at(state, POLICY)
    assert woken_at == first_alarm_at(state) + offset_of(state.case_no, POLICY)


def offsets_under(policy: PolicySnapshot, cases: int) -> list[timedelta]:
    return [offset_of(CaseNo(f"{number:018d}"), policy) for number in range(cases)]


def test_offset_is_stable_and_below_what_the_policy_grants() -> None:
    offsets = offsets_under(POLICY, 2000)
    assert offsets == offsets_under(POLICY, 2000)
    assert all(timedelta(0) <= offset < POLICY.spread_over.span_for for offset in offsets)
    assert max(offsets) > 0.99 * POLICY.spread_over.span_for


def test_two_thousand_cases_never_wake_more_than_forty_in_a_second() -> None:
    offsets = offsets_under(POLICY, 2000)
    assert max(Counter(int(offset.total_seconds()) for offset in offsets).values()) < 40


def test_policy_that_says_nothing_of_it_spreads_over_two_minutes_as_it_did_before() -> None:
    wide = POLICY.model_copy(update={"spread_over": Limit.wall(timedelta(minutes=10))})
    unsaid = PolicySnapshot.model_validate(wide.model_dump(mode="json", exclude={"spread_over"}))
    for wider, narrower in zip(offsets_under(wide, 50), offsets_under(unsaid, 50), strict=True):
        assert narrower == pytest.approx(wider / 5, abs=timedelta(microseconds=1))


def test_case_wakes_by_the_spread_of_the_policy_that_it_carries() -> None:
    wide = POLICY.model_copy(update={"spread_over": Limit.wall(timedelta(minutes=10))})
    state = dispatched(policy=wide)
    assert wake_at(state, wide) == first_alarm_at(state) + offset_of(state.case_no, wide)


def test_critical_case_wakes_at_the_instant() -> None:
    state = dispatched(Urgency.CRITICAL)
    assert wake_at(state, POLICY) == first_alarm_at(state)


def test_limit_on_the_wall_clock_wakes_at_the_instant() -> None:
    state = dispatched(Urgency.URGENT)
    on_the_wall = state.model_copy(
        update={"clocks": tuple(clock for clock in state.clocks if clock.kind is ClockKind.HANDLING)}
    )
    assert wake_at(on_the_wall, POLICY) == first_alarm_at(on_the_wall)


def test_compressed_policy_is_not_spread() -> None:
    policy = POLICY.compressed(1000, "fast/1")
    state = dispatched(policy=policy)
    assert wake_at(state, policy) == first_alarm_at(state)


def test_alarms_that_have_come_are_in_the_order_of_their_instants() -> None:
    state = dispatched()
    due = due_alarms(state, AT + timedelta(days=30))
    assert len(due) == len(state.clocks) >= 2
    assert [alarm.at for alarm in due] == sorted(alarm.at for alarm in due)


def test_nothing_is_due_before_its_instant() -> None:
    state = dispatched()
    first = first_alarm_at(state)
    assert due_alarms(state, first - timedelta(microseconds=1)) == ()
    assert [alarm.at for alarm in due_alarms(state, first)] == [first]


def test_alarm_that_was_set_aside_neither_fires_nor_wakes() -> None:
    state = dispatched()
    (first,) = due_alarms(state, first_alarm_at(state))
    assert due_alarms(state, first.at, {first}) == ()
    woken_at = wake_at(state, POLICY, {first})
    assert woken_at is None or woken_at > first.at


@pytest.mark.parametrize("clocks", [()])
def test_case_without_clocks_sleeps(clocks: tuple[()]) -> None:
    assert wake_at(dispatched().model_copy(update={"clocks": clocks}), POLICY) is None

"""When a case wakes for its clocks (错峰): day-level limits all end at closing time.

Thousands of them would fire in one second, so each case wakes a little later, by a share of its own of what the policy
grants (`spread_over`). Two minutes, as shipped, make 17 a second of 2,000; two cores decide about 30.
The fact carries the true instant; what is urgent, short or in compressed time is never spread.
"""

import hashlib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import NamedTuple

from hotline.case import Alarm, CaseState, Clock
from hotline.identifiers import CaseNo, ClockId
from hotline.policy import Basis, PolicySnapshot
from hotline.vocabulary import AlarmCode, Urgency


class DueAlarm(NamedTuple):
    """An alarm of one clock. A moved clock makes it another one, because the instant is part of it."""

    at: datetime
    clock_id: ClockId
    code: AlarmCode

    @property
    def name(self) -> str:
        """How command ids and logs call it."""
        return f"{self.clock_id}/{self.code}/{self.at.isoformat()}"


def due_alarms(
    state: CaseState, now: datetime, aside: AbstractSet[DueAlarm] = frozenset()
) -> tuple[DueAlarm, ...]:
    """The next alarm of each clock whose true instant has come, in the order of these instants."""
    return tuple(sorted(alarm for _, alarm in _waiting(state, aside) if alarm.at <= now))


def wake_at(
    state: CaseState, policy: PolicySnapshot, aside: AbstractSet[DueAlarm] = frozenset()
) -> datetime | None:
    """When the case must look at its clocks again. Alarms that were set aside do not wake it."""
    return min(
        (alarm.at + _offset(clock, state, policy) for clock, alarm in _waiting(state, aside)), default=None
    )


def offset_of(case_no: CaseNo, policy: PolicySnapshot) -> timedelta:
    """The stable share of a policy's spread that belongs to a case."""
    draw = int.from_bytes(hashlib.sha256(case_no.encode()).digest()[:4])
    return policy.spread_over.span_for * (draw / 2**32)


def _waiting(state: CaseState, aside: AbstractSet[DueAlarm]) -> Iterator[tuple[Clock, DueAlarm]]:
    for clock in state.clocks:
        if (alarm := state.next_alarm_of(clock)) and (due := _due(clock, alarm)) not in aside:
            yield clock, due


def _due(clock: Clock, alarm: Alarm) -> DueAlarm:
    return DueAlarm(alarm.at, clock.clock_id, alarm.code)


def _offset(clock: Clock, state: CaseState, policy: PolicySnapshot) -> timedelta:
    is_spread = (
        clock.schedule.limit.basis is Basis.WORKING_DAYS
        and state.classification.urgency is not Urgency.CRITICAL
        and policy.speed == 1
    )
    return offset_of(state.case_no, policy) if is_spread else timedelta(0)

"""Which clocks run on a line (台账时限): they follow the stage, and a clock's due instant is computed once and stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from hotline.identifiers import ClockId
from hotline.policy import Limit, PolicySnapshot
from hotline.problems.facts import ProblemBody, ProblemClockStarted, ProblemClockStopped
from hotline.problems.state import ProblemState
from hotline.problems.vocabulary import ProblemClockKind, ProblemStage

_OF_STAGE: Final = {
    ProblemStage.AWAITING_LEAD: ProblemClockKind.LEAD,
    ProblemStage.AWAITING_PLAN: ProblemClockKind.PLAN,
    ProblemStage.IN_AUDIT: ProblemClockKind.AUDIT,
    ProblemStage.CLEARED: ProblemClockKind.LOOK_BACK,
    ProblemStage.HELD: ProblemClockKind.FILING,
}


@dataclass(frozen=True, slots=True)
class Demand:
    """One clock that the state demands: a limit from the entry into the stage, or the close of a day."""

    kind: ProblemClockKind
    serial: str
    limit: Limit | None = None
    until_on: date | None = None

    @property
    def clock_id(self) -> ClockId:
        """The id of the clock within its line."""
        return ClockId(f"{self.kind}:{self.serial}")


def demands(state: ProblemState, policy: PolicySnapshot) -> Iterator[Demand]:
    """Every clock that must run."""
    if kind := _OF_STAGE.get(state.stage):
        yield Demand(kind, str(state.entries), limit=policy.problems.limit(kind))
    if state.stage is ProblemStage.RECTIFYING and state.plan:
        for milestone in state.plan.open_milestones:
            serial = f"{state.plans}.{milestone.number}"
            yield Demand(ProblemClockKind.MILESTONE, serial, until_on=milestone.due_on)
        yield Demand(ProblemClockKind.CLEARANCE, str(state.entries), until_on=state.plan.clear_on)


def follow(state: ProblemState, policy: PolicySnapshot, now: datetime) -> Iterator[ProblemBody]:
    """The difference between the clocks that run and those that must."""
    wanted = {demand.clock_id: demand for demand in demands(state, policy)}
    for clock in state.clocks:
        if clock.clock_id not in wanted:
            yield ProblemClockStopped(
                clock_id=clock.clock_id, clock=clock.kind, late=clock.missed or clock.due_at < now
            )
    for demand in wanted.values():
        if state.clock(demand.clock_id) is None:
            yield _started(state, demand, policy, now)


def _started(
    state: ProblemState, demand: Demand, policy: PolicySnapshot, now: datetime
) -> ProblemClockStarted:
    label = demand.kind.label
    if demand.until_on is not None:
        due_at = policy.close_of(demand.until_on, now)
        because: tuple[str, ...] = (f"{label}：{demand.until_on:%Y-%m-%d} 下班前",)
    else:
        assert demand.limit is not None
        reckoned = policy.add(state.entered_at, demand.limit)
        due_at = reckoned.at
        head = f"{label}时限：{demand.limit.words}，依据 {policy.revision}"
        because = (head, *reckoned.because)
    return ProblemClockStarted(clock_id=demand.clock_id, clock=demand.kind, due_at=due_at, because=because)

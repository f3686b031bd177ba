"""Which clocks run (时限): every status owes certain obligations, and the clocks follow the state.

Rules never start or stop a clock. After each decision the clocks that the new state demands are compared
with those that run; the difference becomes clock facts. A clock that is demanded but on hold stands
still and keeps what is left of its budget. Sources: product.md §3, domain.md §6.2, §12 rules 7–16, 21.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from hotline.case import Adjustment, AssistTask, CaseState, Clock, Schedule
from hotline.facts import Body, ClockHeld, ClockMoved, ClockStarted, ClockStopped
from hotline.identifiers import HOTLINE, ClockId, UnitCode
from hotline.policy import Basis, Limit, PolicySnapshot
from hotline.schedule import after_late_pause, draw_up
from hotline.vocabulary import TERMINAL, ClockKind, Flag, Status, StopReason

_WORKED_ON: Final = frozenset(
    {
        Status.AWAITING_SIGNATURE,
        Status.RETURN_REVIEW,
        Status.JOINT_REVIEW,
        Status.IN_HAND,
        Status.REWORK,
    }
)
_WORK_HELD: Final = frozenset({Status.SUSPENDED, Status.REPLY_REVIEW})
"""The unit's clock stands still while the hotline reviews its reply and while the case is 挂账."""

_MET_BY: Final = {
    ClockKind.SIGNATURE: frozenset({Status.IN_HAND, Status.RETURN_REVIEW}),
    ClockKind.HANDLING: frozenset({Status.AWAITING_REVISIT}),
    ClockKind.REWORK: frozenset({Status.AWAITING_REVISIT}),
}
"""Only these statuses show that such a clock was met; any other end means it no longer applies."""


@dataclass(frozen=True, slots=True)
class Demand:
    """One clock that the state demands: `serial` tells apart the clocks of one kind in a case."""

    kind: ClockKind
    serial: str
    holder: UnitCode
    limit: Limit
    held: bool = False
    extensions: tuple[int, ...] = ()

    @property
    def clock_id(self) -> ClockId:
        """The id of the clock within its case."""
        return ClockId(f"{self.kind}:{self.serial}")


def work_clock_id(state: CaseState) -> ClockId:
    """The clock of the unit that works on the case: handling in the first round, rework afterwards."""
    if state.round <= 1:
        return ClockId(f"{ClockKind.HANDLING}:{state.assignments}")
    return ClockId(f"{ClockKind.REWORK}:{state.assignments}.{state.round}")


def in_dispute(state: CaseState) -> bool:
    """Whether a unit's return still waits for its ruling, by the desk or in joint review."""
    return bool(state.returns) and state.returns[-1].upheld is None


def demands(state: CaseState, policy: PolicySnapshot) -> Iterator[Demand]:
    """Every clock that must run on a case in this state. A case that is open never yields none."""
    yield from _intake(state, policy)
    yield from _hotline_desks(state, policy)
    yield from _work(state, policy)
    yield from _requests(state, policy)
    yield from _plan(state, policy)
    yield from _supervision(state, policy)
    yield from _scores(state, policy)
    yield from _closeout(state, policy)


def _intake(state: CaseState, policy: PolicySnapshot) -> Iterator[Demand]:
    urgency = state.classification.urgency
    if state.status is Status.AWAITING_DETAILS:
        supplement = policy.limit_for(ClockKind.SUPPLEMENT, urgency)
        yield Demand(ClockKind.SUPPLEMENT, str(state.detail_requests), HOTLINE, supplement)
    if state.status not in {Status.RECEIVED, Status.AWAITING_DETAILS, Status.AWAITING_DISPATCH}:
        return
    kind = ClockKind.TRANSFER if state.classification.emergency else ClockKind.DISPATCH
    serial = _serial(state.assignments + 1, state.reopened + state.triaged)
    held = state.status is Status.AWAITING_DETAILS and kind is ClockKind.DISPATCH  # R1 waits for nobody.
    yield Demand(kind, serial, HOTLINE, policy.limit_for(kind, urgency), held=held)


def _serial(count: int | str, again: int) -> str:
    """What starts again with the case, or with an answer returned, says how often: an id is never used twice."""
    return f"{count}.{again}" if again else f"{count}"


def _hotline_desks(state: CaseState, policy: PolicySnapshot) -> Iterator[Demand]:
    desk = {
        Status.RETURN_REVIEW: (ClockKind.RETURN_RULING, _serial(len(state.returns), state.reopened)),
        Status.JOINT_REVIEW: (ClockKind.JOINT_REVIEW, f"{state.joint_reviews}"),
        Status.REPLY_REVIEW: (ClockKind.REVIEW, f"{state.replies}"),
        Status.AWAITING_REVISIT: (ClockKind.REVISIT, f"{state.replies}"),
        Status.UNREACHED: (ClockKind.RATING_WINDOW, f"{state.replies}"),
    }.get(state.status)
    if desk:
        kind, serial = desk
        yield Demand(kind, serial, HOTLINE, policy.limit_for(kind, state.classification.urgency))


def _work(state: CaseState, policy: PolicySnapshot) -> Iterator[Demand]:
    if (task := state.assignment) is None or state.status not in _WORKED_ON | _WORK_HELD:
        return
    if state.status is Status.JOINT_REVIEW and not in_dispute(state):
        return  # Reworks are used up: nobody works on the case until supervision has ruled.
    if state.status is Status.AWAITING_SIGNATURE:
        limit = policy.limit_for(ClockKind.SIGNATURE, state.classification.urgency)
        yield Demand(ClockKind.SIGNATURE, f"{task.number}.{len(state.returns)}", task.lead, limit)
    held = state.status in _WORK_HELD
    kind = ClockKind.HANDLING if state.round <= 1 else ClockKind.REWORK
    serial = work_clock_id(state).removeprefix(f"{kind}:")
    days = tuple(e.days for e in state.extensions if e.approved and e.clock_id == work_clock_id(state))
    yield Demand(kind, serial, task.lead, limit_of(kind, state, policy), held=held, extensions=days)
    for assist in task.assists:
        if assist.is_open:
            yield _assist(state, assist, policy, held=held)


def _assist(state: CaseState, assist: AssistTask, policy: PolicySnapshot, *, held: bool) -> Demand:
    limit = assist_limit(limit_of(ClockKind.HANDLING, state, policy), assist.days, policy)
    return Demand(ClockKind.ASSIST, f"{state.assignments}.{assist.unit}", assist.unit, limit, held=held)


def _requests(state: CaseState, policy: PolicySnapshot) -> Iterator[Demand]:
    if not state.is_open:
        return
    urgency = state.classification.urgency
    if extension := state.pending_extension:
        limit = policy.limit_for(ClockKind.EXTENSION_DECISION, urgency)
        yield Demand(ClockKind.EXTENSION_DECISION, _serial(extension.number, state.reopened), HOTLINE, limit)
    if state.determination:
        limit = policy.limit_for(ClockKind.DETERMINATION, urgency)
        yield Demand(ClockKind.DETERMINATION, str(state.determination.number), HOTLINE, limit)


def _plan(state: CaseState, policy: PolicySnapshot) -> Iterator[Demand]:
    if state.status is not Status.SUSPENDED or not (plan := state.suspension) or not state.assignment:
        return
    serial = _serial(plan.number, state.reopened)
    limit = _until(plan.next_on, plan.suspended_at, policy)
    yield Demand(ClockKind.PLAN, serial, state.assignment.lead, limit)


def _supervision(state: CaseState, policy: PolicySnapshot) -> Iterator[Demand]:
    """Orders wait for answers, appeals for decisions; an appeal outlives the work on the case."""
    if state.status is Status.ARCHIVED:
        return
    for measure in state.measures:
        serial = measure.number.partition("-")[2]
        if measure.awaits_answer:
            turn = _serial(serial, measure.answers_returned)
            yield Demand(ClockKind.ORDER, turn, measure.unit, policy.measures.order)
        if measure.appeal_is_pending:
            yield Demand(ClockKind.APPEAL, serial, HOTLINE, policy.measures.appeal)
        if measure.is_open_listing and measure.due_on:
            limit = _until(measure.due_on, measure.issued_at, policy)
            yield Demand(ClockKind.LISTING, serial, measure.unit, limit)
    yield from _joint(state, policy)


def _joint(state: CaseState, policy: PolicySnapshot) -> Iterator[Demand]:
    """Each party's part has its own date; what no unit does is owed by the hotline's and the discipline body's people."""
    if (joint := state.joint) is None:
        return
    serial = joint.number.partition("-")[2]
    for entry in joint.actions:
        if entry.done_at is None:
            limit = _until(entry.due_on, entry.added_at, policy)
            yield Demand(ClockKind.JOINT_ACTION, f"{serial}.{entry.action}", entry.unit or HOTLINE, limit)


def _until(day: date, since: datetime, policy: PolicySnapshot) -> Limit:
    """The limit that ends with a day that people named."""
    return Limit.wall(policy.close_of(day, since) - since)


def _scores(state: CaseState, policy: PolicySnapshot) -> Iterator[Demand]:
    """A request for exclusion outlives the work on the case as well."""
    if state.exclusion and state.status is not Status.ARCHIVED:
        yield Demand(ClockKind.EXCLUSION, str(state.exclusion.number), HOTLINE, policy.scores.exclusion)


def _closeout(state: CaseState, policy: PolicySnapshot) -> Iterator[Demand]:
    if state.status in TERMINAL:
        limit = policy.limit_for(ClockKind.ARCHIVE, state.classification.urgency)
        held = awaits_somebody(state)
        yield Demand(ClockKind.ARCHIVE, str(state.reopened + 1), HOTLINE, limit, held=held)


def awaits_somebody(state: CaseState) -> bool:
    """Whether a case that has ended is not to be filed yet: an appeal or an exclusion waits for its ruling, or a joint supervision for its end."""
    pending = state.joint or state.exclusion
    return pending is not None or any(measure.appeal_is_pending for measure in state.measures)


def flag_of_breach(kind: ClockKind) -> Flag | None:
    """The mark that stays on a case whose unit missed such a limit."""
    match kind:
        case ClockKind.SIGNATURE:
            return Flag.UNSIGNED
        case ClockKind.HANDLING | ClockKind.REWORK:
            return Flag.OVERDUE
        case _:
            return None


def limit_of(kind: ClockKind, state: CaseState, policy: PolicySnapshot) -> Limit:
    """The limit that the policy sets for such a clock on this case."""
    what = state.classification
    if kind is ClockKind.HANDLING:
        return policy.handling_limit(what.type, what.urgency, hard=what.hard)
    return policy.limit_for(kind, what.urgency)


def assist_limit(lead: Limit, days: int | None, policy: PolicySnapshot) -> Limit:
    """An assistant's limit: what the dispatch says, and a working day less than the lead (§12 rule 13).

    Where the lead has no day to spare, the assistant has three quarters of its time.
    """
    one = policy.days(1)
    if lead.basis is Basis.WORKING_DAYS and lead.days > 1:
        most = Limit.working_days(lead.days - 1)
    elif lead.basis is Basis.WORKING_DAYS:
        most = Limit(basis=Basis.WORKING_TIME, span_for=lead.nominal_for * 3 / 4)
    elif lead.nominal_for > 2 * one.nominal_for:
        most = Limit.wall(lead.nominal_for - one.nominal_for)
    else:
        most = Limit.wall(lead.nominal_for * 3 / 4)
    if days is None or policy.days(days).nominal_for >= most.nominal_for:
        return most
    return policy.days(days)


def follow(state: CaseState, policy: PolicySnapshot, now: datetime) -> Iterator[Body]:
    """The clock facts that bring the running clocks to what the state demands."""
    wanted = {demand.clock_id: demand for demand in demands(state, policy)}
    for clock in state.clocks:
        if clock.clock_id not in wanted:
            yield _stopped(clock, state, now)
    for demand in wanted.values():
        running = state.clock(demand.clock_id)
        if running is None:
            yield from _start(demand, state, policy, now)
        else:
            yield from _adjust(running, demand, state, policy, now)


def _start(demand: Demand, state: CaseState, policy: PolicySnapshot, now: datetime) -> Iterator[Body]:
    schedule = draw_up(
        demand.kind,
        demand.limit,
        counted_from_at=now,
        adjustments=(),
        policy=policy,
        what=state.classification,
    )
    yield ClockStarted(clock_id=demand.clock_id, clock=demand.kind, holder=demand.holder, schedule=schedule)
    if demand.held:
        yield ClockHeld(clock_id=demand.clock_id)


def _adjust(
    clock: Clock, demand: Demand, state: CaseState, policy: PolicySnapshot, now: datetime
) -> Iterator[Body]:
    if demand.held and clock.held_at is None:
        yield ClockHeld(clock_id=clock.clock_id)
    elif clock.held_at is not None and not demand.held:
        schedule = _after_pause(clock, clock.held_at, state, policy, now)
        yield ClockMoved(clock_id=clock.clock_id, schedule=schedule, resumed=True)
    elif extended := tuple(_new_extensions(clock.schedule, demand)):
        yield ClockMoved(clock_id=clock.clock_id, schedule=_redrawn(clock, extended, state, policy))


def _after_pause(
    clock: Clock, held_at: datetime, state: CaseState, policy: PolicySnapshot, now: datetime
) -> Schedule:
    if held_at >= clock.due_at:
        return after_late_pause(clock.schedule, held_at, now, policy)
    return _redrawn(clock, (Adjustment(paused_at=held_at, resumed_at=now),), state, policy)


def _redrawn(
    clock: Clock, entries: tuple[Adjustment, ...], state: CaseState, policy: PolicySnapshot
) -> Schedule:
    was = clock.schedule
    return draw_up(
        clock.kind,
        was.limit,
        counted_from_at=was.counted_from_at,
        adjustments=(*was.adjustments, *entries),
        policy=policy,
        what=state.classification,
    )


def _new_extensions(was: Schedule, demand: Demand) -> Iterator[Adjustment]:
    known = sum(entry.extended_by > 0 for entry in was.adjustments)
    return (Adjustment(extended_by=days) for days in demand.extensions[known:])


def revise(state: CaseState, policy: PolicySnapshot, now: datetime) -> Iterator[Body]:
    """Bring every running clock under a new policy; what is already missed never changes."""
    wanted = {demand.clock_id: demand for demand in demands(state, policy)}
    anew = policy.transition == "from_revision"
    for clock in state.clocks:
        demand = wanted.get(clock.clock_id)
        is_missed = clock.due_at <= (clock.held_at or now)
        if demand is None or (is_missed and not anew):
            continue
        schedule = draw_up(
            clock.kind,
            demand.limit,
            counted_from_at=now if anew else clock.schedule.counted_from_at,
            adjustments=() if anew else clock.schedule.adjustments,
            policy=policy,
            what=state.classification,
        )
        yield ClockMoved(clock_id=clock.clock_id, schedule=schedule)


def _stopped(clock: Clock, state: CaseState, now: datetime) -> ClockStopped:
    return ClockStopped(
        clock_id=clock.clock_id,
        clock=clock.kind,
        holder=clock.holder,
        due_at=clock.due_at,
        reason=_reason(clock, state),
        late=(clock.held_at or now) > clock.due_at,
    )


def _reason(clock: Clock, state: CaseState) -> StopReason:
    if clock.kind is ClockKind.ASSIST:
        replied = state.assignment and any(
            task.unit == clock.holder and task.replied_at for task in state.assignment.assists
        )
        return StopReason.MET if replied else StopReason.CANCELLED
    if clock.kind is ClockKind.ORDER:
        tail = clock.clock_id.partition(":")[2].partition(".")[0]
        order = state.measure(f"{state.case_no}-{tail}")
        return StopReason.MET if order and order.answered_at else StopReason.CANCELLED
    if clock.kind in {ClockKind.LISTING, ClockKind.JOINT_ACTION}:
        is_done = _has_done_its_part(clock, state)
        return StopReason.MET if is_done else StopReason.CANCELLED
    met_by = _MET_BY.get(clock.kind)
    return StopReason.MET if met_by is None or state.status in met_by else StopReason.CANCELLED


def _has_done_its_part(clock: Clock, state: CaseState) -> bool:
    """Whether a part of a joint supervision was done, or a case was taken off the list or ended while its unit had it."""
    if clock.kind is ClockKind.LISTING:
        return not state.is_open or clock.holder in state.units
    number = int(clock.clock_id.rpartition(".")[2])
    entry = state.joint.action(number) if state.joint else None
    return entry is not None and entry.done_at is not None

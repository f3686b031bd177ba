"""Which clocks run on an accountability file (时限与影响期): they follow the state, as those of a case do.

A limit is counted from what it belongs to and not from when it was noticed; a period of effect ends with its
last day. Sources: domain.md §7.3, §7.5, §7.6, §12 rules 23 and 24.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from hotline.accountability.facts import DossierBody, DossierClockStarted, DossierClockStopped
from hotline.accountability.policy import DossierPolicy, Span
from hotline.accountability.remedies import STEPS, remedies_of
from hotline.accountability.state import Decision, DossierState, Recommendation
from hotline.accountability.vocabulary import (
    IN_HAND,
    PERIODS,
    DossierAlarm,
    DossierClockKind,
    DossierStage,
    Family,
    InquiryForm,
    Matter,
    Remedy,
)
from hotline.calendar import SHANGHAI
from hotline.identifiers import ClockId

_PROPOSED_IN: Final = {
    DossierStage.AWAITING_PLAN: (DossierClockKind.PLAN, Matter.PLAN),
    DossierStage.VERIFICATION: (DossierClockKind.VERIFICATION, Matter.CONCLUSION),
    DossierStage.HELD: (DossierClockKind.HELD_REVIEW, Matter.PLAN),
    DossierStage.AWAITING_OPENING: (DossierClockKind.OPENING, Matter.OPENING),
    DossierStage.INVESTIGATION: (DossierClockKind.INVESTIGATION, Matter.CONCLUSION),
}
"""In these stages one limit runs until the matter is proposed; the approval then has its own."""


@dataclass(frozen=True, slots=True)
class Demand:
    """One clock that the state demands: spans one after the other from an instant, or a last day."""

    kind: DossierClockKind
    serial: str
    since: datetime | None = None
    spans: tuple[Span, ...] = ()
    last_on: date | None = None

    @property
    def clock_id(self) -> ClockId:
        """The id of the clock within its dossier."""
        return ClockId(f"{self.kind}:{self.serial}")


def demands(state: DossierState, policy: DossierPolicy) -> Iterator[Demand]:
    """Every clock that must run. A dossier that is in hand never has none."""
    duties = tuple(open_duties(state, policy))
    yield from duties
    if state.stage in IN_HAND and not duties:
        counts = (state.entries, state.proposed, len(state.rectifications))
        serial = ".".join(map(str, counts))
        yield _limited(DossierClockKind.CLOSING, serial, policy)
    for decision in state.decisions:
        yield from _period(decision)
        yield from _windows(decision)


def open_duties(state: DossierState, policy: DossierPolicy) -> Iterator[Demand]:
    """Every clock for something that somebody still has to do; with one left, no dossier is closed."""
    if state.stage in IN_HAND:
        yield from _stage(state, policy)
        yield from _inquiries(state, policy)
        yield from _aftermath(state, policy)
    for proposal in state.proposals:
        serial = f"{proposal.number}.{len(proposal.endorsements)}"
        yield Demand(DossierClockKind.APPROVAL, serial, spans=(policy.approval[proposal.next_level],))
    for decision in state.decisions:
        yield from _carrying_out(decision, policy)


def _limited(
    kind: DossierClockKind, serial: str, policy: DossierPolicy, since: datetime | None = None
) -> Demand:
    return Demand(kind, serial, since, (policy.limits[kind],))


def _stage(state: DossierState, policy: DossierPolicy) -> Iterator[Demand]:
    serial = f"{state.entries}.{state.proposed}"
    if state.stage is DossierStage.DECIDING:
        if all(decision.withdrawn for decision in state.decisions):
            yield _limited(DossierClockKind.DECISION, serial, policy, state.entered_at)
    elif awaited := _PROPOSED_IN.get(state.stage):
        kind, matter = awaited
        if state.proposal(matter) is None:
            yield _limited(kind, serial, policy, state.entered_at)


def _inquiries(state: DossierState, policy: DossierPolicy) -> Iterator[Demand]:
    if state.stage is not DossierStage.TALK or state.proposal(Matter.CONCLUSION):
        return
    if not state.inquiries:
        yield _limited(DossierClockKind.TALK_START, f"{state.entries}", policy, state.entered_at)
        return
    waiting = [inquiry for inquiry in state.inquiries if inquiry.answered_at is None]
    for inquiry in waiting:
        is_letter = inquiry.form is InquiryForm.LETTER
        kind = DossierClockKind.INQUIRY_ANSWER if is_letter else DossierClockKind.TALK_START
        yield _limited(kind, f"{state.entries}.{inquiry.number}", policy, inquiry.sent_at)
    if not waiting:
        last = max(inquiry.answered_at for inquiry in state.inquiries if inquiry.answered_at)
        serial = f"{state.entries}.{len(state.inquiries)}.{state.proposed}"
        yield _limited(DossierClockKind.TALK_CLOSE, serial, policy, last)


def _aftermath(state: DossierState, policy: DossierPolicy) -> Iterator[Demand]:
    for entry in state.recommendations:
        if not entry.holds:
            yield _recommendation(entry, policy)
    for task in state.rectifications:
        if task.done_at is None:
            yield Demand(
                DossierClockKind.RECTIFICATION, f"{task.number}", task.ordered_at, last_on=task.due_on
            )
    for notice in state.notices:
        if notice.published_at is None:
            yield _limited(DossierClockKind.PUBLICATION, f"{notice.number}", policy)


def _recommendation(entry: Recommendation, policy: DossierPolicy) -> Demand:
    serial = f"{entry.number}.{entry.look_backs}"
    if entry.replied_at:
        return _limited(DossierClockKind.LOOK_BACK, serial, policy, entry.replied_at)
    spans: tuple[Span, ...] = (policy.limits[DossierClockKind.RECOMMENDATION_REPLY],)
    if entry.extended:
        serial, spans = f"{serial}.extended", (*spans, policy.recommendation_extension)
    return Demand(DossierClockKind.RECOMMENDATION_REPLY, serial, entry.asked_at, spans)


def _carrying_out(decision: Decision, policy: DossierPolicy) -> Iterator[Demand]:
    serial, family = f"{decision.number}", decision.draft.measure.family
    if appeal := decision.pending_appeal:
        name = f"{serial}.{appeal.number}.{appeal.decided_within.amount}"
        yield Demand(DossierClockKind.REMEDY, name, appeal.filed_at, (appeal.decided_within,))
    if not decision.stands:
        return
    if family is Family.TRANSFER:
        if decision.acknowledged_at is None:
            yield _limited(DossierClockKind.ACKNOWLEDGEMENT, serial, policy, decision.decided_at)
        return
    if decision.served_at is None:
        yield _limited(DossierClockKind.SERVICE, serial, policy, decision.decided_at)
    if decision.executed_at is None:
        spans = (policy.execution[family],)
        yield Demand(DossierClockKind.EXECUTION, serial, decision.decided_at, spans)


def _period(decision: Decision) -> Iterator[Demand]:
    if not decision.is_running or decision.effect is None or decision.effect.until_on is None:
        return
    kind = DossierClockKind.PROBATION if decision.effect.probation else DossierClockKind.EFFECT
    until = decision.effect.until_on
    yield Demand(kind, f"{decision.number}.{until:%Y%m%d}", decision.decided_at, last_on=until)


def _windows(decision: Decision) -> Iterator[Demand]:
    for remedy in remedies_of(decision.draft.measure.family, decision.draft.organ):
        if window := window_of(decision, remedy):
            since, span = window
            serial = f"{decision.number}.{remedy}.{len(decision.appeals)}"
            yield Demand(DossierClockKind.REMEDY_WINDOW, serial, since, (span,))


def window_of(decision: Decision, remedy: Remedy) -> tuple[datetime, Span] | None:
    """From when and for how long a remedy may be asked for; None if its turn has not come or is over."""
    step = STEPS[remedy]
    if not decision.stands or decision.served_at is None or decision.pending_appeal:
        return None
    if any(appeal.remedy is remedy for appeal in decision.appeals) or step.filed_within is None:
        return None
    if step.after is None:
        return (decision.served_at, step.filed_within)
    before = next((appeal for appeal in decision.appeals if appeal.remedy is step.after), None)
    if before and before.decided_at:
        return before.decided_at, step.filed_within
    if step.filed_directly_within:
        return decision.served_at, step.filed_directly_within
    return None


def follow(state: DossierState, policy: DossierPolicy, now: datetime) -> Iterator[DossierBody]:
    """The clock facts that bring the running clocks to what the state demands."""
    wanted = {demand.clock_id: demand for demand in demands(state, policy)}
    for clock in state.clocks:
        if clock.clock_id not in wanted:
            late = now > clock.due_at and clock.kind not in PERIODS
            yield DossierClockStopped(clock_id=clock.clock_id, clock=clock.kind, late=late)
    for demand in wanted.values():
        if state.clock(demand.clock_id) is None:
            yield _start(demand, policy, now)


def _start(demand: Demand, policy: DossierPolicy, now: datetime) -> DossierClockStarted:
    since = demand.since or now
    due_at = due_of(demand, policy, now)
    return DossierClockStarted(
        clock_id=demand.clock_id,
        clock=demand.kind,
        due_at=due_at,
        because=tuple(_reasons(demand, since, due_at, policy)),
        alarms=tuple(_alarms(demand, since, due_at, policy)),
    )


def due_of(demand: Demand, policy: DossierPolicy, now: datetime) -> datetime:
    """When a demanded clock ends."""
    due_at = demand.since or now
    for span in demand.spans:
        due_at = policy.ends_at(due_at, span)
    return policy.day_ends_at(due_at, demand.last_on) if demand.last_on else due_at


def _alarms(
    demand: Demand, since: datetime, due_at: datetime, policy: DossierPolicy
) -> Iterator[tuple[DossierAlarm, datetime]]:
    """Yellow some days before, unless the limit is shorter than that, and red at the end."""
    yellow_at = due_at - timedelta(days=policy.yellow_before_days) / policy.speed
    if yellow_at > since and demand.kind is not DossierClockKind.REMEDY_WINDOW:
        yield DossierAlarm.YELLOW, yellow_at
    yield (DossierAlarm.EXPIRY if demand.kind in PERIODS else DossierAlarm.RED), due_at


def _reasons(demand: Demand, since: datetime, due_at: datetime, policy: DossierPolicy) -> Iterator[str]:
    words = "，加".join(span.words for span in demand.spans) or f"至 {demand.last_on}"
    yield f"{demand.kind.label}：{words}，依据 {policy.revision}"
    yield f"{_shown(since)} 起算，当日不计" if demand.spans else f"{_shown(since)} 起算"
    yield f"{_shown(due_at)} 届满"


def _shown(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")

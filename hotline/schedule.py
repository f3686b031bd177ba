"""Draw up the schedule of a clock: due instant, alarms and the reasons in words (期限推算).

The budget is a limit counted from an instant; an extension adds working days, a pause takes its span out.
The due instant is derived from these entries in their order, so that it can always be explained. What
counts in working days ends at a close of business, after a pause too (domain.md §3.2, §12 rules 8–9).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from hotline.calendar import SHANGHAI, WorkingCalendar
from hotline.case import Adjustment, Alarm, Classification, Schedule
from hotline.policy import Basis, Limit, PolicySnapshot, Rung
from hotline.vocabulary import AlarmCode, ClockKind

_AT_DUE: Final = Rung(code=AlarmCode.DUE)


@dataclass(frozen=True, slots=True)
class _Reckoned:
    """A due instant under construction; `anchor_at` is where the budget last began to run."""

    anchor_at: datetime
    budget_for: timedelta
    due_at: datetime
    provisional: bool
    because: tuple[str, ...]


def draw_up(
    kind: ClockKind,
    limit: Limit,
    *,
    counted_from_at: datetime,
    adjustments: tuple[Adjustment, ...],
    policy: PolicySnapshot,
    what: Classification,
) -> Schedule:
    """The schedule of a clock of this kind: due instant, alarms in time order, and why."""
    reckoned = _budget(kind, limit, counted_from_at, policy, what)
    for entry in adjustments:
        reckoned = _adjusted(reckoned, entry, limit, policy)
    return Schedule(
        limit=limit,
        counted_from_at=counted_from_at,
        adjustments=adjustments,
        due_at=reckoned.due_at,
        provisional=reckoned.provisional,
        because=reckoned.because,
        alarms=tuple(_alarms(kind, limit, reckoned, policy)),
        algorithm=WorkingCalendar.ALGORITHM,
        policy_revision=policy.revision,
        calendar_revision=policy.calendar.revision,
    )


def after_late_pause(
    was: Schedule, paused_at: datetime, resumed_at: datetime, policy: PolicySnapshot
) -> Schedule:
    """The schedule of a limit that was missed before it was paused: missed as it was, whatever has been
    published since (§12 rule 9), but the rungs that were still to come wait out the pause.
    """
    basis = policy.days(1).basis  # What comes after the due instant is counted in days.
    words = f"{_shown(paused_at)} 至 {_shown(resumed_at)} 暂停，此前已超期，其后各级提醒顺延"
    alarms = tuple(
        alarm.model_copy(update={"at": _carried_over(alarm.at, paused_at, resumed_at, basis, policy)})
        for alarm in was.alarms
    )
    entry = Adjustment(paused_at=paused_at, resumed_at=resumed_at)
    how = {"adjustments": (*was.adjustments, entry), "because": (*was.because, words), "alarms": alarms}
    return was.model_copy(update=how)


def _budget(
    kind: ClockKind, limit: Limit, start_at: datetime, policy: PolicySnapshot, what: Classification
) -> _Reckoned:
    reckoning = policy.add(start_at, limit)
    hard = "·疑难" if what.hard else ""
    subject = f"（{what.type.label}·{what.urgency.label}{hard}）" if kind is ClockKind.HANDLING else ""
    words = f"{kind.label}时限{subject}：{limit.words}，依据 {policy.revision}"
    return _Reckoned(
        anchor_at=start_at,
        budget_for=policy.between(start_at, reckoning.at, limit.basis),
        due_at=reckoning.at,
        provisional=reckoning.provisional,
        because=(words, *reckoning.because),
    )


def _adjusted(was: _Reckoned, entry: Adjustment, limit: Limit, policy: PolicySnapshot) -> _Reckoned:
    if entry.extended_by:
        return _extended(was, entry.extended_by, limit, policy)
    assert entry.paused_at is not None
    assert entry.resumed_at is not None
    return _resumed(was, entry.paused_at, entry.resumed_at, limit, policy)


def _extended(was: _Reckoned, days: int, limit: Limit, policy: PolicySnapshot) -> _Reckoned:
    reckoning = policy.add(was.due_at, policy.days(days))
    words = f"延期 {days} 个工作日，至 {_shown(reckoning.at)}"
    return replace(
        was,
        budget_for=was.budget_for + policy.between(was.due_at, reckoning.at, limit.basis),
        due_at=reckoning.at,
        provisional=was.provisional or reckoning.provisional,
        because=(*was.because, words),
    )


def _resumed(
    was: _Reckoned, paused_at: datetime, resumed_at: datetime, limit: Limit, policy: PolicySnapshot
) -> _Reckoned:
    words = f"{_shown(paused_at)} 至 {_shown(resumed_at)} 暂停，不计"
    if paused_at >= was.due_at:
        return replace(was, because=(*was.because, f"{words}（暂停前已超期）"))
    due_at = _carried_over(was.due_at, max(paused_at, was.anchor_at), resumed_at, limit.basis, policy)
    return replace(
        was,
        anchor_at=resumed_at,
        due_at=due_at,
        because=(*was.because, f"{words}；恢复后至 {_shown(due_at)}"),
    )


def _carried_over(
    at: datetime, paused_at: datetime, resumed_at: datetime, basis: Basis, policy: PolicySnapshot
) -> datetime:
    """An instant after a pause: what was left until it is left still, and a day ends at its close."""
    if at <= paused_at:
        return at
    moved_at = policy.move(resumed_at, policy.between(paused_at, at, basis), basis)
    if basis is not Basis.WORKING_DAYS:
        return moved_at
    return policy.calendar.closes_on(moved_at.astimezone(SHANGHAI).date()) or moved_at


def _alarms(kind: ClockKind, limit: Limit, reckoned: _Reckoned, policy: PolicySnapshot) -> Iterator[Alarm]:
    """The ladder's instants in its own order: on a short limit a rung waits for the one below it."""
    rungs = policy.ladder(kind)
    if not any(rung.is_due for rung in rungs):
        later = tuple(rung for rung in rungs if rung.after)
        rungs = (*(rung for rung in rungs if not rung.after), _AT_DUE, *later)
    not_before_at = reckoned.anchor_at
    for rung in rungs:
        not_before_at = max(not_before_at, _instant(rung, limit, reckoned, policy))
        yield Alarm(code=rung.code, at=not_before_at, is_due=rung.is_due)


def _instant(rung: Rung, limit: Limit, reckoned: _Reckoned, policy: PolicySnapshot) -> datetime:
    """When a rung stands. What lies before the due instant is counted from where the budget last began."""
    if rung.is_due:
        return reckoned.due_at
    if rung.after:
        return policy.add(reckoned.due_at, rung.after).at
    lead_for = rung.before.nominal_for if rung.before else reckoned.budget_for * (1 - (rung.used or 0))
    left_for = policy.between(reckoned.anchor_at, reckoned.due_at, limit.basis)
    return policy.move(reckoned.anchor_at, max(left_for - lead_for, timedelta(0)), limit.basis)


def _shown(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")

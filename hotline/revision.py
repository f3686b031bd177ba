"""What a new policy revision changes (规则修订): the text, line by line, and the clocks of every living case.

Both are worked out before anything is published: `differences` for whoever approves, `impact_on` for whoever
must answer for the cases that move. Neither changes anything; a case is moved by `RevisePolicy` alone.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from hotline.calendar import DayKind, WorkingCalendar
from hotline.case import CaseState, Clock, Schedule, burdens
from hotline.facts import ClockMoved
from hotline.identifiers import CaseNo, ClockId, UnitCode
from hotline.model import Record
from hotline.obligations import revise
from hotline.oversight import ScreeningRule, Trigger
from hotline.policy import HandlingLimit, Limit, Points, PolicySnapshot, Rung
from hotline.vocabulary import AlarmCode, ClockKind

_DAY_WORDS: Final = {
    DayKind.WORKDAY: "工作日",
    DayKind.MAKE_UP: "调休上班",
    DayKind.WEEKEND: "周末",
    DayKind.HOLIDAY: "放假",
}


class Difference(Record):
    """One line in which two policies differ; None where one of them has no such line."""

    field: str
    before: str | None
    after: str | None


def differences(before: PolicySnapshot, after: PolicySnapshot) -> tuple[Difference, ...]:
    """Every line in which two policies differ, and every day that changes its kind."""
    was, now = dict(_lines(before)), dict(_lines(after))
    fields = [*was, *(field for field in now if field not in was)]
    changed = (Difference(field=field, before=was.get(field), after=now.get(field)) for field in fields)
    days = _days_changed(before.calendar, after.calendar)
    return (*(line for line in changed if line.before != line.after), *days)


def _lines(policy: PolicySnapshot) -> Iterator[tuple[str, str]]:
    yield "transition", policy.transition
    yield "speed", f"{policy.speed:g}"
    for rule in policy.handling:
        yield f"handling.{_fitting(rule)}", rule.limit.words
    for part, limits in (("limits", policy.limits), ("critical", policy.critical)):
        yield from ((f"{part}.{kind}", limit.words) for kind, limit in limits.items())
    for name, rungs in policy.ladders.items():
        yield f"ladders.{name}", "，".join(f"{rung.code.label} {_placed(rung)}" for rung in rungs)
    yield from ((f"ladder_of.{kind}", name) for kind, name in policy.ladder_of.items())
    yield "return_window", policy.return_window.words
    yield "revisit_spacing", policy.revisit_spacing.words
    yield "spread_over", policy.spread_over.words
    for name, values in (
        ("caps", policy.caps),
        ("evidence", policy.evidence),
        ("retention", policy.retention),
    ):
        yield from ((f"{name}.{field}", _shown(value)) for field, value in values)
    if rules := policy.supervision:
        yield from ((f"supervision.{field}", _measured(value)) for field, value in rules)
    for screened in policy.screening.rules if policy.screening else ():
        yield f"screening.{screened.code}", _screened(screened)
    if scoring := policy.scoring:
        yield from ((f"scoring.{field}", _measured(value)) for field, value in scoring)
    for trigger in policy.triggers.rules if policy.triggers else ():
        yield f"triggers.{trigger.code}", _triggered(trigger)
    for field, value in policy.problems:
        yield f"problems.{field}", value.words if isinstance(value, Limit) else str(value)
    yield "calendar.hours", policy.calendar.hours.model_dump_json()


def _triggered(rule: Trigger) -> str:
    counted = rule.rung.label if rule.rung else rule.measure.label
    return f"{rule.months} 个月内{counted} {rule.at_least} 次，提请{rule.proposes.label}"


def _screened(rule: ScreeningRule) -> str:
    told = rule.model_dump(mode="json", exclude_defaults=True, exclude={"code", "label", "test"})
    set_to = "，".join(f"{field}={_listed(value)}" for field, value in told.items())
    return f"{rule.label}：{rule.test.label}" + (f"（{set_to}）" if set_to else "")


def _listed(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _measured(value: Limit | Points | int) -> str:
    if isinstance(value, Limit):
        return value.words
    return f"单位 {value.unit} 分，个人 {value.person} 分" if isinstance(value, Points) else str(value)


def _shown(value: object) -> str:
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)


def _fitting(rule: HandlingLimit) -> str:
    """For which requests a handling rule is, as one word of the field's path."""
    hard = {None: None, True: "hard", False: "not-hard"}[rule.hard]
    return "+".join(filter(None, (rule.urgency, hard, *rule.types))) or "others"


def _placed(rung: Rung) -> str:
    """Where a rung stands, in the words of a clerk."""
    if rung.used is not None:
        return f"用时 {rung.used:.0%}"
    if rung.before:
        return f"到期前 {rung.before.words}"
    return f"超期 {rung.after.words}" if rung.after else "到期"


def _days_changed(before: WorkingCalendar, after: WorkingCalendar) -> Iterator[Difference]:
    for day in _days_of_notices(before, after):
        was, now = _day(before, day), _day(after, day)
        if was != now:
            yield Difference(field=f"calendar.{day.isoformat()}", before=was, after=now)


def _days_of_notices(*calendars: WorkingCalendar) -> Iterator[date]:
    """Every day that the notices or almanacs of some calendars speak of; beyond them all calendars agree."""
    years = {notice.year for calendar in calendars for notice in calendar.years}
    years |= {day.year for calendar in calendars for day in calendar.lunar_off}
    for year in sorted(years | {year - 1 for year in years}):
        first = date(year, 1, 1).toordinal()
        yield from map(date.fromordinal, range(first, date(year, 12, 31).toordinal() + 1))


def _day(calendar: WorkingCalendar, day: date) -> str:
    return _DAY_WORDS[calendar.kind_of(day)]


# ── living cases ────────────────────────────────────────────────────────────────────────────────


class ClockMove(Record):
    """What a new policy does to one running clock, and which rungs it would fire the moment it arrives."""

    case_no: CaseNo
    clock_id: ClockId
    kind: ClockKind
    holder: UnitCode
    was_due_at: datetime
    due_at: datetime
    was_provisional: bool
    provisional: bool
    held: bool
    at_once: tuple[AlarmCode, ...] = ()

    @property
    def moved_for(self) -> timedelta:
        """By how much the due instant moves; negative when it comes earlier."""
        return self.due_at - self.was_due_at

    @property
    def is_settled(self) -> bool:
        """Whether a provisional due instant becomes certain (暂定 → 确定)."""
        return self.was_provisional and not self.provisional


class Impact(Record):
    """What a new policy does to one case: how many clocks run, how many stay missed as they are, which change."""

    case_no: CaseNo
    clocks: int
    missed: int
    moves: tuple[ClockMove, ...]


def impact_on(state: CaseState, policy: PolicySnapshot, now: datetime) -> Impact:
    """What `RevisePolicy` would do to a case at an instant; the state stays as it is."""
    moved: Mapping[ClockId, Schedule] = {
        body.clock_id: body.schedule for body in revise(state, policy, now) if isinstance(body, ClockMoved)
    }
    after = state.model_copy(
        update={
            "clocks": tuple(
                clock.model_copy(update={"schedule": moved.get(clock.clock_id, clock.schedule)})
                for clock in state.clocks
            )
        }
    )
    waiting, coming = _come(state, policy, now), _come(after, policy, now)
    moves = (
        _move(
            state,
            clock,
            moved[clock.clock_id],
            at_once=tuple(code for code in coming[clock.clock_id] if code not in waiting[clock.clock_id]),
        )
        for clock in state.clocks
        if clock.clock_id in moved
    )
    return Impact(
        case_no=state.case_no,
        clocks=len(state.clocks),
        missed=sum(clock.due_at <= (clock.held_at or now) for clock in state.clocks),
        moves=tuple(move for move in moves if _is_noteworthy(move)),
    )


def _move(state: CaseState, clock: Clock, schedule: Schedule, *, at_once: tuple[AlarmCode, ...]) -> ClockMove:
    return ClockMove(
        case_no=state.case_no,
        clock_id=clock.clock_id,
        kind=clock.kind,
        holder=clock.holder,
        was_due_at=clock.due_at,
        due_at=schedule.due_at,
        was_provisional=clock.schedule.provisional,
        provisional=schedule.provisional,
        held=clock.held_at is not None,
        at_once=at_once,
    )


def _come(state: CaseState, policy: PolicySnapshot, now: datetime) -> Mapping[ClockId, list[AlarmCode]]:
    """The rungs whose instants have come without their having fired, one burden a day (hotline/case.py)."""
    come: defaultdict[ClockId, list[AlarmCode]] = defaultdict(list)
    while (waiting := state.next_alarm) and waiting[1].at <= now:
        clock, alarm = waiting
        come[clock.clock_id].append(alarm.code)
        fired = clock.model_copy(update={"fired": (*clock.fired, alarm.code)})
        clocks = tuple(fired if other is clock else other for other in state.clocks)
        free_at = policy.next_burden_at(alarm.at) if burdens(alarm.code, clock.holder) else None
        how = {"clocks": clocks, "next_burden_at": free_at or state.next_burden_at}
        state = state.model_copy(update=how)
    return come


def _is_noteworthy(move: ClockMove) -> bool:
    return bool(move.moved_for or move.at_once or move.provisional != move.was_provisional)


class UnitImpact(Record):
    """What a new policy does to the clocks of one unit, over many cases."""

    holder: UnitCode
    clocks: int = 0
    earlier: int = 0
    later: int = 0
    settled: int = 0
    at_once: int = 0
    most_earlier_for: timedelta = timedelta(0)
    most_later_for: timedelta = timedelta(0)

    def __add__(self, move: ClockMove) -> "UnitImpact":
        """Count one more clock."""
        return UnitImpact(
            holder=self.holder,
            clocks=self.clocks + 1,
            earlier=self.earlier + (move.moved_for < timedelta(0)),
            later=self.later + (move.moved_for > timedelta(0)),
            settled=self.settled + move.is_settled,
            at_once=self.at_once + len(move.at_once),
            most_earlier_for=max(self.most_earlier_for, -move.moved_for),
            most_later_for=max(self.most_later_for, move.moved_for),
        )

"""The supervisor's boards as they are sent out (督办看板): numbers first, then the rows behind each of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final, Self

from pydantic import Field

from api.errors import not_found
from api.schemas import Instant, View
from api.services import Services
from api.sight import visible_case
from hotline.calendar import SHANGHAI, WorkingCalendar
from hotline.case import Actor
from hotline.hands import Hand, chain_of_hands
from hotline.identifiers import HOTLINE, CaseNo, UnitCode
from hotline.vocabulary import PHASE_OF_CAUSE, AlarmCode
from store.accounts import all_units
from store.boards import (
    AlarmCount,
    AlarmLine,
    AlarmMoment,
    AlarmQuestion,
    AlarmState,
    Axis,
    DayCount,
    FiredCount,
    FiredLine,
    FiredMoment,
    FiredQuestion,
    HeldCase,
    HeldSum,
    Matter,
    Standing,
    StillCount,
    StillLine,
    count_ages,
    count_alarms,
    count_days,
    count_matters,
    count_rungs,
    count_standing,
    count_still,
    spread_alarms,
    spread_fired,
)
from store.ledger import facts_until
from store.scope import effective, visible_to
from store.sheets import hour_of


class AlarmCountView(View):
    """How many alarms of one rung a unit has."""

    holder: str
    alarm: str
    alarm_label: str
    count: int

    @classmethod
    def of(cls, line: AlarmCount) -> Self:
        """The view of a count."""
        return cls(holder=line.holder, alarm=line.alarm, alarm_label=line.alarm.label, count=line.count)


class FiredCountView(AlarmCountView):
    """How many fired, and how many seconds after the true instant at the worst."""

    latest_seconds: float

    @classmethod
    def of(cls, line: AlarmCount) -> Self:
        """The view of a count of fired alarms."""
        assert isinstance(line, FiredCount)
        counted = AlarmCountView.of(line).model_dump()
        return cls(**counted, latest_seconds=line.latest_for.total_seconds())


class StillCountView(View):
    """How many clocks of a unit stand still, and in which status their cases are."""

    holder: str
    status: str
    status_label: str
    count: int

    @classmethod
    def of(cls, line: StillCount) -> Self:
        """The view of a count."""
        return cls(holder=line.holder, status=line.status, status_label=line.status.label, count=line.count)


class MomentView(AlarmCountView):
    """How many alarms of one rung a unit has in one stretch of the axis of time."""

    at: Instant = Field(description="这一段的开始")
    has_fired: bool

    @classmethod
    def of_stretch(cls, line: AlarmMoment, *, has_fired: bool) -> Self:
        """The view of a stretch; a board has hundreds."""
        return cls(
            holder=line.holder,
            alarm=line.alarm,
            alarm_label=line.alarm.label,
            count=line.count,
            at=line.at,
            has_fired=has_fired,
        )


class TimerBoard(View):
    """The timer board (时限看板): what will fire until `until`, what should have fired, what stands still, what fired since `since`."""

    as_of: Instant
    since: Instant
    until: Instant
    upcoming: list[AlarmCountView]
    missed: list[AlarmCountView]
    standing_still: list[StillCountView]
    fired: list[FiredCountView]
    stretch_seconds: float = Field(description="时间轴上一段的长度")
    axis: list[MomentView] = Field(description="时间轴：每一段已触发和将触发的提醒")


class StandingView(View):
    """How the open cases of a group stand: late ones, those that come due soon, and 挂账."""

    open: int = Field(description="在办")
    due_soon: int = Field(description="未超期、且在所问小时数之内到期")
    overdue: int = Field(description="已超期")
    suspended: int = Field(description="挂账")

    @classmethod
    def sum_of(cls, lines: Iterable[Standing]) -> "StandingView":
        """All of some lines together."""
        told = [*lines]
        return StandingView(
            open=sum(line.open for line in told),
            due_soon=sum(line.due_soon for line in told),
            overdue=sum(line.overdue for line in told),
            suspended=sum(line.suspended for line in told),
        )


class UnitStanding(StandingView):
    """The same of one lead unit; the hotline's code stands for cases that nobody leads yet."""

    unit: str

    @classmethod
    def of(cls, line: Standing) -> Self:
        """The view of a line."""
        return cls(**line.model_dump(exclude={"unit"}), unit=line.unit or HOTLINE)


class LevelStanding(StandingView):
    """The same of all units of one level, such as city or district."""

    level: str


class AgeView(View):
    """Open cases of one age."""

    from_days: int = Field(description="登记满几天，按整点计")
    to_days: int | None = Field(description="不满几天；空表示以上")
    since: Instant | None
    until: Instant | None
    count: int


class DayView(View):
    """What came and what went on one day."""

    day: date
    registered: int
    closed: int

    @classmethod
    def of(cls, line: DayCount) -> Self:
        """The view of a day."""
        return cls(**line.model_dump())


class MatterView(View):
    """One matter that is complained of much: within the days asked about, and within as many before."""

    category: str
    count: int
    before: int

    @classmethod
    def of(cls, line: Matter) -> Self:
        """The view of a matter."""
        return cls(**line.model_dump())


class RungView(View):
    """How often one rung of the ladder fired, whoever held the clock."""

    alarm: str
    alarm_label: str
    count: int


class Overview(View):
    """The live board (督办总览): what is open and how it stands, what came and went, how old it is, and what climbs."""

    as_of: Instant
    soon: Instant = Field(description="“即将到期”数到何时")
    since: Instant = Field(description="走势、热点和层级自何时起")
    total: StandingView
    units: list[UnitStanding]
    levels: list[LevelStanding]
    ages: list[AgeView]
    days: list[DayView]
    matters: list[MatterView]
    rungs: list[RungView]


class ClockLine(View):
    """One clock of one case, as every list of the board names it."""

    case_no: str
    clock_id: str
    kind: str
    kind_label: str
    holder: str


class AlarmView(ClockLine):
    """One alarm that has not fired."""

    alarm: str
    alarm_label: str
    alarm_at: Instant
    due_at: Instant

    @classmethod
    def of(cls, line: AlarmLine) -> Self:
        """The view of a line."""
        return cls(**line.model_dump(), kind_label=line.kind.label, alarm_label=line.alarm.label)


class AlarmPage(View):
    """Alarms, the next first."""

    items: list[AlarmView]
    next_cursor: str | None = None


class StillView(ClockLine):
    """One clock that stands still."""

    status: str
    status_label: str
    held_at: Instant

    @classmethod
    def of(cls, line: StillLine) -> Self:
        """The view of a line."""
        return cls(**line.model_dump(), kind_label=line.kind.label, status_label=line.status.label)


class StillPage(View):
    """Clocks that stand still, the longest first."""

    items: list[StillView]
    next_cursor: str | None = None


class FiredView(ClockLine):
    """One alarm that fired, and how many seconds after its true instant."""

    seq: int
    alarm: str
    alarm_label: str
    alarm_at: Instant
    fired_at: Instant
    late_seconds: float

    @classmethod
    def of(cls, line: FiredLine) -> Self:
        """The view of a line."""
        return cls(
            **line.model_dump(),
            kind_label=line.kind.label,
            alarm_label=line.alarm.label,
            late_seconds=(line.fired_at - line.alarm_at).total_seconds(),
        )


class FiredPage(View):
    """Fired alarms, the newest first."""

    items: list[FiredView]
    next_cursor: str | None = None


class HeldSumView(View):
    """What one unit's cases come to for one cause (时长台账)."""

    holder: str
    phase: str
    phase_label: str
    cause: str
    cause_label: str
    cases: int
    seconds: float
    longest_seconds: float

    @classmethod
    def of(cls, line: HeldSum) -> Self:
        """The view of a sum."""
        phase = PHASE_OF_CAUSE[line.cause]
        return cls(
            holder=line.holder,
            phase=phase,
            phase_label=phase.label,
            cause=line.cause,
            cause_label=line.cause.label,
            cases=line.cases,
            seconds=line.held_for.total_seconds(),
            longest_seconds=line.longest_for.total_seconds(),
        )


class HoldingBoard(View):
    """The holding ledger by unit, phase and cause; the sum of all lines is how long the cases were open.

    They are cases registered from `since` until before `until`; None where the span has no end.
    """

    as_of: Instant
    since: Instant | None
    until: Instant | None
    items: list[HeldSumView]


class HeldCaseView(View):
    """One case behind a sum."""

    case_no: str
    seconds: float
    holds_now: bool
    status: str
    status_label: str

    @classmethod
    def of(cls, line: HeldCase) -> Self:
        """The view of a line."""
        return cls(
            case_no=line.case_no,
            seconds=line.held_for.total_seconds(),
            holds_now=line.holds_now,
            status=line.status,
            status_label=line.status.label,
        )


class HeldCases(View):
    """The cases behind one sum, the longest held first."""

    items: list[HeldCaseView]


class HandView(View):
    """One hand of a case's chain (经手)."""

    holder: str
    cause: str
    cause_label: str
    since: Instant
    until: Instant | None = Field(description="空表示仍在其手中")
    seconds: float = Field(description="自然时间")
    working_seconds: float = Field(description="按现行日历的工作时间")

    @classmethod
    def of(cls, hand: Hand, calendar: WorkingCalendar, now: datetime) -> Self:
        """The view of a hand."""
        worked_for = calendar.working_time_between(hand.since, hand.until or now)
        return cls(
            holder=hand.holder,
            cause=hand.cause,
            cause_label=hand.cause.label,
            since=hand.since,
            until=hand.until,
            seconds=hand.held_for(now).total_seconds(),
            working_seconds=worked_for.total_seconds(),
        )


class ChainOfHands(View):
    """Who held a case, why, from when to when, in order."""

    as_of: Instant
    items: list[HandView]


_AGES: Final = (1, 3, 5, 10, 15, 30)
"""Where the ages of open cases are divided, in days: the limits of the trade and what is beyond them. Days are full at the hour."""
_HOTTEST: Final = 8
_STRETCHES: Final = 24
"""Into so many stretches each side of the axis of time is divided: an hour each for a day."""


async def overview(services: Services, actor: Actor, *, soon_for: timedelta, days: int) -> Overview:
    """Count what is open, and what came, went and climbed within so many days, today included."""
    now = services.now()
    soon = now + soon_for
    first = now.astimezone(SHANGHAI).date() - timedelta(days=days - 1)
    since = datetime.combine(first, time(), SHANGHAI)
    edges = [hour_of(now) - timedelta(days=age) for age in _AGES]
    async with services.database.read(snapshot=True) as session:
        scope = await effective(session, visible_to(actor))
        standing = await count_standing(session, scope, now=now, soon=soon)
        levels = {unit.code: unit.level for unit in await all_units(session)}
        ages = await count_ages(session, scope, edges)
        came_and_went = await count_days(session, scope, since=since, until=now)
        matters = await count_matters(session, scope, now=now, span_for=now - since, limit=_HOTTEST)
        rungs = await count_rungs(session, scope, since=since)
    starts = (0, *_AGES)
    return Overview(
        as_of=now,
        soon=soon,
        since=since,
        total=StandingView.sum_of(standing),
        units=[UnitStanding.of(line) for line in standing],
        levels=_by_level(standing, levels),
        ages=[
            AgeView(from_days=start, to_days=end, **line.model_dump())
            for start, end, line in zip(starts, (*_AGES, None), ages, strict=True)
        ],
        days=[DayView.of(line) for line in came_and_went],
        matters=[MatterView.of(line) for line in matters],
        # From the lowest to the highest, also those that nobody came to.
        rungs=[RungView(alarm=rung, alarm_label=rung.label, count=rungs.get(rung, 0)) for rung in AlarmCode],
    )


def _by_level(standing: Iterable[Standing], levels: dict[UnitCode, str]) -> list[LevelStanding]:
    """Add up by the level of the lead unit; a case that nobody leads is of no level."""
    found: defaultdict[str, list[Standing]] = defaultdict(list)
    for line in standing:
        if line.unit is not None and line.unit in levels:
            found[levels[line.unit]].append(line)
    return [
        LevelStanding(level=level, **StandingView.sum_of(lines).model_dump())
        for level, lines in sorted(found.items())
    ]


async def timer_board(
    services: Services, actor: Actor, *, span_for: timedelta, unit: UnitCode | None
) -> TimerBoard:
    """Count what will fire within a span and what fired within the same span before now."""
    now = services.now()
    axis = Axis.around(now, span_for / _STRETCHES)
    ahead = AlarmQuestion(state=AlarmState.UPCOMING, now=now, until=now + span_for, unit=unit)
    late = ahead.model_copy(update={"state": AlarmState.MISSED})
    back = FiredQuestion(since=now - span_for, until=now, unit=unit)
    async with services.database.read(snapshot=True) as session:
        scope = await effective(session, visible_to(actor))
        coming = await spread_alarms(session, scope, ahead, axis)
        gone = await spread_fired(session, scope, back, axis)
        return TimerBoard(
            as_of=now,
            since=back.since,
            until=ahead.until,
            upcoming=_added_up(coming),
            missed=[AlarmCountView.of(line) for line in await count_alarms(session, scope, late)],
            standing_still=[StillCountView.of(line) for line in await count_still(session, scope, unit=unit)],
            fired=_fired(gone),
            stretch_seconds=axis.stretch_for.total_seconds(),
            axis=[
                *(MomentView.of_stretch(line, has_fired=True) for line in gone),
                *(MomentView.of_stretch(line, has_fired=False) for line in coming),
            ],
        )


def _added_up(stretches: Iterable[AlarmCount]) -> list[AlarmCountView]:
    """The alarms of all stretches of time together, by unit and rung."""
    counts: Counter[tuple[UnitCode, AlarmCode]] = Counter()
    for line in stretches:
        counts[line.holder, line.alarm] += line.count
    return [
        AlarmCountView.of(AlarmCount(holder=holder, alarm=alarm, count=count))
        for (holder, alarm), count in sorted(counts.items())
    ]


def _fired(stretches: Iterable[FiredMoment]) -> list[FiredCountView]:
    """What fired in all stretches of time together, by unit and rung, with the worst lateness."""
    found: dict[tuple[UnitCode, AlarmCode], FiredCount] = {}
    for line in stretches:
        kind = line.holder, line.alarm
        known = found.get(kind)
        found[kind] = FiredCount(
            holder=line.holder,
            alarm=line.alarm,
            count=line.count + (known.count if known else 0),
            latest_for=max(line.latest_for, known.latest_for) if known else line.latest_for,
        )
    return [FiredCountView.of(line) for _, line in sorted(found.items())]


async def chain_of_case(
    services: Services, actor: Actor, case_no: CaseNo, *, at: datetime | None = None
) -> ChainOfHands:
    """Tell through whose hands a case went, or had gone by a past instant. Raises 404 when there is none that the caller may know of, or was none then."""
    as_of = at or services.now()
    async with services.database.read(snapshot=True) as session:
        state = await visible_case(session, actor, case_no)
        facts = await facts_until(session, case_no, as_of)
    if not facts:
        raise not_found()
    calendar = (await services.policies.of(state.policy_revision)).calendar
    return ChainOfHands(
        as_of=as_of, items=[HandView.of(hand, calendar, as_of) for hand in chain_of_hands(facts)]
    )

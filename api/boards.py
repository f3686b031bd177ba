"""The supervisor's boards as they are sent out (督办看板): numbers first, then the rows behind each of them."""

from datetime import datetime, timedelta
from typing import Self

from pydantic import Field

from api.schemas import Instant, View
from api.services import Services
from api.sight import visible_case
from hotline.calendar import WorkingCalendar
from hotline.case import Actor
from hotline.hands import Hand, chain_of_hands
from hotline.identifiers import CaseNo, UnitCode
from hotline.vocabulary import PHASE_OF_CAUSE
from store.boards import (
    AlarmCount,
    AlarmLine,
    AlarmQuestion,
    AlarmState,
    FiredCount,
    FiredLine,
    FiredQuestion,
    HeldCase,
    HeldSum,
    StillCount,
    StillLine,
    count_alarms,
    count_fired,
    count_still,
)
from store.ledger import facts_until
from store.scope import visible_to


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


class TimerBoard(View):
    """The timer board (时限看板): what will fire until `until`, what should have fired, what stands still, what fired since `since`."""

    as_of: Instant
    since: Instant
    until: Instant
    upcoming: list[AlarmCountView]
    missed: list[AlarmCountView]
    standing_still: list[StillCountView]
    fired: list[FiredCountView]


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
    """The holding ledger by unit, phase and cause; the sum of all lines is how long the cases were open."""

    as_of: Instant
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


async def timer_board(
    services: Services, actor: Actor, *, span_for: timedelta, unit: UnitCode | None
) -> TimerBoard:
    """Count what will fire within a span and what fired within the same span before now."""
    scope, now = visible_to(actor), services.now()
    ahead = AlarmQuestion(state=AlarmState.UPCOMING, now=now, until=now + span_for, unit=unit)
    late = ahead.model_copy(update={"state": AlarmState.MISSED})
    back = FiredQuestion(since=now - span_for, until=now, unit=unit)
    async with services.database.read(snapshot=True) as session:
        return TimerBoard(
            as_of=now,
            since=back.since,
            until=ahead.until,
            upcoming=[AlarmCountView.of(line) for line in await count_alarms(session, scope, ahead)],
            missed=[AlarmCountView.of(line) for line in await count_alarms(session, scope, late)],
            standing_still=[StillCountView.of(line) for line in await count_still(session, scope, unit=unit)],
            fired=[FiredCountView.of(line) for line in await count_fired(session, scope, back)],
        )


async def chain_of_case(services: Services, actor: Actor, case_no: CaseNo) -> ChainOfHands:
    """Tell through whose hands a case went. Raises 404 when there is none that the caller may know of."""
    now = services.now()
    async with services.database.read(snapshot=True) as session:
        state = await visible_case(session, actor, case_no)
        facts = await facts_until(session, case_no, now)
    calendar = (await services.policies.of(state.policy_revision)).calendar
    return ChainOfHands(as_of=now, items=[HandView.of(hand, calendar, now) for hand in chain_of_hands(facts)])

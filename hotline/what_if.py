"""What if (假设推演): a case's ledger told again under another policy, and what would have been late, fired or counted.

People are taken to have done what they did, when they did it; only limits, ladders, calendars and points change. So a
reply that came on the fifth day comes on the fifth day, and is late where four were allowed. A policy compared with
itself changes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hotline import facts as f
from hotline.case import Adjustment, CaseState, Schedule, burdens
from hotline.evolve import evolve
from hotline.facts import Body, Fact
from hotline.identifiers import CaseNo, ClockId, MeasureNo, UnitCode
from hotline.indicators.counting import Count, counts_of
from hotline.indicators.figures import UnitFigures, add_up
from hotline.model import Record
from hotline.obligations import demands
from hotline.policy import PolicySnapshot
from hotline.schedule import after_late_pause, draw_up
from hotline.vocabulary import (
    MEASURE_OF,
    AlarmCode,
    ClockKind,
    Counted,
    CountReason,
    Indicator,
    MeasureKind,
)

_PLACE: Final = tuple(AlarmCode)


# ── the ledger told again ───────────────────────────────────────────────────────────────────────


def retold(facts: Iterable[Fact], policy: PolicySnapshot) -> Iterator[Fact]:
    """The same acts at the same instants, with every schedule drawn up by another policy.

    Whether a clock stopped late follows from its new due instant. What fired is left out: rungs are told by
    `ends_of`, for both ledgers in one way.
    """
    teller = _Teller(policy)
    state: CaseState | None = None
    for fact in facts:
        state = evolve(state, fact)
        if not isinstance(fact.body, f.ClockFired):
            yield fact.model_copy(update={"body": teller.told(state, fact)})


@dataclass(slots=True)
class _Teller:
    """Every clock's schedule under the other policy, and how many adjustments of it are known already."""

    policy: PolicySnapshot
    schedules: dict[ClockId, Schedule] = field(default_factory=dict)
    known: dict[ClockId, tuple[Adjustment, ...]] = field(default_factory=dict)
    held: dict[ClockId, datetime] = field(default_factory=dict)

    def told(self, state: CaseState, fact: Fact) -> Body:
        """What the fact would have said."""
        match fact.body:
            case f.ClockStarted() as body:
                self.schedules[body.clock_id] = self._drawn(state, body)
                self.known[body.clock_id] = body.schedule.adjustments
                return body.model_copy(update={"schedule": self.schedules[body.clock_id]})
            case f.ClockMoved() as body:
                self.schedules[body.clock_id] = self._moved(state, body)
                self.known[body.clock_id] = body.schedule.adjustments
                if body.resumed:
                    self.held.pop(body.clock_id, None)
                return body.model_copy(update={"schedule": self.schedules[body.clock_id]})
            case f.ClockHeld() as body:
                self.held[body.clock_id] = fact.at
                return body
            case f.ClockStopped() as body:
                due_at = self.schedules[body.clock_id].due_at
                late = self.held.pop(body.clock_id, fact.at) > due_at
                return body.model_copy(update={"due_at": due_at, "late": late})
            case body:
                return body

    def _drawn(self, state: CaseState, body: f.ClockStarted) -> Schedule:
        wanted = {demand.clock_id: demand for demand in demands(state, self.policy)}
        demand = wanted.get(body.clock_id)
        return draw_up(
            body.clock,
            demand.limit if demand else body.schedule.limit,
            counted_from_at=body.schedule.counted_from_at,
            adjustments=(),
            policy=self.policy,
            what=state.classification,
        )

    def _moved(self, state: CaseState, body: f.ClockMoved) -> Schedule:
        """Only what people did moves it: a revision of the policy in those days does not."""
        schedule, known = self.schedules[body.clock_id], self.known[body.clock_id]
        now = body.schedule.adjustments
        fresh = now[len(known) :] if now[: len(known)] == known else now
        kind = ClockKind(body.clock_id.partition(":")[0])  # type: ignore[call-arg]  # a member is found by its code
        for entry in fresh:
            schedule = self._adjusted(state, kind, body.clock_id, schedule, entry)
        return schedule

    def _adjusted(
        self, state: CaseState, kind: ClockKind, clock_id: ClockId, was: Schedule, entry: Adjustment
    ) -> Schedule:
        if entry.paused_at and entry.resumed_at and entry.paused_at >= was.due_at:
            return after_late_pause(was, entry.paused_at, entry.resumed_at, self.policy)
        if entry.extended_by and _asked_at(state, clock_id) > was.due_at:
            return was  # Asked after expiry it would have been refused (§12 rule 14).
        return draw_up(
            kind,
            was.limit,
            counted_from_at=was.counted_from_at,
            adjustments=(*was.adjustments, entry),
            policy=self.policy,
            what=state.classification,
        )


def _asked_at(state: CaseState, clock_id: ClockId) -> datetime:
    asked = [
        entry.requested_at for entry in state.extensions if entry.clock_id == clock_id and entry.approved
    ]
    return max(asked, default=state.registered_at)


# ── how each clock ended ────────────────────────────────────────────────────────────────────────


class ClockEnd(Record):
    """How one clock went: when it was due, when it ended if it has, whether that was late, and the rungs that stood
    before. `on_its_own` tells whether its rungs make measures: those of a joined case do not.
    """

    clock_id: ClockId
    kind: ClockKind
    holder: UnitCode
    due_at: datetime
    ended_at: datetime | None
    late: bool
    rungs: tuple[AlarmCode, ...]
    on_its_own: bool


def ends_of(facts: Iterable[Fact], now: datetime) -> dict[ClockId, ClockEnd]:
    """Every clock of a ledger, those that run as of now. Rungs stand at their instants: that one waits a day for another
    (domain.md §6.2) moves when it fires, and hardly ever whether.
    """
    running: dict[ClockId, _Running] = {}
    ended: dict[ClockId, ClockEnd] = {}
    joined = False
    for fact in facts:
        match fact.body:
            case f.CaseJoined():
                joined = True
            case f.MemberReleased() | f.MemberSettled():
                joined = False
            case f.ClockStarted() as body:
                running[body.clock_id] = _Running(
                    body.clock, body.holder, body.schedule, on_its_own=not joined
                )
            case f.ClockMoved() as body:
                running[body.clock_id].moves(body.schedule, fact.at, resumed=body.resumed)
            case f.ClockHeld() as body:
                running[body.clock_id].held_at = fact.at
            case f.RungSkipped() as body if body.clock_id in running:
                running[body.clock_id].skipped.add(body.rung)
            case f.ClockStopped() as body:
                ended[body.clock_id] = running.pop(body.clock_id).end(body.clock_id, fact.at, is_over=True)
    return ended | {clock_id: clock.end(clock_id, now, is_over=False) for clock_id, clock in running.items()}


@dataclass(slots=True)
class _Running:
    kind: ClockKind
    holder: UnitCode
    schedule: Schedule
    on_its_own: bool
    held_at: datetime | None = None
    skipped: set[AlarmCode] = field(default_factory=set)
    stood: list[AlarmCode] = field(default_factory=list)

    def moves(self, schedule: Schedule, at: datetime, *, resumed: bool) -> None:
        """What stood before the move has fired; the rest follows the new schedule."""
        self._stand(self.held_at or at)
        self.schedule = schedule
        if resumed:
            self.held_at = None

    def end(self, clock_id: ClockId, at: datetime, *, is_over: bool) -> ClockEnd:
        until = self.held_at or at
        self._stand(until)
        return ClockEnd(
            clock_id=clock_id,
            kind=self.kind,
            holder=self.holder,
            due_at=self.schedule.due_at,
            ended_at=at if is_over else None,
            late=until > self.schedule.due_at,
            rungs=tuple(self.stood),
            on_its_own=self.on_its_own,
        )

    def _stand(self, until: datetime) -> None:
        for alarm in self.schedule.alarms:
            if alarm.at <= until and self._awaits(alarm.code):
                self.stood.append(alarm.code)

    def _awaits(self, rung: AlarmCode) -> bool:
        """A clock climbs: what burdens less than what stood is past (hotline/case.py)."""
        if rung in self.stood or rung in self.skipped:
            return False
        climbed = max((_PLACE.index(code) for code in self.stood), default=-1)
        return not burdens(rung, self.holder) or _PLACE.index(rung) > climbed


# ── one case under both policies ────────────────────────────────────────────────────────────────


class ClockComparison(Record):
    """One clock that would have gone otherwise."""

    clock_id: ClockId
    kind: ClockKind
    holder: UnitCode
    ended_at: datetime | None
    was_due_at: datetime
    due_at: datetime | None
    was_late: bool
    late: bool
    fired: tuple[AlarmCode, ...]
    would_fire: tuple[AlarmCode, ...]


class RowComparison(Record):
    """One row that would have counted otherwise; None where there would be, or was, no such row."""

    indicator: Indicator
    occasion: str
    unit: UnitCode
    was: CountReason | None
    would_be: CountReason | None
    was_points: int = 0
    points: int = 0


class Side(Record):
    """What one policy comes to for one unit: clocks that were late, rungs that stood, and the figures."""

    clocks: int = 0
    late: int = 0
    rungs: Mapping[AlarmCode, int] = {}
    figures: UnitFigures

    def __add__(self, other: "Side") -> "Side":
        """Both together."""
        codes = [code for code in AlarmCode if code in self.rungs or code in other.rungs]
        return Side(
            clocks=self.clocks + other.clocks,
            late=self.late + other.late,
            rungs={code: self.rungs.get(code, 0) + other.rungs.get(code, 0) for code in codes},
            figures=self.figures + other.figures,
        )


class UnitComparison(Record):
    """One unit under both policies."""

    unit: UnitCode
    before: Side
    after: Side

    def __add__(self, other: "UnitComparison") -> "UnitComparison":
        """Both together."""
        return UnitComparison(
            unit=self.unit, before=self.before + other.before, after=self.after + other.after
        )


class CaseComparison(Record):
    """One case under both policies: what differs in it, and what it adds for each unit."""

    case_no: CaseNo
    clocks: tuple[ClockComparison, ...]
    rows: tuple[RowComparison, ...]
    units: tuple[UnitComparison, ...]

    @property
    def differs(self) -> bool:
        """Whether anything would have been otherwise."""
        return bool(self.clocks or self.rows)


@dataclass(frozen=True, slots=True)
class _Told:
    """One ledger as far as it is compared."""

    ends: Mapping[ClockId, ClockEnd]
    rows: Mapping[tuple[Indicator, str], Count]


def compare(
    facts: tuple[Fact, ...], before: PolicySnapshot, after: PolicySnapshot, now: datetime
) -> CaseComparison:
    """Compare a case as it went with the same case under another policy.

    `before` says what the points of a rung were; when it was due is in the facts.
    """
    was = _read(facts, facts, before, now)
    would = _read(facts, tuple(retold(facts, after)), after, now)
    case_no = facts[0].case_no
    return CaseComparison(
        case_no=case_no,
        clocks=tuple(_clocks(was, would)),
        rows=tuple(_rows(was, would)),
        units=tuple(_units(was, would)),
    )


def _read(facts: tuple[Fact, ...], told: tuple[Fact, ...], policy: PolicySnapshot, now: datetime) -> _Told:
    ends = ends_of(told, now)
    made = {body.number: body for fact in facts if isinstance(body := fact.body, f.MeasureIssued)}
    ends = {clock_id: end for clock_id, end in ends.items() if _would_run(end, ends, made)}
    by_rung = {body.number.partition("-")[2] for body in made.values() if body.clock_id}
    kept = {
        (row.indicator, row.occasion): row
        for row in counts_of(told)
        if row.counted_at <= now and row.occasion not in by_rung
    }
    cards = _cards(facts, ends, made, policy)
    return _Told(ends, kept | {(card.indicator, card.occasion): card for card in cards})


def _would_run(
    end: ClockEnd, ends: Mapping[ClockId, ClockEnd], made: Mapping[MeasureNo, f.MeasureIssued]
) -> bool:
    """An order that a rung issued waits for no answer where that rung would not have stood."""
    if end.kind is not ClockKind.ORDER:
        return True
    tail = end.clock_id.partition(":")[2].partition(".")[0]
    order = next((body for number, body in made.items() if number.endswith(f"-{tail}")), None)
    if order is None or order.clock_id is None:
        return True
    cause = ends.get(order.clock_id)
    return cause is not None and order.rung in cause.rungs


def _cards(
    facts: tuple[Fact, ...],
    ends: Mapping[ClockId, ClockEnd],
    made: Mapping[MeasureNo, f.MeasureIssued],
    policy: PolicySnapshot,
) -> Iterator[Count]:
    """The cards of the rungs that stood, in the form of rows; one that was reversed on appeal stays reversed."""
    upheld = {
        fact.body.number for fact in facts if isinstance(fact.body, f.AppealDecided) and fact.body.upheld
    }
    reversed_ = {(body.clock_id, body.rung) for number, body in made.items() if number in upheld}
    first = facts[0].body
    assert isinstance(first, f.CaseRegistered)
    for end in ends.values():
        for rung in end.rungs:
            if MEASURE_OF.get(rung) is not MeasureKind.CARD or not _bears(end, rung):
                continue
            stands = (end.clock_id, rung) not in reversed_
            yield Count(
                case_no=facts[0].case_no,
                indicator=Indicator.POINTS,
                occasion=f"{end.clock_id}/{rung}",
                unit=end.holder,
                type=first.registration.classification.type,
                counted_at=end.due_at,
                raw=Counted.NUMERATOR,
                adjusted=Counted.NUMERATOR if stands else Counted.EXCLUDED,
                reason=CountReason.POINTS_GIVEN if stands else CountReason.POINTS_REVERSED,
                points=policy.measures.points(rung).unit,
                seq=1,
            )


def _bears(end: ClockEnd, rung: AlarmCode) -> bool:
    return end.on_its_own and burdens(rung, end.holder)


def _clocks(was: _Told, would: _Told) -> Iterator[ClockComparison]:
    for clock_id, end in was.ends.items():
        other = would.ends.get(clock_id)
        if other and (end.due_at, end.late, end.rungs) == (other.due_at, other.late, other.rungs):
            continue
        yield ClockComparison(
            clock_id=clock_id,
            kind=end.kind,
            holder=end.holder,
            ended_at=end.ended_at,
            was_due_at=end.due_at,
            due_at=other.due_at if other else None,
            was_late=end.late,
            late=bool(other and other.late),
            fired=end.rungs,
            would_fire=other.rungs if other else (),
        )


def _rows(was: _Told, would: _Told) -> Iterator[RowComparison]:
    for key in sorted(was.rows.keys() | would.rows.keys()):
        one, other = was.rows.get(key), would.rows.get(key)
        row = one or other
        assert row is not None
        if _sense(one) == _sense(other):
            continue
        yield RowComparison(
            indicator=row.indicator,
            occasion=row.occasion,
            unit=row.unit,
            was=one and one.reason,
            would_be=other and other.reason,
            was_points=one.points if one else 0,
            points=other.points if other else 0,
        )


def _sense(row: Count | None) -> tuple[object, ...]:
    """What of a row makes a difference: when it came to count does not."""
    return (row.raw, row.adjusted, row.reason, row.points) if row else ()


def _units(was: _Told, would: _Told) -> Iterator[UnitComparison]:
    before, after = _sides(was), _sides(would)
    for unit in sorted(before.keys() | after.keys()):
        nothing = Side(figures=UnitFigures(unit=unit))
        yield UnitComparison(unit=unit, before=before.get(unit, nothing), after=after.get(unit, nothing))


def _sides(told: _Told) -> dict[UnitCode, Side]:
    figures = add_up(told.rows.values())
    sides = {unit: Side(figures=sums) for unit, sums in figures.items()}
    for end in told.ends.values():
        one = Side(
            clocks=1,
            late=end.late,
            rungs=dict.fromkeys(end.rungs, 1),
            figures=UnitFigures(unit=end.holder),
        )
        sides[end.holder] = sides[end.holder] + one if end.holder in sides else one
    return sides

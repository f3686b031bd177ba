"""The climb of a case's ladder (督办经过): which rungs fired, which were skipped, and why, told from its facts.

Each line says in words what a unit needs to answer or appeal: which limit, counted how and under which policy,
when the rung stood, and whether it waited for another day.
"""

from collections.abc import Iterable
from datetime import datetime

from hotline.calendar import SHANGHAI
from hotline.case import Schedule, burdens
from hotline.facts import ClockFired, ClockMoved, ClockStarted, Fact, MeasureIssued, RungSkipped
from hotline.identifiers import ClockId, MeasureNo, UnitCode, UserId
from hotline.model import Record
from hotline.vocabulary import AlarmCode, ClockKind


class Climbed(Record):
    """One rung that burdened a unit, or that a supervisor ordered to skip; `seq` is the fact's number."""

    seq: int
    clock_id: ClockId
    kind: ClockKind
    unit: UnitCode
    rung: AlarmCode
    stood_at: datetime | None
    fired_at: datetime | None = None
    skipped_by: UserId | None = None
    measure: MeasureNo | None = None
    because: tuple[str, ...] = ()


class _Running(Record):
    """A clock as far as its rungs can be explained from it."""

    kind: ClockKind
    holder: UnitCode
    schedule: Schedule


def climb_of(facts: Iterable[Fact]) -> tuple[Climbed, ...]:
    """Every rung of a ledger that burdened a unit or was skipped, in order."""
    clocks: dict[ClockId, _Running] = {}
    climbed: list[Climbed] = []
    for fact in facts:
        match fact.body:
            case ClockStarted() as body:
                clocks[body.clock_id] = _Running(kind=body.clock, holder=body.holder, schedule=body.schedule)
            case ClockMoved() as body:
                moved = {"schedule": body.schedule}
                clocks[body.clock_id] = clocks[body.clock_id].model_copy(update=moved)
            case ClockFired() as body if burdens(body.alarm, body.holder):
                climbed.append(_fired(fact, body, clocks[body.clock_id]))
            case RungSkipped() as body:
                climbed.append(_skipped(fact, body, clocks[body.clock_id]))
            case MeasureIssued(clock_id=clock_id) as body if clock_id and climbed:
                climbed[-1] = climbed[-1].model_copy(update={"measure": body.number})
    return tuple(climbed)


def _fired(fact: Fact, body: ClockFired, clock: _Running) -> Climbed:
    words = [*_why(body.alarm, clock), *clock.schedule.because]
    if body.waited_until:
        words.append(f"同日已有一级督办，顺延至 {_shown(body.waited_until)}")
    return Climbed(
        seq=fact.seq,
        clock_id=body.clock_id,
        kind=body.clock,
        unit=body.holder,
        rung=body.alarm,
        stood_at=body.due_at,
        fired_at=fact.at,
        because=tuple(words),
    )


def _skipped(fact: Fact, body: RungSkipped, clock: _Running) -> Climbed:
    stood = (alarm.at for alarm in clock.schedule.alarms if alarm.code is body.rung)
    return Climbed(
        seq=fact.seq,
        clock_id=body.clock_id,
        kind=clock.kind,
        unit=clock.holder,
        rung=body.rung,
        stood_at=next(stood, None),
        skipped_by=fact.actor.user_id,
        because=(*_why(body.rung, clock), "经督办员书面决定跳过这一级"),
    )


def _why(rung: AlarmCode, clock: _Running) -> tuple[str, ...]:
    schedule = clock.schedule
    limit = f"{clock.kind.label}期限 {schedule.limit.words}，{_shown(schedule.due_at)} 到期"
    return (f"{limit}，按规则 {schedule.policy_revision} 设有“{rung.label}”一级",)


def _shown(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")

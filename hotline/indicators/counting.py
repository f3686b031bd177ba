"""Counting (计数): what one case's ledger says for every indicator, each row with the reason why it counts so.

A row is an occasion: a dispatch, an end of the case, a card. The fold needs nothing but the facts in their order,
so that the same ledger gives the same rows for ever. A clock that runs has a row already, at its due instant:
until then it counts nowhere, and if nothing happens it counts as missed (overdue is derived, architecture.md §3 j).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from hotline import facts as f
from hotline.case import Answer
from hotline.facts import Fact
from hotline.identifiers import CaseNo, UnitCode
from hotline.indicators.definitions import OF_CLOSINGS, RATES
from hotline.model import Record
from hotline.vocabulary import (
    ClockKind,
    Counted,
    CountReason,
    Indicator,
    MeasureKind,
    Outcome,
    RequestType,
    StopReason,
)

_SATISFIED_FROM: Final = 3
"""基本满意 and better (domain.md §5)."""

_BY_REPLY: Final = frozenset({Outcome.SATISFIED, Outcome.UNREACHED, Outcome.SUPERVISED, Outcome.UNREASONABLE})
"""The ends of a case to which a unit's reply, or its claim, led."""


class Count(Record):
    """One row: what an occasion counts for in one indicator, as it is and after approved exclusions.

    `seq` is the number of the fact that decided it; `excluded_for` says why `adjusted` differs from `raw`. Only
    rows of points have `points`.
    """

    case_no: CaseNo
    indicator: Indicator
    occasion: str
    unit: UnitCode
    type: RequestType
    counted_at: datetime
    raw: Counted
    adjusted: Counted
    reason: CountReason
    excluded_for: CountReason | None = None
    points: int = 0
    seq: int

    @property
    def key(self) -> tuple[CaseNo, Indicator, str]:
        """What tells it from every other row."""
        return self.case_no, self.indicator, self.occasion

    def without(self, reason: CountReason) -> "Count":
        """The same row after an approved exclusion."""
        return self.model_copy(update={"adjusted": Counted.EXCLUDED, "excluded_for": reason})


def counts_of(facts: Iterable[Fact]) -> tuple[Count, ...]:
    """Every row of one case's ledger, in the order of indicator and occasion."""
    tally = _Tally()
    for fact in facts:
        if take := _TAKEN.get(type(fact.body)):
            take(tally, fact.body, fact)
    return tuple(tally.rows[key] for key in sorted(tally.rows))


@dataclass(slots=True)
class _Tally:
    """What a ledger has come to so far, as far as any indicator still asks about it."""

    type: RequestType = RequestType.COMPLAINT
    is_repeat: bool = False
    lead: UnitCode | None = None
    number: int = 0
    led: dict[int, UnitCode] = field(default_factory=dict)
    disputed: int | None = None
    upheld: set[int] = field(default_factory=set)
    again: CountReason = CountReason.NOT_REWORKED
    answers: list[Answer] = field(default_factory=list)
    closings: int = 0
    rows: dict[tuple[Indicator, str], Count] = field(default_factory=dict)

    def put(
        self,
        indicator: Indicator,
        occasion: object,
        fact: Fact,
        how: tuple[Counted, CountReason],
        *,
        unit: UnitCode,
        at: datetime | None = None,
        points: int = 0,
    ) -> None:
        """Write a row; what was excluded by approval stays so, whatever is found out about it later."""
        raw, reason = how
        row = Count(
            case_no=fact.case_no,
            indicator=indicator,
            occasion=str(occasion),
            unit=unit,
            type=self.type,
            counted_at=at or fact.at,
            raw=raw,
            adjusted=raw,
            reason=reason,
            points=points,
            seq=fact.seq,
        )
        was = self.rows.get((indicator, row.occasion))
        self.rows[indicator, row.occasion] = (
            row.without(was.excluded_for) if was and was.excluded_for else row
        )

    def change(self, indicator: Indicator, occasion: object, **how: object) -> None:
        """Change a row that there is."""
        key = indicator, str(occasion)
        if was := self.rows.get(key):
            self.rows[key] = was.model_copy(update=how)


Taker = Callable[[_Tally, Any, Fact], None]
_TAKEN: Final[dict[type, Taker]] = {}


def _on(*bodies: type) -> Callable[[Taker], Taker]:
    def register(taker: Taker) -> Taker:
        _TAKEN.update(dict.fromkeys(bodies, taker))
        return taker

    return register


_OUT: Final = Counted.EXCLUDED
_YES: Final = Counted.NUMERATOR
_NO: Final = Counted.DENOMINATOR


# ── what the case is, and whose ─────────────────────────────────────────────────────────────────


@_on(f.CaseRegistered)
def _registered(tally: _Tally, body: f.CaseRegistered, _: Fact) -> None:
    entry = body.registration
    tally.type = entry.classification.type
    tally.is_repeat = entry.repeat_of is not None or entry.occurrence > 1


@_on(f.CaseReclassified)
def _reclassified(tally: _Tally, body: f.CaseReclassified, _: Fact) -> None:
    tally.type = body.after.type


@_on(f.CaseDispatched)
def _dispatched(tally: _Tally, body: f.CaseDispatched, fact: Fact) -> None:
    """A binding ruling on a dispute keeps the number if it names the same unit (rules/assignment.py)."""
    if tally.disputed is not None:
        _ruled(tally, fact, upheld=tally.led[tally.disputed] != body.lead)
    if body.number == tally.number:
        return
    _named(tally, body.number, body.lead, fact)
    how = _NO, CountReason.NOT_RETURNED
    tally.put(Indicator.RETURN, body.number, fact, how, unit=body.lead)


@_on(f.CaseJoined)
def _joined(tally: _Tally, body: f.CaseJoined, fact: Fact) -> None:
    _named(tally, tally.number + 1, body.lead, fact)


def _named(tally: _Tally, number: int, lead: UnitCode, fact: Fact) -> None:
    tally.number, tally.lead = number, lead
    tally.led[number] = lead
    tally.again, tally.answers = CountReason.NOT_REWORKED, []
    if (Indicator.REPEAT, "1") in tally.rows:
        tally.change(Indicator.REPEAT, 1, unit=lead)
        return
    how = (_YES, CountReason.REPEATED) if tally.is_repeat else (_NO, CountReason.NOT_REPEATED)
    tally.put(Indicator.REPEAT, 1, fact, how, unit=lead)


@_on(f.MemberReleased, f.CaseReopened)
def _unassigned(tally: _Tally, _: object, __: Fact) -> None:
    tally.lead = None


@_on(f.CaseWithdrawn)
def _withdrawn(tally: _Tally, body: f.CaseWithdrawn, _: Fact) -> None:
    if body.redispatch:
        tally.lead, tally.disputed = None, None


# ── returns ─────────────────────────────────────────────────────────────────────────────────────


@_on(f.CaseReturned)
def _returned(tally: _Tally, _: f.CaseReturned, fact: Fact) -> None:
    tally.disputed = tally.number
    _mark_return(tally, fact, CountReason.RETURNED)


@_on(f.ReturnRuled)
def _return_ruled(tally: _Tally, body: f.ReturnRuled, fact: Fact) -> None:
    _ruled(tally, fact, upheld=body.upheld)
    if body.upheld:
        tally.lead = None


def _ruled(tally: _Tally, fact: Fact, *, upheld: bool) -> None:
    assert tally.disputed is not None
    if upheld:
        tally.upheld.add(tally.disputed)
    _mark_return(tally, fact, CountReason.RETURNED_RIGHTLY if upheld else CountReason.RETURNED_WRONGLY)
    tally.disputed = None


def _mark_return(tally: _Tally, fact: Fact, reason: CountReason) -> None:
    row = tally.rows[Indicator.RETURN, str(tally.disputed)]
    tally.put(Indicator.RETURN, row.occasion, fact, (_YES, reason), unit=row.unit, at=row.counted_at)


# ── clocks: signing and finishing in time ───────────────────────────────────────────────────────

_OF_CLOCK: Final[Mapping[str, Indicator]] = {
    ClockKind.SIGNATURE: Indicator.TIMELY_SIGNING,
    ClockKind.HANDLING: Indicator.ON_TIME,
}
_IN_TIME: Final = {
    Indicator.TIMELY_SIGNING: CountReason.SIGNED_IN_TIME,
    Indicator.ON_TIME: CountReason.FINISHED_IN_TIME,
}
_LATE: Final = {
    Indicator.TIMELY_SIGNING: CountReason.SIGNED_LATE,
    Indicator.ON_TIME: CountReason.FINISHED_LATE,
}
_MISSED: Final = {
    Indicator.TIMELY_SIGNING: CountReason.NOT_SIGNED,
    Indicator.ON_TIME: CountReason.NOT_FINISHED,
}


def _place(clock_id: str) -> tuple[Indicator, int] | None:
    """Which indicator a clock belongs to, and which dispatch it is of: `signature:2.0` is of the second."""
    kind, _, serial = clock_id.partition(":")
    indicator = _OF_CLOCK.get(kind)
    return (indicator, int(serial.partition(".")[0])) if indicator else None


@_on(f.ClockStarted, f.ClockMoved)
def _runs(tally: _Tally, body: f.ClockStarted | f.ClockMoved, fact: Fact) -> None:
    if (place := _place(body.clock_id)) is None or _is_late(tally, *place):
        return
    indicator, number = place
    how = _NO, _MISSED[indicator]
    tally.put(indicator, number, fact, how, unit=tally.led[number], at=body.schedule.due_at)


def _is_late(tally: _Tally, indicator: Indicator, number: int) -> bool:
    """Whether an earlier clock of the same dispatch was late already: once late, always late."""
    row = tally.rows.get((indicator, str(number)))
    return row is not None and row.reason is _LATE[indicator]


@_on(f.ClockHeld)
def _held(tally: _Tally, body: f.ClockHeld, fact: Fact) -> None:
    """A clock that stands still counts nowhere, unless it was missed before."""
    if (place := _place(body.clock_id)) is None:
        return
    indicator, number = place
    row = tally.rows.get((indicator, str(number)))
    if row and row.counted_at >= fact.at:
        tally.put(indicator, number, fact, (_OUT, CountReason.STANDING_STILL), unit=row.unit)


@_on(f.ClockStopped)
def _stopped(tally: _Tally, body: f.ClockStopped, fact: Fact) -> None:
    if (place := _place(body.clock_id)) is None or _is_late(tally, *place):
        return
    indicator, number = place
    how, at = _ended(indicator, body, fact, upheld=number in tally.upheld)
    tally.put(indicator, number, fact, how, unit=tally.led[number], at=at)


def _ended(
    indicator: Indicator, body: f.ClockStopped, fact: Fact, *, upheld: bool
) -> tuple[tuple[Counted, CountReason], datetime]:
    if body.reason is StopReason.MET:
        late = (_NO, _LATE[indicator]), body.due_at
        return late if body.late else ((_YES, _IN_TIME[indicator]), fact.at)
    if upheld:
        return (_OUT, CountReason.RETURN_UPHELD), fact.at
    if body.late:
        return (_NO, _MISSED[indicator]), body.due_at
    return (_OUT, CountReason.WITHDRAWN), fact.at


# ── reviews, revisits, the end ──────────────────────────────────────────────────────────────────


@_on(f.ReplyReturned)
def _sent_back(tally: _Tally, _: f.ReplyReturned, __: Fact) -> None:
    if tally.again is CountReason.NOT_REWORKED:
        tally.again = CountReason.SENT_BACK


@_on(f.ReworkOrdered)
def _reworked(tally: _Tally, _: f.ReworkOrdered, __: Fact) -> None:
    tally.again = CountReason.REWORKED


@_on(f.RevisitRecorded)
def _revisited(tally: _Tally, body: f.RevisitRecorded, _: Fact) -> None:
    tally.answers.append(body)


@_on(f.CaseClosed)
def _closed(tally: _Tally, body: f.CaseClosed, fact: Fact) -> None:
    """What no unit was named for has no row: the hotline answered or refused it itself."""
    if tally.lead is None:
        return
    tally.closings += 1
    for indicator, how in _verdicts(tally, body.outcome).items():
        tally.put(indicator, tally.closings, fact, how, unit=tally.lead)
    if body.outcome is Outcome.UNREASONABLE:
        for indicator in OF_CLOSINGS:
            _exclude(tally, indicator, str(tally.closings), CountReason.UNREASONABLE)


def _verdicts(tally: _Tally, outcome: Outcome) -> dict[Indicator, tuple[Counted, CountReason]]:
    if outcome not in _BY_REPLY:
        return dict.fromkeys(OF_CLOSINGS, (_OUT, CountReason.ENDED_WITHOUT_REPLY))
    first = tally.answers[0] if tally.answers else None
    last = tally.answers[-1] if tally.answers and outcome is not Outcome.UNREACHED else None
    silent = CountReason.UNREACHED if outcome is Outcome.UNREACHED else CountReason.NOT_ASKED
    once = (_NO if tally.again is CountReason.NOT_REWORKED else _YES), tally.again
    return {
        Indicator.RESPONSE: _contact(last) if last else (_OUT, silent),
        Indicator.RESOLUTION: _solution(last) if last else (_OUT, silent),
        Indicator.SATISFACTION: _rating(last.satisfaction) if last else (_OUT, silent),
        Indicator.FIRST_RESOLUTION: _solution(first) if first else (_OUT, silent),
        Indicator.REWORK: once,
    }


def _contact(answer: Answer) -> tuple[Counted, CountReason]:
    if answer.contacted:
        return _YES, CountReason.CONTACT_CONFIRMED
    return _NO, CountReason.CONTACT_DENIED


def _solution(answer: Answer) -> tuple[Counted, CountReason]:
    return (_YES, CountReason.SOLVED) if answer.solved else (_NO, CountReason.NOT_SOLVED)


def _rating(satisfaction: int) -> tuple[Counted, CountReason]:
    if satisfaction >= _SATISFIED_FROM:
        return _YES, CountReason.SATISFIED
    return _NO, CountReason.DISSATISFIED


@_on(f.CitizenRated)
def _rated(tally: _Tally, body: f.CitizenRated, fact: Fact) -> None:
    """A rating after the end is the citizen's last word on it, and counts where the case ended."""
    if (row := tally.rows.get((Indicator.SATISFACTION, str(tally.closings)))) is None:
        return
    how = _rating(body.satisfaction)
    tally.put(Indicator.SATISFACTION, row.occasion, fact, how, unit=row.unit, at=row.counted_at)


# ── points, appeals, exclusions ───────────────────────────────────────────────────────────────────────────────────────


_WITH_POINTS: Final = frozenset({MeasureKind.CARD, MeasureKind.DEDUCTION})


@_on(f.MeasureIssued)
def _points(tally: _Tally, body: f.MeasureIssued, fact: Fact) -> None:
    if body.measure not in _WITH_POINTS:
        return
    tail = body.number.partition("-")[2]
    how = _YES, CountReason.POINTS_GIVEN
    tally.put(Indicator.POINTS, tail, fact, how, unit=body.unit, points=body.unit_points)


@_on(f.AppealDecided)
def _appealed(tally: _Tally, body: f.AppealDecided, _: Fact) -> None:
    if body.upheld:
        tail = body.number.partition("-")[2]
        _exclude(tally, Indicator.POINTS, tail, CountReason.POINTS_REVERSED)


@_on(f.ExclusionDecided)
def _decided(tally: _Tally, body: f.ExclusionDecided, _: Fact) -> None:
    """An approval covers what the case has come to so far: what it is reopened for counts again. Cards have appeals."""
    if not (body.approved and body.settled):
        return
    for indicator, occasion in tuple(tally.rows):
        if indicator in (body.indicators or RATES):
            _exclude(tally, indicator, occasion, CountReason.APPROVED_EXCLUSION)


def _exclude(tally: _Tally, indicator: Indicator, occasion: str, reason: CountReason) -> None:
    if row := tally.rows.get((indicator, occasion)):
        tally.rows[indicator, occasion] = row.without(reason)

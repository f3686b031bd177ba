"""The life of a case as a drawing (工单时间轴): who had it, which clocks ran and stood still, what fired, and when.

Only numbers are made here, for the attributes of an SVG: a page may carry no inline style. The same is said as a
table beside it (`templates/components/life.html`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.boards import HandView
from api.schemas import ClockView, FactView
from hotline.calendar import SHANGHAI
from hotline.vocabulary import PHASE_OF_CAUSE, AlarmCode, ClockKind

WIDTH: Final = 960
LEFT: Final = 104
"""What the names of the lines take."""

_RIGHT: Final = WIDTH - 12
_TOP: Final = 60
_LINE: Final = 26
_THIN: Final = 2.0
_TICKS: Final = 8
_STEPS: Final = tuple(
    timedelta(minutes=minutes)
    for minutes in (1, 5, 15, 30, 60, 180, 360, 720, 1440, 2880, 7200, 14_400, 43_200, 129_600)
)
_PHASES: Final[Mapping[str, str]] = {cause.value: phase.value for cause, phase in PHASE_OF_CAUSE.items()}
_OUTLIVES_THE_WORK: Final = frozenset({ClockKind.ARCHIVE.value})
"""A clock of a month after the end would leave no room for what came before it."""


@dataclass(frozen=True, slots=True)
class Band:
    """One span with one holder, in the colour of its phase."""

    x: float
    width: float
    phase: str
    hand: HandView

    @property
    def has_room(self) -> bool:
        """Whether the cause can be written into it."""
        return self.width > 15 * len(self.hand.cause_label)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at one instant."""

    x: float
    label: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One clock: from its start to its end, what of it was late, its pauses, its due instant, and what fired."""

    y: int
    x: float
    width: float
    late_x: float
    late_width: float
    pauses: tuple[tuple[float, float], ...]
    due_x: float | None
    fired: tuple[Mark, ...]
    clock: ClockView


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything to draw, in the units of the drawing."""

    height: int
    now_x: float | None
    ticks: tuple[Mark, ...]
    bands: tuple[Band, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    since: datetime
    until: datetime

    def x(self, at: datetime) -> float:
        share = (at - self.since) / (self.until - self.since)
        return round(LEFT + (_RIGHT - LEFT) * min(max(share, 0), 1), 1)

    def shows(self, at: datetime) -> bool:
        return self.since <= at <= self.until

    def span(self, since: datetime, until: datetime) -> tuple[float, float]:
        x = self.x(since)
        return x, round(max(self.x(until) - x, _THIN), 1)


def draw(
    hands: Sequence[HandView], clocks: Iterable[ClockView], facts: Sequence[FactView], *, now: datetime
) -> Drawing | None:
    """Draw a case up to an instant; nothing if nobody has held it yet."""
    if not hands:
        return None
    shown = [clock for clock in clocks if clock.kind not in _OUTLIVES_THE_WORK]
    ended_at = now if hands[-1].until is None else hands[-1].until
    running = [clock.due_at for clock in shown if clock.stopped_at is None and hands[-1].until is None]
    since = hands[0].since
    until = max([ended_at, *running, since + _STEPS[0]])
    scale = _Scale(since, until + (until - since) / 50)
    lines = tuple(_lines(shown, facts, scale, ended_at))
    return Drawing(
        height=_TOP + _LINE * len(lines) + 6,
        now_x=scale.x(now) if hands[-1].until is None else None,
        ticks=tuple(_ticks(scale)),
        bands=tuple(_band(hand, scale, ended_at) for hand in hands),
        lines=lines,
    )


def _band(hand: HandView, scale: _Scale, ended_at: datetime) -> Band:
    x, width = scale.span(hand.since, hand.until or ended_at)
    return Band(x, width, _PHASES[hand.cause], hand)


def _lines(
    clocks: Iterable[ClockView], facts: Sequence[FactView], scale: _Scale, ended_at: datetime
) -> Iterator[Line]:
    for row, clock in enumerate(clocks):
        end = min(clock.stopped_at or ended_at, scale.until)
        x, width = scale.span(clock.started_at, end)
        own = [fact for fact in facts if fact.body.get("clock_id") == clock.clock_id]
        is_late = clock.late or clock.overdue
        late_x, late_width = scale.span(clock.due_at, end) if is_late and clock.due_at < end else (0.0, 0.0)
        yield Line(
            y=_TOP + _LINE * row,
            x=x,
            width=width,
            late_x=late_x,
            late_width=late_width,
            pauses=tuple(scale.span(*pause) for pause in _pauses(own, end)),
            due_x=scale.x(clock.due_at) if scale.shows(clock.due_at) else None,
            fired=tuple(_fired(own, scale)),
            clock=clock,
        )


def _pauses(facts: Iterable[FactView], end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """When a clock stood still: from being held to its next schedule, or to its end."""
    held_at: datetime | None = None
    for fact in facts:
        if fact.tag == "clock:held":
            held_at = fact.at
        elif held_at and fact.tag == "clock:moved" and fact.body.get("resumed"):
            yield held_at, fact.at
            held_at = None
    if held_at and held_at < end:
        yield held_at, end


_RUNGS: Final[Mapping[str, str]] = {code.value: code.label for code in AlarmCode}


def _fired(facts: Iterable[FactView], scale: _Scale) -> Iterator[Mark]:
    for fact in facts:
        if fact.tag == "clock:fired":
            yield Mark(scale.x(fact.at), _RUNGS[fact.body["alarm"]], fact.at)


def _ticks(scale: _Scale) -> Iterator[Mark]:
    """At most eight round instants on Shanghai's clock."""
    length = scale.until - scale.since
    step = next((step for step in _STEPS if length / step <= _TICKS), _STEPS[-1])
    start = scale.since.astimezone(SHANGHAI)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + step * -((midnight - start) // step)
    words = "%m-%d" if step >= timedelta(days=1) else "%m-%d %H:%M"
    while at <= scale.until:
        yield Mark(scale.x(at), at.strftime(words), at)
        at += step

"""Charts as plain data (图表): from figures to what ECharts draws, and the same figures as a table.

A chart names colours by Tabler's names, so that it follows the theme, and may name the page behind each mark.
`static/charts.js` draws it; the table is for whoever looks at no pictures, and its cells lead to the same pages.
What is drawn comes from ECharts' common build (lines, bars, points); a heat map is a table of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, Protocol

from jinja2 import pass_context
from jinja2.runtime import Context

from hotline.calendar import SHANGHAI

Say = Callable[[str], str]
"""What a word of ours is called in the language of the page."""

Option = dict[str, Any]
"""ECharts' own language, which is JSON."""

_LEVELS: Final = 7


class Colour(StrEnum):
    """What marks may be painted with: Tabler's names, and a quiet one."""

    BLUE = "blue"
    TEAL = "teal"
    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"
    PURPLE = "purple"
    QUIET = "secondary"

    @property
    def paint(self) -> str:
        """The variable of the style sheet, whose value the script looks up."""
        return f"var(--tblr-{self.value})"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table; `link` is the page behind it."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of a chart in rows; the first cell of each is its head."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Chart(Protocol):
    """Something that can be drawn and read."""

    @property
    def title(self) -> str:
        """What it shows, in a few words."""
        ...

    def options(self, say: Say) -> Option:
        """What ECharts is given."""
        ...

    def table(self, say: Say) -> Table:
        """The same figures to read."""
        ...


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one colour of bars; `links` are the pages behind its marks, in the order of the values."""

    name: str
    values: Sequence[float | None]
    colour: Colour = Colour.BLUE
    links: Sequence[str] = ()

    def link(self, place: int) -> str:
        """The page behind one mark, if there is one."""
        return self.links[place] if self.links else ""

    def points(self) -> Iterator[Option]:
        """The marks with their pages."""
        for place, value in enumerate(self.values):
            yield {"value": value} | ({"link": self.link(place)} if self.link(place) else {})


@dataclass(frozen=True, slots=True)
class Band:
    """How far each value of a line can be trusted."""

    low: Sequence[float | None]
    high: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Bars:
    """Numbers side by side, or upon each other; lying down where the labels are long.

    `said` tells that the labels are words of ours, not names.
    """

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    lying: bool = False
    stacked: bool = False
    unit: str = ""
    said: bool = False

    def options(self, say: Say) -> Option:
        """Bars on a grid."""
        labels = [say(label) for label in self.labels] if self.said else [*self.labels]
        names: Option = {"type": "category", "data": labels, "inverse": self.lying, "axisTick": _HIDDEN}
        numbers: Option = {
            "type": "value",
            "minInterval": 1,
            "axisLabel": {"formatter": f"{{value}}{self.unit}"},
        }
        return _framed(self.unit, several=len(self.series) > 1, rows=len(labels) if self.lying else 0) | {
            "xAxis": numbers if self.lying else names,
            "yAxis": names if self.lying else numbers,
            "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
            "series": [
                {
                    "type": "bar",
                    "name": say(one.name),
                    "data": [*one.points()],
                    "itemStyle": {"color": one.colour.paint, "borderRadius": 0 if self.stacked else 2},
                    "barMaxWidth": 28,
                    **({"stack": "all"} if self.stacked else {}),
                }
                for one in self.series
            ],
        }

    def table(self, say: Say) -> Table:
        """A row per label."""
        return _rows_of(self.labels, self.series, self.unit, say, said=self.said)


@dataclass(frozen=True, slots=True)
class Lines:
    """How numbers went over time; `band` is how far the first line can be trusted."""

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    band: Band | None = None
    unit: str = ""
    most: float | None = None

    def options(self, say: Say) -> Option:
        """Lines on a grid, over the band."""
        drawn = [
            {
                "type": "line",
                "name": say(one.name),
                "data": [*one.points()],
                "itemStyle": {"color": one.colour.paint},
                "lineStyle": {"width": 2},
                "symbolSize": 6,
                "connectNulls": False,
            }
            for one in self.series
        ]
        return _framed(self.unit, several=len(self.series) > 1) | {
            "xAxis": {"type": "category", "data": [*self.labels], "boundaryGap": False, "axisTick": _HIDDEN},
            "yAxis": {"type": "value", "max": self.most, "axisLabel": {"formatter": f"{{value}}{self.unit}"}},
            "tooltip": {"trigger": "axis"},
            "series": [*self._band(), *drawn],
        }

    def _band(self) -> Iterator[Option]:
        """An area that is nothing up to the lower end, and from there as high as the band is wide."""
        if self.band is None:
            return
        pairs = [*zip(self.band.low, self.band.high, strict=True)]
        wide = [None if low is None or high is None else round(high - low, 2) for low, high in pairs]
        quiet = {"type": "line", "stack": "band", "symbol": "none", "silent": True, "tooltip": _HIDDEN}
        quiet |= {"lineStyle": {"opacity": 0}, "z": 1}
        yield quiet | {"data": [*self.band.low]}
        yield quiet | {"data": wide, "areaStyle": {"color": self.series[0].colour.paint, "opacity": 0.14}}

    def table(self, say: Say) -> Table:
        """A row per label, the ends of the band included."""
        told = _rows_of(self.labels, self.series, self.unit, say)
        if self.band is None:
            return told
        ends = zip(self.band.low, self.band.high, strict=True)
        rows = tuple(
            (*row, Cell(f"{_number(low, self.unit)}～{_number(high, self.unit)}"))
            for row, (low, high) in zip(told.rows, ends, strict=True)
        )
        return Table((*told.head, say("置信区间")), rows)


@dataclass(frozen=True, slots=True)
class Share:
    """A percentage of something with its interval, and what it is a percentage of."""

    label: str
    percent: float
    low: float
    high: float
    of: str
    link: str = ""

    @property
    def told(self) -> str:
        """All of it in a line."""
        return f"{self.label}  {self.percent:g}%（{self.low:g}%～{self.high:g}%）  {self.of}"


@dataclass(frozen=True, slots=True)
class Shares:
    """Percentages under each other with how far each can be trusted: a point on its interval."""

    title: str
    shares: Sequence[Share]
    colour: Colour = Colour.BLUE

    def options(self, say: Say) -> Option:
        """A thin bar from the lower to the upper end, and the point on it."""
        del say  # Names and numbers alone.
        thin = {"type": "bar", "stack": "interval", "barWidth": 6, "silent": True, "tooltip": _HIDDEN}
        spans = [round(one.high - one.low, 2) for one in self.shares]
        points = [
            {"value": [one.percent, place], "tooltip": {"formatter": one.told}}
            | ({"link": one.link} if one.link else {})
            for place, one in enumerate(self.shares)
        ]
        return _framed("%", several=False, rows=len(self.shares)) | {
            "xAxis": {"type": "value", "min": 0, "max": 100, "axisLabel": {"formatter": "{value}%"}},
            "yAxis": {
                "type": "category",
                "inverse": True,
                "axisTick": _HIDDEN,
                "data": [one.label for one in self.shares],
            },
            "tooltip": {"trigger": "item"},
            "series": [
                thin | {"data": [one.low for one in self.shares], "itemStyle": {"opacity": 0}},
                thin | {"data": spans, "itemStyle": {"color": self.colour.paint, "opacity": 0.3}},
                {
                    "type": "scatter",
                    "data": points,
                    "symbolSize": 11,
                    "itemStyle": {"color": self.colour.paint},
                },
            ],
        }

    def table(self, say: Say) -> Table:
        """A row per name."""
        rows = tuple(
            (
                Cell(one.label),
                Cell(f"{one.percent:g}%", one.link),
                Cell(f"{one.low:g}%～{one.high:g}%"),
                Cell(one.of),
            )
            for one in self.shares
        )
        return Table((say("名称"), say("比率"), say("置信区间"), say("件数")), rows)


@dataclass(frozen=True, slots=True)
class Funnel:
    """What becomes fewer from step to step, in the order of the steps; the steps are words of ours."""

    title: str
    labels: Sequence[str]
    counts: Series

    def options(self, say: Say) -> Option:
        """Bars about a middle: an invisible one before each takes half of what it lacks."""
        most = max((value or 0 for value in self.counts.values), default=0)
        before = [(most - (value or 0)) / 2 for value in self.counts.values]
        return _framed("", several=False, rows=len(self.labels)) | {
            "xAxis": {"type": "value", "show": False, "max": (most or 1) * 1.08},
            "yAxis": {
                "type": "category",
                "inverse": True,
                "data": [say(label) for label in self.labels],
                "axisTick": _HIDDEN,
                "axisLine": _HIDDEN,
            },
            "tooltip": {"trigger": "item"},
            "series": [
                {
                    "type": "bar",
                    "stack": "all",
                    "silent": True,
                    "tooltip": _HIDDEN,
                    "data": before,
                    "itemStyle": {"opacity": 0},
                },
                {
                    "type": "bar",
                    "stack": "all",
                    "name": say(self.counts.name),
                    "data": [*self.counts.points()],
                    "barCategoryGap": "18%",
                    "itemStyle": {"color": self.counts.colour.paint, "borderRadius": 3, "opacity": 0.8},
                    "label": {"show": True, "position": "right", "formatter": "{c}"},
                },
            ],
        }

    def table(self, say: Say) -> Table:
        """A row per step."""
        return _rows_of(self.labels, [self.counts], "", say, said=True)


@dataclass(frozen=True, slots=True)
class Moment:
    """So many things of one kind that happen to one row about one moment."""

    row: int
    at: datetime
    count: int
    kind: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """What happens when and to whom: rows are names, marks lie on Shanghai's clock and grow with what they count."""

    title: str
    rows: Sequence[str]
    moments: Sequence[Moment]
    colours: dict[str, Colour]
    since: datetime
    until: datetime
    now: datetime
    now_is: str = field(default="现在")

    def options(self, say: Say) -> Option:
        """Points on an axis of time, a series per kind, and a line that is now."""
        line: Option = {"symbol": "none", "silent": True, "lineStyle": {"color": Colour.QUIET.paint}}
        line |= {"data": [{"xAxis": _clock(self.now)}], "label": {"formatter": say(self.now_is)}}
        return _framed("", several=True, rows=len(self.rows)) | {
            "xAxis": {"type": "time", "min": _clock(self.since), "max": _clock(self.until)},
            "yAxis": {
                "type": "category",
                "inverse": True,
                "data": [*self.rows],
                "axisTick": _HIDDEN,
                "splitLine": {"show": True},
            },
            "tooltip": {"trigger": "item"},
            "series": [
                {
                    "type": "scatter",
                    "name": say(kind),
                    "itemStyle": {"color": colour.paint, "opacity": 0.75},
                    "data": [*self._marks(kind, say)],
                    **({"markLine": line} if not place else {}),
                }
                for place, (kind, colour) in enumerate(self.colours.items())
            ],
        }

    def _marks(self, kind: str, say: Say) -> Iterator[Option]:
        for one in self.moments:
            if one.kind == kind:
                told = f"{_clock(one.at)}  {self.rows[one.row]}  {say(kind)} × {one.count}"
                yield {
                    "value": [_clock(one.at), one.row],
                    "symbolSize": min(9 + 3 * one.count**0.5, 34),
                    "tooltip": {"formatter": told},
                } | ({"link": one.link} if one.link else {})

    def table(self, say: Say) -> Table:
        """A row per mark, in the order of time."""
        rows = tuple(
            (
                Cell(_clock(one.at)),
                Cell(self.rows[one.row]),
                Cell(say(one.kind)),
                Cell(str(one.count), one.link),
            )
            for one in sorted(self.moments, key=lambda one: one.at)
        )
        return Table((say("时间"), say("单位"), say("事项"), say("件数")), rows)


@dataclass(frozen=True, slots=True)
class Heat:
    """A heat map as a table of numbers on colours: each cell is read, pointed at and opened like any other link.

    `amounts` say how hot a cell is, row by row; `cells` what stands in it, empty where there is nothing.
    """

    title: str
    rows: Sequence[str]
    columns: Sequence[str]
    amounts: Sequence[Sequence[float]]
    cells: Sequence[Sequence[Cell]]

    def level(self, row: int, column: int) -> int:
        """How hot a cell is, from 0 (nothing) to 7; by the root, so that one giant does not make all else pale."""
        most = max((amount for line in self.amounts for amount in line), default=0)
        amount = self.amounts[row][column]
        return 0 if amount <= 0 else max(1, round(_LEVELS * (amount / most) ** 0.5))


# ── what charts share ───────────────────────────────────────────────────────────────────────────

_HIDDEN: Final = {"show": False}


def _framed(unit: str, *, several: bool, rows: int = 0) -> Option:
    """The frame of every chart. `unit` and `rows` are for our script: what follows a number, and how high to be."""
    return {
        "unit": unit,
        "rows": rows,
        "animation": False,
        "legend": {"show": several, "top": 0, "left": 0, "itemWidth": 14, "itemHeight": 10},
        "grid": {"left": 8, "right": 20, "top": 36 if several else 12, "bottom": 8, "containLabel": True},
    }


def _rows_of(
    labels: Sequence[str], series: Sequence[Series], unit: str, say: Say, *, said: bool = False
) -> Table:
    rows = tuple(
        (
            Cell(say(label) if said else label),
            *(Cell(_number(one.values[place], unit), one.link(place)) for one in series),
        )
        for place, label in enumerate(labels)
    )
    return Table((say("项目"), *(say(one.name) for one in series)), rows)


def _number(value: float | None, unit: str) -> str:
    return "—" if value is None else f"{value:g}{unit}"


@lru_cache(maxsize=4096)
def _clock(at: datetime) -> str:
    """A moment on Shanghai's clock without its zone: browsers elsewhere show the hotline's time all the same."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@pass_context
def options_of(context: Context, chart: Chart) -> Option:
    """Filter: what ECharts is given, in the language of the page."""
    return chart.options(_speaker(context))


@pass_context
def table_of(context: Context, chart: Chart) -> Table:
    """Filter: the figures of a chart to read, in the language of the page."""
    return chart.table(_speaker(context))


def _speaker(context: Context) -> Say:
    say: Say = context.resolve("_")
    return say

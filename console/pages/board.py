"""The live board (督办总览): what is open and how it stands, what is about to fire, and where it comes from.

Every number leads to the list whose filters make that number; the charts lead to the same lists.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final

from fastapi import Depends
from fastapi.responses import HTMLResponse

from api.boards import AgeView, MatterView, Overview, StandingView
from api.parts import Part
from api.routers.boards import alarms, board
from console.charts import Bars, Chart, Colour, Funnel, Lines, Series
from console.labels import LEVELS
from console.links import Filter, to
from console.visit import Here
from hotline.calendar import SHANGHAI
from hotline.identifiers import UnitCode

router = Part()

_NEXT: Final = 9


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the board: what it counts, how it is painted, and the list behind it."""

    label: str
    icon: str
    colour: str
    count: int
    link: str


@dataclass(frozen=True, slots=True)
class Row:
    """How the open cases of one unit or level stand."""

    name: str
    figures: tuple[Figure, ...]


@router.get("/board", operation_id="boards_board")
async def shown(visit: Here, board: Annotated[Overview, Depends(board)]) -> HTMLResponse:
    """The whole board, or what of it moves."""
    units = await visit.unit_names()
    coming = await alarms(visit.actor, visit.services, limit=_NEXT)
    return visit.page(
        "board_parts.html" if visit.is_part else "board.html",
        board=board,
        units=units,
        figures=_figures(board, board.total),
        rows=_rows(board, units),
        levels=[
            Row(LEVELS.get(one.level, one.level), _figures(board, one, level=one.level))
            for one in board.levels
        ],
        matters=[(one, _matter(one, board.since)) for one in board.matters],
        most=max((one.count for one in board.matters), default=1),
        coming=coming.items,
        trend=_trend(board),
        ages=_ages(board.ages),
        ladder=_ladder(board),
    )


def _figures(board: Overview, of: StandingView, **which: Filter) -> tuple[Figure, ...]:
    soon = to("/cases", open=True, overdue=False, due_before=board.soon, order="due", **which)
    late = to("/cases", overdue=True, order="due", **which)
    return (
        Figure("在办", "stack-2", "blue", of.open, to("/cases", open=True, **which)),
        Figure("即将到期", "hourglass", "orange", of.due_soon, soon),
        Figure("已超期", "alert-triangle", "red", of.overdue, late),
        Figure("挂账", "clock-pause", "secondary", of.suspended, to("/cases", status="suspended", **which)),
    )


def _rows(board: Overview, units: Mapping[UnitCode, str]) -> list[Row]:
    """The units with most that is late first."""
    worst_first = sorted(board.units, key=lambda one: (-one.overdue, -one.due_soon, -one.open, one.unit))
    return [
        Row(units.get(UnitCode(one.unit), one.unit), _figures(board, one, lead=one.unit))
        for one in worst_first
    ]


def _matter(matter: MatterView, since: datetime) -> str:
    return to("/cases", category=matter.category, since=since)


def _trend(board: Overview) -> Chart:
    days = [_day(one.day) for one in board.days]
    return Lines(
        "登记与办结走势",
        labels=[f"{one.day:%m-%d}" for one in board.days],
        series=(
            Series(
                "登记件数",
                [one.registered for one in board.days],
                Colour.BLUE,
                [to("/cases", since=since, until=until) for since, until in days],
            ),
            Series(
                "办结件数",
                [one.closed for one in board.days],
                Colour.GREEN,
                [to("/cases", closed_since=since, closed_until=until) for since, until in days],
            ),
        ),
    )


def _day(day: date) -> tuple[datetime, datetime]:
    """From when until when a day is on Shanghai's clock."""
    since = datetime.combine(day, time(), SHANGHAI)
    return since, since + timedelta(days=1)


def _ages(ages: Iterable[AgeView]) -> Chart:
    told = [*ages]
    return Bars(
        "在办工单登记至今的天数",
        labels=[*_spans(told)],
        series=(
            Series(
                "在办",
                [one.count for one in told],
                Colour.TEAL,
                [to("/cases", open=True, since=one.since, until=one.until) for one in told],
            ),
        ),
    )


def _spans(ages: Iterable[AgeView]) -> Iterator[str]:
    for one in ages:
        yield f"≥{one.from_days}" if one.to_days is None else f"{one.from_days}–{one.to_days}"


def _ladder(board: Overview) -> Chart:
    return Funnel(
        "督办层级触发次数",
        labels=[one.alarm_label for one in board.rungs],
        counts=Series(
            "触发",
            [one.count for one in board.rungs],
            Colour.ORANGE,
            [to("/timers/fired", alarm=one.alarm, since=board.since) for one in board.rungs],
        ),
    )

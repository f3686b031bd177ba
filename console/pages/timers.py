"""The timer board (时限板): what fires next, what is missed, stands still and has fired, on an axis of time and as lists."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Annotated, Final

from fastapi import Depends
from fastapi.responses import HTMLResponse

from api.boards import AlarmPage, FiredPage, MomentView, StillPage, TimerBoard
from api.parts import Part
from api.routers.boards import alarms, fired, standing_still, timers
from console.charts import Chart, Colour, Moment, TimeAxis
from console.links import to
from console.visit import Here
from hotline.identifiers import UnitCode
from hotline.vocabulary import AlarmCode

router = Part()

_UNITS: Final = 16
"""More rows than fit on a screen are no picture; the counts beside it tell all units."""

_COLOURS: Final = {
    AlarmCode.WARNING: Colour.BLUE,
    AlarmCode.IMMINENT: Colour.TEAL,
    AlarmCode.DUE: Colour.QUIET,
    AlarmCode.URGE: Colour.YELLOW,
    AlarmCode.YELLOW_CARD: Colour.ORANGE,
    AlarmCode.SUPERVISION: Colour.PURPLE,
}
_ABOVE: Final = Colour.RED


@router.get("/timers", operation_id="boards_timers")
async def board(visit: Here, board: Annotated[TimerBoard, Depends(timers)]) -> HTMLResponse:
    """The axis and the counts; each leads to its alarms."""
    units = await visit.unit_names()
    return visit.page(
        "timers_parts.html" if visit.is_part else "timers.html",
        board=board,
        units=units,
        asked=visit.request.query_params,
        axis=_axis(board, units),
        hours=(board.until - board.as_of) / timedelta(hours=1),
        to=to,
    )


@router.get("/timers/alarms", operation_id="boards_alarms")
async def upcoming(visit: Here, page: Annotated[AlarmPage, Depends(alarms)]) -> HTMLResponse:
    """The alarms behind a number that have not fired."""
    return await _listed(visit, "alarms", page)


@router.get("/timers/still", operation_id="boards_standing_still")
async def still(visit: Here, page: Annotated[StillPage, Depends(standing_still)]) -> HTMLResponse:
    """The clocks that announce nothing, and why."""
    return await _listed(visit, "still", page)


@router.get("/timers/fired", operation_id="boards_fired")
async def past(visit: Here, page: Annotated[FiredPage, Depends(fired)]) -> HTMLResponse:
    """What fired, with its true instant."""
    return await _listed(visit, "fired", page)


async def _listed(visit: Here, what: str, page: AlarmPage | StillPage | FiredPage) -> HTMLResponse:
    return visit.page(
        "timers_list.html",
        what=what,
        lines=page.items,
        more=visit.request.url.include_query_params(cursor=page.next_cursor).query
        if page.next_cursor
        else None,
        asked=visit.request.query_params,
        units=await visit.unit_names(),
        rungs=list(AlarmCode),
    )


def _axis(board: TimerBoard, units: Mapping[UnitCode, str]) -> Chart:
    stretch_for = timedelta(seconds=board.stretch_seconds)
    holders = _busiest(board.axis)
    marks = [one for one in board.axis if one.holder in holders]
    return TimeAxis(
        "已触发和将触发的提醒",
        rows=[units.get(UnitCode(holder), holder) for holder in holders],
        moments=[
            Moment(
                row=holders.index(one.holder),
                at=_middle(board, one, stretch_for),
                count=one.count,
                kind=one.alarm_label,
                link=_behind(board, one, stretch_for),
            )
            for one in marks
        ],
        colours={rung.label: _COLOURS.get(rung, _ABOVE) for rung in AlarmCode if _occurs(rung, marks)},
        since=board.since,
        until=board.until,
        now=board.as_of,
    )


def _middle(board: TimerBoard, one: MomentView, stretch_for: timedelta) -> datetime:
    """The middle of what the board has of a stretch: the first may have begun before it, and in one of them is now."""
    begins = max(one.at, board.since if one.has_fired else board.as_of)
    ends = min(one.at + stretch_for, board.as_of if one.has_fired else board.until)
    # An alarm that is about to fire counts in the stretch of its instant, which may be over.
    return begins + max(ends - begins, timedelta(0)) / 2


def _busiest(axis: Iterable[MomentView]) -> list[str]:
    """The units with most alarms, the first first."""
    by_holder = sorted(axis, key=lambda one: one.holder)
    counts = {
        holder: sum(one.count for one in its)
        for holder, its in groupby(by_holder, key=lambda one: one.holder)
    }
    return sorted(counts, key=lambda holder: (-counts[holder], holder))[:_UNITS]


def _occurs(rung: AlarmCode, marks: Iterable[MomentView]) -> bool:
    return any(one.alarm == rung for one in marks)


def _behind(board: TimerBoard, one: MomentView, stretch_for: timedelta) -> str:
    """The list of exactly the alarms that a mark counts."""
    until = one.at + stretch_for
    if one.has_fired:
        return to(
            "/timers/fired", unit=one.holder, alarm=one.alarm, since=max(one.at, board.since), until=until
        )
    last = min(until, board.until)
    return to("/timers/alarms", unit=one.holder, alarm=one.alarm, since=one.at, until=last)

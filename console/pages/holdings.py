"""The holding ledger (时长台账): who held cases for how long and why, as a heat map of units and causes, down to the cases."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final

from fastapi import Depends, Query
from fastapi.responses import HTMLResponse

from api.boards import HeldCases, HeldSumView, HoldingBoard
from api.parts import Part
from api.period import LONGEST
from api.routers.boards import held_cases, holdings
from console.charts import Cell, Heat
from console.links import to
from console.rendering import span
from console.visit import Here
from hotline.calendar import SHANGHAI
from hotline.identifiers import UnitCode
from hotline.vocabulary import PHASE_OF_CAUSE, Cause

router = Part()

_MOST: Final = 200
_QUARTER: Final = LONGEST - timedelta(days=1)
"""Between the first day and the last one, both of which are included."""

Day = Annotated[date | None, Query()]


@router.get("/holdings", operation_id="boards_holdings")
async def shown(
    visit: Here,
    registered_from: Day = None,
    registered_to: Day = None,
    open_: Annotated[bool, Query(alias="open")] = True,
) -> HTMLResponse:
    """Hours of every unit by cause; days are Shanghai's, and the last one is included.

    With ended cases the page is of a quarter: from the first day, to the last one, or to today.
    """
    if not open_:
        today = visit.services.now().astimezone(SHANGHAI).date()
        registered_to = registered_to or (registered_from + _QUARTER if registered_from else today)
        registered_from = registered_from or registered_to - _QUARTER
    since, until = _start(registered_from), _start(registered_to, after=1)
    board = await holdings(visit.actor, visit.services, since=since, until=until, open_=open_)
    units = await visit.unit_names()
    return visit.page(
        "holdings.html",
        board=board,
        heat=_heat(board, units, since, until, open_=open_),
        whole=sum(one.seconds for one in board.items),
        asked={"from": registered_from, "to": registered_to, "open": open_},
        phases=_phases(board.items),
    )


@router.get("/holdings/cases", operation_id="boards_held_cases")
async def behind(
    visit: Here,
    held: Annotated[HeldCases, Depends(held_cases)],
    cause: Annotated[Cause, Query()],
    limit: Annotated[int, Query()] = 50,
) -> HTMLResponse:
    """The cases behind one cell, the longest held first."""
    return visit.page(
        "holdings_cases.html",
        held=held,
        limit=limit,
        asked=visit.request.query_params,
        cause=cause,
        units=await visit.unit_names(),
    )


def _start(day: date | None, after: int = 0) -> datetime | None:
    return datetime.combine(day, time(), SHANGHAI) + timedelta(days=after) if day else None


def _heat(
    board: HoldingBoard,
    units: Mapping[UnitCode, str],
    since: datetime | None,
    until: datetime | None,
    *,
    open_: bool,
) -> Heat:
    """The units with the longest time first, the causes in the order of a case's life."""
    sums = {(one.holder, one.cause): one for one in board.items}
    whole = {
        holder: sum(one.seconds for one in board.items if one.holder == holder) for holder, _cause in sums
    }
    holders = sorted(whole, key=lambda holder: -whole[holder])
    causes = [cause for cause in Cause if any(found == cause for _holder, found in sums)]

    def cell(holder: str, cause: Cause) -> Cell:
        one = sums.get((holder, cause))
        if one is None:
            return Cell("")
        link = to(
            "/holdings/cases", holder=holder, cause=cause, since=since, until=until, open_=open_, limit=_MOST
        )
        return Cell(span(one.seconds), link)

    return Heat(
        "各单位各环节的持有时长",
        rows=[units.get(UnitCode(holder), holder) for holder in holders],
        columns=[cause.label for cause in causes],
        amounts=[
            [one.seconds if (one := sums.get((holder, cause))) else 0 for cause in causes]
            for holder in holders
        ],
        cells=[[cell(holder, cause) for cause in causes] for holder in holders],
    )


def _phases(sums: Iterable[HeldSumView]) -> list[tuple[str, float]]:
    """How long cases were in each phase, in the order of a case's life."""
    told = [*sums]
    return [
        (phase.label, sum(one.seconds for one in told if one.phase == phase))
        for phase in dict.fromkeys(PHASE_OF_CAUSE.values())
    ]

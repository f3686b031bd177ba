"""The timer board (时限板): what fires next, what is missed, stands still and has fired, by unit and rung."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from api.boards import TimerBoard
from api.routers.boards import timers
from console.visit import Here

router = APIRouter()


@router.get("/timers", operation_id="boards_timers")
async def board(visit: Here, board: Annotated[TimerBoard, Depends(timers)]) -> HTMLResponse:
    """The counts; each leads to its alarms."""
    return visit.page(
        "timers_parts.html" if visit.is_part else "timers.html",
        board=board,
        units=await visit.unit_names(),
        asked=visit.request.query_params,
    )

"""Supervision in lists (督办措施): orders, cards, interviews and notices by what is still to be done, the points they cost, and proposals."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import Depends
from fastapi.responses import HTMLResponse

from api.address import AddressDep
from api.parts import Part
from api.proposals import Decline, ProposalPage, TakeUp
from api.routers.supervision import MeasureList, decline, measures, points, proposals, take_up
from api.supervision import MeasurePage, PointsBoard
from console import sheets
from console.charts import Bars, Chart, Colour, Series
from console.links import to
from console.visit import Here
from hotline.identifiers import UnitCode
from hotline.vocabulary import ProposalState
from store.supervision import MeasureState, PointsBy

router = Part()

LISTS: Final = {
    MeasureList.ORDERS: "督办单",
    MeasureList.CARDS: "黄红牌",
    MeasureList.URGES: "催办单",
    MeasureList.INTERVIEWS: "约谈",
    MeasureList.NOTICES: "通报",
    MeasureList.LISTINGS: "挂牌督办",
    MeasureList.DEDUCTIONS: "退单记分",
}
"""The lists as their tabs say them, the ones that wait for somebody first."""

STATES: Final = {
    MeasureState.AWAITS_ANSWER: "待答复",
    MeasureState.AWAITS_REVIEW: "答复待审核",
    MeasureState.UNDER_APPEAL: "申诉中",
    MeasureState.AWAITS_APPROVAL: "待审批公开",
    MeasureState.REVERSED: "申诉成立",
}
"""What is still to be done about a measure."""

_TAKE_UP: Final = "采纳提请"
_DECLINE: Final = "不予采纳"


@router.get("/measures/points", operation_id="supervision_points")
async def charged(
    visit: Here, board: Annotated[PointsBoard, Depends(points)], by: PointsBy = PointsBy.UNIT
) -> HTMLResponse:
    """What cards cost each unit or person within a year."""
    units = await visit.unit_names()
    return visit.page(
        "points.html", board=board, by=by, units=units, chart=_points(board, units), lists=LISTS, to=to
    )


@router.get("/measures/{listed}", operation_id="supervision_measures")
async def shown(
    visit: Here, listed: MeasureList, page: Annotated[MeasurePage, Depends(measures)]
) -> HTMLResponse:
    """One kind of measure, narrowed by unit and by what is still to be done."""
    return visit.page(
        "measures_rows.html" if visit.is_part else "measures.html",
        page=page,
        listed=listed,
        lists=LISTS,
        states=STATES,
        asked=visit.request.query_params,
        more=visit.request.url.include_query_params(cursor=page.next_cursor).query,
        units=await visit.unit_names(),
    )


@router.get("/proposals", operation_id="supervision_proposals")
async def proposed(
    visit: Here,
    page: Annotated[ProposalPage, Depends(proposals)],
    state: ProposalState | None = None,
) -> HTMLResponse:
    """What several measures on one unit led to, and what was decided."""
    return visit.page(
        "proposals_rows.html" if visit.is_part else "proposals.html",
        page=page,
        state=state,
        states=list(ProposalState),
        more=visit.request.url.include_query_params(cursor=page.next_cursor).query,
        units=await visit.unit_names(),
    )


@router.get("/proposals/{proposal_no}/take-up", operation_id="supervision_take_up")
async def ask_to_take_up(visit: Here, proposal_no: str) -> HTMLResponse:
    """Which measure answers it, and why."""
    return sheets.ask(visit, _taking_up(proposal_no))


@router.post("/proposals/{proposal_no}/take-up", operation_id="supervision_take_up")
async def take_it_up(visit: Here, proposal_no: str, address: AddressDep) -> HTMLResponse:
    """Name the measure that answers the proposal."""

    async def taken_up(sent: sheets.Sent[TakeUp]) -> HTMLResponse:
        await take_up(proposal_no, sent.form, address, visit.actor, visit.services)
        return sheets.done(visit, _TAKE_UP)

    return await sheets.take(visit, _taking_up(proposal_no), taken_up)


def _taking_up(number: str) -> sheets.Sheet[TakeUp]:
    return sheets.Sheet(f"/proposals/{number}/take-up", _TAKE_UP, TakeUp, number)


@router.get("/proposals/{proposal_no}/decline", operation_id="supervision_decline")
async def ask_to_decline(visit: Here, proposal_no: str) -> HTMLResponse:
    """Why nothing more is called for."""
    return sheets.ask(visit, _declining(proposal_no))


@router.post("/proposals/{proposal_no}/decline", operation_id="supervision_decline")
async def decline_it(visit: Here, proposal_no: str, address: AddressDep) -> HTMLResponse:
    """Find that nothing more is called for."""

    async def declined(sent: sheets.Sent[Decline]) -> HTMLResponse:
        await decline(proposal_no, sent.form, address, visit.actor, visit.services)
        return sheets.done(visit, _DECLINE)

    return await sheets.take(visit, _declining(proposal_no), declined)


def _declining(number: str) -> sheets.Sheet[Decline]:
    return sheets.Sheet(f"/proposals/{number}/decline", _DECLINE, Decline, number)


def _points(board: PointsBoard, units: Mapping[UnitCode, str]) -> Chart:
    most = board.items[:12]
    return Bars(
        "督办记分",
        labels=[units.get(UnitCode(one.code), one.code) for one in most],
        series=(Series("记分", [one.points for one in most], Colour.ORANGE),),
        lying=True,
    )

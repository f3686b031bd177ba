"""Supervision (督办措施): of one case, in lists, and as points per unit and person."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final

from fastapi import Path, Query
from pydantic import TypeAdapter

from api.address import AddressDep
from api.deps import ActorDep, CaseNoDep, ServicesDep
from api.errors import responses
from api.examples import as_body
from api.parts import Operations
from api.proposals import (
    DECLINED,
    TAKEN_UP,
    Decline,
    ProposalPage,
    ProposalView,
    TakeUp,
    decide_on_proposal,
    proposal_page,
)
from api.supervision import (
    MeasurePage,
    MeasureView,
    PointsBoard,
    PointsView,
    SupervisionOfCase,
    supervision_of,
)
from hotline.identifiers import MeasureNo, UnitCode
from hotline.model import Instant
from hotline.vocabulary import MeasureKind, ProposalState
from store.cursor import cursor_of, place_of
from store.scope import addressed_to
from store.supervision import MeasureQuestion, MeasureState, PointsBy, list_measures, sum_points

router = Operations(tags=["supervision"], responses=responses(401))

ProposalNoPath = Annotated[
    str, Path(max_length=120, description="提请编号", examples=["LD202611-U120-red_cards"])
]
_PLACE: Final = TypeAdapter(tuple[Instant, str])


class MeasureList(StrEnum):
    """The lists, as a path names them."""

    URGES = "urges"
    ORDERS = "orders"
    CARDS = "cards"
    INTERVIEWS = "interviews"
    NOTICES = "notices"
    LISTINGS = "listings"
    DEDUCTIONS = "deductions"


_KINDS: Final = {
    MeasureList.URGES: MeasureKind.URGE,
    MeasureList.ORDERS: MeasureKind.ORDER,
    MeasureList.CARDS: MeasureKind.CARD,
    MeasureList.INTERVIEWS: MeasureKind.INTERVIEW,
    MeasureList.NOTICES: MeasureKind.NOTICE,
    MeasureList.LISTINGS: MeasureKind.LISTING,
    MeasureList.DEDUCTIONS: MeasureKind.DEDUCTION,
}


@router.get("/cases/{case_no}/supervision", summary="督办经过", responses=responses(404))
async def of_case(case_no: CaseNoDep, actor: ActorDep, services: ServicesDep) -> SupervisionOfCase:
    """What climbed and why, and what can be answered or appealed until when."""
    return await supervision_of(services, actor, case_no)


@router.get("/supervision/points", summary="督办记分")
async def points(
    actor: ActorDep,
    services: ServicesDep,
    by: Annotated[PointsBy, Query(description="按单位或者按人")] = PointsBy.UNIT,
    since: Annotated[Instant | None, Query(description="缺省为 365 天前")] = None,
    until: Annotated[Instant | None, Query(description="缺省为现在")] = None,
) -> PointsBoard:
    """What cards cost each unit or person; a card whose appeal was upheld costs nothing."""
    ends_at = until or services.now()
    begins_at = since or ends_at - timedelta(days=365)
    async with services.database.read() as session:
        lines = await sum_points(session, addressed_to(actor), by=by, since=begins_at, until=ends_at)
    return PointsBoard(since=begins_at, until=ends_at, items=[PointsView.of(line) for line in lines])


@router.get("/supervision/proposals", summary="联动提请", responses=responses(403))
async def proposals(
    actor: ActorDep,
    services: ServicesDep,
    state: Annotated[ProposalState | None, Query(description="处理状态")] = None,
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="每页条数")] = 50,
) -> ProposalPage:
    """What several measures on one unit led to, whichever cases they are of, the newest first."""
    return await proposal_page(services, actor, state, cursor=cursor, limit=limit)


@router.post(
    "/supervision/proposals/{proposal_no}/take-up",
    summary="采纳联动提请",
    responses=responses(403, 404, 409),
    openapi_extra=as_body(TAKEN_UP),
)
async def take_up(
    proposal_no: ProposalNoPath, body: TakeUp, address: AddressDep, actor: ActorDep, services: ServicesDep
) -> ProposalView:
    """Name the measure that answers the proposal; it is issued on a case first, as any other."""
    measure = MeasureNo(body.measure)
    return await decide_on_proposal(services, actor, proposal_no, body.reason, measure, address=address)


@router.post(
    "/supervision/proposals/{proposal_no}/decline",
    summary="不予采纳联动提请",
    responses=responses(403, 404, 409),
    openapi_extra=as_body(DECLINED),
)
async def decline(
    proposal_no: ProposalNoPath, body: Decline, address: AddressDep, actor: ActorDep, services: ServicesDep
) -> ProposalView:
    """Find, with a reason, that nothing more is called for."""
    return await decide_on_proposal(services, actor, proposal_no, body.reason, None, address=address)


@router.get("/supervision/{listed}", summary="督办措施清单")
async def measures(
    listed: MeasureList,
    actor: ActorDep,
    services: ServicesDep,
    unit: Annotated[str | None, Query(pattern=r"^[\w.-]{1,64}$", description="责任单位代码")] = None,
    state: Annotated[MeasureState | None, Query(description="还需办理什么")] = None,
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="每页条数")] = 50,
) -> MeasurePage:
    """Urges, orders, cards, interviews or notices, the newest first."""
    question = MeasureQuestion(kind=_KINDS[listed], unit=UnitCode(unit) if unit else None, state=state)
    before = place_of(cursor, _PLACE) if cursor else None
    async with services.database.read() as session:
        rows = await list_measures(session, addressed_to(actor), question, before=before, limit=limit)
    last = rows[-1] if len(rows) == limit else None
    following = cursor_of((last.issued_at, last.number)) if last else None
    return MeasurePage(items=[MeasureView.of(row) for row in rows], next_cursor=following)

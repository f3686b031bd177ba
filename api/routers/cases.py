"""Cases as lists, as a page and as a ledger (工单查询): PostgreSQL alone answers, scoped by who asks."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import ActorDep, CaseNoDep, ServicesDep
from api.errors import not_found, responses
from api.reading import case_page, case_view, fact_page, past_view
from api.schemas import CasePageView, CaseView, FactPage
from hotline.identifiers import UnitCode
from hotline.model import Instant
from hotline.refusals import GuardFailed
from hotline.vocabulary import Phase, RequestType, Status
from store.cases import CaseFilters

router = APIRouter(tags=["cases"])
PAGE_LIMIT = 200


@router.get("/cases", summary="工单列表", responses=responses(401))
async def list_cases(  # one parameter per filter, as the query string has them
    actor: ActorDep,
    services: ServicesDep,
    status: Annotated[list[Status] | None, Query(description="状态，可重复")] = None,
    phase: Annotated[Phase | None, Query(description="阶段")] = None,
    type_: Annotated[RequestType | None, Query(alias="type", description="诉求类型")] = None,
    unit: Annotated[str | None, Query(pattern=r"^[\w.-]{1,64}$", description="主办或者协办单位代码")] = None,
    open_: Annotated[bool | None, Query(alias="open", description="是否在办")] = None,
    due_before: Annotated[Instant | None, Query(description="最近时限早于此刻")] = None,
    overdue: Annotated[bool | None, Query(description="是否超期")] = None,
    caller_hash: Annotated[
        str | None, Query(pattern=r"^[0-9a-f]{64}$", description="诉求人电话的密钥摘要")
    ] = None,
    text: Annotated[str | None, Query(max_length=200, description="全文检索，每个词至少两个字")] = None,
    order: Annotated[
        str, Query(pattern="^(newest|due)$", description="`newest` 按登记时间倒序，`due` 按最近时限")
    ] = "newest",
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT, description="每页条数")] = 50,
) -> CasePageView:
    """Newest first or by due instant; `next_cursor` leads to the next page."""
    filters = CaseFilters.model_validate(
        {
            "status": tuple(status or ()),
            "phase": phase,
            "type": type_,
            "unit": UnitCode(unit) if unit else None,
            "is_open": open_,
            "due_before": due_before,
            "overdue": overdue,
            "caller_hash": caller_hash,
            "text": text,
            "order": order,
        }
    )
    return await case_page(services, actor, filters, cursor=cursor, limit=limit)


@router.get("/cases/{case_no}", summary="工单", responses=responses(401, 404))
async def one_case(
    case_no: CaseNoDep,
    actor: ActorDep,
    services: ServicesDep,
    at: Annotated[
        Instant | None,
        Query(description="工单时间机：当时的状态、持有单位和时限，由台账推算"),
    ] = None,
) -> CaseView:
    """State, texts, explained clocks, and what the caller may do next; or all that as of a past instant."""
    if at is None:
        return await case_view(services, actor, case_no)
    if at > services.now():
        raise GuardFailed("instant_in_future", "只能查询已经过去的时刻", field="at")
    view = await past_view(services, actor, case_no, at)
    if view is None:
        raise not_found()
    return view


@router.get("/cases/{case_no}/facts", summary="工单台账", responses=responses(401, 404))
async def facts(
    case_no: CaseNoDep,
    actor: ActorDep,
    services: ServicesDep,
    after: Annotated[int, Query(ge=0, le=1_000_000, description="从此序号之后开始")] = 0,
    limit: Annotated[int, Query(ge=1, le=500, description="每页条数")] = 200,
) -> FactPage:
    """Everything that was decided, in order, with the texts it refers to."""
    return await fact_page(services, actor, case_no, after=after, limit=limit)

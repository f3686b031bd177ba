"""Cases as lists, as a page and as a ledger (工单查询): PostgreSQL alone answers, scoped by who asks."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.deps import ActorDep, CaseNoDep, ServicesDep
from api.errors import not_found, responses
from api.reading import case_page, case_view, fact_page
from api.schemas import CasePageView, CaseView, FactPage
from hotline.identifiers import UnitCode
from hotline.vocabulary import Phase, RequestType, Status
from store.cases import CaseFilters

router = APIRouter(tags=["cases"])
PAGE_LIMIT = 200


@router.get("/cases", summary="工单列表", responses=responses(401, 422, 503))
async def list_cases(  # one parameter per filter, as the query string has them
    actor: ActorDep,
    services: ServicesDep,
    status: Annotated[list[Status] | None, Query()] = None,
    phase: Phase | None = None,
    type_: Annotated[RequestType | None, Query(alias="type")] = None,
    unit: Annotated[str | None, Query(max_length=64)] = None,
    open_: Annotated[bool | None, Query(alias="open")] = None,
    due_before: AwareDatetime | None = None,
    overdue: bool | None = None,
    caller_hash: Annotated[str | None, Query(pattern=r"^[0-9a-f]{64}$")] = None,
    text: Annotated[str | None, Query(max_length=200, description="全文检索，每个词至少两个字")] = None,
    order: Annotated[str, Query(pattern="^(newest|due)$")] = "newest",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
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


@router.get("/cases/{case_no}", summary="工单", responses=responses(401, 404, 503))
async def one_case(case_no: CaseNoDep, actor: ActorDep, services: ServicesDep) -> CaseView:
    """State, texts, explained clocks, and what the caller may do next."""
    view = await case_view(services, actor, case_no)
    if view is None:
        raise not_found()
    return view


@router.get("/cases/{case_no}/facts", summary="工单台账", responses=responses(401, 404, 503))
async def facts(
    case_no: CaseNoDep,
    actor: ActorDep,
    services: ServicesDep,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> FactPage:
    """Everything that was decided, in order, with the texts it refers to."""
    page = await fact_page(services, actor, case_no, after=after, limit=limit)
    if page is None:
        raise not_found()
    return page

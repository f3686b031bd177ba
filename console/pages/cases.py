"""Lists of cases (工单列表): the list of the API with its filters, as a page and as each role's own work."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from api.routers.cases import list_cases
from api.schemas import CasePageView
from console.visit import Here
from hotline.vocabulary import Phase, RequestType, Status

router = APIRouter()

Listed = Annotated[CasePageView, Depends(list_cases)]


@router.get("/cases", operation_id="cases_list_cases")
async def listed(visit: Here, page: Listed) -> HTMLResponse:
    """Every case that the caller may know of, narrowed by the same filters as the API's list."""
    return visit.page(
        "cases_rows.html" if visit.is_part else "cases.html",
        page=page,
        asked=visit.request.query_params,
        more=visit.request.url.include_query_params(cursor=page.next_cursor).query,
        units=await visit.unit_names(),
        statuses=list(Status),
        phases=list(Phase),
        types=list(RequestType),
    )

"""Cases as lists, as a page and as a ledger (工单查询): PostgreSQL alone answers, scoped by who asks."""

from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import Query, Response
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

from api.address import AddressDep
from api.columns import CaseColumn
from api.deps import ActorDep, AsOf, CaseNoDep, ServicesDep
from api.errors import not_found, responses
from api.exporting import CSV, XLSX, Exported, Form, export_cases
from api.filters import FiltersDep
from api.parts import Operations
from api.reading import case_page, case_view, fact_page, past_view
from api.schemas import CasePageView, CaseView, FactPage

router = Operations(tags=["cases"])
PAGE_LIMIT: Final = 1000
"""More than anybody reads, so that a page which has grown can be asked for anew as a whole."""

_CHUNK: Final = 65_536


@router.get("/cases", summary="工单列表", responses=responses(401))
async def list_cases(
    actor: ActorDep,
    services: ServicesDep,
    filters: FiltersDep,
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT, description="每页条数")] = 50,
) -> CasePageView:
    """Newest first or by due instant; `next_cursor` leads to the next page."""
    return await case_page(services, actor, filters, cursor=cursor, limit=limit)


@router.get(
    "/cases/export",
    summary="导出工单列表",
    response_class=Response,
    responses=responses(401, 403) | {200: {"description": "文件", "content": {XLSX: {}, CSV: {}}}},
)
async def export(
    actor: ActorDep,
    services: ServicesDep,
    address: AddressDep,
    filters: FiltersDep,
    columns: Annotated[list[CaseColumn] | None, Query(description="列，可重复；缺省为常用各列")] = None,
    form: Annotated[Form, Query(alias="format", description="文件格式")] = Form.XLSX,
) -> StreamingResponse:
    """What the list shows, as a file, of the same filters and scope: at most 10,000 cases.

    `X-Rows` says how many, `X-Truncated` whether there were more. Titles are without names and numbers of
    people; the export is recorded in the trail.
    """
    made = await export_cases(services, actor, filters, columns, form, address=address)
    return StreamingResponse(
        _read(made),
        media_type=made.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{made.name}"',
            "X-Rows": str(made.rows),
            "X-Truncated": str(made.truncated).lower(),
        },
        background=BackgroundTask(made.file.close),
    )


def _read(made: Exported) -> Iterator[bytes]:
    while chunk := made.file.read(_CHUNK):
        yield chunk


@router.get("/cases/{case_no}", summary="工单", responses=responses(401, 404))
async def one_case(case_no: CaseNoDep, actor: ActorDep, services: ServicesDep, at: AsOf = None) -> CaseView:
    """State, texts, explained clocks, and what the caller may do next; or all that as of a past instant."""
    if at is None:
        return await case_view(services, actor, case_no)
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

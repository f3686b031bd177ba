"""The revisit desk (回访队列): what is to be asked, what waits for an answer by message, what is to be asked again."""

from typing import Annotated

from fastapi import Query

from api.deps import ActorDep, CaseNoDep, ServicesDep
from api.errors import responses
from api.parts import Operations
from api.revisits import RevisitPage, RevisitView, revisit_of, revisit_page
from store.revisits import RevisitQueue

router = Operations(tags=["revisits"], responses=responses(401, 403))


@router.get("/revisits", summary="回访队列")
async def queue(
    actor: ActorDep,
    services: ServicesDep,
    queue: Annotated[
        RevisitQueue,
        Query(description="`to_ask` 待回访，`window` 等待短信评价，`again` 待二次回访"),
    ] = RevisitQueue.TO_ASK,
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="每页条数")] = 50,
) -> RevisitPage:
    """Attempts made and left, when the next may be made, and until when; the next due first."""
    return await revisit_page(services, actor, queue, cursor=cursor, limit=limit)


@router.get("/cases/{case_no}/revisit", summary="工单的回访情况", responses=responses(404))
async def of_case(case_no: CaseNoDep, actor: ActorDep, services: ServicesDep) -> RevisitView:
    """Attempts, earlier answers, and what the caller may record now."""
    return await revisit_of(services, actor, case_no)

"""One's own work (待办): the groups of units and dispatchers, counted and listed."""

from typing import Annotated

from fastapi import Query

from api.deps import ActorDep, ServicesDep
from api.errors import responses
from api.parts import Operations
from api.work import LIMIT, WorkBoard, WorkPage, work_board, work_page
from hotline.work import WorkGroup

router = Operations(tags=["work"], responses=responses(401, 403))


@router.get("/work", summary="待办数量")
async def counts(actor: ActorDep, services: ServicesDep) -> WorkBoard:
    """How many cases wait in each group of one's role; a case may be in several."""
    return await work_board(services, actor)


@router.get("/work/{group}", summary="待办工单", responses=responses(404))
async def listed(
    group: WorkGroup,
    actor: ActorDep,
    services: ServicesDep,
    limit: Annotated[int, Query(ge=1, le=LIMIT, description="条数")] = 50,
) -> WorkPage:
    """The cases of a group with the clock that presses and what is left of it in working time."""
    return await work_page(services, actor, group, limit=limit)

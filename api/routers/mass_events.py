"""Mass events (群体性诉求): bursts, what is behind them, and building a mass event from chosen cases."""

from typing import Annotated, Final

from fastapi import Path, Query
from pydantic import TypeAdapter

from api.bulk import BulkResults
from api.deps import ActorDep, CaseNoDep, IdempotencyKey, ServicesDep
from api.errors import responses
from api.examples import as_body
from api.mass_events import (
    Building,
    BurstCases,
    BurstForm,
    BurstPage,
    BurstView,
    MassEventForm,
    MassEventView,
    build,
    burst_cases,
    burst_not_found,
    mass_event_not_found,
    mass_event_of,
)
from api.parts import Operations
from api.sight import scope_of
from store.bursts import cases_of_burst, list_bursts, settle_burst
from store.cursor import cursor_of, place_of

router = Operations(tags=["mass"], responses=responses(401, 403))

_PLACE: Final = TypeAdapter(tuple[int])
_EXAMPLE: Final = {"members": ["261120103000010001"], "reason": "同一工地夜间施工，多人反映"}

BurstId = Annotated[int, Path(ge=1, le=2**62, description="聚集预警编号")]


@router.get("/bursts", summary="聚集预警")
async def bursts(
    actor: ActorDep,
    services: ServicesDep,
    unsettled: Annotated[bool, Query(description="只看尚未处理的")] = True,
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="每页条数")] = 50,
) -> BurstPage:
    """Many different callers on one matter in one place within days, the newest first."""
    before = place_of(cursor, _PLACE)[0] if cursor else None
    async with services.database.read() as session:
        found = await list_bursts(session, scope_of(actor), unsettled=unsettled, before=before, limit=limit)
    following = cursor_of((found[-1].burst_id,)) if len(found) == limit else None
    return BurstPage(items=[BurstView.of(burst) for burst in found], next_cursor=following)


@router.get("/bursts/{burst_id}/cases", summary="聚集预警之下的工单", responses=responses(404))
async def behind(burst_id: BurstId, actor: ActorDep, services: ServicesDep) -> BurstCases:
    """The cases of a burst, the oldest first, to choose from."""
    return await burst_cases(services, actor, burst_id)


@router.post(
    "/bursts/{burst_id}/settle",
    summary="处理聚集预警",
    status_code=204,
    responses=responses(404),
    openapi_extra=as_body({"ground": "unrelated"}),
)
async def settle(burst_id: BurstId, body: BurstForm, actor: ActorDep, services: ServicesDep) -> None:
    """Say how a burst was dealt with; the first word stands, and is in the audit trail."""
    async with services.database.write() as session:
        if not await cases_of_burst(session, scope_of(actor), burst_id):
            raise burst_not_found()
        await settle_burst(session, burst_id, body.ground, by=actor, at=services.now())


@router.get("/cases/{case_no}/mass-event", summary="群体性诉求进展", responses=responses(404))
async def stands(case_no: CaseNoDep, actor: ActorDep, services: ServicesDep) -> MassEventView:
    """How many callers there are, how many were revisited, and how many are satisfied."""
    found = await mass_event_of(services, actor, case_no)
    if found is None:
        raise mass_event_not_found()
    return found


@router.post(
    "/cases/{case_no}/mass-event",
    summary="建立或者扩充群体性诉求",
    responses=responses(404, 409),
    openapi_extra=as_body(_EXAMPLE),
)
async def build_one(
    case_no: CaseNoDep,
    body: MassEventForm,
    actor: ActorDep,
    services: ServicesDep,
    key: IdempotencyKey = None,
) -> BulkResults:
    """Join the chosen cases to this one; every caller is kept and revisited. A result per row."""
    return await build(services, Building(case_no, body, actor, key))

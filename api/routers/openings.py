"""Opening sealed data, and what was opened (开启密件)."""

from types import MappingProxyType
from typing import Annotated, Any, Final

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from api.address import AddressDep
from api.deps import ActorDep, CaseNoDep, ServicesDep
from api.errors import responses
from api.examples import as_body
from api.forms import Text
from api.opening import open_caller as opened
from api.opening import openings
from api.parts import Operations
from api.schemas import OpenedCallerView, OpeningPage
from hotline.model import Instant
from store.trail import TrailFilters

router = Operations(tags=["openings"])
_REASON: Final[MappingProxyType[str, Any]] = MappingProxyType({"reason": "回访需要电话联系诉求人"})


class Opening(BaseModel):
    """Why sealed data has to be opened."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reason: Text = Field(repr=False, description="开启理由，供审计查阅")


@router.post(
    "/cases/{case_no}/caller/open",
    summary="开启诉求人信息",
    responses=responses(401, 403, 404, 410),
    openapi_extra=as_body(_REASON),
)
async def open_caller(
    case_no: CaseNoDep, opening: Opening, address: AddressDep, actor: ActorDep, services: ServicesDep
) -> OpenedCallerView:
    """Name, phone and address of who called, also in secret. Each opening is recorded with its reason."""
    return await opened(services, actor, case_no, opening.reason, address=address)


@router.get("/openings", summary="开启记录", responses=responses(401, 403))
async def list_openings(
    actor: ActorDep,  # noqa: ARG001  it lets in whom api/access.py names
    services: ServicesDep,
    case_no: Annotated[str | None, Query(pattern=r"^\d{18}$", description="工单编号")] = None,
    actor_id: Annotated[str | None, Query(pattern=r"^[\w.@-]{1,64}$", description="开启人员")] = None,
    since: Annotated[Instant | None, Query(description="不早于此刻")] = None,
    until: Annotated[Instant | None, Query(description="早于此刻")] = None,
    before: Annotated[int | None, Query(ge=1, description="上一页的 `next_before`")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="每页条数")] = 50,
) -> OpeningPage:
    """Who opened the data of which caller, when and why; newest first."""
    filters = TrailFilters.model_validate(
        {"case_no": case_no, "actor_id": actor_id, "since": since, "until": until}
    )
    return await openings(services, filters, before=before, limit=limit)

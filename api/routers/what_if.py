"""What if (假设推演): a past period under a draft or another revision."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from api.deps import ActorDep, ServicesDep
from api.errors import responses
from api.examples import as_body
from api.parts import Operations
from api.services import Services
from api.what_if import CaseWhatIfPage, Supposition, WhatIf, supposed
from api.what_if import what_if as added_up
from api.what_if import what_if_cases as listed
from hotline.model import Instant

router = Operations(tags=["policy"], responses=responses(401, 403))


class WhatIfForm(BaseModel):
    """Which period, and under which policy: a draft, or a published revision."""

    model_config = ConfigDict(extra="forbid")

    draft_id: str | None = Field(default=None, pattern=r"^[0-9a-f]{32}$", description="草案编号")
    revision: str | None = Field(
        default=None,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$",
        description="已发布的规则版本",
    )
    since: Instant = Field(description="登记时间自（含）")
    until: Instant = Field(description="登记时间至（不含），不超过 93 天")
    unit: str | None = Field(default=None, pattern=r"^[\w.-]{1,64}$", description="责任单位代码")
    cursor: str | None = Field(default=None, max_length=400, description="上一次的 `next_cursor`")


_EXAMPLE = {
    "revision": "default/3",
    "since": "2026-10-01T00:00:00+08:00",
    "until": "2026-11-01T00:00:00+08:00",
}


@router.post(
    "/policies/what-if",
    summary="假设推演：按单位汇总",
    responses=responses(404),
    openapi_extra=as_body(_EXAMPLE),
)
async def what_if(body: WhatIfForm, actor: ActorDep, services: ServicesDep) -> WhatIf:
    """What would have been late, fired and counted in a past period under another policy. Nothing is changed."""
    return await added_up(services, actor, await _supposed(services, body), cursor=body.cursor)


@router.post(
    "/policies/what-if/cases",
    summary="假设推演：逐件工单",
    responses=responses(404),
    openapi_extra=as_body(_EXAMPLE),
)
async def what_if_cases(
    body: WhatIfForm,
    actor: ActorDep,
    services: ServicesDep,
    limit: Annotated[int, Query(ge=1, le=500, description="每页件数")] = 100,
) -> CaseWhatIfPage:
    """The cases behind the sums: each clock and each row that would have been otherwise, and why."""
    asked = await _supposed(services, body)
    return await listed(services, actor, asked, cursor=body.cursor, limit=limit)


async def _supposed(services: Services, body: WhatIfForm) -> Supposition:
    return await supposed(
        services,
        draft_id=body.draft_id,
        revision=body.revision,
        since=body.since,
        until=body.until,
        unit=body.unit,
    )

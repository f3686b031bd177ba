"""Drafts of policy revisions (规则修订): drafted by one administrator, looked at by all, published by another."""

from typing import Annotated, Any, Final

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api.address import AddressDep
from api.deps import ActorDep, IdempotencyKey, ServicesDep
from api.drafts import (
    ClockMovePage,
    DraftList,
    DraftView,
    DryRun,
    Published,
    draw,
    dry_run_rows,
    every_draft,
    one_draft,
)
from api.drafts import dry_run as counted
from api.drafts import publish as published
from api.errors import responses
from api.examples import as_body
from api.parts import Operations
from api.rollouts import rollout_of
from store.rollouts import RolloutReport

router = Operations(tags=["policy"], responses=responses(401, 403))

_NOTICE: Final[dict[str, Any]] = {
    "revision": "default/2027",
    "notice": {
        "year": 2027,
        "papers": ["https://www.gov.cn/"],
        "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}],
    },
}

DraftId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="草案编号")]
Revision = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")]


class DraftForm(BaseModel):
    """A whole policy as TOML or JSON, or one year's holiday notice for the policy in force."""

    model_config = ConfigDict(extra="forbid")

    toml: Annotated[str, Field(max_length=200_000)] | None = Field(
        default=None, description="规则全文（TOML）；日历沿用 base"
    )
    # A draft is whatever somebody sent until it has been read.
    snapshot: dict[str, Any] | None = Field(
        default=None, description="规则全文（JSON），含日历，形如 /policies/active"
    )
    notice: dict[str, Any] | None = Field(default=None, description="放假安排，`{year}.json` 格式")
    base: Revision | None = Field(default=None, description="在哪个已发布版本上修订；缺省为现行版本")
    revision: Revision | None = Field(default=None, description="导入放假安排时的新规则版本号")
    calendar_revision: Revision | None = Field(default=None, description="新日历版本号；缺省与规则版本号相同")


@router.post("/policies/drafts", summary="起草规则修订", status_code=201, openapi_extra=as_body(_NOTICE))
async def draft(
    body: DraftForm,
    actor: ActorDep,
    services: ServicesDep,
    address: AddressDep,
    key: IdempotencyKey = None,
) -> DraftView:
    """Keep a draft and tell in what it differs from the policy in force. Nothing comes into force."""
    return await draw(services, actor, body.model_dump(), key=key, address=address)


@router.get("/policies/drafts", summary="规则草案")
async def list_drafts(_: ActorDep, services: ServicesDep) -> DraftList:
    """The latest hundred drafts, the newest first."""
    return await every_draft(services)


@router.get("/policies/drafts/{draft_id}", summary="规则草案及其与现行规则的差异", responses=responses(404))
async def one(draft_id: DraftId, _: ActorDep, services: ServicesDep) -> DraftView:
    """A draft, every line in which it differs from the policy in force, and every day that changes its kind."""
    return await one_draft(services, draft_id)


@router.get("/policies/drafts/{draft_id}/dry-run", summary="试算：按单位汇总", responses=responses(404))
async def dry_run(draft_id: DraftId, actor: ActorDep, services: ServicesDep) -> DryRun:
    """How many clocks of which unit would move, settle, or fire rungs at once. Nothing is changed."""
    return await counted(services, actor, draft_id)


@router.get("/policies/drafts/{draft_id}/dry-run/clocks", summary="试算：逐条时限", responses=responses(404))
async def dry_run_clocks(
    draft_id: DraftId,
    actor: ActorDep,
    services: ServicesDep,
    unit: Annotated[str | None, Query(pattern=r"^[\w.-]{1,64}$", description="责任单位代码")] = None,
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="每页条数")] = 100,
) -> ClockMovePage:
    """The clocks behind the sums, in the order of case numbers, each with both due instants."""
    return await dry_run_rows(services, actor, draft_id, unit=unit, cursor=cursor, limit=limit)


@router.post(
    "/policies/drafts/{draft_id}/publish",
    summary="发布规则修订（另一名管理员）",
    responses=responses(404, 409),
)
async def publish(
    draft_id: DraftId, actor: ActorDep, services: ServicesDep, address: AddressDep
) -> Published:
    """Put a draft in force for new cases. Its drafter may not; publishing it again tells the same."""
    return await published(services, actor, draft_id, address=address)


@router.get("/policies/{revision:path}/rollout", summary="规则换版进度", responses=responses(404))
async def rollout(
    revision: Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")],
    _: ActorDep,
    services: ServicesDep,
) -> RolloutReport:
    """How many living cases have taken a published revision, how many clocks moved, who refused, who is left."""
    return await rollout_of(services.database, revision)

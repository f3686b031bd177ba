"""Deliveries to outside channels (通知投递) as administrators see them: what was given up, and once more."""

from typing import Annotated, Any, Final, Self

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from api.address import AddressDep
from api.deps import PrincipalDep, ServicesDep
from api.errors import responses
from api.examples import as_body
from api.parts import Operations
from api.schemas import Instant, View
from hotline.model import Instant as AnyInstant
from hotline.vocabulary import DeliveryState, TrailEvent
from store import deliveries
from store.cursor import cursor_of, place_of
from store.deliveries import DeliveryLine
from store.trail import TrailEntry, record

router = Operations(tags=["notifications"], responses=responses(401, 403))

_PLACE: Final = TypeAdapter(tuple[AnyInstant, str])
CHANNEL: Final[dict[str, Any]] = {"channel": "mail"}
"""An example of what can be asked for."""

ChannelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$", description="渠道名称")]


class DeliveryView(View):
    """One delivery; what was said is in the inbox of whom it was for."""

    delivery_id: str
    notice_id: str
    case_no: str
    kind: str
    kind_label: str
    channel: str
    recipient: str = Field(description="账号，`unit:` 加单位代码，或者 `*` 表示全体")
    state: str
    state_label: str
    attempts: int
    created_at: Instant
    not_before: Instant
    settled_at: Instant | None
    failure: str | None = Field(description="`refused` 对方拒收，`timeout` 超时")

    @classmethod
    def of(cls, line: DeliveryLine) -> Self:
        """The view of a line."""
        return cls(**line.model_dump(), kind_label=line.kind.label, state_label=line.state.label)


class DeliveryPage(View):
    """Deliveries, the newest first."""

    items: list[DeliveryView]
    next_cursor: str | None = None


class BacklogView(View):
    """How far telling is behind."""

    untold: int = Field(description="尚未进入站内通知的")
    untold_since: Instant | None
    due: int = Field(description="已到投递时间而未投递的")
    due_since: Instant | None
    retrying: int = Field(description="投递失败后等待重试的")
    retrying_since: Instant | None
    failed: int = Field(description="多次失败后不再重试的")


class RetryRequest(BaseModel):
    """Which channel is to be tried again; without one, all."""

    model_config = ConfigDict(extra="forbid")

    channel: ChannelName | None = None


class DiscardRequest(BaseModel):
    """Which channel's undelivered messages are to rest."""

    model_config = ConfigDict(extra="forbid")

    channel: ChannelName


class Changed(View):
    """How many deliveries that was."""

    deliveries: int


@router.get("/notifications/deliveries", summary="通知投递清单")
async def listed(
    _: PrincipalDep,
    services: ServicesDep,
    state: Annotated[DeliveryState, Query(description="投递状态")] = DeliveryState.FAILED,
    channel: Annotated[str | None, Query(max_length=32, description="渠道名称")] = None,
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="每页条数")] = 50,
) -> DeliveryPage:
    """What is in one state; by default what was given up."""
    before = place_of(cursor, _PLACE) if cursor else None
    async with services.database.read() as session:
        lines = await deliveries.list_deliveries(
            session, state=state, channel=channel, before=before, limit=limit
        )
    last = lines[-1] if len(lines) == limit else None
    following = cursor_of((last.created_at, last.delivery_id)) if last else None
    return DeliveryPage(items=[DeliveryView.of(line) for line in lines], next_cursor=following)


@router.get("/notifications/backlog", summary="通知积压")
async def backlog(_: PrincipalDep, services: ServicesDep) -> BacklogView:
    """How much is untold, due, being retried or given up, and since when."""
    async with services.database.read() as session:
        found = await deliveries.backlog(session, now=services.now())
    return BacklogView(**found.model_dump())


@router.post("/notifications/retry", summary="重新投递", openapi_extra=as_body(CHANNEL))
async def retry(
    body: RetryRequest, principal: PrincipalDep, services: ServicesDep, address: AddressDep
) -> Changed:
    """Try again what was given up, under the ids it had: who has received one knows it again."""
    async with services.database.write() as session:
        changed = await deliveries.retry_failed(session, channel=body.channel, at=services.now())
        entry = TrailEntry(
            at=services.now(),
            event=TrailEvent.DELIVERIES_RETRIED,
            actor=principal.actor,
            subject=body.channel,
            address=address,
            detail={"deliveries": changed},
        )
        await record(session, entry)
    return Changed(deliveries=changed)


@router.post("/notifications/discard", summary="放弃投递", openapi_extra=as_body(CHANNEL))
async def discard(
    body: DiscardRequest, principal: PrincipalDep, services: ServicesDep, address: AddressDep
) -> Changed:
    """Let what a channel has not delivered rest; inboxes have it all the same."""
    async with services.database.write() as session:
        changed = await deliveries.discard(session, body.channel, at=services.now())
        entry = TrailEntry(
            at=services.now(),
            event=TrailEvent.DELIVERIES_DISCARDED,
            actor=principal.actor,
            subject=body.channel,
            address=address,
            detail={"deliveries": changed},
        )
        await record(session, entry)
    return Changed(deliveries=changed)

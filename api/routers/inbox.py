"""One's own inbox (站内通知): what facts came to for oneself, read marks, and which outside channels one wants."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Self

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from api.deps import ActorDep, ServicesDep
from api.errors import ApiError, responses
from api.examples import as_body
from api.parts import Operations
from api.schemas import Instant, View
from hotline.case import Actor
from hotline.identifiers import NoticeId
from hotline.model import Instant as AnyInstant
from hotline.refusals import GuardFailed
from runtime.channels import Channel, Reach
from store.cursor import cursor_of, place_of
from store.deliveries import mute, muted_by
from store.notices import InboxLine, count_unread, list_inbox, mark_read
from store.scope import visible_to

router = Operations(tags=["inbox"], responses=responses(401, 403))

_PLACE: Final = TypeAdapter(tuple[AnyInstant, str])
READ: Final[dict[str, Any]] = {"until": "2026-11-23T09:00:00+08:00"}
"""An example of marking everything that one has seen as read."""


class NoticeView(View):
    """One notice."""

    notice_id: str = Field(examples=["261120103000010001-12-rung"])
    case_no: str = Field(description="点击打开的工单")
    kind: str
    kind_label: str
    at: Instant
    text: str
    urgent: bool
    read_at: Instant | None

    @classmethod
    def of(cls, line: InboxLine) -> Self:
        """The view of a line."""
        told = line.model_dump(exclude={"is_urgent"})
        return cls(**told, kind_label=line.kind.label, urgent=line.is_urgent)


class NoticePage(View):
    """Notices, the newest first."""

    items: list[NoticeView]
    next_cursor: str | None = None


class Unread(View):
    """How many notices one has not read."""

    unread: int


class Marked(View):
    """How many notices were marked as read just now."""

    marked: int


class ReadRequest(BaseModel):
    """Up to when everything is to be marked as read: the newest notice that one has seen."""

    model_config = ConfigDict(extra="forbid")

    until: AnyInstant


class ChannelView(View):
    """An outside channel that may tell oneself."""

    channel: str
    on: bool
    mandatory: bool = Field(description="规定必须接收，不能关闭")
    shared: bool = Field(description="本单位或全体共用，不能单独关闭")


class ChannelList(View):
    """The outside channels that are for oneself."""

    items: list[ChannelView]


class ChannelChoice(BaseModel):
    """Whether one wants a channel."""

    model_config = ConfigDict(extra="forbid")

    on: bool


@router.get("/inbox", summary="站内通知")
async def listed(
    actor: ActorDep,
    services: ServicesDep,
    unread: Annotated[bool, Query(description="只列未读")] = False,
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="每页条数")] = 50,
) -> NoticePage:
    """What one was told, of the cases that one may still know of."""
    before: tuple[datetime, str] | None = place_of(cursor, _PLACE) if cursor else None
    async with services.database.read() as session:
        lines = await list_inbox(
            session, visible_to(actor), actor.user_id, unread_only=unread, before=before, limit=limit
        )
    last = lines[-1] if len(lines) == limit else None
    following = cursor_of((last.at, last.notice_id)) if last else None
    return NoticePage(items=[NoticeView.of(line) for line in lines], next_cursor=following)


@router.get("/inbox/unread", summary="未读通知数")
async def unread(actor: ActorDep, services: ServicesDep) -> Unread:
    """How many there are; the live stream says `inbox` when to ask again."""
    async with services.database.read() as session:
        return Unread(unread=await count_unread(session, visible_to(actor), actor.user_id))


@router.post("/inbox/read", summary="全部标为已读", openapi_extra=as_body(READ))
async def read_all(body: ReadRequest, actor: ActorDep, services: ServicesDep) -> Marked:
    """Mark everything as read that came up to an instant; what came later stays unread."""
    async with services.database.write() as session:
        marked = await mark_read(
            session, visible_to(actor), actor.user_id, at=services.now(), until=body.until
        )
    return Marked(marked=marked or 0)


@router.post("/inbox/{notice_id}/read", summary="标为已读", responses=responses(404))
async def read_one(notice_id: str, actor: ActorDep, services: ServicesDep) -> Marked:
    """Mark one notice as read; again is the same."""
    async with services.database.write() as session:
        marked = await mark_read(
            session, visible_to(actor), actor.user_id, at=services.now(), only=NoticeId(notice_id)
        )
    if marked is None:
        raise ApiError(404, "notice_not_found", "没有找到该通知")
    return Marked(marked=marked)


@router.get("/inbox/channels", summary="对外通知渠道")
async def channels(actor: ActorDep, services: ServicesDep) -> ChannelList:
    """Which outside channels are for oneself, and which of them one has turned off."""
    async with services.database.read() as session:
        off = await muted_by(session, actor.user_id)
    offered = _channels_for(services.outside.channels, actor)
    return ChannelList(
        items=[
            ChannelView(
                channel=name,
                on=channel.mandatory or channel.reach is not Reach.PERSON or name not in off,
                mandatory=channel.mandatory,
                shared=channel.reach is not Reach.PERSON,
            )
            for name, channel in offered.items()
        ]
    )


@router.put(
    "/inbox/channels/{channel}",
    status_code=204,
    summary="开启或关闭对外通知渠道",
    responses=responses(404),
    openapi_extra=as_body({"on": False}),
)
async def choose(channel: str, body: ChannelChoice, actor: ActorDep, services: ServicesDep) -> None:
    """Turn a channel of one's own off or on again; the inbox has every notice all the same."""
    found = _channels_for(services.outside.channels, actor).get(channel)
    if found is None:
        raise ApiError(404, "channel_not_found", "没有这个通知渠道")
    if not body.on and (found.mandatory or found.reach is not Reach.PERSON):
        raise GuardFailed("channel_mandatory", "该渠道按规定必须接收或者由多人共用，不能关闭", field="on")
    async with services.database.write() as session:
        await mute(session, actor.user_id, channel, off=not body.on)


def _channels_for(every: Mapping[str, Channel], actor: Actor) -> dict[str, Channel]:
    return {name: channel for name, channel in every.items() if channel.is_for(actor)}

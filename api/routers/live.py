"""The live stream (SSE): every change of a case that the reader may see, as it is projected."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.deps import ActorDep, ServicesDep
from api.errors import responses
from store.live import Missed
from store.viewers import viewer

router = APIRouter(tags=["live"])


@router.get(
    "/live",
    summary="实时变化（SSE）",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {}}}, **responses(401)},
)
async def live(actor: ActorDep, services: ServicesDep, request: Request) -> EventSourceResponse:
    """`ready` once, then `case` per change with number, version and status; `reload` when some were lost."""
    async with services.database.read() as session:
        reader = await viewer(session, actor)

    async def events() -> AsyncIterator[ServerSentEvent]:
        async with services.live.subscribe(reader) as changes:
            yield ServerSentEvent(event="ready", data="{}")
            async for change in changes:
                if await request.is_disconnected():
                    return
                if isinstance(change, Missed):
                    yield ServerSentEvent(event="reload", data="{}")
                else:
                    yield ServerSentEvent(event="case", data=change.told())

    return EventSourceResponse(events(), ping=15)

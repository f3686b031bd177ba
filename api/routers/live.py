"""The live stream (SSE): every change of a case that the reader may see, as it is projected."""

from collections.abc import AsyncIterator
from datetime import timedelta

from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.deps import PrincipalDep, ServicesDep
from api.errors import responses
from api.live import EngineChange, Heard
from api.parts import Operations
from api.principal import is_still_in
from store.live import CaseChange, InboxChange, Missed
from store.viewers import viewer

router = Operations(tags=["live"])

_ASK_AGAIN_AFTER = timedelta(seconds=10)
"""How long somebody whose session was ended may hear on: a storm of changes is not a storm of questions."""


@router.get(
    "/live",
    summary="实时变化（SSE）",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {}}}, **responses(401)},
)
async def live(principal: PrincipalDep, services: ServicesDep, request: Request) -> EventSourceResponse:
    """`ready` once, then `case` per change with number, version and status; `reload` when some were lost.

    `inbox` says that there is something new in one's own inbox; `engine` with `attended`, that nobody serves cases
    any more, or somebody does again.

    It ends soon after the token or session that opened it, or when the account changes.
    """
    async with services.database.read() as session:
        reader = await viewer(session, principal.actor)

    async def events() -> AsyncIterator[ServerSentEvent]:
        async with services.live.subscribe(reader) as changes:
            yield ServerSentEvent(event="ready", data="{}")
            asked_at = services.now()
            async for change in changes:
                if await request.is_disconnected():
                    return
                if services.now() - asked_at >= _ASK_AGAIN_AFTER:
                    if not await is_still_in(services, principal):
                        return
                    asked_at = services.now()
                yield _told(change)

    return EventSourceResponse(events(), ping=15)


def _told(change: Heard) -> ServerSentEvent:
    match change:
        case CaseChange():
            return ServerSentEvent(event="case", data=change.told())
        case InboxChange():
            return ServerSentEvent(event="inbox", data="{}")
        case EngineChange():
            return ServerSentEvent(event="engine", data=change.model_dump_json())
        case Missed():
            return ServerSentEvent(event="reload", data="{}")

"""One's notices (通知): the bell that counts what is unread, and the list of what one was told."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from api.parts import Part
from api.routers.inbox import (
    Marked,
    NoticePage,
    ReadRequest,
    Unread,
    listed,
    read_all,
    read_one,
    unread,
)
from console.visit import Here

router = Part()


@router.get("/notices", operation_id="inbox_listed")
async def shown(visit: Here, page: Annotated[NoticePage, Depends(listed)]) -> HTMLResponse:
    """The newest first; those that are unread stand out."""
    return visit.page(
        "notices_parts.html" if visit.is_part else "notices.html",
        page=page,
        asked=visit.request.query_params,
        more=visit.request.url.include_query_params(cursor=page.next_cursor).query,
    )


@router.get("/notices/unread", operation_id="inbox_unread")
async def bell(visit: Here, count: Annotated[Unread, Depends(unread)]) -> HTMLResponse:
    """The number on the bell."""
    return visit.page("components/bell.html", count=count.unread)


@router.post("/notices/{notice_id}/read", operation_id="inbox_read_one")
async def read(_: Annotated[Marked, Depends(read_one)]) -> RedirectResponse:
    """Mark a notice as read, and show the others."""
    return RedirectResponse("/notices", status_code=303)


@router.post("/notices/read", operation_id="inbox_read_all")
async def read_every(visit: Here, until: Annotated[datetime, Form()]) -> RedirectResponse:
    """Mark as read what was shown; what has come since stays unread."""
    await read_all(ReadRequest(until=until), visit.actor, visit.services)
    return RedirectResponse("/notices", status_code=303)

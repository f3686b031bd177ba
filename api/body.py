"""A limit on what a request may bring, so that nobody fills the memory of the hotline (请求体上限)."""

import re
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ApiError, problem_response

MAX_BODY: Final = 1_000_000

_UPLOAD: Final = re.compile(r"(/api/v1)?/cases/[^/]+/evidence")
"""By the API, and by the page of a case."""
_FRAME: Final = 20_000
"""What a multipart form adds to the file in it."""


class BodyLimit:
    """Refuses a body that says it is too large, and stops reading one that did not say so."""

    def __init__(self, app: ASGIApp, *, uploads: int) -> None:
        """Wrap an application; only evidence files may be larger than other bodies, up to `uploads` bytes."""
        self._app = app
        self._uploads = uploads + _FRAME

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request with a bounded body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        limit = self._limit(scope)
        if declared.isdigit() and int(declared) > limit:
            await problem_response(too_large())(scope, receive, send)
            return
        await self._app(scope, _bounded(receive, limit), send)

    def _limit(self, scope: Scope) -> int:
        is_upload = scope["method"] == "POST" and _UPLOAD.fullmatch(scope["path"])
        return self._uploads if is_upload else MAX_BODY


def _bounded(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def take() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise too_large()
        return message

    return take


def too_large() -> ApiError:
    """More than this operation takes."""
    return ApiError(413, "body_too_large", "请求内容过大")

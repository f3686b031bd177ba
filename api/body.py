"""A limit on what a request may bring, so that nobody fills the memory of the hotline (请求体上限)."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ApiError, problem_response

MAX_BODY: Final = 1_000_000


class BodyLimit:
    """Refuses a body that says it is too large, and stops reading one that did not say so."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request with a bounded body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > MAX_BODY:
            await problem_response(_too_large())(scope, receive, send)
            return
        await self._app(scope, _bounded(receive), send)


def _bounded(receive: Receive) -> Receive:
    taken = 0

    async def take() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MAX_BODY:
            raise _too_large()
        return message

    return take


def _too_large() -> ApiError:
    return ApiError(413, "body_too_large", "请求内容过大")

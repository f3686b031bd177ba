"""What protects every answer and every request, whatever endpoint it is for (安全响应头、请求限度).

Headers tell the browser to run nothing, frame nothing and guess nothing of what it gets; a page that needs more,
as the manual does its own style sheet, brings its own Content-Security-Policy.
"""

import asyncio
from collections.abc import Iterator
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ApiError, problem_response

MAX_HEADERS: Final = 32_768
"""Bytes of all headers of a request; ours need some hundreds."""

_POLICY: Final = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_ALWAYS: Final = (
    (b"content-security-policy", _POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
_HTTPS: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")

_RETRY_AFTER: Final = "5"


class Armour:
    """Puts security headers on every answer, and refuses a request with too many headers."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        """Wrap an application; `https` says that browsers reach it by https, even if the proxy does not tell."""
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [name.lower() for name, _ in message["headers"]]
                added = [header for header in self._headers(scope) if header[0] not in own]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS:
            problem = ApiError(431, "headers_too_large", "请求头过大")
            await problem_response(problem)(scope, receive, answer)
            return
        await self._app(scope, receive, answer)

    def _headers(self, scope: Scope) -> Iterator[tuple[bytes, bytes]]:
        yield from _ALWAYS
        if self._https or scope.get("scheme") == "https":
            yield _HTTPS


class Deadline:
    """Answers 503 for a handler that does not answer in time; what has begun to answer may take as long as it likes."""

    def __init__(self, app: ASGIApp, *, seconds: float) -> None:
        """Wrap an application."""
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request within its time."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            # Streams have no end: from its first byte on an answer is the client's to break off.
            deadline.reschedule(None)
            await send(message)

        async def take() -> Message:
            message = await receive()
            if message.get("more_body") and deadline.when() is not None:
                # A large file over a slow line takes its time, and is not the handler's fault while it moves.
                deadline.reschedule(asyncio.get_running_loop().time() + self._seconds)
            return message

        try:
            async with asyncio.timeout(self._seconds) as deadline:
                await self._app(scope, take, answer)
        except TimeoutError:
            if not deadline.expired():
                raise
            await problem_response(_too_slow())(scope, receive, send)


def _too_slow() -> ApiError:
    return ApiError(
        503,
        "request_timeout",
        "处理超时，请稍后用同一幂等键重试",
        headers={"Retry-After": _RETRY_AFTER},
    )

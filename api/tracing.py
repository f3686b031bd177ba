"""One id, one log line and, in a process that traces, one span per request (请求日志与链路); the answer carries the id.

Both name the route, not the address with its parameters, and no input; who asks, case number and
command id are bound on the way as soon as they are known, so the lines written meanwhile carry them too.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from uuid import uuid4

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem_response
from runtime.tracing import is_traced

log = structlog.get_logger("api.request")
_took = Histogram(
    "hotline_http_answer_seconds",
    "Time from a request to the first byte of its answer, by route and class of status.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_PROBES: Final = "/health/"
"""Asked every few seconds by whoever looks after the process; nobody follows one of them."""

_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""Any other word is a caller's own, and stays out of names."""


class Tracing:
    """Pure ASGI, so that streams pass through untouched."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        """Wrap an application whose own routes lie below `prefix`, beside which pages are mounted."""
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request under an id of its own."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, request_id=uuid4().hex[:16])
        started = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=answer.request_id)
        with _span(scope) as span:
            answer.when_stream_begins = lambda: _end(span, scope, self._route(scope), answer.status)
            try:
                await self._serve(scope, receive, answer)
            finally:
                route = self._route(scope)
                ended = time.perf_counter()
                # A live stream goes on for hours; what people wait for is its beginning.
                waited = (answer.begun_at or ended) - started
                _took.labels(scope["method"], route, f"{answer.status // 100}xx").observe(waited)
                took = round((ended - started) * 1000, 1)
                log.info("request", method=scope["method"], route=route, status=answer.status, took_ms=took)
                _end(span, scope, route, answer.status)

    def _route(self, scope: Scope) -> str:
        """The template of the address: a page and an operation may share what follows the prefix."""
        route: str = getattr(scope.get("route"), "path", "unmatched")
        is_ours = scope["path"].startswith(self._prefix) and route != "unmatched"
        return self._prefix + route.removeprefix(self._prefix) if is_ours else route

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        """A bug is answered here and not further out, so that its answer and its lines carry the id as well."""
        try:
            await self._app(scope, receive, answer)
        except Exception as error:
            problem = problem_response(error)
            if answer.begun_at is not None:
                raise  # Nothing but a broken connection can tell the client now.
            await problem(scope, receive, answer)


class _Answer:
    """Passes an answer on with our headers, and remembers its status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self.request_id = request_id
        self.status = 500
        self.begun_at: float | None = None
        self.when_stream_begins: Callable[[], None] = lambda: None
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.begun_at = time.perf_counter()
            own = (b"x-request-id", self.request_id.encode())
            if _is_stream(message):
                self.when_stream_begins()
            message["headers"] = [*message["headers"], own]
        await self._send(message)


def _is_stream(message: Message) -> bool:
    headers = dict(message["headers"])
    return bool(headers.get(b"content-type", b"").startswith(b"text/event-stream"))


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "_OTHER"


@contextmanager
def _span(scope: Scope) -> Iterator[trace.Span]:
    """A trace begins here: which one a caller says that a request belongs to is not believed."""
    if not is_traced() or scope["path"].startswith(_PROBES):
        yield trace.INVALID_SPAN
        return
    with trace.get_tracer(__name__).start_as_current_span(
        _method(scope),
        Context(),
        trace.SpanKind.SERVER,
        record_exception=False,
        set_status_on_exception=False,
        end_on_exit=False,
    ) as span:
        yield span


def _end(span: trace.Span, scope: Scope, route: str, status: int) -> None:
    """A stream's ends with its beginning: what lasts for hours is told when it is over, and nobody waits for that."""
    if not span.is_recording():
        return
    method = _method(scope)
    span.update_name(f"{method} {route}")
    span.set_attributes(
        {"http.request.method": method, "http.route": route, "http.response.status_code": status}
    )
    if status >= 500:
        span.set_attribute("error.type", str(status))
        span.set_status(trace.StatusCode.ERROR)
    span.end()

"""The console (控制台): pages over the API's own functions, in the API's process (product.md §5).

A page is admitted by the row of the operation that it shows, reads through the same scoped queries and files
through the same desk. Failures are the API's problems, said on a page instead of in JSON.
"""

from typing import Final
from urllib.parse import parse_qsl, urlencode

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import EXPECTED, ApiError, Problem, problem_of
from api.parts import PREFIX as API
from api.parts import Application
from console.assets import PREFIX
from console.pages import (
    accountability,
    audit,
    board,
    bulk,
    case,
    cases,
    catalogue,
    citizen,
    closing,
    dossier,
    dossiers,
    health,
    holdings,
    intake,
    knowledge,
    login,
    mass,
    measures,
    notices,
    persons,
    policy,
    printing,
    problems,
    rates,
    revisits,
    screening,
    timers,
    units,
    users,
    what_if,
    work,
)
from console.rendering import assets, render
from console.visit import look_of

log = structlog.get_logger(__name__)

_PAGES: Final = (
    login,
    citizen,
    board,
    cases,
    bulk,
    work,
    closing,
    printing,
    case,
    intake,
    knowledge,
    revisits,
    holdings,
    notices,
    timers,
    health,
    users,
    units,
    policy,
    what_if,
    catalogue,
    audit,
    measures,
    problems,
    mass,
    rates,
    screening,
    dossiers,
    dossier,
    persons,
    accountability,
)
_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    b"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing runs that is not a file of ours; `data:` is for the small drawings inside the style sheet."""

_HEADERS: Final = (
    (b"content-security-policy", _POLICY),
    # Without any referrer browsers keep silent about the origin of a form as well, which is then refused.
    (b"referrer-policy", b"same-origin"),
)

_NEXT_STEP: Final = {"unauthenticated": "/login", "sign_in_incomplete": "/login/step"}


def add_console(app: FastAPI) -> None:
    """Serve the pages beside the API: wherever it has no address of its own."""
    app.router.routes.append(_BesideTheApi("/", create_console(app.state)))


class _BesideTheApi(Mount):
    """What is below the API's prefix is the API's to refuse, in its own form."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.NONE, {}) if scope["path"].startswith(f"{API}/") else super().matches(scope)


def create_console(state: State) -> Application:
    """The pages by themselves, on the services of the API whose state is given."""
    console = Application(openapi_url=None, docs_url=None, redoc_url=None)
    console.state = state
    console.add_api_route(PREFIX + "/{name:path}", _asset, methods=["GET"])
    for page in _PAGES:
        console.add_part(page.router)
    for known in (*EXPECTED, HTTPException):
        console.add_exception_handler(known, _failed)
    console.add_exception_handler(RequestValidationError, _failed)
    console.add_middleware(_Pages)
    return console


async def _asset(request: Request, name: str) -> Response:
    return assets.answer(request, name)


async def _failed(request: Request, error: Exception) -> Response:
    """The same problem as the API's, in words; a part of a page gets a part."""
    problem, headers = _problem(error)
    if problem.code in _NEXT_STEP:
        return _sign_in(request, _NEXT_STEP[problem.code])
    part = "hx-request" in request.headers
    filled = render(
        look_of(request), "components/problem.html" if part else "problem.html", problem=problem, visit=None
    )
    return HTMLResponse(filled, status_code=problem.status, headers=headers)


def _sign_in(request: Request, step: str) -> Response:
    """A page is asked for again after signing in; a part of one makes the whole page go there."""
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": step})
    if request.method != "GET" or request.url.path == "/":
        return RedirectResponse(step, status_code=303)
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{step}?{urlencode({'next': asked})}", status_code=303)


def _problem(error: Exception) -> tuple[Problem, dict[str, str]]:
    if isinstance(error, RequestValidationError):
        return problem_of(ApiError(422, "invalid_input", "地址中的条件有误"))
    if isinstance(error, HTTPException) and not isinstance(error, ApiError):
        return problem_of(ApiError(error.status_code, f"http_{error.status_code}", "没有这个页面"))
    return problem_of(error)


class _Pages:
    """What is the same for every page: its own security policy, and a filter that was left empty is none.

    Pages load files of ours, where the API's answers load nothing. A form sends every field of its own, also
    those that narrow nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        if scope["type"] == "http":
            given = parse_qsl(scope["query_string"].decode("latin-1"))
            scope["query_string"] = urlencode(given).encode()
        await self._app(scope, receive, answer)

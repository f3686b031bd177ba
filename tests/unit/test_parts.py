"""Parts of the API and of the console: an address finds its route, and only the part that has it is asked."""

import re

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Match

from api.app import create_app
from api.parts import Part
from console.app import create_console
from runtime.settings import Settings

API = create_app(Settings())
CONSOLE = create_console(API.state)


@pytest.mark.parametrize("app", [API, CONSOLE], ids=["api", "console"])
def test_every_address_reaches_a_route(app: FastAPI) -> None:
    for context in iter_route_contexts(app.routes):
        for method in context.methods or ():
            address = _filled(context.path or "")
            found = [route for route in app.routes if _match(route, address, method) is Match.FULL]
            assert found, f"{method} {address}"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/rules/2026/1/rollout", Match.FULL),
        ("/api/v1/rules/2026/1/rollout", Match.NONE),
        ("/units/U100", Match.FULL),
        ("/units/U100/people", Match.NONE),
        ("/units", Match.NONE),
    ],
)
def test_a_part_knows_its_own_addresses(address: str, expected: Match) -> None:
    app, part = FastAPI(), Part()
    part.add_api_route("/rules/{revision:path}/rollout", lambda: None)
    part.add_api_route("/units/{code}", lambda: None)
    app.include_router(part)
    assert _match(app.routes[-1], address, "GET") is expected


def _match(route: BaseRoute, address: str, method: str) -> Match:
    scope = {"type": "http", "path": address, "root_path": "", "method": method, "headers": []}
    return route.matches(scope)[0]


def _filled(path: str) -> str:
    return re.sub(r"\{\w+:path\}", "one/with/words", re.sub(r"\{\w+\}", "1", path))

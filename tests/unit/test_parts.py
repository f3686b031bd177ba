"""Parts of the API and of the console: an address finds its route, and only the part that has it is asked."""

import re

import pytest
from starlette.routing import BaseRoute, Match, Route

from api.app import create_app
from api.parts import Application, Part
from console.app import create_console
from runtime.settings import Settings

API = create_app(Settings())
CONSOLE = create_console(API.state)


@pytest.mark.parametrize("app", [API, CONSOLE], ids=["api", "console"])
def test_every_address_reaches_a_route(app: Application) -> None:
    for offered in app.routes:
        assert isinstance(offered, Route)
        for method in offered.methods or ():
            address = _filled(offered.path)
            found = [route for route in app.router.routes if _match(route, address, method) is Match.FULL]
            assert found, f"{method} {address}"


def test_what_an_application_offers_is_made_once() -> None:
    """A second application takes the same routes: making them is most of a start."""
    assert [*map(id, create_app(Settings()).routes[1:])] == [*map(id, API.routes[1:])]


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
    app, part = Application(), Part(tags=["part"])
    part.add_api_route("/rules/{revision:path}/rollout", lambda: None)
    part.add_api_route("/units/{code}", lambda: None)
    app.add_part(part)
    assert _match(app.router.routes[-1], address, "GET") is expected


def _match(route: BaseRoute, address: str, method: str) -> Match:
    scope = {"type": "http", "path": address, "root_path": "", "method": method, "headers": []}
    return route.matches(scope)[0]


def _filled(path: str) -> str:
    return re.sub(r"\{\w+:path\}", "one/with/words", re.sub(r"\{\w+\}", "1", path))

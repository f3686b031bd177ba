"""Parts of the API and of the console (分部路由): a part tries its routes only for an address that one of them has.

Both have hundreds of routes, and a router tries one after the other until one fits, which is a third of the work
of a small page. A part has all its addresses in one pattern, which is asked first.

A part is put into an application as it is. FastAPI's own way of including a router makes each route anew for
each application, which is a third of the start of a process.
"""

import re
from functools import cached_property
from itertools import chain
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from api.access import operation_id
from api.errors import responses

PREFIX: Final = "/api/v1"
ANY_OPERATION: Final = responses(422, 429, 503)
"""What every operation may answer."""

_PARAMETER: Final = re.compile(r"\{\w+(:path)?\}")
_CHOSEN: Final = "hotline.route"
_NO_TELEMETRY: Final[TelemetryConfig] = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}


class Part(APIRouter):
    """The routes of one subject. All of them are there before the first request comes."""

    @cached_property
    def addresses(self) -> re.Pattern[str]:
        """Any address of the part."""
        paths = dict.fromkeys(route.path for route in self.routes if isinstance(route, APIRoute))
        return re.compile("|".join(map(_pattern, paths)))


class Operations(Part):
    """The operations of one subject, named by their ids (`api/access.py`), below the API's prefix unless it says otherwise."""

    # Any: the options are FastAPI's.
    def __init__(self, *, below: str = PREFIX, prefix: str = "", **options: Any) -> None:
        """Add to what they answer what every operation of the API may."""
        if below == PREFIX:
            options["responses"] = ANY_OPERATION | options.get("responses", {})
        super().__init__(prefix=below + prefix, generate_unique_id_function=operation_id, **options)


class _PartRoute(BaseRoute):
    """A part as an application sees it: one route, which knows which of its own fits."""

    def __init__(self, part: Part) -> None:
        self.part = part

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Which of its routes fits, if any does."""
        found: tuple[Match, Scope] = (Match.NONE, {})
        address = scope["path"].removeprefix(scope.get("root_path", ""))
        if scope["type"] == "http" and self.part.addresses.fullmatch(address):
            for route in self.part.routes:
                match, child = route.matches(scope)
                if match.value > found[0].value:
                    found = match, {**child, _CHOSEN: route}
                if match is Match.FULL:
                    break
        return found

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the route answer that fitted."""
        route: BaseRoute = scope.pop(_CHOSEN)
        await route.handle(scope, receive, send)


class Application(FastAPI):
    """An application of parts."""

    # Any: the options are FastAPI's.
    def __init__(self, **options: Any) -> None:
        """Leave spans to api/tracing.py: FastAPI's own carry queries, and know nothing of the routes of a part."""
        super().__init__(telemetry=_NO_TELEMETRY, **options)

    def add_part(self, part: Part) -> None:
        """Serve the routes of a part from now on."""
        self.router.routes.append(_PartRoute(part))

    @property
    def routes(self) -> list[BaseRoute]:
        """Every route, those of its parts one by one: what it offers, where `router.routes` is what it tries."""
        parts = (
            route.part.routes if isinstance(route, _PartRoute) else [route] for route in self.router.routes
        )
        return [*chain.from_iterable(parts)]


def _pattern(path: str) -> str:
    return _PARAMETER.sub(lambda found: ".*" if found[1] else "[^/]+", path)

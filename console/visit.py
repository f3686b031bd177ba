"""One request of a page (访问): who is looking, and how an answer becomes a page.

A route of the console carries the id of the API's operation that it shows. So the API's own dependency admits
whom that operation admits (`api/access.py`), with the same sessions, limits and protection against forgery,
and a page may take the operation's function as a dependency: the console has no rule of its own.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from api.access import roles_of
from api.browser import csrf_token, session_secret
from api.deps import PrincipalDep, ServicesDep
from api.errors import unauthenticated
from api.principal import Principal
from api.services import Services
from console.menu import Entry, Group, groups_of
from console.rendering import Look, render
from console.speaking import Language
from hotline.case import Actor
from hotline.identifiers import HOTLINE, UnitCode
from store.accounts import User, all_units, all_users

THEME_COOKIE: Final = "hotline-theme"
THEMES: Final = frozenset({"light", "dark"})
LANGUAGE_COOKIE: Final = "hotline-language"
ANYBODY: Final = "reference_me"
"""The operation of pages that whoever is signed in may see."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who is signed in and looks at a page."""

    request: Request
    services: Services
    principal: Principal
    csrf: str

    @property
    def actor(self) -> Actor:
        """The account as rules know it."""
        return self.principal.actor

    @property
    def now(self) -> datetime:
        """What the one clock of the API shows."""
        return self.services.now()

    @property
    def menu(self) -> Iterable[tuple[Group | None, list[Entry]]]:
        """The pages that this role works with, by group."""
        return groups_of(self.actor.role)

    @property
    def is_part(self) -> bool:
        """Whether the browser asks for a part of a page that it shows already."""
        return "hx-request" in self.request.headers

    @property
    def is_unattended(self) -> bool:
        """Whether nobody served cases when the API last looked: the page says so above what it shows."""
        return self.services.engine.is_unattended

    def may(self, operation: str) -> bool:
        """Whether the caller's role uses an operation of the API, by its id."""
        return self.actor.role in roles_of(operation)

    async def unit_names(self) -> dict[UnitCode, str]:
        """What units are called, the hotline among them."""
        async with self.services.database.read() as session:
            return {HOTLINE: "12345热线"} | {unit.code: unit.name for unit in await all_units(session)}

    async def accounts(self) -> tuple[User, ...]:
        """Everybody who has an account, for their names."""
        async with self.services.database.read() as session:
            return await all_users(session)

    def page(
        self, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **context: Any
    ) -> HTMLResponse:
        """The answer that a template makes of what it is given."""
        filled = render(look_of(self.request), template, visit=self, now=self.now, **context)
        return HTMLResponse(filled, status_code=status, headers=headers)


def look_of(request: Request) -> Look:
    """The theme and the language that this browser chose, and where it is."""
    theme = request.cookies.get(THEME_COOKIE, "")
    language = request.cookies.get(LANGUAGE_COOKIE, "")
    return Look(
        theme=theme if theme in THEMES else "light",
        path=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        language=Language(language) if language in set(Language) else Language.CHINESE,
    )


async def _one_moment(request: Request, services: ServicesDep) -> AsyncIterator[None]:
    """What a page shows side by side is of one moment; what is filed is read as it is then."""
    async with services.database.one_moment() if request.method == "GET" else nullcontext():
        yield


async def _visit(
    # Over before the answer is sent: nobody's slow line holds a connection.
    _: Annotated[None, Depends(_one_moment, scope="function")],
    request: Request,
    services: ServicesDep,
    principal: PrincipalDep,
) -> Visit:
    secret = session_secret(request, services.settings)
    if secret is None or principal.session is None:  # A token has no pages.
        raise unauthenticated()
    return Visit(request, services, principal, csrf_token(services.keyring, secret))


Here = Annotated[Visit, Depends(_visit)]
"""Whoever looks at a page that needs an account."""

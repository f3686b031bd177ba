"""What tests of the ways in do over and over: an office without an engine, accounts, browsers, and its trail."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from api_hands import Office, Person, opened
from fixtures.stack import Database as FreshDatabase

from api.parts import PREFIX
from api.services import Services
from hotline.identifiers import UnitCode, UserId
from hotline.vocabulary import Role
from runtime.ports import free_port
from runtime.settings import Settings
from store.accounts import User, put_users
from store.credentials import set_password
from store.seed import seed_demo
from store.tokens import issue_token
from store.trail import TrailFilters, TrailLine, entries

PASSWORD = "四月的槐花开得正好，街上很安静"
ORIGIN = "https://hotline.test"


class Clock:
    """The time that the API believes it is."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Browser:
    """A browser with its cookies, which does as browsers do: it says where a request comes from."""

    http: httpx.AsyncClient
    origin: str = ORIGIN
    user: str = "nobody"
    csrf: str | None = None
    address: str = "203.0.113.7"

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.http.get(PREFIX + path, params=params)

    async def send(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] = {}
    ) -> httpx.Response:
        own = {"Origin": self.origin} | ({"X-CSRF-Token": self.csrf} if self.csrf else {})
        answer = await self.http.request(method, PREFIX + path, json=body, headers=own | dict(headers))
        if answer.is_success and answer.content and "json" in answer.headers["content-type"]:
            view = answer.json()
            self.csrf = view.get("session", view).get("csrf_token", self.csrf)
        return answer

    async def post(self, path: str, body: object = None, **headers: str) -> httpx.Response:
        return await self.send("POST", path, body, headers)

    async def delete(self, path: str) -> httpx.Response:
        return await self.send("DELETE", path)

    async def sign_in(self, password: str = PASSWORD, *, user: str | None = None) -> httpx.Response:
        return await self.post("/session", {"user_id": user or self.user, "password": password})

    @property
    def cookie(self) -> str | None:
        return self.http.cookies.get("__Host-hotline")


@dataclass
class Doors:
    """An office whose doors are tested: accounts with passwords, tokens of the demonstration, a clock."""

    office: Office
    clock: Clock
    tokens: Mapping[str, str]
    password_hash: str
    _browsers: list[httpx.AsyncClient] = field(default_factory=list)
    _hired: Iterator[int] = field(default_factory=count)

    @property
    def services(self) -> Services:
        return self.office.services

    def new_id(self) -> str:
        return f"zhang.wei.{next(self._hired)}"

    async def hire(self, role: Role = Role.OPERATOR, unit: str | None = None, **fields: Any) -> str:
        """A new account with the password of all tests; every test has accounts of its own."""
        user_id = UserId(self.new_id())
        user = User(
            user_id=user_id, display_name="张伟", role=role, unit=UnitCode(unit) if unit else None, **fields
        )
        async with self.services.database.write() as session:
            await put_users(session, [user])
            await set_password(session, user_id, self.password_hash)
        return user_id

    def browser(
        self, user: str = "nobody", *, address: str = "203.0.113.7", base_url: str = ORIGIN
    ) -> Browser:
        transport = httpx.ASGITransport(self.office.app, raise_app_exceptions=False, client=(address, 50_000))
        http = httpx.AsyncClient(transport=transport, base_url=base_url, timeout=60)
        self._browsers.append(http)
        return Browser(http, origin=base_url, user=user, address=address)

    async def signed_in(self, role: Role = Role.OPERATOR, unit: str | None = None) -> Browser:
        """Somebody new, in a browser of their own."""
        browser = self.browser(await self.hire(role, unit))
        assert (await browser.sign_in()).status_code == 200
        return browser

    @contextmanager
    def settings(self, **chosen: Any) -> Iterator[None]:
        """Other settings for as long as the block lasts."""
        before = self.services
        changed = before.settings.model_copy(update=chosen)
        self.office.app.state.services = replace(before, settings=changed)
        yield
        self.office.app.state.services = before

    def bearer(self, token: str) -> Person:
        return Person(self.office.http, token)

    async def token(self, user: str, **values: Any) -> str:
        async with self.services.database.write() as session:
            return await issue_token(session, UserId(user), name="test", at=self.clock.now(), **values)

    async def trail(self, of: str | None = None, *, since: int = 0) -> list[TrailLine]:
        """What is in the trail about an account, the oldest first."""
        async with self.services.database.read() as session:
            found = await entries(session, TrailFilters(), limit=10_000)
        return [line for line in reversed(found) if line.seq > since and (of is None or line.subject == of)]

    async def events(self, of: str) -> list[str]:
        return [line.event.value for line in await self.trail(of)]

    async def close(self) -> None:
        for http in self._browsers:
            await http.aclose()


@asynccontextmanager
async def doors_of(fresh: FreshDatabase, data_dir: Path, **chosen: Any) -> AsyncIterator[Doors]:
    """An office that reaches its database and no engine: nothing behind these doors needs one."""
    settings = Settings(
        **{
            "data_dir": data_dir,
            "database_url": fresh.url,
            "temporal_address": f"127.0.0.1:{free_port()}",
            "refused_limit": "1000/second",
            "totp_roles": "",
            **chosen,
        }
    )
    clock = Clock()
    async with opened(settings, {}) as office:
        services = replace(office.services, clock=clock.now)
        office.app.state.services = services
        async with services.database.write() as session:
            demo = await seed_demo(session, at=clock.now())
        tokens = {str(user): token for user, token in demo.items()}
        doors = Doors(office, clock, tokens, await services.passwords.hash(PASSWORD))
        yield doors
        await doors.close()

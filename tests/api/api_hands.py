"""What API tests do over and over: speak as somebody, register a complaint, lead a case through its life."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from fixtures.eventually import assert_eventually

from api.app import create_app
from api.parts import PREFIX
from api.services import Services
from runtime.keyring import Keyring
from runtime.ports import LOOPBACK, free_port
from runtime.settings import Settings

UNIT, OTHER_UNIT, THIRD_UNIT = "U120", "U130", "U110"
HANDLER, HEAD = f"handler-{UNIT}", f"head-{UNIT}"


def new_key() -> str:
    return uuid.uuid4().hex


def complaint(**fields: Any) -> dict[str, Any]:
    complete: dict[str, Any] = {
        "channel": "phone",
        "type": "complaint",
        "title": "夜间施工噪音扰民",
        "content": "滨江花园旁工地凌晨一点仍在施工，影响老人休息。",
        "caller_name": "王小明",
        "caller_phone": "138-1234-5678",
        "address": "东湖区滨江路8号3单元502室",
    }
    return complete | fields


@dataclass
class Person:
    """Somebody with a token, or nobody."""

    http: httpx.AsyncClient
    token: str | None = None

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.http.get(PREFIX + path, params=params, headers=self._headers({}))

    async def post(
        self, path: str, body: object = None, *, key: str | None = None, headers: Mapping[str, str] = {}
    ) -> httpx.Response:
        extra = dict(headers) | ({"Idempotency-Key": key} if key else {})
        return await self.http.post(PREFIX + path, json=body, headers=self._headers(extra))

    async def register(self, *, key: str | None = None, **fields: Any) -> httpx.Response:
        return await self.post("/cases", complaint(**fields), key=key)

    async def new_case(self, **fields: Any) -> str:
        answer = await self.register(**fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["case_no"])

    async def command(
        self,
        number: str,
        kind: str,
        form: Mapping[str, Any] = {},
        *,
        key: str | None = None,
        version: int | None = None,
    ) -> httpx.Response:
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return await self.post(f"/cases/{number}/commands/{kind}", dict(form), key=key, headers=headers)

    async def upload(
        self, number: str, content: bytes, name: str = "现场.jpg", **fields: str
    ) -> httpx.Response:
        return await self.http.post(
            f"{PREFIX}/cases/{number}/evidence",
            files={"file": (name, content)},
            data={"kind": "handling", **fields},
            headers=self._headers({}),
        )

    async def case(self, number: str) -> dict[str, Any]:
        answer = await self.get(f"/cases/{number}")
        assert answer.status_code == 200, answer.text
        view: dict[str, Any] = answer.json()
        return view

    async def facts(self, number: str) -> list[dict[str, Any]]:
        answer = await self.get(f"/cases/{number}/facts", limit=500)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def tags(self, number: str) -> list[str]:
        return [fact["tag"] for fact in await self.facts(number)]

    def _headers(self, extra: Mapping[str, str]) -> dict[str, str]:
        return dict(extra) | ({"Authorization": f"Bearer {self.token}"} if self.token else {})


@dataclass
class Office:
    """One running API and everybody who may call it."""

    app: FastAPI
    http: httpx.AsyncClient
    tokens: Mapping[str, str]
    keyring: Keyring
    nobody: Person = field(init=False)

    def __post_init__(self) -> None:
        self.nobody = Person(self.http)

    def __call__(self, user: str) -> Person:
        return Person(self.http, self.tokens[user])

    @property
    def services(self) -> Services:
        services: Services = self.app.state.services
        return services

    @property
    def settings(self) -> Settings:
        return self.services.settings


@asynccontextmanager
async def opened(settings: Settings, tokens: Mapping[str, str]) -> AsyncIterator[Office]:
    """The application under its lifespan, in this process."""
    app = create_app(settings)
    # An unexpected failure is to be seen as a client sees it: as a problem document.
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://hotline.test", timeout=60) as http,
    ):
        yield Office(app, http, tokens, app.state.services.keyring)


@asynccontextmanager
async def served(settings: Settings, tokens: Mapping[str, str]) -> AsyncIterator[Office]:
    """The application behind a real server, for what a transport in this process cannot carry: streams."""
    app, port = create_app(settings), free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=LOOPBACK,
            port=port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )
    running = asyncio.create_task(server.serve())

    async def has_started() -> None:
        assert server.started

    await assert_eventually(has_started)
    async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", timeout=60) as http:
        yield Office(app, http, tokens, app.state.services.keyring)
    server.should_exit = True
    await running


def now() -> str:
    return datetime.now(UTC).isoformat()


def reply(**fields: Any) -> dict[str, Any]:
    photo = {"evidence_id": "photo-1", "kind": "handling", "made_at": now()}
    return {
        "text": "已责令停止夜间施工并处罚",
        "evidence": [photo],
        "citation": "《噪声污染防治法》第四十三条",
        "signer": HEAD,
    } | fields


SATISFIED = {"contacted": True, "solved": True, "truthful": True, "satisfaction": 5}
UNSOLVED = SATISFIED | {"solved": False, "satisfaction": 1}

LIFE: tuple[tuple[str, str, Any], ...] = (
    ("dispatcher1", "dispatch_case", lambda: {"lead": UNIT, "advice": "请现场核查"}),
    (HANDLER, "sign_for", dict),
    (HANDLER, "log_contact", lambda: {"outcome": "reached", "at": now(), "note": "已电话了解情况"}),
    (HANDLER, "submit_reply", reply),
    ("dispatcher2", "review_reply", lambda: {"accepted": True, "opinion": "事实清楚"}),
    ("revisitor1", "record_revisit", lambda: SATISFIED | {"opinion": "处理及时"}),
)
STAGES = tuple(kind for _, kind, _ in LIFE)


async def advance(office: Office, number: str, *, until: str) -> dict[str, Any]:
    """Lead a newly registered case through its life, up to and with a command; return its receipt."""
    for user, kind, form in LIFE[: STAGES.index(until) + 1]:
        answer = await office(user).command(number, kind, form())
        assert answer.status_code == 200, (kind, answer.text)
    receipt: dict[str, Any] = answer.json()
    return receipt


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of a failure, which must be this one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["code"] == code
    assert document["type"] == f"urn:hotline:problem:{code}"
    return document

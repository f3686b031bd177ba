"""The API in miniature: enough of it for `import` and `simulate`, over the real rules and real time.

It keeps keys and source numbers as the real one does, and can be told to be away, or to lose an answer
after the work was done.
"""

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from pydantic import ValidationError
from town import UNITS, Paper

from commands.accounts import Account, Accounts
from commands.client import PREFIX, KnowledgeSeen
from hotline.case import Actor
from hotline.identifiers import CaseNo, KnowledgeNo, UnitCode, UserId
from hotline.refusals import NotPermitted, Refusal
from hotline.roles import CITIZEN_ACTOR
from hotline.vocabulary import CLOSED, Role
from store.intake_request import IntakeRequest

CODE = "K7M2QX"
KNOWN = KnowledgeSeen(
    number=KnowledgeNo("K-000001"), category="城市管理/路灯", stale=False, answer="请拨打 12319。"
)
KEPT = {
    "units": {"items": [unit.model_dump() for unit in UNITS]},
    "knowledge": {"items": [{"number": KNOWN.number}]},
    f"knowledge/{KNOWN.number}": KNOWN.model_dump(mode="json"),
}
"""What nobody changes while these tests run."""

_STAFF = {
    Role.OPERATOR: 2,
    Role.DISPATCHER: 2,
    Role.REVISITOR: 2,
    Role.SUPERVISOR: 1,
    Role.ADMINISTRATOR: 1,
}


def accounts() -> Accounts:
    """Everybody of the town; a token is the user's id."""
    names: list[tuple[str, Role, UnitCode | None]] = [
        (f"{role.value}-{nth}", role, None) for role, count in _STAFF.items() for nth in range(count)
    ]
    names += [
        (f"{role.value}-{unit.code}", role, unit.code)
        for unit in UNITS
        for role in (Role.HANDLER, Role.UNIT_HEAD)
    ]
    return Accounts(
        Account(user_id=UserId(name), token=name, role=role, unit=unit) for name, role, unit in names
    )


class FakeApi:
    """Answers requests; `trouble` is taken one entry per request until it is used up."""

    def __init__(self, *, speed: float = 1_440.0, trouble: tuple[str, ...] = (), busy_after: int = 0) -> None:
        self.papers: dict[CaseNo, Paper] = {}
        self.registered: list[IntakeRequest] = []
        self.applied = 0
        self.is_busy = asyncio.Event()
        self._busy_after = busy_after
        self._speed = speed
        self._trouble = list(trouble)
        self._receipts: dict[str, dict[str, Any]] = {}
        self._bodies: dict[str, Mapping[str, Any]] = {}
        self._sources: set[str] = set()
        self._lock = threading.Lock()
        self._actors = {
            account.token: Actor(user_id=account.user_id, role=account.role, unit=account.unit)
            for role in Role
            for account in accounts().of(role)
        }

    def answer(self, request: httpx.Request) -> httpx.Response:
        """One request, one answer; or none, as a connection that broke."""
        trouble = self._trouble.pop(0) if self._trouble else ""
        if trouble == "away":
            return httpx.Response(503, json={"code": "engine_unavailable", "title": "稍后"})
        with self._lock:
            try:
                body = json.loads(request.content or b"{}")
                told = self._routed(request, request.url.path.removeprefix(PREFIX).split("/")[1:], body)
            except Refusal as refusal:
                return _problem(
                    403 if isinstance(refusal, NotPermitted) else 422, refusal.code, refusal.field
                )
            except ValidationError as error:
                return _problem(422, "invalid_input", str(error.errors()[0]["loc"][0]))
        if trouble == "lost":
            raise httpx.ReadError("the answer was lost")
        return httpx.Response(201 if request.method == "POST" else 200, json=told)

    def _routed(self, request: httpx.Request, path: list[str], body: Mapping[str, Any]) -> Any:
        match request.method, path:
            case "GET", ["units" | "knowledge", *_]:
                return KEPT["/".join(path)]
            case "POST", ["policies", "compressed"]:
                return {"revision": f"default/3@x{body['speed']:g}"}
            case "POST", ["cases"]:
                return self._register(request, body)
            case "GET", ["cases"]:
                found = [paper.state for paper in self.papers.values() if paper.state.status not in CLOSED]
                return {"items": [{"case_no": state.case_no, "status": state.status} for state in found]}
            case "GET", ["cases", number]:
                return _jsonable(self._paper(number).page())
            case "GET", ["cases", number, "facts"]:
                return {"items": _jsonable(self._paper(number).ledger()), "next_after": None}
            case "POST", ["cases", number, "commands", kind]:
                return self._file(request, number, kind, body, self._actor(request))
            case "POST", ["public", "cases", number, kind]:
                assert request.headers["X-Retrieval-Code"] == CODE
                return self._file(request, number, kind, body, CITIZEN_ACTOR)
        raise AssertionError(f"nobody serves {request.method} {request.url.path}")

    def _register(self, request: httpx.Request, body: Mapping[str, Any]) -> dict[str, Any]:
        key = request.headers["Idempotency-Key"]
        if key in self._receipts:
            if self._bodies[key] != body:
                raise Refusal("key_reused", "同一幂等键已用于另一登记内容")
            return {**self._receipts[key], "replayed": True}
        what = IntakeRequest.model_validate(body)
        if what.source_number in self._sources:
            raise Refusal("source_number_exists", "该来源编号已登记", field="source_number")
        number = CaseNo(str(261121090000010000 + len(self.papers)))
        paper = Paper(
            number,
            what.classification,
            now=datetime.now(UTC),
            speed=self._speed,
            title=what.title,
            source_reply=what.reply,
            secret=what.secret,
            has_contact=what.has_contact,
            missing=what.missing,
        )
        self.papers[number] = paper
        self.registered.append(what)
        self._sources |= {what.source_number} if what.source_number else set()
        self._bodies[key] = body
        self._receipts[key] = {
            "case_no": number,
            "retrieval_code": CODE,
            "status": paper.state.status,
            "next_due_at": None,
        }
        return self._receipts[key]

    def _file(
        self, request: httpx.Request, number: str, kind: str, body: Mapping[str, Any], actor: Actor
    ) -> dict[str, Any]:
        key = f"{actor.user_id}/{number}/{request.headers['Idempotency-Key']}"
        if key not in self._receipts:
            paper = self._paper(number)
            paper.file(kind, body, actor)
            self.applied += 1
            if self.applied == self._busy_after:
                self.is_busy.set()
            self._receipts[key] = paper.receipt().model_dump(mode="json")
        return self._receipts[key]

    def _paper(self, number: str) -> Paper:
        paper = self.papers[CaseNo(number)]
        paper.pass_until(datetime.now(UTC))
        return paper

    def _actor(self, request: httpx.Request) -> Actor:
        return self._actors[request.headers["Authorization"].removeprefix("Bearer ")]


@contextmanager
def serving(api: FakeApi) -> Iterator[str]:
    """Serve it on a free port, for commands that make their own connections; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = httpx.Request(
                self.command, f"http://fake{self.path}", headers=dict(self.headers), content=content
            )
            try:
                answer = api.answer(request)
            except httpx.ReadError:
                self.close_connection = True
                return
            self.send_response(answer.status_code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST  # noqa: N815  the name that http.server calls

        def log_message(self, *_: object) -> None:
            """Say nothing: a test's output is its result."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _jsonable(value: Any) -> Any:
    return json.loads(json.dumps(value, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    return value.model_dump(mode="json")


def _problem(status: int, code: str, field: str | None) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "title": code, "field": field})

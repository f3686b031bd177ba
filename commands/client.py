"""A typed client of the HTTP API (接口客户端) for commands that work through long outages.

A request is repeated under one Idempotency-Key until the API, or what is behind it, is back; what the
API refuses is raised at once, and a patience that ends is an error, never a silence.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, TypeVar

import httpx
import orjson
from pydantic import AwareDatetime, BaseModel, ValidationError

from hotline.case import Assignment
from hotline.identifiers import CaseNo, ClockId, KnowledgeNo, UnitCode
from hotline.model import Record
from hotline.vocabulary import ClockKind, Flag, Outcome, Phase, Status, Urgency

Form = Mapping[str, Any]  # A command's fields by name; each command has its own.
PREFIX: Final = "/api/v1"
_Model = TypeVar("_Model", bound=BaseModel)
_PAGE: Final = 200
LATER: Final = frozenset({429, 502, 503, 504})
"""Some part is away, or asks for a pause: the same request with the same key will do."""

_SERVER_FAULT: Final = 500
_FAULTS_FORGIVEN: Final = 6
"""A part that is killed in the middle of a request may show as a fault; one that stays is a bug."""


class ApiProblem(Exception):  # noqa: N818  a refusal is an answer, not an error of this process
    """What the API refused, by its stable code."""

    def __init__(self, status: int, code: str, title: str, field_: str | None, rule: str | None) -> None:
        """Keep the parts of the problem document."""
        super().__init__(f"{status} {code}: {title}")
        self.status = status
        self.code = code
        self.title = title
        self.field = field_
        self.rule = rule


class PatienceEndedError(RuntimeError):
    """The API did not come back within the time that was allowed for it."""


class Registered(Record):
    """The receipt of a registration; `replayed` if the same key had brought it before."""

    case_no: CaseNo
    retrieval_code: str
    status: Status
    next_due_at: AwareDatetime | None = None
    repeat_of: CaseNo | None = None
    replayed: bool = False


class CommandReceipt(Record):
    """The receipt of a command."""

    case_no: CaseNo
    version: int
    status: Status
    phase: Phase
    next_due_at: AwareDatetime | None = None


class CaseEntry(Record):
    """One case in a list."""

    case_no: CaseNo
    status: Status


class ClockSeen(Record):
    """One clock of a case."""

    clock_id: ClockId
    kind: ClockKind
    holder: UnitCode
    due_at: AwareDatetime
    held_at: AwareDatetime | None = None
    stopped_at: AwareDatetime | None = None

    @property
    def is_running(self) -> bool:
        """Whether it runs now, neither stopped nor held."""
        return self.stopped_at is None and self.held_at is None


class CaseSeen(Record):
    """One case as its page shows it."""

    case_no: CaseNo
    version: int
    status: Status
    outcome: Outcome | None = None
    urgency: Urgency
    secret: bool = False
    has_contact: bool = True
    repeat_of: CaseNo | None = None
    joined_to: CaseNo | None = None
    policy_revision: str
    assignment: Assignment | None = None
    round: int = 0
    flags: frozenset[Flag] = frozenset()
    category: str | None = None
    title: str | None = None
    source_reply: str | None = None
    next_actions: tuple[str, ...] = ()
    clocks: tuple[ClockSeen, ...] = ()


class FactSeen(Record):
    """One entry of a case's ledger."""

    seq: int
    at: AwareDatetime
    tag: str
    body: dict[str, Any]  # Each tag has its own fields.


class UnitSeen(Record):
    """A unit that a case can be dispatched to."""

    code: UnitCode
    name: str


class KnowledgeSeen(Record):
    """An entry of the knowledge base with its answer."""

    number: KnowledgeNo
    category: str
    stale: bool
    answer: str


class _KnowledgeLine(Record):
    number: KnowledgeNo


class _KnowledgePage(Record):
    items: tuple[_KnowledgeLine, ...]


class _CasePage(Record):
    items: tuple[CaseEntry, ...]
    next_cursor: str | None = None


class _FactPage(Record):
    items: tuple[FactSeen, ...]
    next_after: int | None = None


class _Units(Record):
    items: tuple[UnitSeen, ...]


class _Revision(Record):
    revision: str


class _Problem(Record):
    code: str = "unknown"
    title: str = ""
    field: str | None = None
    rule: str | None = None
    errors: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for an API that is away, and how the pauses between two looks grow."""

    give_up_after_for: timedelta = timedelta(minutes=30)
    first_pause_for: timedelta = timedelta(milliseconds=200)
    longest_pause_for: timedelta = timedelta(seconds=5)

    def pause_for(self, tries: int) -> timedelta:
        """The pause after so many tries."""
        return min(self.longest_pause_for, self.first_pause_for * (1 << min(tries - 1, 10)))


@dataclass
class HotlineApi:
    """The endpoints that commands use. `find_url` is asked again when nobody answers at the old one."""

    http: httpx.AsyncClient
    find_url: Callable[[], str]
    patience: Patience = field(default_factory=Patience)
    retries: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    _url: str = ""

    async def register(self, token: str, form: Form, *, key: str) -> Registered:
        """Register a case."""
        answer = await self._post("/cases", token, form, key)
        return _read(Registered, answer)

    async def command(
        self, token: str, case_no: CaseNo, kind: str, form: Form, *, key: str
    ) -> CommandReceipt:
        """Issue a command on a case."""
        answer = await self._post(f"/cases/{case_no}/commands/{kind}", token, form, key)
        return _read(CommandReceipt, answer)

    async def as_citizen(
        self, case_no: CaseNo, code: str, what: str, form: Form, *, key: str
    ) -> CommandReceipt:
        """Add facts (`facts`) or rate (`rating`) with a retrieval code."""
        headers = {"X-Retrieval-Code": code, "Idempotency-Key": key}
        answer = await self._send("POST", f"/public/cases/{case_no}/{what}", headers, form=form)
        return _read(CommandReceipt, answer)

    async def case(self, token: str, case_no: CaseNo) -> CaseSeen:
        """One case."""
        return _read(CaseSeen, await self._get(f"/cases/{case_no}", token))

    async def facts(self, token: str, case_no: CaseNo) -> list[FactSeen]:
        """The whole ledger of a case."""
        found: list[FactSeen] = []
        after: int | None = 0
        while after is not None:
            answer = await self._get(f"/cases/{case_no}/facts", token, after=after, limit=500)
            page = _read(_FactPage, answer)
            found += page.items
            after = page.next_after
        return found

    async def open_cases(self, token: str) -> AsyncIterator[CaseEntry]:
        """Every case that is open, the newest first."""
        cursor: str | None = ""
        while cursor is not None:
            place = {"cursor": cursor} if cursor else {}
            page = _read(_CasePage, await self._get("/cases", token, open="true", limit=_PAGE, **place))
            for entry in page.items:
                yield entry
            cursor = page.next_cursor

    async def units(self, token: str) -> Sequence[UnitSeen]:
        """Every unit."""
        return _read(_Units, await self._get("/units", token)).items

    async def knowledge(self, token: str) -> Sequence[KnowledgeSeen]:
        """The entries that were updated last, a page of them."""
        lines = _read(_KnowledgePage, await self._get("/knowledge", token, limit=_PAGE)).items
        return [_read(KnowledgeSeen, await self._get(f"/knowledge/{line.number}", token)) for line in lines]

    async def compressed_policy(self, token: str, speed: float) -> str:
        """Publish the policy in compressed time; returns its revision."""
        answer = await self._post("/policies/compressed", token, {"speed": speed}, key=None)
        return _read(_Revision, answer).revision

    # The answer is shown as it comes: its form is the API's to say.
    async def ask(
        self, method: str, path: str, token: str, form: Form | None = None, *, key: str
    ) -> dict[str, Any]:
        """Ask whatever the API offers, and return its answer as it comes."""
        headers = _bearer(token) | ({"Idempotency-Key": key} if method == "POST" else {})
        answer: dict[str, Any] = (await self._send(method, path, headers, form=form)).json()
        return answer

    async def _get(self, path: str, token: str, **params: str | int) -> httpx.Response:
        return await self._send("GET", path, _bearer(token), params=params)

    async def _post(self, path: str, token: str, form: Form, key: str | None) -> httpx.Response:
        headers = _bearer(token) | ({"Idempotency-Key": key} if key else {})
        return await self._send("POST", path, headers, form=form)

    async def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        *,
        params: Mapping[str, str | int] | None = None,
        form: Form | None = None,
    ) -> httpx.Response:
        """Ask until there is an answer; the same headers carry the same key every time."""
        content = None if form is None else orjson.dumps(form)
        typed = {**headers, "Content-Type": "application/json"} if content else headers
        waiting = _Waiting(self.patience, self.retries)
        while True:
            self.requests[method] += 1
            try:
                answer = await self.http.request(
                    method, self._base() + path, headers=typed, params=params, content=content
                )
            except httpx.TransportError as error:
                await waiting.after(type(error).__name__)
                # A stack that was started anew may listen on another port.
                self._url = ""
                continue
            if not waiting.is_worth_another(answer):
                return _checked(answer)
            await waiting.after(_code_of(answer), answer.headers.get("Retry-After"))

    def _base(self) -> str:
        if not self._url:
            self._url = self.find_url().rstrip("/") + PREFIX
        return self._url


@dataclass
class _Waiting:
    """One request's tries and its patience."""

    patience: Patience
    retries: Counter[str]
    tries: int = 0
    faults: int = 0
    ends_at: float | None = None

    def is_worth_another(self, answer: httpx.Response) -> bool:
        """Whether an answer only means that it is to be asked again later."""
        if answer.status_code == _SERVER_FAULT:
            self.faults += 1
            return self.faults <= _FAULTS_FORGIVEN
        return answer.status_code in LATER

    async def after(self, why: str, retry_after: str | None = None) -> None:
        """Wait before the next try, or raise PatienceEndedError."""
        now = asyncio.get_running_loop().time()
        self.ends_at = self.ends_at or now + self.patience.give_up_after_for.total_seconds()
        if now >= self.ends_at:
            raise PatienceEndedError(
                f"no answer for {self.patience.give_up_after_for.total_seconds():g} s, at last: {why}"
            )
        self.tries += 1
        self.retries[why] += 1
        pause_for = self.patience.pause_for(self.tries).total_seconds()
        asked_for = float(retry_after) if retry_after and retry_after.isdigit() else pause_for
        await asyncio.sleep(min(max(pause_for, asked_for), self.patience.longest_pause_for.total_seconds()))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _read(model: type[_Model], answer: httpx.Response) -> _Model:
    return model.model_validate_json(answer.content)


def _checked(answer: httpx.Response) -> httpx.Response:
    """The answer itself if it is a good one; ApiProblem if it is a refusal."""
    if answer.is_success:
        return answer
    problem = _problem_of(answer)
    first = problem.errors[0] if problem.errors else {}
    raise ApiProblem(
        answer.status_code,
        problem.code,
        first.get("message") or problem.title,
        problem.field or first.get("field"),
        problem.rule,
    )


def _code_of(answer: httpx.Response) -> str:
    code = _problem_of(answer).code
    return f"http_{answer.status_code}" if code == "unknown" else code


def _problem_of(answer: httpx.Response) -> _Problem:
    try:
        return _Problem.model_validate_json(answer.content)
    except ValidationError:
        return _Problem()  # A proxy, or an API that was killed while it spoke.

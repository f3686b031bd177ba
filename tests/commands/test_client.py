"""The API client: repeats under one key while a part is away, and is never silent."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest

from commands.client import ApiProblem, HotlineApi, Patience, PatienceEndedError
from hotline.identifiers import CaseNo

NUMBER = CaseNo("260302090000010001")
RECEIPT = {
    "case_no": NUMBER,
    "version": 3,
    "status": "in_hand",
    "phase": "rectification",
    "next_due_at": None,
}
IMPATIENT = Patience(timedelta(seconds=30), timedelta(milliseconds=1), timedelta(milliseconds=2))

Answer = httpx.Response | Exception


def away(status: int = 503, code: str = "engine_unavailable") -> httpx.Response:
    return httpx.Response(status, json={"code": code, "title": "稍后重试"}, headers={"Retry-After": "2"})


def good() -> httpx.Response:
    return httpx.Response(200, json=RECEIPT)


class Wire:
    """Gives the answers of a script, and remembers what was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.requests: list[httpx.Request] = []
        self._answers: Iterator[Answer] = iter(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


def api(
    wire: Wire, patience: Patience = IMPATIENT, find_url: Callable[[], str] = lambda: "http://a.test"
) -> HotlineApi:
    return HotlineApi(httpx.AsyncClient(transport=httpx.MockTransport(wire)), find_url, patience)


async def sign(client: HotlineApi) -> int:
    return (await client.command("secret", NUMBER, "sign_for", {}, key="key-0001")).version


async def test_one_key_for_every_try() -> None:
    wire = Wire(away(), httpx.ConnectError("no"), httpx.ReadTimeout("no"), away(502, "x"), good())
    client = api(wire)
    assert await sign(client) == 3
    assert {request.headers["Idempotency-Key"] for request in wire.requests} == {"key-0001"}
    assert {request.content for request in wire.requests} == {b"{}"}
    assert len(wire.requests) == 5
    assert client.retries == {"engine_unavailable": 1, "ConnectError": 1, "ReadTimeout": 1, "x": 1}


async def test_what_is_no_problem_document_is_counted_by_its_status() -> None:
    wire = Wire(httpx.Response(503, text="<html>"), good())
    client = api(wire)
    await sign(client)
    assert client.retries == {"http_503": 1}


async def test_a_pause_that_the_api_asks_for_is_made() -> None:
    wire = Wire(away(429, "too_many_requests"), good())
    client = api(wire)
    assert await sign(client) == 3
    assert client.retries == {"too_many_requests": 1}


async def test_a_stack_that_moved_is_found_again() -> None:
    wire = Wire(good(), httpx.ConnectError("no"), good())
    urls = iter(["http://a.test", "http://b.test:81/"])
    client = api(wire, find_url=lambda: next(urls))
    await sign(client)
    await sign(client)
    assert [request.url.host for request in wire.requests] == ["a.test", "a.test", "b.test"]
    assert str(wire.requests[2].url) == f"http://b.test:81/api/v1/cases/{NUMBER}/commands/sign_for"


async def test_a_refusal_is_raised_at_once_with_its_parts() -> None:
    problem = {"code": "wrong_status", "title": "不能执行", "field": "lead", "rule": "§12"}
    wire = Wire(httpx.Response(409, json=problem))
    with pytest.raises(ApiProblem) as raised:
        await sign(api(wire))
    told = raised.value
    assert (told.status, told.code, told.title, told.field, told.rule) == (
        409,
        "wrong_status",
        "不能执行",
        "lead",
        "§12",
    )


async def test_the_first_field_at_fault_is_named() -> None:
    errors = [{"field": "title", "message": "Field required"}, {"field": "type", "message": "x"}]
    wire = Wire(httpx.Response(422, json={"code": "invalid", "title": "有误", "errors": errors}))
    with pytest.raises(ApiProblem) as raised:
        await sign(api(wire))
    assert (raised.value.field, raised.value.title) == ("title", "Field required")


async def test_a_fault_is_forgiven_a_few_times_only() -> None:
    passing = Wire(*[away(500, "internal_error")] * 6, good())
    assert await sign(api(passing)) == 3
    with pytest.raises(ApiProblem, match="internal_error"):
        await sign(api(Wire(*[away(500, "internal_error")] * 20)))


async def test_patience_that_ends_is_an_error_that_says_why() -> None:
    none_left = Patience(timedelta(0), timedelta(milliseconds=1), timedelta(milliseconds=1))
    with pytest.raises(PatienceEndedError, match="engine_unavailable"):
        await sign(api(Wire(away(), good()), none_left))


async def test_open_cases_are_read_page_by_page() -> None:
    def page(*numbers: int, cursor: str | None = None) -> httpx.Response:
        items = [{"case_no": str(number), "status": "received"} for number in numbers]
        return httpx.Response(200, json={"items": items, "next_cursor": cursor})

    wire = Wire(page(1, 2, cursor="next"), page(3))
    assert [entry.case_no async for entry in api(wire).open_cases("secret")] == ["1", "2", "3"]
    assert [request.url.params.get("cursor") for request in wire.requests] == [None, "next"]
    assert {request.url.params["open"] for request in wire.requests} == {"true"}


async def test_facts_are_read_to_the_last() -> None:
    def page(seq: int, after: int | None) -> httpx.Response:
        fact = {"seq": seq, "at": "2026-03-02T10:00:00Z", "tag": "intake:registered", "body": {}}
        return httpx.Response(200, json={"items": [fact], "next_after": after})

    facts = await api(Wire(page(1, 1), page(2, None))).facts("secret", NUMBER)
    assert [fact.seq for fact in facts] == [1, 2]

"""One command of a clerk is one trace, down to its statements, and holds nothing of what anybody said."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from api_hands import HANDLER, Office, advance, complaint, new_key, reply, served
from api_premises import manned, migrated
from fixtures.eventually import assert_eventually
from fixtures.spans import Receiver, Seen, flush, receiver, tracing
from fixtures.stack import PostgresForTests, TemporalForTests
from temporalio.client import Client

QUEUE, BATCH = 200, 50
"""Small, so that it is full soon when nobody takes anything: a command is about ten spans."""


@pytest.fixture(scope="module")
def traces() -> Iterator[Receiver]:
    with receiver() as traces, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", str(QUEUE))
        patch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", str(BATCH))
        with tracing(traces.endpoint):
            yield traces


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def traced(
    traces: Receiver,
    postgres: PostgresForTests,
    temporal_server: TemporalForTests,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Office]:
    """An office whose process traces: the API behind a real server, and the worker."""
    fresh = await postgres.create_database(prepared_by=migrated)
    async with (
        manned(fresh, temporal_server, tmp_path_factory.mktemp("traced")) as premises,
        served(premises.settings, premises.tokens) as office,
    ):
        yield office


async def sent(traces: Receiver, name: str) -> Seen:
    """The latest span of that name; a request ends a moment after its caller has the answer."""

    async def is_there() -> None:
        flush()
        assert traces.named(name)

    await assert_eventually(is_there)
    return traces.named(name)[-1]


async def test_one_command_is_one_tree_from_the_request_to_its_statements(
    traced: Office, traces: Receiver, log_file: Path
) -> None:
    number = await traced("operator1").new_case()
    await advance(traced, number, until="dispatch_case")
    handler = traced(HANDLER)
    # The first time in a day that a token is used is noted.
    await handler.get(f"/cases/{number}")
    answer = await handler.command(number, "sign_for", key=new_key())
    request = await sent(traces, "POST /api/v1/cases/{case_no}/commands/sign_for")
    tree = traces.tree_of(request)
    assert request.parent == ""
    assert request.attributes == {
        "http.request.method": "POST",
        "http.route": "/api/v1/cases/{case_no}/commands/sign_for",
        "http.response.status_code": 200,
    }
    assert {span.id for span in tree} == {span.id for span in traces.spans if span.trace == request.trace}
    assert [path for path in _paths(tree) if not path[-1].isupper()] == [
        ("StartWorkflowUpdate:command",),
        ("StartWorkflowUpdate:command", "ValidateUpdate:command"),
        ("StartWorkflowUpdate:command", "HandleUpdate:command"),
    ]
    statements = [span for span in tree if span.name.isupper()]
    assert all(span.attributes["db.system.name"] == "postgresql" for span in statements)
    # Who asks, which case, that it is asked, and all that it decided: each further one shows in what a command costs.
    about = ["FROM tokens", "units_below", "INSERT INTO handovers", "INSERT INTO facts ("]
    texts = [span.attributes["db.query.text"] for span in statements]
    # A command that waits for its answer on a busy machine looks whether clocks wake (api/overtaking.py).
    said = [text for text in texts if "FROM clocks" not in text]
    assert [what in text for what, text in zip(about, said, strict=True)] == [True] * len(about)
    line = _request_line(log_file, answer.headers["x-request-id"])
    assert (line["trace_id"], line["span_id"]) == (request.trace, request.id)


def _request_line(log_file: Path, request_id: str) -> dict[str, Any]:
    lines: list[dict[str, Any]] = [json.loads(line) for line in log_file.read_text().splitlines()]
    (line,) = (line for line in lines if line.get("request_id") == request_id)
    return line


def _paths(tree: list[Seen]) -> list[tuple[str, ...]]:
    """The names from below the root down to each span."""
    root, *others = tree
    paths: dict[str, tuple[str, ...]] = {root.id: ()}
    for span in others:
        paths[span.id] = (*paths[span.parent], span.name)
    return list(paths.values())[1:]


def _writes_facts(tree: list[Seen]) -> bool:
    return any("INSERT INTO facts (" in span.attributes.get("db.query.text", "") for span in tree)


async def test_what_a_case_writes_by_itself_is_in_the_tree_of_who_made_it(
    traced: Office, traces: Receiver
) -> None:
    number = await traced("operator1").new_case()
    await advance(traced, number, until="record_revisit")
    await traced("administrator1").command(number, "archive_case", {})
    tree = traces.tree_of(await sent(traces, "POST /api/v1/cases/{case_no}/commands/archive_case"))
    above = ("StartWorkflowUpdate:command", "HandleUpdate:command", "StartActivity:projection.append")
    assert (*above, "RunActivity:projection.append") in _paths(tree)
    activity = next(span for span in tree if span.name == "RunActivity:projection.append")
    assert activity.attributes["temporalWorkflowID"] == f"case:{number}"
    assert _writes_facts(traces.tree_of(activity))


async def test_a_registration_is_one_tree_too(traced: Office, traces: Receiver) -> None:
    await traced("operator1").new_case()
    tree = traces.tree_of(await sent(traces, "POST /api/v1/cases"))
    assert {span.name for span in tree} >= {"StartUpdateWithStartWorkflow:case", "HandleUpdate:adopt"}
    assert _writes_facts(tree)


async def test_nothing_that_anybody_said_or_looked_for_is_sent(traced: Office, traces: Receiver) -> None:
    operator = traced("operator1")
    number = await operator.new_case()
    await operator.get("/cases", q="滨江花园", caller_phone="138-1234-5678")
    await traced.http.get("/api/v1/王小明/13812345678?who=王小明")
    await advance(traced, number, until="log_contact")
    refused = await traced("dispatcher1").command(number, "dispatch_case", {"lead": "U120"})
    done = await traced(HANDLER).command(number, "submit_reply", reply())
    assert (refused.status_code, done.status_code) == (409, 200)
    await sent(traces, "POST /api/v1/cases/{case_no}/commands/submit_reply")
    spans = [span for span in traces.spans if span.name == "ValidateUpdate:command" and span.is_error]
    (event,) = spans[-1].events
    assert event == {"name": "exception", "exception.type": "temporalio.exceptions.ApplicationError"}
    wire = b"".join(traces.raw)
    texts = [*complaint().values(), *reply().values(), "滨江花园", "王小明", "13812345678", "WHO="]
    for said in (text for text in texts if isinstance(text, str) and text not in {"phone", "complaint"}):
        for written in (said, json.dumps(said)[1:-1], repr(said.encode())[2:-1]):
            assert written.encode() not in wire, said
    assert traced.tokens["operator1"].encode() not in wire
    assert b"http.url" not in wire
    assert b"url.query" not in wire


async def test_which_trace_a_caller_names_is_not_believed(traced: Office, traces: Receiver) -> None:
    theirs = {
        "traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01",
        "tracestate": "who=13812345678",
        "baggage": "who=13812345678",
    }
    number = await traced("operator1").new_case()
    await traced("operator1").post(
        f"/cases/{number}/commands/add_facts", {"text": "仍有噪音"}, headers=theirs
    )
    request = await sent(traces, "POST /api/v1/cases/{case_no}/commands/add_facts")
    assert (request.parent, request.trace == "ab" * 16) == ("", False)
    assert b"13812345678" not in b"".join(traces.raw)


async def test_the_engine_keeps_what_belongs_to_a_trace_sealed(
    traced: Office, traces: Receiver, temporal_server: TemporalForTests
) -> None:
    number = await traced("operator1").new_case()
    request = await sent(traces, "POST /api/v1/cases")
    raw = await Client.connect(temporal_server.address, namespace=temporal_server.namespace)
    events = (await raw.get_workflow_handle(f"case:{number}").fetch_history()).events
    history = b"".join(event.SerializeToString() for event in events)
    assert b"_tracer-data" in history
    assert request.trace.encode() not in history


async def test_a_probe_is_no_trace_and_neither_is_what_keepers_look_for(
    traced: Office, traces: Receiver
) -> None:
    await traced.http.get("/health/ready")
    await traced("operator1").get("/me")
    await sent(traces, "GET /api/v1/me")
    assert [span.name for span in traces.spans if "/health" in span.name] == []
    assert [span for span in traces.spans if span.parent == "" and "db.query.text" in span.attributes] == []


async def test_a_bug_is_an_error_without_its_text(
    traced: Office, traces: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("王小明")

    monkeypatch.setattr("api.routers.reference.all_units", broken)
    assert (await traced("auditor1").get("/units")).status_code == 500
    span = await sent(traces, "GET /api/v1/units")
    assert (span.is_error, span.attributes["error.type"], span.events) == (True, "500", ())


async def test_a_word_that_is_no_method_is_in_no_name(traced: Office, traces: Receiver) -> None:
    assert (await traced.http.request("COPY", "/api/v1/units")).status_code == 405
    assert (await sent(traces, "_OTHER /api/v1/units")).attributes["http.request.method"] == "_OTHER"


async def test_a_stream_is_told_of_when_it_begins(traced: Office, traces: Receiver) -> None:
    headers = {"Authorization": f"Bearer {traced.tokens['operator1']}"}
    async with traced.http.stream("GET", "/api/v1/live", headers=headers) as answer:
        told = answer.aiter_text()
        assert "ready" in await anext(told)
        span = await sent(traces, "GET /api/v1/live")
        assert not answer.is_closed
    assert span.attributes["http.response.status_code"] == 200
    flush()
    assert len(traces.named("GET /api/v1/live")) == 1


async def test_commands_are_done_while_nobody_takes_their_spans(traced: Office, traces: Receiver) -> None:
    """What does not fit into the queue is lost, and no command notices."""
    operator, commands = traced("operator1"), (QUEUE + BATCH) // 5
    number = await operator.new_case()
    flush()
    name = "POST /api/v1/cases/{case_no}/commands/add_facts"
    before = len(traces.named(name))
    with traces.hanging():
        for _ in range(commands):
            assert (await operator.command(number, "add_facts", {"text": "仍有噪音"})).status_code == 200
    await operator.command(number, "add_facts", {"text": "仍有噪音"})
    flush()
    assert 0 < len(traces.named(name)) - before < commands

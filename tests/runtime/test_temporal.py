"""The client factory: a real server stores nothing of a case in the clear, failures included."""

import asyncio
import shutil
import socket
import sys
import uuid
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from fixtures.histories import failures_in, payloads_in, sources
from leaky import Buggy, Leaky, Note, fail_with
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from runtime.codec import SEALED
from runtime.keyring import Keyring
from runtime.temporal import connect, data_converter, ensure_namespace

MARKER = "MARKER-e3b0c442"
NOTE = Note(text=MARKER, due_on=date(2026, 2, 25))


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[str]:
    executable = shutil.which("temporal", path=str(Path(sys.executable).parent))
    async with await WorkflowEnvironment.start_local(dev_server_existing_path=executable) as env:
        yield env.client.service_client.config.target_host


@pytest.fixture(scope="module")
def keyring() -> Keyring:
    return Keyring.generate()


@pytest.fixture(scope="module")
async def client(server: str, keyring: Keyring) -> Client:
    return await connect(server, "default", keyring, identity="test")


@pytest.fixture(scope="module")
async def raw(server: str) -> Client:
    return await Client.connect(server)


async def test_no_source_of_a_history_holds_the_marker_in_the_clear(client: Client, raw: Client) -> None:
    handle = await _run_leaky(client)
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    assert isinstance(caught.value.cause, ActivityError)
    reason = caught.value.cause.cause
    assert isinstance(reason, ApplicationError)
    assert reason.message == MARKER  # whoever holds the key still reads it

    events = (await raw.get_workflow_handle(handle.id).fetch_history()).events
    payloads = {source: found for event in events for source, found in payloads_in(event)}
    failures = [found for event in events for found in failures_in(event)]
    assert sources(payloads) >= {
        "workflow_execution_started_event_attributes.input",
        "workflow_execution_started_event_attributes.memo",
        "activity_task_scheduled_event_attributes.input",
        "workflow_execution_signaled_event_attributes.input",
        "workflow_execution_update_accepted_event_attributes.accepted_request",
        "workflow_execution_update_completed_event_attributes.outcome",
        "activity_task_failed_event_attributes.failure",
        "workflow_execution_failed_event_attributes.failure",
        "user_metadata.summary",
    }
    assert {source for source, found in payloads.items() if found.metadata["encoding"] != SEALED} == set()
    assert failures
    assert {(found.message, found.stack_trace) for found in failures} == {("Encoded failure", "")}
    assert [event for event in events if MARKER.encode() in event.SerializeToString()] == []


async def test_the_same_run_without_sealing_shows_the_marker(
    server: str, keyring: Keyring, raw: Client
) -> None:
    """The search above finds a leak when there is one."""
    clear = await connect(server, "default", keyring, identity="test", seals=False)
    handle = await _run_leaky(clear)
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    events = (await raw.get_workflow_handle(handle.id).fetch_history()).events
    assert any(MARKER.encode() in event.SerializeToString() for event in events)


async def test_a_bug_in_workflow_code_leaves_no_marker_in_the_failed_task(
    client: Client, raw: Client
) -> None:
    queue = str(uuid.uuid4())
    async with Worker(client, task_queue=queue, workflows=[Buggy]):
        handle = await client.start_workflow(Buggy.run, NOTE, id=queue, task_queue=queue)
        failed = await _first_event(raw, queue, EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED)
        await handle.terminate()
    assert failed.HasField("workflow_task_failed_event_attributes")
    assert failed.workflow_task_failed_event_attributes.failure.message == "Encoded failure"
    assert MARKER.encode() not in failed.SerializeToString()


async def test_a_sealed_history_replays_with_the_same_converter(client: Client, keyring: Keyring) -> None:
    handle = await _run_leaky(client)
    replayer = Replayer(workflows=[Leaky], data_converter=data_converter(keyring))
    await replayer.replay_workflow(await handle.fetch_history())


async def test_a_namespace_is_registered_once_and_asking_again_is_harmless(
    server: str, keyring: Keyring
) -> None:
    name = f"hotline-{uuid.uuid4()}"
    client = await connect(server, name, keyring, identity="test")
    await asyncio.gather(*(ensure_namespace(client, retention_for=timedelta(days=90)) for _ in range(3)))
    described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=name))
    assert described.config.workflow_execution_retention_ttl.ToTimedelta() == timedelta(days=90)


async def test_a_lazy_client_is_made_while_the_server_is_down(keyring: Keyring) -> None:
    client = await connect("127.0.0.1:1", "default", keyring, identity="test", lazy=True)
    assert client.identity == "test"


async def test_metrics_are_served_on_the_given_address_and_not_per_client(
    server: str, keyring: Keyring
) -> None:
    address = f"127.0.0.1:{_free_port()}"
    for _ in range(2):
        await connect(server, "default", keyring, identity="test", metrics_address=address)
    async with httpx.AsyncClient() as http:
        page = await http.get(f"http://{address}/metrics")
    assert "temporal_request_total" in page.text


async def _run_leaky(client: Client) -> WorkflowHandle[Leaky, None]:
    """Run one workflow to its failure, with the marker in its input, memo, signal, update and activity."""
    queue = str(uuid.uuid4())
    handle = await client.start_workflow(Leaky.run, NOTE, id=queue, task_queue=queue, memo={"note": MARKER})
    await handle.signal(Leaky.hear, NOTE)
    async with Worker(client, task_queue=queue, workflows=[Leaky], activities=[fail_with]):
        assert await handle.execute_update(Leaky.echo, NOTE) == NOTE
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    return handle


async def _first_event(client: Client, workflow_id: str, kind: EventType.ValueType) -> HistoryEvent:
    events = client.get_workflow_handle(workflow_id).fetch_history_events(wait_new_event=True)
    async for event in events:
        if event.event_type == kind:
            return event
    raise AssertionError("the history ended without the event")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])

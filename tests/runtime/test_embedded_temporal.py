import sqlite3
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest_asyncio
from talkative import Talkative
from temporalio.client import Client

from runtime.embedded_temporal import RETENTION_FOR, EmbeddedTemporal, retention_of
from runtime.ports import free_port


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedTemporal]:
    async with EmbeddedTemporal(tmp_path, free_port(), free_port(), namespace="cases") as server:
        yield server


async def _start(server: EmbeddedTemporal) -> str:
    client = await Client.connect(server.address, namespace="cases")
    handle = await client.start_workflow(Talkative.run, id=f"case:{uuid.uuid4().hex}", task_queue="unpolled")
    return handle.id


async def test_namespace_and_workflow_outlive_a_kill(server: EmbeddedTemporal) -> None:
    case = await _start(server)
    assert server._child is not None
    server._child.kill()
    await server._child.wait()
    await server.start()
    client = await Client.connect(server.address, namespace="cases")
    assert (await client.get_workflow_handle(case).describe()).id == case
    assert await retention_of(server.address, "cases") == RETENTION_FOR


async def test_database_is_written_ahead(server: EmbeddedTemporal, tmp_path: Path) -> None:
    file = tmp_path / "temporal" / "temporal.db"
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


async def test_settings_of_one_machine_reach_the_server(server: EmbeddedTemporal) -> None:
    command = server.command()
    values = {command[at + 1] for at, part in enumerate(command) if part == "--dynamic-config-value"}
    assert {
        "matching.numTaskqueueReadPartitions=1",
        "matching.numTaskqueueWritePartitions=1",
        'history.timerProcessorMaxTimeShift="10ms"',
    } <= values


async def test_web_interface_is_served(server: EmbeddedTemporal) -> None:
    async with httpx.AsyncClient(trust_env=False) as browser:
        assert (await browser.get(f"{server.ui_url}/api/v1/settings")).status_code == 200


async def test_web_interface_is_told_where_payloads_are_decoded(tmp_path: Path) -> None:
    endpoint = "http://127.0.0.1:8000/codec"
    server = EmbeddedTemporal(tmp_path, free_port(), free_port(), codec_endpoint=endpoint, in_memory=True)
    async with server, httpx.AsyncClient(trust_env=False) as browser:
        told = (await browser.get(f"{server.ui_url}/api/v1/settings")).json()
    assert told["Codec"]["Endpoint"] == endpoint

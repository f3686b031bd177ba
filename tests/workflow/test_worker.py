"""The worker as a process: it waits for its servers, leaves when asked, and may be killed."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from fixtures.cases import dispatch, registration, sign
from fixtures.engine import Engine, engine
from fixtures.stack import Database as Addresses
from fixtures.stack import PostgresForTests, TemporalForTests

from hotline.evolve import replay
from hotline.identifiers import CaseNo
from hotline.vocabulary import Status
from runtime.keyring import Keyring
from runtime.ports import free_port
from runtime.temporal import connect
from store.engine import Database
from store.ledger import facts_of
from store.migrate import migrate
from store.policies import ensure_default

PROJECT = Path(__file__).parents[2]

Start = Callable[[], Awaitable[Process]]


async def _migrated(addresses: Addresses) -> None:
    await migrate(addresses.owner_url)


async def logged(worker: Process, event: str) -> dict[str, object]:
    """Read the worker's log until it says so."""
    assert worker.stderr is not None
    async for line in worker.stderr:
        entry: dict[str, object] = orjson.loads(line)
        if entry["event"] == event:
            return entry
    raise AssertionError(f"the worker ended without {event}")


@pytest.fixture
async def addresses(postgres: PostgresForTests) -> Addresses:
    return await postgres.create_database(_migrated)


@pytest.fixture
async def database(addresses: Addresses) -> AsyncIterator[Database]:
    database = Database.connect(addresses.url)
    async with database.write() as session:
        await ensure_default(session, at=datetime.now(UTC))
    yield database
    await database.close()


@pytest.fixture
async def city(temporal_server: TemporalForTests, tmp_path: Path) -> Engine:
    keyring = Keyring.load_or_create(tmp_path / "keyring.json")
    client = await connect(temporal_server.address, temporal_server.namespace, keyring, identity="test")
    return engine(client)


@asynccontextmanager
async def worker_process(settings: dict[str, str]) -> AsyncIterator[Process]:
    ours = {f"HOTLINE_{name.upper()}": value for name, value in settings.items()}
    others = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "worker", env=others | ours, cwd=PROJECT, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
def settings(
    addresses: Addresses, temporal_server: TemporalForTests, city: Engine, tmp_path: Path
) -> dict[str, str]:
    return {
        "data_dir": str(tmp_path),
        "database_url": addresses.url,
        "temporal_address": temporal_server.address,
        "task_queue": city.queue,
        "deployment_name": city.version.deployment_name,
        "worker_metrics_port": str(free_port()),
    }


async def test_worker_serves_cases_and_leaves_when_asked(
    city: Engine, settings: dict[str, str], number: CaseNo
) -> None:
    async with worker_process(settings) as worker:
        await logged(worker, "worker.ready")
        await city.adopt(registration(number))
        worker.send_signal(signal.SIGTERM)
        await logged(worker, "worker.stopping")
        assert await worker.wait() == 0


@pytest.mark.chaos
async def test_cases_of_a_killed_worker_go_on_with_the_next_one(
    city: Engine, settings: dict[str, str], database: Database, number: CaseNo
) -> None:
    async with worker_process(settings) as worker:
        await logged(worker, "worker.ready")
        await city.adopt(registration(number))
        order = dispatch()
        sent = asyncio.create_task(city.send(number, order))
        await asyncio.sleep(0)
        worker.kill()
        await worker.wait()
    async with worker_process(settings) as successor:
        await logged(successor, "worker.ready")
        assert (await sent).status is Status.AWAITING_SIGNATURE
        assert await city.send(number, order) == await sent
        await city.send(number, sign())
        async with database.read() as session:
            facts = await facts_of(session, number)
        assert replay(facts) == await city.state(number)


async def test_worker_without_servers_waits_and_still_leaves_when_asked(settings: dict[str, str]) -> None:
    nowhere = settings | {"temporal_address": "127.0.0.1:1"}
    async with worker_process(nowhere) as worker:
        assert (await logged(worker, "worker.waiting"))["on"] == "temporal"
        worker.send_signal(signal.SIGTERM)
        assert await worker.wait() == 0

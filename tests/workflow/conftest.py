"""A case engine on the session's server, and a ledger in memory."""

from collections.abc import AsyncIterator

import pytest
from fixtures.cases import new_number
from fixtures.engine import Engine, MemoryLedger, engine
from fixtures.stack import TemporalForTests
from temporalio.client import Client

from hotline.identifiers import CaseNo
from runtime.embedded_temporal import TIME_SKIPPING, EmbeddedTemporal
from runtime.keyring import Keyring
from runtime.ports import free_port
from runtime.temporal import connect

SUGGESTED_AT = 60


@pytest.fixture(scope="session")
async def temporal_client(temporal_server: TemporalForTests) -> Client:
    return await connect(
        temporal_server.address, temporal_server.namespace, Keyring.generate(), identity="test"
    )


@pytest.fixture(scope="session")
async def short_histories(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedTemporal]:
    """A server that asks for a new run after a few commands instead of after thousands."""
    server = EmbeddedTemporal(
        tmp_path_factory.mktemp("short-histories"),
        free_port(),
        None,
        dynamic_config={**TIME_SKIPPING, "limit.historyCount.suggestContinueAsNew": SUGGESTED_AT},
        in_memory=True,
    )
    async with server:
        yield server


@pytest.fixture
async def short_city(short_histories: EmbeddedTemporal) -> Engine:
    """An engine without a worker on that server."""
    client = await connect(
        short_histories.address, short_histories.namespace, Keyring.generate(), identity="test"
    )
    return engine(client)


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


@pytest.fixture
def idle_engine(temporal_client: Client) -> Engine:
    """An engine without a worker."""
    return engine(temporal_client)


@pytest.fixture
async def city(idle_engine: Engine, ledger: MemoryLedger) -> AsyncIterator[Engine]:
    """An engine with one worker that writes to `ledger`."""
    async with idle_engine.worker([ledger.append]):
        yield idle_engine


@pytest.fixture
def number() -> CaseNo:
    return new_number()

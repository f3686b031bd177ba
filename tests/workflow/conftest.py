"""A case engine on the session's server, and a ledger in memory."""

from collections.abc import AsyncIterator

import pytest
from fixtures.cases import new_number
from fixtures.engine import Engine, MemoryLedger, engine
from fixtures.stack import TemporalForTests
from temporalio.client import Client

from hotline.identifiers import CaseNo
from runtime.keyring import Keyring
from runtime.temporal import connect


@pytest.fixture(scope="session")
async def temporal_client(temporal_server: TemporalForTests) -> Client:
    return await connect(
        temporal_server.address, temporal_server.namespace, Keyring.generate(), identity="test"
    )


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

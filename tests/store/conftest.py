"""A migrated database for each test, and hands to fill it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from fixtures.stack import Database as FreshDatabase
from fixtures.stack import PostgresForTests

from runtime.keyring import Keyring
from store.engine import Database, PoolSettings
from store.migrate import migrate

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""Monday 2 March 2026, 10:00 in Shanghai."""


async def migrated(database: FreshDatabase) -> None:
    await migrate(database.owner_url)


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring.generate()


@pytest_asyncio.fixture
async def fresh(postgres: PostgresForTests) -> FreshDatabase:
    return await postgres.create_database(prepared_by=migrated)


@pytest_asyncio.fixture
async def database(fresh: FreshDatabase) -> AsyncIterator[Database]:
    """As the application's role, which does not own the tables."""
    database = Database.connect(fresh.url, PoolSettings(size=4))
    yield database
    await database.close()


@pytest_asyncio.fixture
async def as_owner(fresh: FreshDatabase) -> AsyncIterator[Database]:
    database = Database.connect(fresh.owner_url, PoolSettings(size=2))
    yield database
    await database.close()


@pytest_asyncio.fixture
async def another_database(postgres: PostgresForTests) -> AsyncIterator[Database]:
    other = await postgres.create_database(prepared_by=migrated)
    database = Database.connect(other.url, PoolSettings(size=2))
    yield database
    await database.close()

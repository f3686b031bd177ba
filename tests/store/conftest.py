"""A migrated database for each test, and hands to fill it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fixtures.stack import Database as FreshDatabase
from fixtures.stack import PostgresForTests
from store_hands import migrated

from runtime.keyring import Keyring
from store.engine import Database, PoolSettings


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring.generate()


@pytest_asyncio.fixture
async def fresh(postgres: PostgresForTests) -> AsyncIterator[FreshDatabase]:
    fresh = await postgres.create_database(prepared_by=migrated)
    yield fresh
    await postgres.drop_database(fresh)


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
    await postgres.drop_database(other)

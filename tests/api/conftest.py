"""A whole office for the API's tests: PostgreSQL, Temporal, a worker, and the application.

One for all tests, since every test makes cases and keys of its own.
"""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from api_doors import Doors, doors_of
from api_hands import Office, opened
from api_premises import Premises, manned, migrated
from fixtures.stack import Database as FreshDatabase
from fixtures.stack import PostgresForTests, TemporalForTests

from runtime.logging import configure_logging
from runtime.settings import Settings


@pytest.fixture(scope="module", autouse=True)
def log_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where everything of one module's tests is logged, as a process of ours would log it."""
    before, level = structlog.get_config(), logging.root.level
    file = tmp_path_factory.mktemp("log") / "api.log"
    configure_logging(Settings(), "api", file)
    ours = logging.root.handlers[-1]
    yield file
    logging.root.removeHandler(ours)
    logging.root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.configure(**before)


@pytest_asyncio.fixture(scope="session")
async def api_database(postgres: PostgresForTests) -> FreshDatabase:
    return await postgres.create_database(prepared_by=migrated)


@pytest_asyncio.fixture(scope="session")
async def premises(
    api_database: FreshDatabase, temporal_server: TemporalForTests, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Premises]:
    async with manned(api_database, temporal_server, tmp_path_factory.mktemp("api")) as premises:
        yield premises


@pytest.fixture(scope="session")
def api_settings(premises: Premises) -> Settings:
    return premises.settings


@pytest.fixture(scope="session")
def tokens(premises: Premises) -> dict[str, str]:
    return premises.tokens


@pytest_asyncio.fixture(scope="session")
async def office(premises: Premises) -> AsyncIterator[Office]:
    async with opened(premises.settings, premises.tokens) as office:
        yield office


@pytest_asyncio.fixture(scope="session")
async def doors(postgres: PostgresForTests, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Doors]:
    """An office of its own for signing in, outside demo mode and with a clock that tests move."""
    fresh = await postgres.create_database(prepared_by=migrated)
    async with doors_of(fresh, tmp_path_factory.mktemp("doors")) as doors:
        yield doors

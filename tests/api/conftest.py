"""A whole office for the API's tests: PostgreSQL, Temporal, a worker without cached state, and the application.

One for all tests, since every test makes cases and keys of its own.
"""

import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from api_hands import Office, opened
from fixtures.stack import Database as FreshDatabase
from fixtures.stack import PostgresForTests, TemporalForTests
from temporalio.client import Client

from activities.projection import Projection
from runtime.keyring import Keyring
from runtime.logging import configure_logging
from runtime.settings import Settings
from runtime.temporal import connect
from store.engine import Database, PoolSettings
from store.migrate import migrate
from store.seed import seed_demo
from worker import case_worker, make_current, version_of


async def migrated(database: FreshDatabase) -> None:
    await migrate(database.owner_url)


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


@pytest.fixture(scope="session")
def api_settings(
    api_database: FreshDatabase, temporal_server: TemporalForTests, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    data_dir: Path = tmp_path_factory.mktemp("api")
    return Settings(
        data_dir=data_dir,
        database_url=api_database.url,
        temporal_address=temporal_server.address,
        temporal_namespace=temporal_server.namespace,
        task_queue="api-tests",
        deployment_name="api-tests",
        demo_mode=True,
        relay_interval_seconds=0.2,
        public_submit_limit="1000/second",
        public_follow_limit="1000/second",
    )


@pytest_asyncio.fixture(scope="session")
async def tokens(api_settings: Settings) -> dict[str, str]:
    assert api_settings.database_url is not None
    database = Database.connect(api_settings.database_url, PoolSettings(size=1))
    async with database.write() as session:
        made = await seed_demo(session, at=datetime.now(UTC))
    await database.close()
    return {str(user): token for user, token in made.items()}


@pytest_asyncio.fixture(scope="session")
async def temporal(api_settings: Settings) -> Client:
    assert api_settings.temporal_address is not None
    return await connect(
        api_settings.temporal_address,
        api_settings.temporal_namespace,
        Keyring.load_or_create(api_settings.keyring_path),
        identity="api-tests-worker",
    )


@pytest_asyncio.fixture(scope="session")
async def case_desk(api_settings: Settings, temporal: Client) -> AsyncIterator[None]:
    """A worker that replays every task from history."""
    assert api_settings.database_url is not None
    database = Database.connect(api_settings.database_url, PoolSettings(size=5))
    await make_current(temporal, version_of(api_settings))
    async with case_worker(
        temporal,
        api_settings.task_queue,
        [Projection(database).append],
        version_of(api_settings),
        max_cached_workflows=0,
    ):
        yield
    await database.close()


@pytest_asyncio.fixture(scope="session")
async def office(api_settings: Settings, tokens: dict[str, str], case_desk: None) -> AsyncIterator[Office]:
    async with opened(api_settings, tokens) as office:
        yield office

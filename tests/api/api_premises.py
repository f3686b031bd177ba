"""What an office needs before it opens: a database with demonstration data, and a worker as a city runs it."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fixtures.stack import Database as FreshDatabase
from fixtures.stack import TemporalForTests

from runtime.deployment import make_current
from runtime.keyring import Keyring
from runtime.settings import Settings
from runtime.temporal import connect
from store.engine import Database, PoolSettings
from store.migrate import migrate
from store.seed import seed_demo
from worker import activities_of, case_worker, version_of

WORKER = "api-tests-worker"


@dataclass
class Premises:
    """Settings under which an application can open, and the tokens of its people."""

    settings: Settings
    tokens: dict[str, str]


# Tests ask as fast as they can, from one address and with few accounts.
_LIMITS: Final = ("address", "account", "token", "refused", "public_submit", "public_follow")
UNLIMITED: Final[dict[str, Any]] = {f"{whose}_limit": "100000/second" for whose in _LIMITS}


async def migrated(database: FreshDatabase) -> None:
    await migrate(database.owner_url)


@asynccontextmanager
async def manned(fresh: FreshDatabase, temporal: TemporalForTests, data_dir: Path) -> AsyncIterator[Premises]:
    """A task queue of its own, so that no other worker or relay takes its cases on."""
    queue = uuid.uuid4().hex
    settings = Settings(
        data_dir=data_dir,
        database_url=fresh.url,
        temporal_address=temporal.address,
        temporal_namespace=temporal.namespace,
        task_queue=queue,
        deployment_name=queue,
        demo_mode=True,
        relay_interval_seconds=0.2,
        **UNLIMITED,
    )
    database = Database.connect(fresh.url, PoolSettings(size=5))
    async with database.write() as session:
        tokens = await seed_demo(session, at=datetime.now(UTC))
    async with _worker(settings, database):
        yield Premises(settings, {str(user): token for user, token in tokens.items()})
    await database.close()


@asynccontextmanager
async def _worker(settings: Settings, database: Database) -> AsyncIterator[None]:
    assert settings.temporal_address is not None
    keyring = Keyring.load_or_create(settings.keyring_path)
    client = await connect(settings.temporal_address, settings.temporal_namespace, keyring, identity=WORKER)
    version = version_of(settings)
    await make_current(client, version)
    # With its cache: that no state lives only in memory is shown by tests/workflow, which replay every task.
    async with case_worker(client, settings.task_queue, activities_of(settings, client, database), version):
        yield

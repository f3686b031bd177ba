import asyncpg
import pytest
from fixtures.stack import Database, PostgresForTests, TemporalForTests

from runtime.embedded_temporal import RETENTION_FOR, retention_of
from runtime.postgres_roles import connected


def _plain(url: str) -> str:
    return url.replace("+asyncpg", "")


async def _with_a_table(database: Database) -> None:
    async with connected(_plain(database.owner_url)) as owner:
        await owner.execute("CREATE EXTENSION pg_trgm; CREATE TABLE facts (seq int)")
        await owner.execute("REVOKE UPDATE, DELETE ON facts FROM hotline_app")
        await owner.execute("INSERT INTO facts VALUES (1)")


async def test_prepared_database_is_copied_with_its_rights(postgres: PostgresForTests) -> None:
    first = await postgres.create_database(_with_a_table)
    second = await postgres.create_database(_with_a_table)
    async with connected(_plain(first.url)) as application:
        await application.execute("INSERT INTO facts VALUES (2)")
    async with connected(_plain(second.url)) as application:
        assert await application.fetchval("SELECT count(*) FROM facts") == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await application.execute("DELETE FROM facts")


async def test_unprepared_database_is_empty(postgres: PostgresForTests) -> None:
    database = await postgres.create_database()
    async with connected(_plain(database.url)) as application:
        assert await application.fetchval("SELECT to_regclass('facts')") is None


async def test_temporal_server_keeps_histories(temporal_server: TemporalForTests) -> None:
    assert await retention_of(temporal_server.address, temporal_server.namespace) == RETENTION_FOR

"""The migrations lead to the tables that the code declares, from any number of processes at once."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from fixtures.stack import PostgresForTests
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from store_hands import bring
from unit.lives import registered

from store.engine import Database
from store.migrate import is_current, migrate, newest_revision
from store.tables import metadata


async def test_migrated_database_has_the_declared_tables(postgres: PostgresForTests) -> None:
    fresh = await postgres.create_database()
    await migrate(fresh.owner_url)
    engine = create_async_engine(fresh.owner_url)
    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"compare_type": True, "compare_server_default": True}),
                metadata,
            )
        )
    await engine.dispose()
    assert differences == []


async def test_migrated_indexes_hold_the_columns_that_they_are_declared_to_hold(database: Database) -> None:
    """What a board reads from an index alone; comparing the tables does not look at it."""
    declared = {
        str(holder.name): tuple(held)
        for table in metadata.tables.values()
        for holder in (*table.indexes, table.primary_key)
        if (held := holder.dialect_options["postgresql"]["include"])
    }
    query = text("""
        SELECT relname, array_agg(attname::text ORDER BY attnum)
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_attribute ON attrelid = indexrelid
        WHERE attnum > indnkeyatts AND relnamespace = 'public'::regnamespace GROUP BY relname
    """)
    async with database.read() as session:
        found = {row.relname: tuple(row.array_agg) for row in await session.execute(query)}
    assert found == declared


async def test_processes_that_migrate_at_once_all_find_the_newest_form(postgres: PostgresForTests) -> None:
    fresh = await postgres.create_database()
    assert await asyncio.gather(*(migrate(fresh.owner_url) for _ in range(3))) == [newest_revision()] * 3


async def test_readiness_tells_a_migrated_database_from_an_empty_one(postgres: PostgresForTests) -> None:
    fresh = await postgres.create_database()
    database = Database.connect(fresh.url)
    async with database.read() as session:
        assert not await is_current(session)
    await migrate(fresh.owner_url)
    async with database.read() as session:
        assert await is_current(session)
    await database.close()


@pytest.mark.parametrize("change", ["UPDATE facts SET seq = 9", "DELETE FROM facts", "TRUNCATE facts"])
async def test_not_even_the_owner_changes_the_ledger(as_owner: Database, change: str) -> None:
    await bring(as_owner, registered())
    with pytest.raises(DBAPIError) as refused:
        async with as_owner.write() as session:
            await session.execute(text(change))
    assert getattr(refused.value.orig, "sqlstate", None) == "23001"


@pytest.mark.parametrize("change", ["UPDATE facts SET seq = 9", "DELETE FROM facts", "TRUNCATE facts"])
async def test_the_application_may_not_even_ask(database: Database, change: str) -> None:
    with pytest.raises(DBAPIError) as refused:
        async with database.write() as session:
            await session.execute(text(change))
    assert getattr(refused.value.orig, "sqlstate", None) == "42501"

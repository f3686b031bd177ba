"""Sessions keep their word: readers cannot write, writers commit whole or not at all, failures are told apart."""

import asyncio
from datetime import timedelta

import pytest
from fixtures.stack import Database as FreshDatabase
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from runtime.ports import free_port
from store.engine import Database, PoolSettings, ReadSession, WriteSession, database_url
from store.failures import DatabaseBusy, DatabaseUnavailable
from store.tables.reference import units

ADD_UNIT = "INSERT INTO units VALUES (:code, 'n', 'city', NULL, true)"


async def _count(database: Database) -> int:
    async with database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(units)))


async def test_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError) as refused:
        async with database.read() as session:
            await session.execute(text(ADD_UNIT), {"code": "U1"})
    assert getattr(refused.value.orig, "sqlstate", None) == "25006"
    async with database.write() as session:
        await session.execute(text(ADD_UNIT), {"code": "U1"})
    assert await _count(database) == 1


async def test_block_that_fails_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as session:
            await session.execute(text(ADD_UNIT), {"code": "U1"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await _count(database) == 0


async def test_block_that_is_cancelled_leaves_nothing_and_gives_its_connection_back(
    fresh: FreshDatabase,
) -> None:
    database = Database.connect(fresh.url, PoolSettings(size=1))

    async def wait_inside() -> None:
        async with database.write() as session:
            await session.execute(text(ADD_UNIT), {"code": "U1"})
            inside.set()
            await session.execute(text("SELECT pg_sleep(60)"))

    inside = asyncio.Event()
    task = asyncio.create_task(wait_inside())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await _count(database) == 0
    await database.close()


async def test_session_for_one_statement_commits_it_by_itself_and_leaves_a_connection_that_does_not(
    fresh: FreshDatabase,
) -> None:
    database = Database.connect(fresh.url, PoolSettings(size=2))

    async def fail() -> None:
        async with database.write() as session:
            await session.execute(text(ADD_UNIT), {"code": "U2"})
            raise ZeroDivisionError

    async with database.write_one() as session:
        await session.execute(text(ADD_UNIT), {"code": "U1"})
        assert await _count(database) == 1
    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await _count(database) == 1
    await database.close()


async def test_what_was_read_is_not_locked(fresh: FreshDatabase, database: Database) -> None:
    impatient = Database.connect(fresh.owner_url, PoolSettings(lock_for=timedelta(milliseconds=50)))
    async with database.read() as reader:
        await reader.execute(select(units.c.code))
        async with impatient.write() as session:
            await session.execute(text("LOCK TABLE units IN ACCESS EXCLUSIVE MODE"))
    await impatient.close()


async def test_savepoint_undoes_one_step_of_many(database: Database) -> None:
    async def add(session: WriteSession, *codes: str) -> None:
        async with session.savepoint():
            for code in codes:
                await session.execute(text(ADD_UNIT), {"code": code})

    async with database.write() as session:
        await add(session, "U1")
        with pytest.raises(DBAPIError):
            await add(session, "U2", "U1")
        await add(session, "U3")
    async with database.read() as session:
        found = await session.execute(select(units.c.code).order_by(units.c.code))
    assert found.scalars().all() == ["U1", "U3"]


async def test_snapshot_does_not_see_what_comes_later(database: Database) -> None:
    async with database.read(snapshot=True) as session:
        before = await session.scalar(select(func.count()).select_from(units))
        async with database.write() as writer:
            await writer.execute(text(ADD_UNIT), {"code": "U1"})
        assert await session.scalar(select(func.count()).select_from(units)) == before
    assert await _count(database) == 1


async def test_readers_of_one_moment_share_one_transaction_and_read_nothing_twice(
    fresh: FreshDatabase,
) -> None:
    database = Database.connect(fresh.url, PoolSettings(size=1))
    reads: list[str] = []

    async def moment_of(session: ReadSession) -> str:
        async def read() -> str:
            reads.append("read")
            return str(await session.scalar(text("SELECT txid_current_snapshot()")))

        return await session.once("moment", read)

    try:
        async with database.one_moment(), database.read() as one, database.read(snapshot=True) as other:
            assert one is other
            assert await moment_of(one) == await moment_of(other)
        assert reads == ["read"]
        async with database.read() as session:
            await moment_of(session)
            await moment_of(session)
        assert len(reads) == 3
    finally:
        await database.close()


async def test_one_moment_sees_nothing_that_comes_later_and_is_of_one_task(database: Database) -> None:
    async with database.one_moment():
        assert await _count(database) == 0
        async with database.write() as session:
            await session.execute(text(ADD_UNIT), {"code": "U1"})
        assert await _count(database) == 0
        assert await asyncio.create_task(_count(database)) == 1
    assert await _count(database) == 1


async def test_failure_in_one_moment_gives_its_connection_back(fresh: FreshDatabase) -> None:
    database = Database.connect(fresh.url, PoolSettings(size=1))

    async def fail() -> None:
        async with database.one_moment(), database.read() as session:
            await session.execute(text("SELECT 1"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await _count(database) == 0
    await database.close()


async def test_nobody_at_the_port_is_unavailable() -> None:
    database = Database.connect(f"postgresql://nobody:secret@127.0.0.1:{free_port()}/none")
    with pytest.raises(DatabaseUnavailable) as failure:
        await database.ping()
    assert not isinstance(failure.value, DatabaseBusy)
    assert "secret" not in str(failure.value)
    await database.close()


async def test_lost_connection_is_unavailable_and_the_next_session_works(database: Database) -> None:
    async def lose_the_connection() -> None:
        async with database.write() as session:
            backend = await session.scalar(text("SELECT pg_backend_pid()"))
            await session.execute(text(ADD_UNIT), {"code": "U1"})
            async with database.write() as other:
                await other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": backend})
            await session.execute(text(ADD_UNIT), {"code": "U2"})

    with pytest.raises(DatabaseUnavailable):
        await lose_the_connection()
    assert await _count(database) == 0


async def test_idle_connection_that_was_lost_is_replaced(database: Database) -> None:
    async with database.read() as session:
        backend = await session.scalar(text("SELECT pg_backend_pid()"))
        async with database.write() as other:
            other_backend = await other.scalar(text("SELECT pg_backend_pid()"))
    async with database.write() as session:
        mine = await session.scalar(text("SELECT pg_backend_pid()"))
        idle = ({backend, other_backend} - {mine}).pop()
        await session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": idle})
        # The backend is gone; that this process has heard of it takes a turn of the loop or two.
        await asyncio.sleep(0.2)
        async with database.read() as fresh_session:
            assert await fresh_session.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize(
    ("settings", "statement"),
    [
        (PoolSettings(statement_for=timedelta(milliseconds=50)), "SELECT pg_sleep(60)"),
        (PoolSettings(lock_for=timedelta(milliseconds=50)), "LOCK TABLE units IN SHARE ROW EXCLUSIVE MODE"),
    ],
)
async def test_what_takes_too_long_is_busy(
    fresh: FreshDatabase, database: Database, settings: PoolSettings, statement: str
) -> None:
    impatient = Database.connect(fresh.owner_url, settings)
    async with database.write() as session:
        await session.execute(text(ADD_UNIT), {"code": "U1"})
        with pytest.raises(DatabaseBusy):
            async with impatient.write() as other:
                await other.execute(text(statement))
    await impatient.close()


async def test_pool_without_a_free_connection_is_busy(fresh: FreshDatabase) -> None:
    database = Database.connect(fresh.url, PoolSettings(size=1, wait_for=timedelta(milliseconds=50)))
    async with database.read():
        with pytest.raises(DatabaseBusy):
            await database.ping()
    await database.close()


async def test_what_was_opened_for_many_at_once_is_kept_for_those_who_come_next(fresh: FreshDatabase) -> None:
    database = Database.connect(fresh.url, PoolSettings(size=3))
    everybody_inside = asyncio.Barrier(3)

    async def ask() -> int:
        async with database.read() as session:
            await everybody_inside.wait()
            return int(await session.scalar(text("SELECT pg_backend_pid()")) or 0)

    first, second = [await asyncio.gather(*(ask() for _ in range(3))) for _ in range(2)]
    assert len({*first}) == 3
    assert {*first} == {*second}
    await database.close()


async def test_who_waits_longest_for_a_connection_is_next_also_before_whoever_comes_when_one_gets_free(
    fresh: FreshDatabase,
) -> None:
    database = Database.connect(fresh.url, PoolSettings(size=1))
    served: list[str] = []

    async def ask(who: str) -> None:
        async with database.read() as session:
            served.append(who)
            await session.execute(text("SELECT 1"))

    async with asyncio.TaskGroup() as callers:
        async with database.read() as session:
            await session.execute(text("SELECT 1"))
            for who in ("first", "second"):
                callers.create_task(ask(who))
            await asyncio.sleep(0)
        await ask("who held it")
    assert served == ["first", "second", "who held it"]
    await database.close()


async def test_mistake_in_a_statement_stays_loud(database: Database) -> None:
    with pytest.raises(DBAPIError) as refused:
        async with database.read() as session:
            await session.execute(text("SELECT :value::int"), {"value": "13812345678x"})
    assert "13812345678x" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u:p@h:1/d?sslmode=require",
        "postgresql://u:p@h:1/d?sslmode=require",
        "postgresql+asyncpg://u:p@h:1/d?ssl=require",
    ],
)
def test_database_urls_are_taken_as_operators_write_them(url: str) -> None:
    assert (
        database_url(url).render_as_string(hide_password=False)
        == "postgresql+asyncpg://u:p@h:1/d?ssl=require"
    )

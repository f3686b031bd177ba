"""A connection to PostgreSQL that went bad is told within its limits, and is not met again."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fixtures.eventually import assert_eventually
from fixtures.stack import Database as FreshDatabase
from fixtures.toxic import Link, link_to
from sqlalchemy import text
from sqlalchemy.engine import make_url

from store.engine import Database, PoolSettings
from store.failures import DatabaseUnavailable

IMPATIENT = PoolSettings(
    size=3,
    connect_for=timedelta(milliseconds=200),
    statement_for=timedelta(milliseconds=200),
    silent_for=timedelta(milliseconds=100),
)
ADD_UNIT = "INSERT INTO units VALUES ('U1', 'n', 'city', NULL, true)"


@pytest.fixture
async def link(fresh: FreshDatabase) -> AsyncIterator[Link]:
    port = make_url(fresh.url).port
    assert port is not None
    async with link_to(port) as link:
        yield link


@pytest.fixture
async def through(fresh: FreshDatabase, link: Link) -> AsyncIterator[Database]:
    """The database as a host knows it whose network is the link."""
    database = Database.connect(
        make_url(fresh.url).set(port=link.port).render_as_string(hide_password=False), IMPATIENT
    )
    yield database
    await database.close()


async def _silent_while_it_reads(through: Database, link: Link) -> None:
    async with through.read() as session:
        link.stall()
        await session.execute(text("SELECT 1"))


async def _silent_while_it_commits(through: Database, link: Link) -> None:
    async with through.write() as session:
        await session.execute(text(ADD_UNIT))
        link.stall()


async def test_silent_database_is_unavailable_to_who_connects_reads_or_commits(
    through: Database, link: Link
) -> None:
    link.stall()
    with pytest.raises(DatabaseUnavailable):
        await through.ping()
    link.heal()
    with pytest.raises(DatabaseUnavailable):
        await _silent_while_it_reads(through, link)
    link.heal()
    with pytest.raises(DatabaseUnavailable):
        await _silent_while_it_commits(through, link)
    link.heal()
    await through.ping()


async def test_of_connections_that_were_forgotten_only_the_first_is_waited_for(
    through: Database, link: Link
) -> None:
    """A firewall forgets them all at once; each caller would otherwise wait out one of its own."""
    async with through.read() as one, through.read() as another:
        await one.execute(text("SELECT 1"))
        await another.execute(text("SELECT 1"))
    link.forget()
    with pytest.raises(DatabaseUnavailable):
        await through.ping()
    await through.ping()
    async with through.read() as one, through.read() as another:
        await one.execute(text("SELECT 1"))
        await another.execute(text("SELECT 1"))


async def test_lock_of_a_client_that_vanished_in_mid_statement_is_given_back(
    fresh: FreshDatabase, link: Link
) -> None:
    """The server waits for its next message, neither idle nor in a statement."""
    url = make_url(fresh.url).set(port=link.port).render_as_string(hide_password=False)
    vanishing = Database.connect(url, replace(IMPATIENT, transaction_for=timedelta(seconds=1)))

    async def vanish() -> None:
        async with vanishing.write() as session:
            await session.execute(text("SELECT pg_advisory_xact_lock(1)"))
            link.slow(timedelta(milliseconds=200))
            asyncio.get_running_loop().call_later(0.1, link.forget)
            await session.execute(text(ADD_UNIT))

    with pytest.raises(DatabaseUnavailable):
        await vanish()
    near = Database.connect(fresh.url)

    async def given_back() -> None:
        async with near.read() as session:
            assert await session.scalar(text("SELECT pg_try_advisory_xact_lock(1)"))

    await assert_eventually(given_back)
    await near.close()
    await vanishing.close()


async def test_connection_that_breaks_in_mid_word_is_unavailable_and_the_next_one_serves(
    through: Database, link: Link
) -> None:
    await through.ping()
    link.cut_after(20)
    with pytest.raises(DatabaseUnavailable):
        await through.ping()
    link.heal()
    await through.ping()


async def test_slow_database_is_waited_for(through: Database, link: Link) -> None:
    await through.ping()
    async with through.write() as session:
        await session.execute(text("SELECT 1"))
    link.slow(timedelta(milliseconds=50))
    async with through.write() as session:
        await session.execute(text(ADD_UNIT))
    link.heal()
    async with through.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM units")) == 1

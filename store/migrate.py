"""Brings a database to the form that this release expects (迁移), while the release before it goes on serving.

Every process may call it at once: an advisory lock lets one migrate while the others wait and find
nothing left to do. Each revision is a transaction of its own, and none waits long for a lock: whoever waits for
a table keeps everybody out who comes after (docs/upgrade.md).
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from store.engine import ReadSession, database_url, translated
from store.failures import DatabaseBusy
from store.migrations.concurrently import LOCK_FOR

RELEASED: Final = "0021a"
"""The last revision of the newest release. What comes after it runs while that release serves (ADR 0056)."""

_FOLDER: Final = Path(__file__).parent / "migrations"
# Any number will do, so long as nothing else in the database locks the same.
_LOCK: Final = 1234500001

_RESTS_FOR: Final = timedelta(seconds=1)
_TRIES: Final = 60
"""A report that reads a table for a minute is outlasted; what holds one for longer has to be looked at by somebody."""

_LOCK_NOT_AVAILABLE: Final = "55P03"


async def migrate(url: str) -> str:
    """Apply what is missing and return the revision that the database has now.

    A database of a later release is left as it is: whoever goes back to this one finds what it needs there.
    """
    with translated():
        engine = create_async_engine(database_url(url), poolclass=NullPool)
        async with engine.connect() as connection:
            await _alone(connection)
            if not await connection.run_sync(_is_of_a_later_release):
                await _patiently(connection, _upgrade)
            return str(await connection.scalar(_APPLIED))


async def _alone(connection: AsyncConnection) -> None:
    """Wait until no other process migrates.

    By asking again and again: one that waits within a statement has a snapshot, for whose end an index that is built
    concurrently waits in turn.
    """
    while not await _has_turn(connection):  # noqa: ASYNC110  the turn is the database's to give
        await asyncio.sleep(0.1)
    async with connection.begin():
        await connection.execute(text(f"SET lock_timeout = '{LOCK_FOR}'"))


async def _has_turn(connection: AsyncConnection) -> bool:
    async with connection.begin():
        return bool(await connection.scalar(text(f"SELECT pg_try_advisory_lock({_LOCK})")))


async def _patiently(connection: AsyncConnection, change: Callable[[Connection], None]) -> None:
    """Try again while somebody holds a table; in between, those who came after get their turn."""
    for _ in range(_TRIES):
        try:
            await connection.run_sync(change)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            await connection.rollback()
            await asyncio.sleep(_RESTS_FOR.total_seconds())
        else:
            return
    raise DatabaseBusy


_APPLIED: Final = text("SELECT version_num FROM alembic_version")


@cache
def newest_revision() -> str:
    """Return the revision that this release expects; readiness asks often, and each migration is a module."""
    head = scripts().get_current_head()
    assert head is not None
    return head


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in scripts().walk_revisions())


async def is_current(session: ReadSession) -> bool:
    """Tell whether the database has the form that this release expects, or a later release's; readiness asks this.

    A later form has all that the release before it uses, so that a city is served while it upgrades.
    """
    exists = await session.scalar(text("SELECT to_regclass('alembic_version')"))
    if exists is None:
        return False
    applied = await session.scalar(_APPLIED)
    return applied == newest_revision() or applied not in _known()


def _is_of_a_later_release(connection: Connection) -> bool:
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return False
    applied = connection.scalar(_APPLIED)
    return applied is not None and applied not in _known()


def _upgrade(connection: Connection) -> None:
    command.upgrade(configured(connection), "head")


def configured(connection: Connection) -> Config:
    """What Alembic's own commands need to work on a connection."""
    # It begins and ends a transaction for each revision, which it cannot within another.
    connection.rollback()
    config = _config()
    config.attributes["connection"] = connection
    return config


def scripts() -> ScriptDirectory:
    """Every revision of this release."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    # A percent sign in the path would otherwise start an interpolation.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config

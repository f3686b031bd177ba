"""Brings a database to the form that this release expects (迁移).

Every process may call it at once: an advisory lock lets one migrate while the others wait and find
nothing left to do.
"""

from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from store.engine import ReadSession, database_url, translated

_FOLDER: Final = Path(__file__).parent / "migrations"
# Any number will do, so long as nothing else in the database locks the same.
_LOCK: Final = 1234500001


async def migrate(url: str) -> str:
    """Apply what is missing and return the revision that the database has now."""
    with translated():
        engine = create_async_engine(database_url(url), poolclass=NullPool)
        async with engine.begin() as connection:
            # Held to the end of the transaction, so that the next process sees the finished form.
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            await connection.run_sync(_upgrade)
    return newest_revision()


@cache
def newest_revision() -> str:
    """Return the revision that this release expects; readiness asks often, and each migration is a module."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


async def is_current(session: ReadSession) -> bool:
    """Tell whether the database has the form that this release expects; readiness asks this."""
    exists = await session.scalar(text("SELECT to_regclass('alembic_version')"))
    if exists is None:
        return False
    return bool(await session.scalar(text("SELECT version_num FROM alembic_version")) == newest_revision())


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    # A percent sign in the path would otherwise start an interpolation.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config

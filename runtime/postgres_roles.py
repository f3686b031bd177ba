"""The database of the product and the two roles that use it (数据库角色).

The owner migrates; the application reads and appends, and migrations take back from it whatever a
ledger must refuse, such as changing a fact.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from runtime.postgres_cluster import ClusterSecrets

DATABASE: Final = "hotline"
OWNER: Final = "hotline_owner"
APPLICATION: Final = "hotline_app"

_GRANTS: Final = f"""
ALTER SCHEMA public OWNER TO {OWNER};
GRANT USAGE ON SCHEMA public TO {APPLICATION};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE ON SCHEMAS TO {APPLICATION};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APPLICATION};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE, SELECT ON SEQUENCES TO {APPLICATION};
"""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of asyncpg itself to a loopback server, where TLS would protect nothing."""
    connection = await asyncpg.connect(url, timeout=5, ssl=False)
    try:
        yield connection
    finally:
        await connection.close()


async def ensure_roles(superuser: asyncpg.Connection, passwords: ClusterSecrets) -> None:
    for role, password in ((OWNER, passwords.owner), (APPLICATION, passwords.application)):
        if not await superuser.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
            await superuser.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")


async def ensure_database(superuser: asyncpg.Connection) -> None:
    if not await superuser.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
        await superuser.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")


async def grant(superuser_in_database: asyncpg.Connection) -> None:
    """Let the application use what the owner will make."""
    await superuser_in_database.execute(_GRANTS)

"""PostgreSQL's own programs that save a database and bring it back (数据库备份工具).

DumpFailedError  a program did not do what it was asked; its last words are in the message
"""

import asyncio
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from runtime.postgres_binaries import server_binaries
from runtime.postgres_cluster import plain_environment

_LAST_WORDS: Final = 2_000


class DumpFailedError(RuntimeError):
    """The program ended badly."""


async def dump_database(url: str, file: Path) -> None:
    """Write what a database holds at one moment into a file, packed. Writers go on meanwhile."""
    await _run("pg_dump", url, "--format=custom", "--no-owner", f"--file={file}")


async def restore_database(url: str, file: Path) -> None:
    """Bring what was dumped into an empty database, whole or not at all, as the role of the address."""
    options = ("--no-owner", "--exit-on-error", "--single-transaction", str(file))
    await _run("pg_restore", url, *options)


async def _run(program: str, url: str, *options: str) -> None:
    address = urlsplit(url)
    child = await asyncio.create_subprocess_exec(
        str(server_binaries(None) / program),
        *_address(address),
        *options,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        # Not as an argument, which everybody on the machine can read.
        env=plain_environment() | {"PGPASSWORD": unquote(address.password or "")},
    )
    _, told = await child.communicate()
    if child.returncode != 0:
        raise DumpFailedError(f"{program}: {told.decode(errors='replace')[-_LAST_WORDS:].strip()}")


def _address(url: SplitResult) -> Sequence[str]:
    return (
        f"--host={url.hostname or ''}",
        f"--port={url.port or 5432}",
        f"--username={unquote(url.username or '')}",
        f"--dbname={unquote(url.path.lstrip('/'))}",
        "--no-password",
    )

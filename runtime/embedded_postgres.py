"""The embedded PostgreSQL behind `hotline up` and the tests (内嵌数据库).

Only the programs come from the wheel; this small manager runs the server as a child that can be
watched and restarted, and cleans up after a crash without asking anyone.
"""

import asyncio
import signal
from asyncio.subprocess import Process
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Self

import asyncpg

from runtime.children import launch, stop_child, wait_until_serving
from runtime.ports import LOOPBACK
from runtime.postgres_binaries import server_binaries
from runtime.postgres_cluster import SUPERUSER, Cluster, ClusterSecrets, plain_environment
from runtime.postgres_roles import (
    APPLICATION,
    DATABASE,
    OWNER,
    connected,
    ensure_database,
    ensure_roles,
    grant,
)
from runtime.processes import ProcessIdentity, command_line, identify, parent_of, processes_in, stop_process

_SERVER_SETTINGS: Final = MappingProxyType(
    {
        "listen_addresses": LOOPBACK,
        "unix_socket_directories": "",
        "fsync": "on",
        # Off would lose acknowledged commits at a kill -9 of the server.
        "synchronous_commit": "on",
        "max_connections": "150",
        "shared_buffers": "256MB",
        # One machine with its data in memory or on flash, where an index is worth it for a few thousand rows,
        # and where a page's query that takes several cores takes them from the other pages.
        "random_page_cost": "1.1",
        "max_parallel_workers_per_gather": "0",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "jit": "off",
        # Statements, parameters and details carry citizens' data; the server's log must not.
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": "0",
        "log_error_verbosity": "terse",
    }
)
# Refused, starting up, going down; and somebody else's server on our port, which ends ours by itself.
_NOT_YET: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InvalidAuthorizationSpecificationError,
)
# Crash recovery replays the log since the last checkpoint, which five busy minutes can fill.
READY_FOR: Final = timedelta(minutes=2)
_STOPS_FOR: Final = timedelta(seconds=20)


class NotStartedError(RuntimeError):
    """The server was asked for what only a started one knows."""


class EmbeddedPostgres:
    """The cluster in `data_dir/postgres`, served on 127.0.0.1."""

    # "Fast shutdown": sessions are closed, nothing is lost.
    stop_signal: Final = signal.SIGINT

    def __init__(
        self,
        data_dir: Path,
        port: int,
        log: Path | None = None,
        *,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.port = port
        self.log = log or data_dir / "logs" / "postgres.log"
        self._cluster = Cluster(data_dir)
        self._settings = {**_SERVER_SETTINGS, **settings}
        self._passwords: ClusterSecrets | None = None
        self._is_provisioned = False
        self._child: Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def has_data(self) -> bool:
        """Whether there is a cluster from before."""
        return self._cluster.folder.exists()

    async def start(self) -> None:
        child = await self.spawn()
        try:
            await wait_until_serving("PostgreSQL", child, self.serves, log=self.log, within_for=READY_FOR)
        except BaseException:
            await self.stop()
            raise

    async def spawn(self) -> Process:
        """Start the server, after whatever an earlier run left has ended."""
        binaries = await asyncio.to_thread(server_binaries, self._cluster.account)
        sync = self._settings["fsync"] == "on"
        self._passwords = await asyncio.to_thread(self._cluster.ensure, binaries, sync=sync)
        await self._end_leftovers()
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        self._child = await launch(
            [str(binaries / "postgres"), "-D", self._cluster.data_argument, "-p", str(self.port), *options],
            log=self.log,
            orphan_signal=self.stop_signal,
            account=self._cluster.account,
            folder=self._cluster.folder,
            environment=plain_environment(),
        )
        return self._child

    async def serves(self) -> bool:
        """Whether it answers; the first time it does, its roles and database are made."""
        try:
            async with connected(self.superuser_url()) as superuser:
                if not self._is_provisioned:
                    await self._provision(superuser)
        except _NOT_YET:
            return False
        return True

    async def stop(self) -> None:
        if self._child is not None:
            await stop_child(self._child, self.stop_signal, _STOPS_FOR)
            self._child = None

    def url(self, database: str = DATABASE) -> str:
        """For the application, in SQLAlchemy's form: it reads and appends."""
        return self._url("postgresql+asyncpg", APPLICATION, self._known_passwords().application, database)

    def owner_url(self, database: str = DATABASE) -> str:
        """For migrations, in SQLAlchemy's form: it owns the tables."""
        return self._url("postgresql+asyncpg", OWNER, self._known_passwords().owner, database)

    def superuser_url(self, database: str = SUPERUSER) -> str:
        """For asyncpg itself: it makes databases and roles."""
        return self._url("postgresql", SUPERUSER, self._known_passwords().superuser, database)

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def _url(self, scheme: str, role: str, password: str, database: str) -> str:
        return f"{scheme}://{role}:{password}@{LOOPBACK}:{self.port}/{database}"

    def _known_passwords(self) -> ClusterSecrets:
        if self._passwords is None:
            raise NotStartedError("the passwords are known once the cluster has been started")
        return self._passwords

    async def _provision(self, superuser: asyncpg.Connection) -> None:
        await ensure_roles(superuser, self._known_passwords())
        await ensure_database(superuser)
        async with connected(self.superuser_url(DATABASE)) as in_database:
            await grant(in_database)
        self._is_provisioned = True

    async def _end_leftovers(self) -> None:
        """Stop servers that outlived their supervisor, and forget a pid that now means someone else."""
        for identity in self._leftovers():
            await stop_process(identity, signal.SIGINT, signal.SIGQUIT, grace_for=_STOPS_FOR)
        recorded = self._cluster.recorded_pid()
        if recorded is not None and identify(recorded) is not None:
            self._cluster.pid_file.unlink()

    def _leftovers(self) -> list[ProcessIdentity]:
        """Processes of this cluster; the postmaster comes first, for the others end with it."""
        here = processes_in(self._cluster.folder, "postgres")
        if here:
            pids = {identity.pid for identity in here}
            return sorted(here, key=lambda identity: parent_of(identity.pid) in pids)
        recorded = self._cluster.recorded_pid()
        if recorded is None or str(self._cluster.folder.absolute()) not in command_line(recorded):
            return []
        identity = identify(recorded)
        return [identity] if identity else []

"""The plan of `hotline up`: which parts there are, in which order, and how each is known to serve.

Ports are chosen once per data folder and kept, since a part that is restarted must be found again.
"""

from asyncio.subprocess import Process
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from json import JSONDecodeError
from typing import Final

import httpx

from commands.child_command import ChildCommand
from runtime.codec import CODEC_PATH
from runtime.embedded_postgres import READY_FOR as POSTGRES_READY_FOR
from runtime.embedded_postgres import EmbeddedPostgres
from runtime.embedded_temporal import READY_FOR as TEMPORAL_READY_FOR
from runtime.embedded_temporal import EmbeddedTemporal
from runtime.files import write_private
from runtime.pollers import is_polled_by
from runtime.ports import LOOPBACK, PortBook
from runtime.processes import this_process
from runtime.settings import Settings
from runtime.stack import StackInfo, publish_stack
from runtime.supervisor import Board, Part, Plan, Step

_LIVE_PATH: Final = "/health/live"
_CITY_TRIES: Final = 8
"""A city that ends badly as often as this is not worth another try: the stack serves all the same."""

_LOST: Final = "engine-lost"
"""The file that stands in the data folder until everything that the engine has lost was taken up again."""

_EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104  recognised, not listened on


class StackPlan:
    """Parts and steps for one data folder, and the stack file that tells others about them."""

    def __init__(self, settings: Settings, on_serving: Callable[[StackInfo], None]) -> None:
        self._wanted_api_port = settings.api_port
        self._settings = _with_ports(settings)
        self._postgres = _embedded_postgres(self._settings)
        self._temporal = _embedded_temporal(self._settings)
        self._lost = self._settings.data_dir / _LOST
        if self._has_lost_the_engine():
            write_private(self._lost, "")
        self._on_serving = on_serving
        self._started_at = datetime.now(UTC)
        self._board: Board = {}
        self._is_published = False

    def items(self) -> Plan:
        """Everything that uses the database starts together once it is migrated: most of a start is loading."""
        users = (self._api(), *self._seeding())
        return [
            self._servers(),
            Step("publish", self._publish),
            Step("migrate", self._command("migrate").run),
            *(
                (self._worker(), self._readopting(), users)
                if self._lost.exists()
                else ((self._worker(), *users),)
            ),
            Step("tell", self._tell),
            *self._city(),
        ]

    def _worker(self) -> Part:
        worker = self._command("worker")
        return Part("worker", worker.spawn, partial(self._worker_serves, worker), worker.log)

    def _api(self) -> Part:
        api = self._command("api")
        serves = partial(self._api_serves, api)
        return Part("api", partial(self._spawn_api, api), serves, api.log, first_tries=3)

    def _has_lost_the_engine(self) -> bool:
        """Whether there are cases from before and no engine that knows them: its data was lost, or is older and put aside."""
        if self._postgres is None or self._temporal is None:
            return False
        return self._postgres.has_data and not self._temporal.has_data

    def _readopting(self) -> Step:
        """Before anybody can file: the engine goes on from the ledger. A start that is cut off does it again."""

        async def readopt() -> None:
            await self._command("readopt").run()
            self._lost.unlink()

        return Step("readopt", readopt)

    def _seeding(self) -> list[Step]:
        """The sample is registered through the API; until that serves, the command tries again."""
        return [Step("seed", self._command("seed").run)] if self._settings.demo_mode else []

    def _city(self) -> list[Part]:
        """The demo city grows when everything serves, and nobody waits for it."""
        if not has_city(self._settings):
            return []
        city = self._command("city")
        return [Part("city", city.spawn, _at_once, city.log, bad_ends_allowed=_CITY_TRIES)]

    def follow(self, board: Board) -> None:
        """Keep the stack file true when parts come and go."""
        self._board = board
        if self._is_published:
            publish_stack(self._settings.data_dir, self._info())

    def _servers(self) -> tuple[Part, ...]:
        embedded = (_postgres_part(self._postgres), _temporal_part(self._temporal))
        return tuple(part for part in embedded if part is not None)

    def _command(self, name: str) -> ChildCommand:
        return ChildCommand(name, self._connected_settings, self._settings.data_dir / "logs")

    def _connected_settings(self) -> Settings:
        """The settings with every address filled in; known once the embedded servers have started."""
        stack = self._info()
        return self._settings.model_copy(
            update={
                "database_url": stack.database_url,
                "owner_database_url": stack.owner_database_url,
                "temporal_address": stack.temporal_address,
                "temporal_ui_origin": self._settings.temporal_ui_origin or stack.temporal_ui_url,
            }
        )

    async def _publish(self) -> None:
        self._is_published = True
        publish_stack(self._settings.data_dir, self._info())

    async def _tell(self) -> None:
        self._on_serving(self._info())

    async def _worker_serves(self, worker: ChildCommand) -> bool:
        stack = self._info()
        assert worker.pid is not None
        return await is_polled_by(
            worker.pid, stack.temporal_address, stack.temporal_namespace, stack.task_queue
        )

    async def _spawn_api(self, api: ChildCommand) -> Process:
        """Settle the port again: it is long since it was chosen, and somebody may have taken it."""
        port = _port_book(self._settings).choose("api_port", self._wanted_api_port)
        if port != self._settings.api_port:
            self._settings = self._settings.model_copy(update={"api_port": port})
            await self._publish()
        return await api.spawn()

    async def _api_serves(self, api: ChildCommand) -> bool:
        """Whether our own child answers: another process may have taken the port before it."""
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                answer = await client.get(f"{self._info().api_url}{_LIVE_PATH}")
                return answer.is_success and answer.json().get("pid") == api.pid
        except (httpx.TransportError, JSONDecodeError):
            return False

    def _info(self) -> StackInfo:
        settings = self._settings
        database_url, owner_database_url = self._database_urls()
        return StackInfo(
            supervisor=this_process(),
            started_at=self._started_at,
            database_url=database_url,
            owner_database_url=owner_database_url,
            temporal_address=self._temporal_address(),
            temporal_namespace=settings.temporal_namespace,
            temporal_ui_url=self._temporal.ui_url if self._temporal else None,
            task_queue=settings.task_queue,
            api_url=f"http://{_reachable(settings.api_host)}:{settings.api_port}",
            pids={name: state.pid for name, state in self._board.items() if state.pid is not None},
        )

    def _database_urls(self) -> tuple[str, str]:
        if self._postgres is not None:
            return self._postgres.url(), self._postgres.owner_url()
        assert self._settings.database_url is not None
        return self._settings.database_url, self._settings.owner_database_url or self._settings.database_url

    def _temporal_address(self) -> str:
        if self._temporal is not None:
            return self._temporal.address
        assert self._settings.temporal_address is not None
        return self._settings.temporal_address


def has_city(settings: Settings) -> bool:
    """Whether a demo city grows beside the stack."""
    return settings.demo_mode and settings.demo_cases != 0


async def _at_once() -> bool:
    return True


def _port_book(settings: Settings) -> PortBook:
    return PortBook(settings.data_dir / "ports.json")


def _with_ports(settings: Settings) -> Settings:
    """Settle each port that this stack will listen on."""
    book = _port_book(settings)
    wanted = {
        "api_port": settings.api_port,
        "worker_metrics_port": settings.worker_metrics_port,
        "api_metrics_port": settings.api_metrics_port,
        **({} if settings.database_url else {"postgres_port": settings.postgres_port}),
        **({} if settings.temporal_address else {"temporal_port": settings.temporal_port}),
        **({} if settings.temporal_address else {"temporal_ui_port": settings.temporal_ui_port}),
    }
    return settings.model_copy(update={name: book.choose(name, port) for name, port in wanted.items()})


def _embedded_postgres(settings: Settings) -> EmbeddedPostgres | None:
    return None if settings.database_url else EmbeddedPostgres(settings.data_dir, settings.postgres_port)


def _embedded_temporal(settings: Settings) -> EmbeddedTemporal | None:
    if settings.temporal_address:
        return None
    return EmbeddedTemporal(
        settings.data_dir,
        settings.temporal_port,
        settings.temporal_ui_port,
        namespace=settings.temporal_namespace,
        codec_endpoint=f"http://{_reachable(settings.api_host)}:{settings.api_port}{CODEC_PATH}",
    )


def _postgres_part(server: EmbeddedPostgres | None) -> Part | None:
    if server is None:
        return None
    return Part("postgres", server.spawn, server.serves, server.log, server.stop_signal, POSTGRES_READY_FOR)


def _temporal_part(server: EmbeddedTemporal | None) -> Part | None:
    if server is None:
        return None
    return Part("temporal", server.spawn, server.serves, server.log, server.stop_signal, TEMPORAL_READY_FOR)


def _reachable(host: str) -> str:
    """Where a client on this machine finds a server that listens on that address."""
    return LOOPBACK if host in _EVERYWHERE else host

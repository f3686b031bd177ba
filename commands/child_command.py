"""A `hotline` command that runs as a child of `hotline up` (子命令进程).

The child reads from its environment exactly the settings that the stack has, and writes to a log of
its own.
"""

import os
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from signal import SIGTERM
from typing import Final

from runtime.children import ServiceNotReadyError, end_of_log, launch, stop_child
from runtime.settings import Settings, as_environment

# By file, so that it is found from any working folder and however the project was installed.
_CLI: Final = Path(__file__).absolute().parents[1] / "cli.py"
_STOPS_FOR: Final = timedelta(seconds=20)


class ChildCommand:
    """One command with the settings as they are when it starts."""

    def __init__(self, name: str, settings: Callable[[], Settings], logs: Path) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        self.pid: int | None = None
        self._settings = settings

    async def spawn(self) -> Process:
        environment = {**os.environ, **as_environment(self._settings())}
        child = await launch([sys.executable, str(_CLI), self.name], log=self.log, environment=environment)
        self.pid = child.pid
        return child

    async def run(self) -> None:
        """Run it to its end, which must be a good one."""
        child = await self.spawn()
        try:
            code = await child.wait()
        finally:
            await stop_child(child, SIGTERM, _STOPS_FOR)
        if code != 0:
            raise ServiceNotReadyError(
                f"`hotline {self.name}` ended with code {code}; {end_of_log(self.log)}"
            )

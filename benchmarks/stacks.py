"""A stack of its own for each measurement, in a temporary folder that is gone afterwards, and what its parts use."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Final

import httpx

from benchmarks.telling import progress
from commands.accounts import Accounts
from commands.city.notebook import progress_of
from commands.client import HotlineApi
from hotline.vocabulary import Role
from runtime.stack import StackInfo, find_stack

CLI: Final = Path(__file__).parents[1] / "cli.py"
_STOPS_WITHIN_S: Final = 120
_NO_LIMITS: Final = {f"HOTLINE_{whose}_LIMIT": "1000000/second" for whose in ("ADDRESS", "ACCOUNT", "TOKEN")}
"""One account that asks without a pause: what it may ask is counted as ever, and is never too much."""

_MIB: Final = 2**20
_USER: Final = 11
"""Where proc(5) has the ticks in user and system mode, of the process and of its children, after its name."""


@contextmanager
def stack(demo_cases: int = 0) -> Iterator[Path]:
    """`hotline up` on a folder of its own, as an operator runs it, but for the limits on one caller."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        command = [sys.executable, str(CLI), "up", "--data-dir", folder, "--json"]
        with child(command, HOTLINE_DEMO_CASES=str(demo_cases), **_NO_LIMITS) as process:
            assert process.stdout is not None
            json.loads(process.stdout.readline())
            yield Path(folder)


@contextmanager
def grown_city(cases: int) -> Iterator[Path]:
    """The same with a demonstration city that has grown to its end."""
    with stack(demo_cases=cases) as folder:
        progress("the city grows")
        while not ((so_far := progress_of(folder)) and so_far.is_complete):
            time.sleep(1)
        yield folder


@contextmanager
def child(command: list[str], **variables: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is asked to stop when the block ends."""
    pipe, variables = subprocess.PIPE, os.environ | variables
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=variables) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=_STOPS_WITHIN_S)


class City:
    """The people who carry a case through."""

    def __init__(self, accounts: Accounts) -> None:
        self.operator = accounts.pick(Role.OPERATOR)
        self.dispatcher = accounts.pick(Role.DISPATCHER)
        self.revisitor = accounts.pick(Role.REVISITOR)
        self.supervisor = accounts.pick(Role.SUPERVISOR)
        self.administrator = accounts.pick(Role.ADMINISTRATOR)
        self.unit = accounts.units_with(Role.HANDLER, Role.UNIT_HEAD)[0]
        self.handler = accounts.pick(Role.HANDLER, self.unit)
        self.head = accounts.pick(Role.UNIT_HEAD, self.unit)


@asynccontextmanager
async def api_of(folder: Path, callers: int = 64) -> AsyncIterator[HotlineApi]:
    """The API of a stack, with a connection for each caller."""
    limits = httpx.Limits(max_connections=callers, max_keepalive_connections=callers)
    async with httpx.AsyncClient(trust_env=False, timeout=120, limits=limits) as http:
        yield HotlineApi(http, lambda: find_stack(folder).api_url)


def memory_mib(stack: StackInfo) -> dict[str, float]:
    """What each part holds of memory. PostgreSQL's processes share their buffers, so its sum counts them often."""
    return {part: round(sum(map(_resident, family(pid))) / _MIB, 1) for part, pid in stack.pids.items()}


def family(parent: int) -> Iterator[int]:
    """A process and all that descends from it."""
    yield parent
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in Path(f"/proc/{parent}/task").iterdir():
            for one in (thread / "children").read_text().split():
                yield from family(int(one))


def engine_bytes(folder: Path) -> int:
    """The file of the embedded Temporal server with what is still in its log."""
    return sum(part.stat().st_size for part in (folder / "temporal").glob("temporal.db*"))


def cpu_of(pid: int) -> float:
    """What one process and the children that it has outlived have used of the cores, in seconds; 0 if it has gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        # The command name may hold spaces and brackets; what follows its last bracket does not.
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, told[_USER : _USER + 4])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _resident(pid: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0

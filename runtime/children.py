"""Starting child processes, waiting until they serve, and stopping them (子进程).

A child runs in a session of its own, writes to a log of its own, and ends when its parent does.
"""

import asyncio
import os
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

from runtime import bound_child
from runtime.files import private_folder
from runtime.lifecycle import NotInTimeError, wait_until

# Absolute, because a child may start in another folder.
_LAUNCHER: Final = str(Path(bound_child.__file__).absolute())
_LOG_LIMIT: Final = 16 * 1024 * 1024
_TAIL: Final = 2_000
_OUR_OWN: Final = (-1, -1)

# Answers whether a service can be used now; it may raise only what no waiting would cure.
Probe = Callable[[], Awaitable[bool]]


class ServiceNotReadyError(RuntimeError):
    """A child ended or took too long before it served; the message ends with its log."""


class Account(NamedTuple):
    """The user as whom a child runs when it may not run as ours."""

    user: int
    group: int


async def launch(
    command: list[str],
    *,
    log: Path,
    orphan_signal: signal.Signals = signal.SIGTERM,
    account: Account | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Process:
    """Start a child that a Ctrl-C reaches through us alone."""
    launcher = [sys.executable, "-I", "-S", _LAUNCHER]
    user, group = account or _OUR_OWN
    bound = [str(number) for number in (os.getpid(), int(orphan_signal), user, group)]
    with _rotated(log).open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *(*launcher, *bound, *command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )


def _rotated(log: Path) -> Path:
    private_folder(log.parent)
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(f"{log.suffix}.1"))
    return log


async def wait_until_serving(
    name: str, child: Process, probe: Probe, *, log: Path, within_for: timedelta
) -> None:
    """Return once the probe says yes; a child that ends meanwhile is an error at once."""

    async def serves_or_has_ended() -> bool:
        if child.returncode is not None:
            raise ServiceNotReadyError(f"{name} ended with code {child.returncode}; {end_of_log(log)}")
        return await probe()

    try:
        await wait_until(serves_or_has_ended, within_for=within_for, what=f"the start of {name}")
    except NotInTimeError as error:
        raise ServiceNotReadyError(f"{error}; {end_of_log(log)}") from error


def end_of_log(log: Path) -> str:
    """Where a child's last words stand, and what they were."""
    if not log.exists() or log.stat().st_size == 0:
        return f"{log} is empty"
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - _TAIL))
        return f"{log} ends with:\n{stream.read().decode(errors='replace').strip()}"


async def stop_child(child: Process, number: signal.Signals, grace_for: timedelta) -> None:
    """Ask, wait, and kill what does not listen; the child is reaped in every case."""
    if child.returncode is not None:
        return
    child.send_signal(number)
    try:
        await asyncio.wait_for(child.wait(), grace_for.total_seconds())
    except TimeoutError:
        child.kill()
        await child.wait()

"""Starting, recognising and stopping operating-system processes (子进程).

A pid alone proves nothing after a crash, since numbers are used again; a process is recognised by
pid, start and boot together, and nothing that is not recognised is ever signalled.
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

from pydantic import BaseModel, ConfigDict

from runtime import bound_child
from runtime.lifecycle import NotInTimeError, wait_until

_PROC: Final = Path("/proc")
_LOG_LIMIT: Final = 16 * 1024 * 1024
_TAIL: Final = 2_000
_OUR_OWN: Final = (-1, -1)


class Account(NamedTuple):
    """The user as whom a child runs when it may not run as ours."""

    user: int
    group: int


class ProcessIdentity(BaseModel):
    """One process for ever: the pid with the moment it started and the boot it belongs to."""

    model_config = ConfigDict(frozen=True)

    pid: int
    started: str
    boot: str

    def is_alive(self) -> bool:
        return identify(self.pid) == self


def identify(pid: int) -> ProcessIdentity | None:
    """Who has this pid now; None for nobody and for a process that only waits to be reaped."""
    started = _started_in_proc(pid) if _PROC.is_dir() else _started_by_ps(pid)
    return ProcessIdentity(pid=pid, started=started, boot=_boot()) if started else None


def _started_in_proc(pid: int) -> str | None:
    try:
        status = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The command name, second field, may hold spaces and brackets; everything after it does not.
    fields = status.rpartition(")")[2].split()
    state, started = fields[0], fields[19]
    return None if state in "ZX" else started


def _started_by_ps(pid: int) -> str | None:
    shown = _ps(pid, "stat=,lstart=")
    state, _, started = shown.partition(" ")
    return None if not started or state.startswith("Z") else started.strip()


def _ps(pid: int, columns: str) -> str:
    command = ["/bin/ps", "-o", columns, "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603  fixed program, our number


def _boot() -> str:
    file = _PROC / "sys/kernel/random/boot_id"
    return file.read_text().strip() if file.exists() else ""


def command_line(pid: int) -> str:
    if not _PROC.is_dir():
        return _ps(pid, "command=")
    try:
        return (
            (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        )
    except OSError:
        return ""


def processes_in(folder: Path, program: str) -> list[ProcessIdentity]:
    """Living processes of that program whose working folder is this one (Linux only)."""
    if not _PROC.is_dir():
        return []
    pids = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    here = [identify(pid) for pid in pids if _works_in(pid, folder) and program in command_line(pid)]
    return [identity for identity in here if identity]


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return (_PROC / str(pid) / "cwd").samefile(folder)
    except OSError:
        return False


def parent_of(pid: int) -> int | None:
    try:
        status = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    return int(status.rpartition(")")[2].split()[1])


async def launch(
    command: list[str],
    *,
    log: Path,
    orphan_signal: signal.Signals = signal.SIGTERM,
    account: Account | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Process:
    """Start a child in a session of its own, so that a Ctrl-C reaches it through us alone."""
    launcher = [sys.executable, "-I", "-S", str(Path(bound_child.__file__))]
    user, group = account or _OUR_OWN
    bound = [str(number) for number in (os.getpid(), int(orphan_signal), user, group)]
    with _rotated(log).open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *launcher,
            *bound,
            *command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )


def _rotated(log: Path) -> Path:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(f"{log.suffix}.1"))
    return log


def tail(log: Path) -> str:
    """The end of a log, for the message of whoever could not start."""
    if not log.exists():
        return ""
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - _TAIL))
        return stream.read().decode(errors="replace").strip()


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


async def stop_stranger(identity: ProcessIdentity, *signals: signal.Signals, grace_for: timedelta) -> None:
    """Stop a process that an earlier run left, ever less gently, as long as it is the same one."""
    for number in (*signals, signal.SIGKILL):
        if not _signal(identity, number):
            return
        try:
            await wait_until(_gone(identity), within_for=grace_for, what=f"end of process {identity.pid}")
        except NotInTimeError:
            continue
        return


def _signal(identity: ProcessIdentity, number: signal.Signals) -> bool:
    if not identity.is_alive():
        return False
    try:
        os.kill(identity.pid, number)
    except ProcessLookupError:
        return False
    return True


def _gone(identity: ProcessIdentity) -> Callable[[], Awaitable[bool]]:
    async def gone() -> bool:
        return not identity.is_alive()

    return gone

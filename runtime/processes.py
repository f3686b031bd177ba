"""Recognising processes of the operating system, also after a crash of ours (进程身份).

A pid alone proves nothing, since numbers are used again; a process is recognised by pid, start and
boot together, and nothing that is not recognised is ever signalled.
"""

import os
import signal
import subprocess
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from runtime.lifecycle import NotInTimeError, wait_until

_PROC: Final = Path("/proc")
_HAS_PROC: Final = (_PROC / "self" / "stat").exists()
# Fields of /proc/PID/stat after the command name, by proc(5).
_STATE, _PARENT, _STARTED = 0, 1, 19


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
    started = _started_in_proc(pid) if _HAS_PROC else _started_by_ps(pid)
    return ProcessIdentity(pid=pid, started=started, boot=_boot()) if started else None


def this_process() -> ProcessIdentity:
    found = identify(os.getpid())
    assert found is not None, "a process that asks is alive"
    return found


def parent_of(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[_PARENT]) if fields else None


def command_line(pid: int) -> str:
    if not _HAS_PROC:
        return _ps(pid, "command=")
    try:
        line = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return ""
    return line.replace(b"\0", b" ").decode(errors="replace").strip()


def processes_in(folder: Path, program: str) -> list[ProcessIdentity]:
    """Living processes of that program whose working folder is this one (Linux only)."""
    if not _HAS_PROC:
        return []
    pids = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    here = [identify(pid) for pid in pids if _works_in(pid, folder) and program in command_line(pid)]
    return [identity for identity in here if identity]


async def stop_process(identity: ProcessIdentity, *signals: signal.Signals, grace_for: timedelta) -> None:
    """Stop a process that an earlier run left, ever less gently, as long as it is the same one."""
    for number in (*signals, signal.SIGKILL):
        if not _signal(identity, number):
            return
        try:
            await wait_until(
                _end_of(identity), within_for=grace_for, what=f"the end of process {identity.pid}"
            )
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


def _end_of(identity: ProcessIdentity) -> Callable[[], Awaitable[bool]]:
    async def has_ended() -> bool:
        return not identity.is_alive()

    return has_ended


def _started_in_proc(pid: int) -> str | None:
    fields = _stat(pid)
    return None if not fields or fields[_STATE] in "ZX" else fields[_STARTED]


def _stat(pid: int) -> list[str]:
    try:
        status = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return []
    # The command name may hold spaces and brackets; what follows its last bracket does not.
    return status.rpartition(")")[2].split()


def _started_by_ps(pid: int) -> str | None:
    state, _, started = _ps(pid, "stat=,lstart=").partition(" ")
    return None if state.startswith("Z") else started.strip() or None


def _ps(pid: int, columns: str) -> str:
    command = ["/bin/ps", "-o", columns, "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603  fixed program, our number


def _boot() -> str:
    file = _PROC / "sys/kernel/random/boot_id"
    return file.read_text().strip() if file.exists() else ""


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return (_PROC / str(pid) / "cwd").samefile(folder)
    except OSError:
        return False

"""One supervisor per data folder, and nothing left of the one before (数据目录独占).

Whoever holds the folder may assume that every process recorded in it is its own; a supervisor that
was killed therefore leaves no question to its successor.
"""

import asyncio
import fcntl
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from runtime.files import private_folder, write_private
from runtime.processes import ProcessIdentity, identify, stop_process

_STOPS_FOR: Final = timedelta(seconds=20)


class AlreadyRunningError(RuntimeError):
    """Another supervisor works on the same data folder."""


class ProcessRecord(BaseModel):
    """What a successor must know to stop a child that outlived its supervisor."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    identity: ProcessIdentity
    stop_signal: signal.Signals


class ProcessRecords:
    """`data_dir/run/PART.json`, one for each child that runs."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "run"

    def write(self, part: str, pid: int, stop_signal: signal.Signals) -> None:
        identity = identify(pid)
        # A child that has ended already needs nobody to stop it.
        if identity is not None:
            record = ProcessRecord(identity=identity, stop_signal=stop_signal)
            write_private(self._file(part), record.model_dump_json())

    def forget(self, part: str) -> None:
        self._file(part).unlink(missing_ok=True)

    async def stop_all(self) -> None:
        """Stop whatever still runs; on Linux the kernel has mostly done so."""
        parts = [file.stem for file in self._folder.glob("*.json")]
        await asyncio.gather(*(self._stop(part) for part in parts))

    async def _stop(self, part: str) -> None:
        record = self._read(part)
        if record is not None:
            await stop_process(record.identity, record.stop_signal, grace_for=_STOPS_FOR)
        self.forget(part)

    def _read(self, part: str) -> ProcessRecord | None:
        try:
            return ProcessRecord.model_validate_json(self._file(part).read_bytes())
        except ValidationError:
            # Of another release: better one process too many than a signal to the wrong one.
            return None

    def _file(self, part: str) -> Path:
        return self._folder / f"{part}.json"


@asynccontextmanager
async def claimed(data_dir: Path) -> AsyncIterator[None]:
    """Hold the folder, after the leftovers of an earlier holder have ended and freed their ports."""
    with _only_one(data_dir):
        await ProcessRecords(data_dir).stop_all()
        yield


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    """Hold the folder's lock, which the kernel releases however this process ends."""
    private_folder(data_dir / "run")
    with (data_dir / "run" / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise AlreadyRunningError(
                f"process {lock.read()} already runs the stack of {data_dir}"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield

"""Keepers (值守): loops that a process runs beside its requests, from entering to leaving a block."""

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress
from types import TracebackType
from typing import ClassVar, Self


class Keeper(ABC):
    """One loop as a task. What is cut short by the end is found again by the next one to look."""

    task_name: ClassVar[str]
    _task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start looking."""
        self._task = asyncio.create_task(self._run(), name=self.task_name)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and wait for the end."""
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    @property
    def is_running(self) -> bool:
        """Whether it looks; one that ended by itself is a bug, which the state of the system tells."""
        return self._task is not None and not self._task.done()

    @abstractmethod
    async def _run(self) -> None:
        """Look for ever."""

"""Keeps the parts of a stack running until it is asked to stop (守护).

Parts start in order, each once what stands before it serves; those of one tuple start together. Whatever
dies afterwards is started again, for ever and never in a storm; at the end they stop in reverse order.
"""

import asyncio
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Final

import structlog

from runtime.children import Probe, ServiceNotReadyError, stop_child, wait_until_serving
from runtime.claim import ProcessRecords

_log = structlog.get_logger(__name__)

FIRST_PAUSE_FOR: Final = timedelta(seconds=0.2)
LONGEST_PAUSE_FOR: Final = timedelta(seconds=5)
# A part that served this long did not die of its start; its next restart is quick again.
_SETTLED_FOR: Final = timedelta(seconds=30)


class PartStatus(StrEnum):
    STARTING = "starting"
    SERVING = "serving"
    RESTARTING = "restarting"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Part:
    """One child process: how it starts, when it serves, how it is asked to stop."""

    name: str
    spawn: Callable[[], Awaitable[Process]]
    serves: Probe
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    # Long, for on a busy machine imports alone take half a minute; a part that ends is told at once.
    ready_for: timedelta = timedelta(minutes=2)
    stops_for: timedelta = timedelta(seconds=20)
    # More than one where a start can fail by chance: somebody takes the port between choosing and listening.
    first_tries: int = 1
    # It has work that ends: a good end is its last, and after so many bad ones on end it is left alone.
    bad_ends_allowed: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Something done once, after the parts before it serve and before those after it start."""

    name: str
    run: Callable[[], Awaitable[None]]


Item = Part | Step
Plan = Sequence[Item | tuple[Item, ...]]
"""What is begun in which order; the items of a tuple are begun together, and the next waits for all of them."""


@dataclass(slots=True)
class PartState:
    """What is known of a part now."""

    status: PartStatus
    pid: int | None = None
    restarts: int = 0


Board = dict[str, PartState]


def parts_of(plan: Plan) -> list[Part]:
    """Its parts, in the order in which they stand in the plan."""
    items = chain.from_iterable(item if isinstance(item, tuple) else (item,) for item in plan)
    return [item for item in items if isinstance(item, Part)]


def _is_last_end(part: Part, code: int, restarts: int) -> bool:
    """Whether a part that has ended stays so."""
    return part.bad_ends_allowed is not None and (code == 0 or restarts >= part.bad_ends_allowed)


def _ignore(_: Board) -> None:
    pass


@dataclass
class Supervisor:
    """Runs a plan on a data folder that the caller has claimed."""

    data_dir: Path
    plan: Plan
    on_change: Callable[[Board], None] = _ignore
    board: Board = field(default_factory=dict)
    _children: dict[str, Process] = field(default_factory=dict)
    _keepers: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._records = ProcessRecords(self.data_dir)

    async def run(self) -> None:
        """Serve until cancelled, or until something of the plan fails the first time."""
        async with self._everything_stopped_at_the_end():
            for item in self.plan:
                await self._begin(item)
            await asyncio.gather(*self._keepers)

    async def _begin(self, item: Item | tuple[Item, ...]) -> None:
        match item:
            case Part():
                _log.info("stack.beginning", item=item.name)
                self.board[item.name] = PartState(PartStatus.STARTING)
                await self._start_first(item)
                self._keepers.append(asyncio.create_task(self._keep(item), name=f"keep {item.name}"))
            case Step():
                _log.info("stack.beginning", item=item.name)
                await item.run()
            case tuple():
                await self._begin_together(item)

    async def _begin_together(self, items: tuple[Item, ...]) -> None:
        """The first that fails is the failure of all, as it is: no group of errors, which nobody would read."""
        beginning = [asyncio.create_task(self._begin(item), name=f"begin {item.name}") for item in items]
        try:
            await asyncio.gather(*beginning)
        finally:
            for task in beginning:
                task.cancel()
            await asyncio.gather(*beginning, return_exceptions=True)

    async def _start_first(self, part: Part) -> None:
        """Start a part that has never served; one that ended by itself is tried as often as it allows."""
        for _ in range(part.first_tries - 1):
            try:
                return await self._bring_up(part)
            except ServiceNotReadyError:
                if self._children[part.name].returncode is None:
                    raise
                _log.warning("part.not_started", part=part.name)
        return await self._bring_up(part)

    async def _bring_up(self, part: Part) -> None:
        child = await part.spawn()
        self._children[part.name] = child
        self._records.write(part.name, child.pid, part.stop_signal)
        await wait_until_serving(part.name, child, part.serves, log=part.log, within_for=part.ready_for)
        self._show(part, PartStatus.SERVING, child.pid)

    async def _keep(self, part: Part) -> None:
        """Start the part again whenever it ends, ever more slowly while it does not settle."""
        clock = asyncio.get_running_loop().time
        pause_for = FIRST_PAUSE_FOR
        while True:
            served_from = clock()
            code = await self._children[part.name].wait()
            if clock() - served_from > _SETTLED_FOR.total_seconds():
                pause_for = FIRST_PAUSE_FOR
            if _is_last_end(part, code, self.board[part.name].restarts):
                return self._show(part, PartStatus.DONE if code == 0 else PartStatus.STOPPED)
            _log.warning("part.ended", part=part.name, code=code, pause_seconds=pause_for.total_seconds())
            self._show(part, PartStatus.RESTARTING)
            await asyncio.sleep(pause_for.total_seconds())
            pause_for = min(pause_for * 2, LONGEST_PAUSE_FOR)
            await self._try_again(part)

    async def _try_again(self, part: Part) -> None:
        """A start that fails leaves an ended child, at which the keeper looks next."""
        self.board[part.name].restarts += 1
        try:
            await self._bring_up(part)
        except Exception:  # noqa: BLE001  what prevents a start now, a full disk say, may be gone at the next
            _log.exception("part.not_restarted", part=part.name)
            await self._stop(part)
        else:
            _log.info("part.restarted", part=part.name, restarts=self.board[part.name].restarts)

    @asynccontextmanager
    async def _everything_stopped_at_the_end(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            # First the keepers, who would otherwise start again what is being stopped.
            for keeper in self._keepers:
                keeper.cancel()
            await asyncio.gather(*self._keepers, return_exceptions=True)
            for part in reversed(parts_of(self.plan)):
                await self._stop(part)
                self._show(part, PartStatus.STOPPED)

    async def _stop(self, part: Part) -> None:
        child = self._children.get(part.name)
        if child is not None:
            await stop_child(child, part.stop_signal, part.stops_for)
            self._records.forget(part.name)

    def _show(self, part: Part, status: PartStatus, pid: int | None = None) -> None:
        state = self.board.setdefault(part.name, PartState(status))
        state.status, state.pid = status, pid
        try:
            self.on_change(self.board)
        except OSError:
            # No room for the stack file, say. That the part runs matters more than who is told of it.
            _log.exception("stack.not_told")

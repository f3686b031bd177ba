"""Live readers (实时推送): one LISTEN connection per process, fanned out to whoever is watching.

A change says only which case moved and where to; readers ask for what they may see. Who cannot keep up
is told to read everything again instead of being sent a growing backlog.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Final, Self

from hotline.model import Record
from hotline.visibility import Viewer, may_see
from store.live import CaseChange, InboxChange, Item, Missed, changes

_BACKLOG: Final = 256


class EngineChange(Record):
    """The last worker went, or the first one is back."""

    attended: bool


Heard = Item | EngineChange
"""What a reader may hear: what PostgreSQL announced, and what this process saw."""


class LiveHub:
    """Subscribers and the one reader that feeds them."""

    def __init__(self, database_url: str) -> None:
        """Nothing is connected before the hub is entered."""
        self._url = database_url
        self._queues: set[asyncio.Queue[Heard]] = set()
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start reading."""
        self._reader = asyncio.create_task(self._read(), name="live-reader")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop reading and let every subscriber go."""
        assert self._reader is not None
        self._reader.cancel()
        with suppress(asyncio.CancelledError):
            await self._reader

    async def _read(self) -> None:
        async for change in changes(self._url):
            self.tell(change)

    def tell(self, change: Heard) -> None:
        """Pass a change on to everybody who is watching; nobody waits for anybody."""
        for queue in self._queues:
            _offer(queue, change)

    @asynccontextmanager
    async def subscribe(self, viewer: Viewer) -> AsyncIterator[AsyncIterator[Heard]]:
        """The changes that somebody may see; `Missed` means that some were lost: read again."""
        queue: asyncio.Queue[Heard] = asyncio.Queue(_BACKLOG)
        self._queues.add(queue)
        try:
            yield _visible(queue, viewer)
        finally:
            self._queues.discard(queue)


def _offer(queue: asyncio.Queue[Heard], change: Heard) -> None:
    if not queue.full():
        queue.put_nowait(change)
        return
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait(Missed())


async def _visible(queue: asyncio.Queue[Heard], viewer: Viewer) -> AsyncIterator[Heard]:
    while True:
        change = await queue.get()
        if _is_for(viewer, change):
            yield change


def _is_for(viewer: Viewer, change: Heard) -> bool:
    match change:
        case CaseChange():
            return may_see(viewer, change)
        case InboxChange(recipients=recipients):
            return viewer.actor.user_id in recipients
        case Missed() | EngineChange():
            return True

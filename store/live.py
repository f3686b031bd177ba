"""Live changes (实时推送): what PostgreSQL announces when a projection commits, as an endless stream.

One connection of its own listens and comes back by itself after a failure. Announcements made meanwhile
are lost, so the reader is told that it missed something and reads its lists again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import asyncpg
from pydantic import ValidationError

from hotline.case import Concern
from hotline.identifiers import CaseNo, UserId
from hotline.model import Record
from hotline.vocabulary import Status
from store.engine import database_url
from store.notices import CHANNEL as INBOX_CHANNEL
from store.projection import CHANNEL

_RETRY_FIRST_FOR: Final = timedelta(milliseconds=100)
_RETRY_AT_MOST_FOR: Final = timedelta(seconds=5)
_PROBE_FOR: Final = timedelta(seconds=15)
"""A connection whose other end has vanished is silent for ever; a question now and then finds out."""

_WAITING_AT_MOST: Final = 10_000


class CaseChange(Concern):
    """A case has a new version; whom it concerns decides who may hear of it and is told to nobody."""

    case_no: CaseNo
    version: int
    status: Status
    secret: bool = False

    def told(self) -> str:
        """What a reader hears, in JSON."""
        return self.model_dump_json(exclude=set(Concern.model_fields))


class Missed(Record):
    """Changes may have gone by unseen; whoever shows a list reads it again. The first item is always this."""


class InboxChange(Record):
    """There is something new in the inboxes of some accounts."""

    recipients: tuple[UserId, ...]


Item = CaseChange | InboxChange | Missed


async def changes(url: str) -> AsyncIterator[Item]:
    """Yield every change as it commits, for ever; `Missed` whenever the connection is new."""
    retry_for = _RETRY_FIRST_FOR
    while True:
        try:
            async with _listening(url) as queue:
                retry_for = _RETRY_FIRST_FOR
                yield Missed()
                while (item := await queue.get()) is not None:
                    yield item
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            # PostgreSQL is away; the stream goes on when it is back.
            pass
        await asyncio.sleep(retry_for.total_seconds())
        retry_for = min(retry_for * 2, _RETRY_AT_MOST_FOR)


# None in the queue: the connection has ended.
_Queue = asyncio.Queue[Item | None]


@asynccontextmanager
async def _listening(url: str) -> AsyncIterator[_Queue]:
    queue: _Queue = asyncio.Queue()
    plain = database_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain, timeout=5, server_settings={"application_name": "hotline-live"})
    try:
        connection.add_termination_listener(lambda _: queue.put_nowait(None))
        for channel, form in _FORMS.items():
            await connection.add_listener(channel, _listener(queue, form))
        probe = asyncio.create_task(_probe(connection, queue))
        try:
            yield queue
        finally:
            probe.cancel()
    finally:
        connection.terminate()


_FORMS: Final[Mapping[str, type[CaseChange] | type[InboxChange]]] = {
    CHANNEL: CaseChange,
    INBOX_CHANNEL: InboxChange,
}


def _listener(queue: _Queue, form: type[CaseChange] | type[InboxChange]) -> Callable[..., None]:
    def hear(_: object, __: object, ___: object, payload: object) -> None:
        try:
            _put(queue, form.model_validate_json(str(payload)))
        except ValidationError:
            # Announced by another release; the reader can still look for itself.
            _put(queue, Missed())

    return hear


def _put(queue: _Queue, item: Item) -> None:
    """Queue a change; a reader too slow to keep up loses them all and is told so."""
    if queue.qsize() >= _WAITING_AT_MOST:
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(Missed())
    queue.put_nowait(item)


async def _probe(connection: asyncpg.Connection, queue: _Queue) -> None:
    while True:
        await asyncio.sleep(_PROBE_FOR.total_seconds())
        try:
            await connection.execute("SELECT 1", timeout=5)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            queue.put_nowait(None)
            return

"""A door in front of a server that a test can shut: whoever is connected is cut off, whoever knocks is refused."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from sqlalchemy.engine import make_url

from runtime.ports import LOOPBACK, free_port
from runtime.settings import Settings


class Gate:
    """Passes bytes on to a server on this machine, from a port of its own."""

    def __init__(self, port: int) -> None:
        self.port = free_port()
        self._target = port
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._connected, LOOPBACK, self.port)

    async def shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for link in self._links:
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.create_task(self._link(reader, writer))
        self._links.add(link)
        link.add_done_callback(self._links.discard)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(LOOPBACK, self._target)
        try:
            with suppress(ConnectionError):
                await _first_done(_pass_on(reader, back), _pass_on(there, writer))
        finally:
            for end in (writer, back):
                end.transport.abort()


async def _first_done(*ways: Coroutine[None, None, None]) -> None:
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)  # noqa: TID251  no workflow here
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65_536):
        writer.write(chunk)
        await writer.drain()


@dataclass
class Exposed:
    """The settings of an office, and the gates through which it reaches each server."""

    settings: Settings
    database: Gate
    engine: Gate


@asynccontextmanager
async def exposed(settings: Settings) -> AsyncIterator[Exposed]:
    """Put a gate in front of PostgreSQL and of Temporal."""
    assert settings.database_url is not None
    assert settings.temporal_address is not None
    url = make_url(settings.database_url)
    assert url.port is not None
    host, _, port = settings.temporal_address.partition(":")
    database, engine = Gate(url.port), Gate(int(port))
    there = settings.model_copy(
        update={
            "database_url": url.set(host="127.0.0.1", port=database.port).render_as_string(False),
            "temporal_address": f"{host}:{engine.port}",
            "rpc_timeout_seconds": 3.0,
        }
    )
    await database.open()
    await engine.open()
    try:
        yield Exposed(there, database, engine)
    finally:
        await database.shut()
        await engine.shut()

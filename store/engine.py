"""The way to PostgreSQL: sessions that read, sessions that write, and the only commit.

A `ReadSession` has a connection that PostgreSQL lets only read, and a `WriteSession` commits when its block ends, so a
signature tells whether a function can change anything. Connection failures become `DatabaseUnavailable`
(the tree is drawn in store/failures.py), which the API answers with 503.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final, Self, TypeVar

import asyncpg
import orjson
from sqlalchemy import CursorResult, Executable, event, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from store.failures import DatabaseBusy, DatabaseUnavailable
from store.statements import trace_statements

# SQLSTATE classes and codes, from appendix A of the PostgreSQL manual.
_GONE: Final = ("08", "57P", "53")
_BUSY: Final = ("57014", "55P03", "40001", "40P01", "25P03", "25P04")

_STATEMENTS: Final = 300
"""How many statements a connection keeps prepared: more than the console and the API have, of which the driver keeps 100."""

_ENDS_TRANSACTIONS: Final = 17
_NO_CONNECTION: Final = "no connection became free in time"

_Read = TypeVar("_Read")
SERVING_TRANSACTION_FOR: Final = timedelta(minutes=2)
"""Longer than any request or write of facts may take; commands that read everything have no such limit."""


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """How many connections, and how long anything may take.

    No more than `size` connections are in use at once. What was opened is kept, `size` that read and as many that write: to close one
    after use would cost whoever comes next a process of the server and the planning of every statement.
    """

    size: int = 20
    wait_for: timedelta = timedelta(seconds=5)
    connect_for: timedelta = timedelta(seconds=5)
    statement_for: timedelta = timedelta(seconds=15)
    lock_for: timedelta = timedelta(seconds=5)
    idle_for: timedelta = timedelta(seconds=60)
    silent_for: timedelta = timedelta(seconds=5)
    transaction_for: timedelta | None = None
    application_name: str = "hotline"


class ReadSession:
    """A connection that can only read; each statement sees what is committed when it begins."""

    __slots__ = ("_connection",)

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    # Parameters and rows hold whatever the statement's columns hold; each query module gives them types.
    async def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run one statement, or one for each of several sets of parameters."""
        with translated():
            return await self._connection.execute(statement, parameters)

    async def scalar(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Any:
        """Return the first column of the first row, or None."""
        return (await self.execute(statement, parameters)).scalar()

    async def scalars(self, statement: Executable) -> Sequence[Any]:
        """Return the first column of every row."""
        return (await self.execute(statement)).scalars().all()

    async def once(self, key: Hashable, read: Callable[[], Awaitable[_Read]]) -> _Read:
        """Read something that a snapshot remembers by its key; any other session reads it anew."""
        del key
        return await read()


class Snapshot(ReadSession):
    """A transaction for which the database stands still: what was read once is not read again."""

    __slots__ = ("_known",)

    def __init__(self, connection: AsyncConnection) -> None:
        """Know nothing yet."""
        super().__init__(connection)
        self._known: dict[Hashable, Any] = {}

    async def once(self, key: Hashable, read: Callable[[], Awaitable[_Read]]) -> _Read:
        if key not in self._known:
            self._known[key] = await read()
        found: _Read = self._known[key]
        return found


class WriteSession(ReadSession):
    """One transaction that is committed when its block ends well, and rolled back otherwise."""

    __slots__ = ()

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo only the statements of the block if it fails, so that a batch survives one bad row."""
        with translated():
            point = await self._connection.begin_nested()
        try:
            yield
        except BaseException:
            if point.is_active:
                await point.rollback()
            raise
        with translated():
            await point.commit()


class Database:
    """The connections to one database: a pool of those that read, and one of those that write."""

    def __init__(self, *, reading: AsyncEngine, writing: AsyncEngine, settings: PoolSettings) -> None:
        self._reading = reading
        self._writing = writing
        self._wait_for = settings.wait_for
        # A pool's own queue lets whoever comes just now have what somebody waits for, who then waits at its end again.
        self._places = asyncio.Semaphore(settings.size)

    @classmethod
    def connect(cls, url: str, settings: PoolSettings | None = None) -> Self:
        """Prepare the pools; nothing is connected before the first session."""
        settings, address = settings or PoolSettings(), database_url(url)
        return cls(
            reading=_engine(address, settings, reads=True),
            writing=_engine(address, settings, reads=False),
            settings=settings,
        )

    @asynccontextmanager
    async def read(self, *, snapshot: bool = False) -> AsyncIterator[ReadSession]:
        """Open a session that reads; all statements of a snapshot see the database at one moment.

        Within `one_moment` it is that moment's, which every reader of the task shares.
        """
        moment = _moment.get()
        if moment is not None and moment.is_of(self):
            yield await moment.session()
        elif snapshot:
            async with self._snapshot() as connection:
                yield Snapshot(connection)
        else:
            # Without a transaction, whose beginning and end would be two of three round trips of most readers.
            async with self._connection(self._reading) as connection:
                yield ReadSession(connection)

    @asynccontextmanager
    async def one_moment(self) -> AsyncIterator[None]:
        """Let all that this task reads in the block be of one moment, and cost one transaction.

        For whoever only looks: what is written meanwhile, by the task itself too, is not seen.
        """
        async with AsyncExitStack() as stack:
            moment = _Moment(self, self._snapshot(), stack)
            before = _moment.set(moment)
            stack.callback(_moment.reset, before)
            yield

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """Open a transaction; it is committed when the block ends without an error."""
        async with self._connection(self._writing) as connection, _transaction(connection):
            yield WriteSession(connection)

    @asynccontextmanager
    async def write_one(self) -> AsyncIterator[WriteSession]:
        """Open a session for one statement, which is committed by itself: a transaction would be two round trips more."""
        async with self._connection(self._writing) as connection:
            with translated():
                await connection.execution_options(isolation_level="AUTOCOMMIT")
            yield WriteSession(connection)

    async def ping(self) -> None:
        """Return when the database answers, or raise DatabaseUnavailable."""
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every idle connection of the pool."""
        for engine in (self._reading, self._writing):
            await engine.dispose()

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[AsyncConnection]:
        async with self._connection(self._reading) as connection:
            with translated():
                await connection.execution_options(isolation_level="REPEATABLE READ")
            async with _transaction(connection):
                yield connection

    @asynccontextmanager
    async def _connection(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        async with self._place():
            with translated():
                connection = await engine.connect()
            try:
                yield connection
            finally:
                # Closing rolls back whatever was not committed; a lost connection has nothing to roll back.
                with translated():
                    await connection.close()

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """One's turn at a connection, in the order of coming."""
        try:
            async with asyncio.timeout(self._wait_for.total_seconds()):
                await self._places.acquire()
        except TimeoutError as error:
            raise DatabaseBusy(_NO_CONNECTION) from error
        try:
            yield
        finally:
            self._places.release()


@asynccontextmanager
async def _transaction(connection: AsyncConnection) -> AsyncIterator[None]:
    """Committed when the block ends well; a connection that is closed rolls back what was not."""
    with translated():
        transaction = await connection.begin()
    yield
    with translated():
        await transaction.commit()


@dataclass
class _Moment:
    """The snapshot that a task's reads share; it begins with the first of them."""

    database: Database
    opening: AbstractAsyncContextManager[AsyncConnection]
    stack: AsyncExitStack
    task: object = field(default_factory=asyncio.current_task)
    _session: ReadSession | None = None

    def is_of(self, database: Database) -> bool:
        """Whether a reader shares it: a connection is for one task at a time."""
        return self.database is database and self.task is asyncio.current_task()

    async def session(self) -> ReadSession:
        if self._session is None:
            self._session = Snapshot(await self.stack.enter_async_context(self.opening))
        return self._session


_moment: ContextVar[_Moment | None] = ContextVar("moment", default=None)


def database_url(url: str) -> URL:
    """Read a PostgreSQL URL as operators write them and name the driver that we use."""
    parsed = make_url(url).set(drivername="postgresql+asyncpg")
    # libpq and asyncpg call the same option by two names.
    if "sslmode" in parsed.query:
        return parsed.update_query_dict({"ssl": parsed.query["sslmode"]}).difference_update_query(["sslmode"])
    return parsed


def _engine(url: URL, settings: PoolSettings, *, reads: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        isolation_level="AUTOCOMMIT" if reads else "READ COMMITTED",
        pool_size=settings.size,
        max_overflow=0,
        pool_timeout=settings.wait_for.total_seconds(),
        # The connection that was last in use has the most statements prepared and planned already.
        pool_use_lifo=True,
        json_serializer=_json_text,
        json_deserializer=orjson.loads,
        # Parameters are citizens' data and must not reach an error message.
        hide_parameters=True,
        connect_args={
            "timeout": settings.connect_for.total_seconds(),
            "prepared_statement_cache_size": _STATEMENTS,
            # Longer than the server's own limit: it ends only the wait for a server that is gone.
            "command_timeout": (settings.statement_for + settings.silent_for).total_seconds(),
            "server_settings": _server_settings(settings, reads=reads),
        },
    )
    event.listen(engine.sync_engine, "checkout", _require_open)
    event.listen(engine.sync_engine, "handle_error", _distrust_the_silent)
    trace_statements(engine.sync_engine)
    if settings.transaction_for is not None:
        event.listen(engine.sync_engine, "connect", partial(_end_transactions, settings.transaction_for))
    return engine


# Any: as above.
def _end_transactions(after_for: timedelta, connection: Any, _: object) -> None:
    """Have the server end a transaction that lasts too long, and give back what it has locked.

    A client that vanishes between two messages of one statement leaves a session that is neither idle nor in a
    statement, so that none of the server's other limits ends it. PostgreSQL knows this one from release 17 on.
    """
    if connection.driver_connection.get_server_version().major >= _ENDS_TRANSACTIONS:
        setting = f"SET transaction_timeout = {_milliseconds(after_for)}"
        connection.run_async(lambda driver: driver.execute(setting))


def _distrust_the_silent(failure: ExceptionContext) -> None:
    """Have the pool connect anew once a connection was silent for longer than the server's own limits allow.

    What forgot this connection, a firewall say, forgot the others of its age with it: each would be waited out by a caller.
    """
    if isinstance(failure.original_exception, TimeoutError):
        failure.invalidate_pool_on_disconnect = True


# Any: the driver's connection in SQLAlchemy's wrapping, which has no public type.
def _require_open(connection: Any, *_: object) -> None:
    """Have the pool connect anew where the server has closed a connection meanwhile, as a restart closes all.

    The driver has heard of it by then; to ask the server (`pool_pre_ping`) would be three of the six round trips
    of a short transaction.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _server_settings(settings: PoolSettings, *, reads: bool) -> dict[str, str]:
    return {
        "default_transaction_read_only": "on" if reads else "off",
        "application_name": settings.application_name,
        "statement_timeout": _milliseconds(settings.statement_for),
        "lock_timeout": _milliseconds(settings.lock_for),
        "idle_in_transaction_session_timeout": _milliseconds(settings.idle_for),
        "timezone": "UTC",
        # The server finds out within a minute that a client's host has gone; the kernel's own pause is two hours.
        "tcp_keepalives_idle": "30",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
    }


def _milliseconds(span_for: timedelta) -> str:
    return str(span_for // timedelta(milliseconds=1))


def _json_text(value: object) -> str:
    return orjson.dumps(value).decode()


@contextmanager
def translated() -> Iterator[None]:
    """Tell failures of the connection from errors of the statement; the latter are bugs and stay loud."""
    try:
        yield
    except PoolTimeoutError as error:
        raise DatabaseBusy(_NO_CONNECTION) from error
    except (OSError, TimeoutError) as error:
        raise DatabaseUnavailable("PostgreSQL cannot be reached") from error
    except (DBAPIError, asyncpg.PostgresError) as error:
        failure = _failure(error)
        if failure is None:
            raise
        raise failure from error


def _failure(error: DBAPIError | asyncpg.PostgresError) -> DatabaseUnavailable | None:
    """Return what the error means for a caller who can only try again, if it means that."""
    # While it connects, the driver's own errors arrive as they are; later SQLAlchemy wraps them.
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = str(getattr(cause, "sqlstate", None) or "")
    if state.startswith(_BUSY):
        return DatabaseBusy(f"PostgreSQL gave up on a statement ({state})")
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or state.startswith(_GONE):
        return DatabaseUnavailable(f"the connection to PostgreSQL is lost ({state or 'no answer'})")
    return None

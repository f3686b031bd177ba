"""`hotline doctor`: does every part serve, and if not, what is wrong (体检). Exit code 0 when all is well."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson
import typer
from rich.console import Console

from api.gateway import GatewayError
from api.wellbeing import ANCHORED_WITHIN, NOTICE_DUE, STUCK_AFTER
from commands.accounts import FILE
from commands.engine import connected_gateway
from commands.failures import ExitCode
from commands.options import AsJson, DataDir, stack_settings
from hotline.calendar import SHANGHAI
from hotline.model import Record
from hotline.proof.anchors import days_due
from runtime.objects import KEY_BYTES, ObjectMissing, ObjectStore, ObjectStoreFailure, StoredObject
from runtime.settings import Settings
from runtime.stack import StackNotRunningError, find_stack
from runtime.temporal import HEARTBEAT_FOR
from store.alarms import DECIDED_PER_SECOND, ON_ITS_WAY_FOR, count_missed, next_crowd
from store.anchors import last_anchor
from store.clock import APART_AT_MOST, apart
from store.deliveries import backlog
from store.engine import Database
from store.failures import StoreFailure
from store.handovers import count_late
from store.intake import unadopted
from store.migrate import is_current
from store.policies import active
from store.tallies import MARKED_AT_MOST, count_marked


class Finding(Record):
    """One part: whether it serves, and what was seen."""

    part: str
    ok: bool
    detail: str


class Unwell(Exception):  # noqa: N818  a diagnosis, not an error
    """A part does not serve; the message says what was seen."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Look at every part of the stack (体检)."""
    try:
        findings = asyncio.run(_examine(stack_settings(data_dir)))
    except StackNotRunningError as error:
        findings = [Finding(part="stack", ok=False, detail=str(error))]
    well = all(finding.ok for finding in findings)
    if as_json:
        answer = {"ok": well, "parts": [finding.model_dump() for finding in findings]}
        typer.echo(orjson.dumps(answer).decode())
    else:
        console = Console()
        for finding in findings:
            console.print(f"{'[green]✓' if finding.ok else '[red]✗'}[/] {finding.part}: {finding.detail}")
    if not well:
        raise typer.Exit(ExitCode.NOT_DONE)


async def _examine(settings: Settings) -> list[Finding]:
    assert settings.database_url is not None
    database = Database.connect(settings.database_url)
    parts: dict[str, Callable[[], Awaitable[str]]] = {
        "postgresql": lambda: _database(database),
        "temporal": lambda: _engine(settings),
        "worker": lambda: _worker(settings),
        "api": lambda: _api(settings),
        "clock": lambda: _clock(database),
        "intake": lambda: _intake(database),
        "handovers": lambda: _handovers(database),
        "alarms": lambda: alarms_fire(database),
        "tallies": lambda: boards_counted(database),
        "ledger": lambda: _ledger(database),
        "evidence store": lambda: _evidence(settings),
        "notices": lambda: notices_told(database),
        "calendar": lambda: _calendar(database),
        "private files": lambda: _private(settings.data_dir),
    }
    try:
        return [await _finding(part, look) for part, look in parts.items()]
    finally:
        await database.close()


async def _finding(part: str, look: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(part=part, ok=True, detail=await look())
    except (Unwell, StoreFailure, GatewayError, ObjectStoreFailure, httpx.HTTPError, OSError) as error:
        return Finding(part=part, ok=False, detail=str(error) or type(error).__name__)


async def _database(database: Database) -> str:
    async with database.read() as session:
        if not await is_current(session):
            message = "reachable, but not migrated; run `hotline migrate`"
            raise Unwell(message)
    return "serves, migrated"


async def _engine(settings: Settings) -> str:
    gateway = await connected_gateway(settings)
    if not await gateway.is_serving():
        message = f"does not answer at {settings.temporal_address}"
        raise Unwell(message)
    return f"serves at {settings.temporal_address}"


async def _worker(settings: Settings) -> str:
    gateway = await connected_gateway(settings)
    if not await gateway.workers():
        # A worker with another clock than ours is known to live once it has beaten again.
        await asyncio.sleep(2 * HEARTBEAT_FOR.total_seconds())
    workers = await gateway.workers()
    if not workers:
        message = f"nobody serves the task queue {settings.task_queue}"
        raise Unwell(message)
    return f"serves: {', '.join(worker.identity for worker in workers)}"


async def _api(settings: Settings) -> str:
    url = _api_url(settings)
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        answer = await client.get(f"{url}/health/live")
    if not answer.is_success:
        message = f"{url} answers {answer.status_code}"
        raise Unwell(message)
    return f"serves at {url}"


def _api_url(settings: Settings) -> str:
    """The stack's own address, or the configured one where the parts run apart from each other."""
    try:
        return find_stack(settings.data_dir).api_url
    except StackNotRunningError:
        return f"http://{settings.api_host}:{settings.api_port}"


async def _clock(database: Database) -> str:
    """Nothing fails on a host whose clock is wrong, but what it registers has the wrong time."""
    async with database.read() as session:
        ahead_for = await apart(session, datetime.now(UTC))
    if abs(ahead_for) > APART_AT_MOST:
        return f"attention: {ahead_for.total_seconds():+.0f} s beside PostgreSQL's; look at the time synchronisation"
    return "agrees with PostgreSQL's"


async def _intake(database: Database) -> str:
    async with database.read() as session:
        stuck = await unadopted(session, older_than=datetime.now(UTC) - STUCK_AFTER)
    if stuck:
        message = f"{len(stuck)} registered cases wait for the engine, the oldest since {stuck[0].received_at:%F %T}"
        raise Unwell(message)
    return "every registered case was adopted"


async def _handovers(database: Database) -> str:
    """Whether the ledger has what cases decided; a note that stays names a case that cannot write."""
    async with database.read() as session:
        late, since = await count_late(session, since_before=datetime.now(UTC) - STUCK_AFTER)
    if since is not None:
        message = f"of {late} commands nobody knows whether the ledger has what came of them, the oldest since {since:%F %T}"
        raise Unwell(message)
    return "the ledger has what came of every command"


async def alarms_fire(database: Database) -> str:
    """Whether every alarm fired that should have; a closing time with more than one worker decides in it is told before it comes."""
    now = datetime.now(UTC)
    async with database.read() as session:
        missed, since = await count_missed(session, now, grace_for=ON_ITS_WAY_FOR + STUCK_AFTER)
        crowd = await next_crowd(session, now)
    if since is not None:
        message = f"{missed} should have fired, the oldest at {since:%F %T}; the worker's log names a case whose tasks fail"
        raise Unwell(message)
    if crowd and crowd.per_second > DECIDED_PER_SECOND:
        return (
            f"attention: {crowd.alarms} stand at {crowd.at:%F %T} and are spread over {crowd.spread_for.total_seconds():g} s;"
            f" two cores decide {DECIDED_PER_SECOND} a second (docs/operations.md, closing time)"
        )
    return "every alarm fired that should have"


async def boards_counted(database: Database) -> str:
    """Whether boards are counted ahead; where the counting is behind they are right and slow, so it is told and no fault."""
    async with database.read() as session:
        marked = await count_marked(session)
    if marked > MARKED_AT_MOST:
        return (
            f"attention: {marked} changed cases wait to be counted, until then boards count rows; after an upgrade or an"
            " import that passes, else the API's log tells what fails (`tallies.counting_failed`)"
        )
    return "boards are counted ahead"


async def _ledger(database: Database) -> str:
    """Whether somebody closes the days; one is over for an hour at most before it has its anchor."""
    async with database.read() as session:
        last = await last_anchor(session)
    due = next(days_due(last.day if last else None, datetime.now(UTC), grace=ANCHORED_WITHIN), None)
    if due is not None:
        message = f"the day {due} has no anchor; is an API process running? `hotline ledger anchor` makes it"
        raise Unwell(message)
    return f"anchored to {last.day}" if last else "nothing to anchor yet"


async def notices_told(database: Database) -> str:
    """Whether people hear of what is theirs; a receiver may be away for a while, which is told and no fault of ours."""
    now = datetime.now(UTC)
    async with database.read() as session:
        found = await backlog(session, now=now)
    stuck = [
        f"{count} {what} since {since:%F %T}"
        for count, what, since in (
            (found.untold, "are in no inbox", found.untold_since),
            (found.due, "are due and unsent", found.due_since),
        )
        if since is not None and now - since > STUCK_AFTER
    ]
    if found.failed:
        stuck.append(f"{found.failed} were given up; docs/runbooks/notices.md")
    if stuck:
        message = "; ".join(stuck)
        raise Unwell(message)
    if found.retrying_since:
        return (
            f"attention: {found.retrying} wait for another try, the oldest since {found.retrying_since:%F %T}"
        )
    return "everybody was told"


async def _evidence(settings: Settings) -> str:
    """Ask for a file that is not there: only a store that serves can say so."""
    with suppress(ObjectMissing):
        await ObjectStore(settings).get(StoredObject("doctor/none", bytes(KEY_BYTES)))
    return f"serves at {settings.evidence_url or settings.data_dir / 'evidence'}"


async def _calendar(database: Database) -> str:
    """Which policy is in force; a missing year is told, though nothing fails: its dates are provisional."""
    async with database.read() as session:
        policy = await active(session)
    if policy is None:
        message = "no policy is published; run `hotline seed`, or register a first case"
        raise Unwell(message)
    soon = (datetime.now(SHANGHAI) + NOTICE_DUE).date()
    if not policy.calendar.is_published(soon):
        return (
            f"attention: no notice for {soon.year} in {policy.calendar.revision}, its dates are provisional"
        )
    return f"{policy.revision}, calendar {policy.calendar.revision}"


async def _private(data_dir: Path) -> str:
    for name in (FILE, "stack.json", "keyring.json"):
        file = data_dir / name
        if file.exists() and file.stat().st_mode & 0o077:
            message = f"{file} can be read by others; chmod 600"
            raise Unwell(message)
    return "readable by their owner alone"

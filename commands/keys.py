"""`hotline keys`: change the key that seals, see which keys still seal what, take one out for good (密钥管理).

Rotating goes on while everything runs: running processes seal under the new key from their next seal on. It is
done page by page and may be killed at any moment; `--resume` does what is left (docs/runbooks/keys.md).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer
from rich.console import Console
from rich.table import Table

from commands.engine import connected_gateway
from commands.failures import fail
from commands.options import AsJson, DataDir, stack_settings
from commands.progress import progress
from hotline.model import Record
from hotline.vocabulary import TrailEvent
from runtime import keyfile
from runtime.keyring import Keyring, keyring_of
from runtime.settings import Settings
from store.engine import Database, PoolSettings, WriteSession
from store.sealing import PERSONS, count_stale, key_counts, reseal
from store.trail import TrailEntry, record

_PASSES: Final = 3
"""A transaction that was open when the key changed may commit something under the old one; a second look finds it."""

_STATEMENT_FOR: Final = timedelta(minutes=10)
"""Counting reads every sealed value once."""

_LEARNS_WITHIN: Final = timedelta(minutes=1)
"""How long after a rotation a process may still have sealed under the old key."""

ResumeOption = Annotated[
    bool, typer.Option("--resume", help="Make no new key; seal anew what is not yet under the current one.")
]


class Rotation(Record):
    """What a rotation has done; `left` is more than 0 only if somebody keeps sealing under an old key."""

    current: str
    new_key: bool
    resealed: int
    left: int


class KeyLine(Record):
    """One key: since when it seals or when it was replaced, how much it seals, and who else may need it."""

    key_id: str
    current: bool
    since: datetime | None
    replaced_at: datetime | None
    sealed: int


class KeyStatus(Record):
    """Every key of the ring, those that the ring has lost, and how many values citizens' own keys seal."""

    keys: tuple[KeyLine, ...]
    missing: dict[str, int]
    under_citizens_keys: int
    to_reseal: int


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(
        no_args_is_help=True, help="Keys of the vault and of the engine's payloads (密钥管理)."
    )
    group.command()(create)
    group.command()(rotate)
    group.command()(status)
    group.command()(retire)
    app.add_typer(group, name="keys")


def create(
    file: Annotated[Path, typer.Argument(help="Where; the folder must be there.", dir_okay=False)],
) -> None:
    """Make a key file, before the first machine starts and for all of them (新建密钥文件)."""
    if file.exists():
        fail(f"{file} is there already, and whatever it seals needs it", as_json=False)
    made = keyfile.load_or_create(file)
    typer.echo(f"{file}: key {made.current}; back it up apart from the database")


def rotate(data_dir: DataDir = None, resume: ResumeOption = False, as_json: AsJson = False) -> None:
    """Make a new current key and seal everything anew under it, while the hotline runs (更换密钥)."""
    settings = stack_settings(data_dir)
    if settings.keyring is not None and not resume:
        fail(
            "the keys come from HOTLINE_KEYRING: add a key there, name it `current`, restart, and then "
            "run `hotline keys rotate --resume`",
            as_json=as_json,
            code="keys_in_setting",
        )
    rotation = asyncio.run(_rotate(settings, resume=resume, quiet=as_json))
    if as_json:
        typer.echo(orjson.dumps(rotation.model_dump()).decode())
    else:
        typer.echo(f"{rotation.resealed} values sealed anew under {rotation.current}, {rotation.left} left")
    if rotation.left:
        raise typer.Exit(1)


def status(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Tell which keys there are and how much each still seals (密钥状态)."""
    found = asyncio.run(_status(stack_settings(data_dir)))
    if as_json:
        typer.echo(orjson.dumps(found.model_dump(mode="json")).decode())
    else:
        _show(found)


def retire(
    key_id: Annotated[str, typer.Argument(help="Id of the key, as `hotline keys status` shows it.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Take a key out of the key file for good, once nothing is sealed under it (停用密钥)."""
    settings = stack_settings(data_dir)
    if settings.keyring is not None:
        fail("the keys come from HOTLINE_KEYRING", as_json=as_json, code="keys_in_setting")
    if reason := asyncio.run(_retire(settings, key_id)):
        fail(reason, as_json=as_json, code="key_in_use")
    typer.echo(orjson.dumps({"retired": key_id}).decode() if as_json else f"{key_id} is gone")


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    assert settings.database_url is not None
    database = Database.connect(settings.database_url, PoolSettings(size=2, statement_for=_STATEMENT_FOR))
    try:
        yield database
    finally:
        await database.close()


async def _rotate(settings: Settings, *, resume: bool, quiet: bool) -> Rotation:
    async with _database(settings) as database:
        ring = keyring_of(settings)
        if not resume:
            async with database.write() as session:
                await _make_key(session, settings, ring)
        resealed, left = await _resealed(database, ring, quiet=quiet)
        done = Rotation(current=ring.current_id, new_key=not resume, resealed=resealed, left=left)
        async with database.write() as session:
            await _record(session, TrailEvent.KEYS_ROTATED, done.current, resealed=resealed, left=left)
    return done


async def _make_key(session: WriteSession, settings: Settings, ring: Keyring) -> None:
    """Change the file only in a transaction that also records it; a key too many harms nobody."""
    before = ring.current_id
    material = keyfile.rotate(settings.keyring_path)
    await _record(session, TrailEvent.KEYS_ROTATED, material.current, replaced=before)


async def _resealed(database: Database, ring: Keyring, *, quiet: bool) -> tuple[int, int]:
    total = 0
    with progress() as bars:
        bars.disable = quiet
        async with database.read() as session:
            left = await count_stale(session, ring.current_id)
        task = bars.add_task("sealing anew", total=left, note="")
        for _ in range(_PASSES):
            total += await reseal(
                database,
                ring,
                ring.current_id,
                at=datetime.now(UTC),
                on_page=lambda count: bars.advance(task, count),
            )
            async with database.read() as session:
                left = await count_stale(session, ring.current_id)
            if not left:
                break
    return total, left


async def _status(settings: Settings) -> KeyStatus:
    ring = keyring_of(settings)
    material = ring.material
    async with _database(settings) as database, database.read() as session:
        counts = dict(await key_counts(session))
        stale = await count_stale(session, material.current)
    lines = tuple(
        KeyLine(
            key_id=key_id,
            current=key_id == material.current,
            since=material.since.get(key_id),
            replaced_at=material.replaced_at(key_id),
            sealed=counts.pop(key_id, 0),
        )
        for key_id in material.keys
    )
    citizens = counts.pop(PERSONS, 0)
    return KeyStatus(keys=lines, missing=counts, under_citizens_keys=citizens, to_reseal=stale)


async def _retire(settings: Settings, key_id: str) -> str | None:
    """Take the key out, or say why it must stay."""
    ring = keyring_of(settings)
    async with _database(settings) as database:
        async with database.read() as session:
            counts = await key_counts(session)
        if counts.get(key_id):
            return f"{counts[key_id]} values are sealed under {key_id}; run `hotline keys rotate --resume`"
        if runs := await _runs_that_need(settings, ring, key_id):
            return (
                f"the engine keeps {runs} runs that began before {key_id} was replaced; their payloads are sealed "
                "under it until they have ended and the namespace's retention is over"
            )
        async with database.write() as session:
            keyfile.retire(settings.keyring_path, key_id)
            await _record(session, TrailEvent.KEYS_RETIRED, key_id)
    return None


async def _runs_that_need(settings: Settings, ring: Keyring, key_id: str) -> int:
    """Count the engine's runs that may hold payloads sealed under a key: those that began while it sealed."""
    if key_id == ring.current_id or key_id not in ring.material.keys:
        return 0  # `keyfile.retire` refuses both.
    replaced_at = ring.material.replaced_at(key_id) or datetime.now(UTC)
    gateway = await connected_gateway(settings)
    return await gateway.runs_started_before(replaced_at + _LEARNS_WITHIN)


async def _record(session: WriteSession, event: TrailEvent, key_id: str, **detail: str | int) -> None:
    await record(session, TrailEntry(at=datetime.now(UTC), event=event, subject=key_id, detail=detail))


def _show(found: KeyStatus) -> None:
    table = Table("key", "seals since", "replaced", "sealed values")
    for line in found.keys:
        name = f"{line.key_id} (current)" if line.current else line.key_id
        table.add_row(name, _day(line.since), _day(line.replaced_at), str(line.sealed))
    console = Console()
    console.print(table)
    console.print(f"{found.under_citizens_keys} values are sealed under citizens' own keys")
    if found.to_reseal:
        console.print(f"[yellow]{found.to_reseal} values wait for `hotline keys rotate --resume`[/]")
    for key_id, count in found.missing.items():
        console.print(f"[red]✗ {count} values are sealed under {key_id}, which is not in the key file[/]")


def _day(at: datetime | None) -> str:
    return f"{at:%F %T}" if at else "–"

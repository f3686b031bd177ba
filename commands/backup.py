"""`hotline backup` and `hotline restore`: a running system to a consistent point, and back (备份与恢复).

The ledger comes first: the database is dumped at one moment, then the evidence that it names is copied, which was
stored before it was named. Temporal's data is not saved, since the engine goes on from the ledger (ADR 0053). The keys
are not in a backup: whoever has both reads everything, so they are kept apart and brought back apart.
"""

import asyncio
import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer
from pydantic import AwareDatetime, ValidationError

from commands.failures import fail
from commands.options import AsJson, DataDir, chosen_settings, stack_settings
from hotline.model import Record
from runtime import keyfile
from runtime.claim import claimed
from runtime.embedded_postgres import EmbeddedPostgres
from runtime.files import private_folder, write_private
from runtime.keyring import keyring_of
from runtime.objects import ObjectStore, ObjectStoreFailure, copy_missing
from runtime.ports import free_port
from runtime.postgres_tools import DumpFailedError, dump_database, restore_database
from runtime.settings import Settings
from store.migrate import newest_revision

_DUMP: Final = "database.dump"
_EVIDENCE: Final = "evidence"
_MANIFEST: Final = "manifest.json"
_CHUNK: Final = 1024 * 1024

BackupFolder = Annotated[Path, typer.Argument(help="Folder of the backup.", file_okay=False)]
KeyFile = Annotated[
    Path | None,
    typer.Option("--keyring", help="The key file that belongs to it, kept apart.", dir_okay=False),
]


class Manifest(Record):
    """What a backup is: of when, in which form, under which keys (their names), and the digest of its dump.

    `evidence` is how many files were new in the folder.
    """

    made_at: AwareDatetime
    revision: str
    keys: tuple[str, ...]
    dump_sha256: str
    evidence: int


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(backup)
    app.command()(restore)


def backup(folder: BackupFolder, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Save the running system; into the same folder again, evidence that is there is not copied twice (备份)."""
    try:
        made = asyncio.run(_backup(stack_settings(data_dir), folder))
    except (DumpFailedError, ObjectStoreFailure) as error:
        fail(str(error), as_json=as_json)
    typer.echo(
        made.model_dump_json()
        if as_json
        else f"{folder}: database and {made.evidence} new files of evidence of {made.made_at:%Y-%m-%d %H:%M}; keep the key file apart"
    )


async def _backup(settings: Settings, folder: Path) -> Manifest:
    assert settings.owner_database_url is not None
    private_folder(folder)
    made_at, dump, aside = datetime.now(UTC), folder / _DUMP, folder / f"{_DUMP}.partial"
    # Until its manifest is there again, the folder is no backup: it would be of two moments.
    (folder / _MANIFEST).unlink(missing_ok=True)
    await dump_database(settings.owner_database_url, aside)
    aside.rename(dump)
    kept = _evidence_in(folder)
    copied = copy_missing(ObjectStore(settings), ObjectStore(kept))
    made = Manifest(
        made_at=made_at,
        revision=newest_revision(),
        keys=tuple(sorted(keyring_of(settings).material.keys)),
        dump_sha256=_digest(dump),
        evidence=copied,
    )
    write_private(folder / _MANIFEST, made.model_dump_json(indent=2))
    return made


def restore(
    folder: BackupFolder,
    data_dir: DataDir = None,
    keyring: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Bring a backup into an empty data folder, or into the empty database that the settings name (恢复)."""
    settings = chosen_settings(data_dir)
    made = _manifest(folder, as_json=as_json)
    if _digest(folder / _DUMP) != made.dump_sha256:
        fail("the dump is not the one that its manifest names", as_json=as_json, code="backup_altered")
    if settings.database_url is None and (settings.data_dir / "postgres").exists():
        fail(
            f"{settings.data_dir} has a database already: restore into an empty folder",
            as_json=as_json,
            code="not_empty",
        )
    keys = _keys(settings, made, keyring, as_json=as_json)
    private_folder(settings.data_dir)
    if keys is not None:
        write_private(settings.keyring_path, keys)
    try:
        asyncio.run(_restore(settings, folder))
    except (DumpFailedError, ObjectStoreFailure) as error:
        fail(str(error), as_json=as_json)
    typer.echo(
        made.model_dump_json()
        if as_json
        else f"restored to {made.made_at:%Y-%m-%d %H:%M}. Next: hotline up --data-dir {settings.data_dir}; hotline audit"
    )


def _keys(settings: Settings, made: Manifest, given: Path | None, *, as_json: bool) -> str | None:
    """The key file to put in place, if one is given. Ends unless every key of the backup is at hand.

    Without its keys a database opens and nothing in it can be read, and a key that is made anew would hide that.
    """
    there = settings.keyring_path.read_text(encoding="utf-8") if settings.keyring_path.exists() else None
    text = given.read_text(encoding="utf-8") if given else settings.keyring or there
    if text is None:
        fail("the key file is missing: name it with --keyring", as_json=as_json, code="keys_missing")
    if given and there not in {None, text}:
        fail(f"{settings.keyring_path} is another key file", as_json=as_json, code="keys_differ")
    try:
        known = keyfile.parse(text).keys
    except keyfile.KeyFileError as error:
        fail(str(error), as_json=as_json, code="keys_missing")
    if lacking := sorted(set(made.keys) - set(known)):
        missing = ", ".join(lacking)
        fail(
            f"the key file lacks {missing}, under which the backup is sealed",
            as_json=as_json,
            code="keys_missing",
        )
    return text if given else None


async def _restore(settings: Settings, folder: Path) -> None:
    # The evidence first: without the database it is nothing, and a restore that fails here is simply tried again.
    copy_missing(ObjectStore(_evidence_in(folder)), ObjectStore(settings))
    if settings.database_url is not None:
        url = settings.owner_database_url or settings.database_url
        await restore_database(url, folder / _DUMP)
    else:
        async with claimed(settings.data_dir):
            await _restore_embedded(settings, folder)


async def _restore_embedded(settings: Settings, folder: Path) -> None:
    """A cluster whose restoring fails is none: the next try finds the folder empty again."""
    try:
        async with EmbeddedPostgres(settings.data_dir, free_port()) as server:
            await restore_database(server.owner_url(), folder / _DUMP)
    except BaseException:
        shutil.rmtree(settings.data_dir / "postgres", ignore_errors=True)
        raise
    # Whatever the engine knows is of another moment than the ledger is now.
    shutil.rmtree(settings.data_dir / "temporal", ignore_errors=True)


def _evidence_in(folder: Path) -> Settings:
    return Settings(evidence_url=f"file://{(folder / _EVIDENCE).absolute()}")


def _manifest(folder: Path, *, as_json: bool) -> Manifest:
    try:
        return Manifest.model_validate(orjson.loads((folder / _MANIFEST).read_bytes()))
    except (OSError, orjson.JSONDecodeError, ValidationError):
        fail(f"{folder} is no whole backup: its {_MANIFEST} is missing or unreadable", as_json=as_json)


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()

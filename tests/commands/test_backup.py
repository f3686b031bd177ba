"""A backup is of one moment, brings everything back, and is worth nothing without its keys."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import pytest_asyncio
from fixtures.stack import Database as FreshDatabase
from fixtures.stack import PostgresForTests
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from unit import lives

from hotline.identifiers import CaseNo
from runtime.keyring import Keyring
from runtime.objects import ObjectStore, StoredObject
from runtime.settings import Settings
from store.engine import Database
from store.ledger import verify_chain
from store.migrate import migrate
from store.projection import project
from store.tables.casework import facts

CLI = Path(__file__).parents[2] / "cli.py"
NUMBER = CaseNo("260302090000010001")
PICTURE = b"not really a picture"


async def _migrated(database: FreshDatabase) -> None:
    await migrate(database.owner_url)


def hotline(*command: str, data_dir: Path, database: FreshDatabase) -> subprocess.CompletedProcess[str]:
    """A command as an operator types it, on a database of their own."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    own = {
        "HOTLINE_DATABASE_URL": database.url,
        "HOTLINE_OWNER_DATABASE_URL": database.owner_url,
        "HOTLINE_TEMPORAL_ADDRESS": "127.0.0.1:1",
    }
    return subprocess.run(
        [sys.executable, str(CLI), *command, "--data-dir", str(data_dir), "--json"],
        capture_output=True,
        text=True,
        env=known | own,
        check=False,
    )


@pytest_asyncio.fixture
async def source(postgres: PostgresForTests, tmp_path: Path) -> tuple[FreshDatabase, Path, StoredObject]:
    """A database with a case, a key file and a file of evidence."""
    fresh, data_dir = await postgres.create_database(prepared_by=_migrated), tmp_path / "from"
    database = Database.connect(fresh.url)
    life = lives.awaiting_revisit(case_no=NUMBER)
    async with database.write() as session:
        await project(session, NUMBER, life.facts)
    await database.close()
    settings = Settings(data_dir=data_dir)
    data_dir.mkdir()
    Keyring.load_or_create(settings.keyring_path)
    return fresh, data_dir, await ObjectStore(settings).put("evidence", PICTURE)


async def test_what_is_restored_is_what_was_saved_with_its_rights_and_its_evidence(
    source: tuple[FreshDatabase, Path, StoredObject], postgres: PostgresForTests, tmp_path: Path
) -> None:
    fresh, data_dir, stored = source
    saved = hotline("backup", str(tmp_path / "kept"), data_dir=data_dir, database=fresh)
    assert saved.returncode == 0, saved.stderr
    assert json.loads(saved.stdout)["evidence"] == 1
    again = hotline("backup", str(tmp_path / "kept"), data_dir=data_dir, database=fresh)
    assert json.loads(again.stdout)["evidence"] == 0, "what is there is not copied twice"

    empty, anew = await postgres.create_database(), tmp_path / "to"
    options = ("--keyring", str(data_dir / "keyring.json"))
    brought = hotline("restore", str(tmp_path / "kept"), *options, data_dir=anew, database=empty)
    assert brought.returncode == 0, brought.stderr
    database = Database.connect(empty.url)
    async with database.read() as session:
        known = await session.scalar(select(func.count()).select_from(facts))
        assert known == len(lives.awaiting_revisit(case_no=NUMBER).facts)
        assert await verify_chain(session, NUMBER) is None
    with pytest.raises(DBAPIError):
        async with database.write() as writing:
            await writing.execute(text("DELETE FROM facts"))
    await database.close()
    assert await ObjectStore(Settings(data_dir=anew)).get(stored) == PICTURE


async def test_a_backup_without_its_keys_or_with_another_dump_is_refused(
    source: tuple[FreshDatabase, Path, StoredObject], postgres: PostgresForTests, tmp_path: Path
) -> None:
    fresh, data_dir, _ = source
    kept, empty = tmp_path / "kept", await postgres.create_database()
    assert hotline("backup", str(kept), data_dir=data_dir, database=fresh).returncode == 0
    other = tmp_path / "other.json"
    Keyring.load_or_create(other)

    def code(*options: str) -> str:
        refused = hotline("restore", str(kept), *options, data_dir=tmp_path / "to", database=empty)
        assert refused.returncode == 1
        return str(json.loads(refused.stderr)["code"])

    assert code() == "keys_missing"
    assert code("--keyring", str(other)) == "keys_missing"
    with (kept / "database.dump").open("ab") as dump:
        dump.write(b"more")
    assert code("--keyring", str(data_dir / "keyring.json")) == "backup_altered"
    (kept / "manifest.json").unlink()
    assert code() == "not_done"

"""`hotline accounts`: the first administrator once, and a way back in when nobody has one."""

import asyncio
import json
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fixtures.stack import Database as FreshDatabase
from fixtures.stack import PostgresForTests
from typer.testing import CliRunner

from cli import app
from hotline.identifiers import UserId
from runtime.passwords import Passwords
from store.credentials import credentials_of
from store.engine import Database
from store.migrate import migrate
from store.trail import TrailFilters, TrailLine, entries

Answer = tuple[int, Any]
Command = Callable[..., Awaitable[Answer]]
ADMIN = ("wang.fang", "--name", "王芳")


async def _migrated(database: FreshDatabase) -> None:
    await migrate(database.owner_url)


@pytest_asyncio.fixture
async def fresh(postgres: PostgresForTests) -> FreshDatabase:
    return await postgres.create_database(prepared_by=_migrated)


@pytest.fixture
def command(fresh: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs `hotline accounts …` on the database; the answer's JSON, or that of its error."""
    for name, value in {
        "DATABASE_URL": fresh.url,
        "OWNER_DATABASE_URL": fresh.owner_url,
        "TEMPORAL_ADDRESS": "127.0.0.1:1",
        "DATA_DIR": str(tmp_path),
    }.items():
        monkeypatch.setenv(f"HOTLINE_{name}", value)

    async def run(*words: str) -> Answer:
        done = await asyncio.to_thread(CliRunner().invoke, app, ["accounts", *words, "--json"])
        return done.exit_code, json.loads(done.stdout or done.stderr)

    return run


async def trail(fresh: FreshDatabase) -> list[TrailLine]:
    database = Database.connect(fresh.url)
    async with database.read() as session:
        found = await entries(session, TrailFilters())
    await database.close()
    return list(reversed(found))


async def works(fresh: FreshDatabase, user: str, password: str) -> bool:
    database = Database.connect(fresh.url)
    async with database.read() as session:
        kept = await credentials_of(session, UserId(user))
    await database.close()
    assert kept.must_change
    assert kept.password_expires_at is not None
    return (await Passwords().check(password, kept.password_hash)).fits


async def test_first_administrator_is_made_once(fresh: FreshDatabase, command: Command) -> None:
    code, handed = await command("bootstrap", *ADMIN)
    assert code == 0
    assert await works(fresh, "wang.fang", handed["initial_password"])
    code, refused = await command("bootstrap", "li.na", "--name", "李娜")
    assert (code, refused["code"]) == (2, "already_bootstrapped")
    _, users = await command("list")
    assert [(user["user_id"], user["role"]) for user in users] == [("wang.fang", "administrator")]
    (entry,) = await trail(fresh)
    assert entry.actor is not None
    assert (entry.subject, entry.actor.user_id) == ("wang.fang", "system")
    assert handed["initial_password"] not in repr(entry)


async def test_password_can_go_to_a_file_of_its_owner(
    fresh: FreshDatabase, command: Command, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    _, handed = await command("bootstrap", *ADMIN, "--secret-file", str(file))
    assert "initial_password" not in handed
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert await works(fresh, "wang.fang", file.read_text().strip())


async def test_account_is_added_switched_off_and_reset(fresh: FreshDatabase, command: Command) -> None:
    await command("bootstrap", *ADMIN)
    code, added = await command("add", "li.na", "--name", "李娜", "--role", "operator")
    assert code == 0
    code, again = await command("reset-password", "li.na", "--tokens", "--second-factor")
    assert code == 0
    assert await works(fresh, "li.na", again["initial_password"])
    assert not await works(fresh, "li.na", added["initial_password"])
    assert await command("disable", "li.na") == (0, {"disabled": "li.na"})
    _, users = await command("list")
    assert {user["user_id"]: user["active"] for user in users} == {"wang.fang": True, "li.na": False}
    assert len(await trail(fresh)) == 4


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (("disable", "wang.fang"), 2, "last_administrator"),
        (("disable", "nobody"), 1, "account_not_found"),
        (("reset-password", "nobody"), 1, "account_not_found"),
        (("add", "wang.fang", "--name", "王芳", "--role", "leader"), 2, "account_exists"),
        (("add", "li.na", "--name", "李娜", "--role", "handler"), 2, "unit_required"),
        (("add", "李娜", "--name", "李娜", "--role", "leader"), 2, "bad_user_id"),
    ],
)
async def test_what_cannot_be_done_is_refused(
    command: Command, words: tuple[str, ...], exit_code: int, code: str
) -> None:
    await command("bootstrap", *ADMIN)
    done, refused = await command(*words)
    assert (done, refused["code"]) == (exit_code, code)

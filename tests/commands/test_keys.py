"""`hotline keys`: a rotation that is killed goes on, and no key leaves while anything needs it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fixtures.eventually import assert_eventually
from fixtures.stack import Database as FreshDatabase
from fixtures.stack import PostgresForTests, TemporalForTests
from sqlalchemy import insert

from hotline.vocabulary import TrailEvent
from runtime.keyring import Keyring
from store.engine import Database
from store.migrate import migrate
from store.persons import KEY_PURPOSE
from store.sealing import key_counts
from store.tables.vault import vault_persons
from store.trail import TrailFilters, entries

CLI = Path(__file__).parents[2] / "cli.py"
PEOPLE = 3_000
NOW = datetime.now(UTC)


async def _migrated(database: FreshDatabase) -> None:
    await migrate(database.owner_url)


@dataclass
class Stack:
    """A database, an engine and a key file, as the command finds them by its settings."""

    database: Database
    environment: dict[str, str]
    folder: Path

    @property
    def ring(self) -> Keyring:
        return Keyring.load_or_create(self.folder / "keyring.json")

    def command(self, *words: str) -> list[str]:
        return [sys.executable, str(CLI), "keys", *words, "--data-dir", str(self.folder), "--json"]

    async def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(
            subprocess.run,
            self.command(*words),
            capture_output=True,
            text=True,
            env=self.environment | more,
            timeout=120,
        )

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self.command(*words), env=self.environment, stdout=subprocess.DEVNULL)

    async def answer(self, *words: str) -> dict[str, Any]:
        done = await self.run(*words)
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    async def refusal(self, *words: str, **more: str) -> str:
        done = await self.run(*words, **more)
        assert done.returncode == 1
        return str(json.loads(done.stderr)["code"])

    async def sealed_under(self) -> dict[str, int]:
        async with self.database.read() as session:
            return dict(await key_counts(session))

    async def populate(self, people: int) -> None:
        ring = self.ring
        rows = [
            {
                "person_id": f"{number:024d}",
                "sealed_key": ring.seal(KEY_PURPOSE, bytes(32), f"{number:024d}".encode()),
                "created_at": NOW,
            }
            for number in range(people)
        ]
        async with self.database.write() as session:
            await session.execute(insert(vault_persons), rows)


@pytest_asyncio.fixture
async def stack(
    postgres: PostgresForTests, temporal_server: TemporalForTests, tmp_path: Path
) -> AsyncIterator[Stack]:
    fresh = await postgres.create_database(prepared_by=_migrated)
    known = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    addresses = {
        "HOTLINE_DATABASE_URL": fresh.url,
        "HOTLINE_TEMPORAL_ADDRESS": temporal_server.address,
        "HOTLINE_TEMPORAL_NAMESPACE": temporal_server.namespace,
    }
    database = Database.connect(fresh.url)
    yield Stack(database, known | addresses, tmp_path)
    await database.close()


@pytest.mark.chaos
async def test_a_rotation_that_is_killed_is_resumed_and_leaves_nothing_under_the_old_key(
    stack: Stack,
) -> None:
    old = stack.ring.current_id
    await stack.populate(PEOPLE)
    killed = stack.start("rotate")

    async def has_begun() -> None:
        assert killed.poll() is None
        assert 0 < (await stack.sealed_under()).get(old, 0) < PEOPLE

    await assert_eventually(has_begun)
    killed.kill()
    killed.wait(timeout=20)
    new = stack.ring.current_id
    left = (await stack.sealed_under())[old]
    assert new != old
    status = await stack.answer("status")
    assert status["to_reseal"] == left
    assert [(line["key_id"], line["current"]) for line in status["keys"]] == [(old, False), (new, True)]
    assert await stack.refusal("retire", old) == "key_in_use"
    resumed = await stack.answer("rotate", "--resume")
    assert (resumed["current"], resumed["resealed"], resumed["left"]) == (new, left, 0)
    assert await stack.sealed_under() == {new: PEOPLE}
    async with stack.database.read() as session:
        told = await entries(session, TrailFilters(event=TrailEvent.KEYS_ROTATED))
    assert [(line.subject, line.detail) for line in told] == [
        (new, {"resealed": left, "left": 0}),
        (new, {"replaced": old}),
    ]


async def test_a_key_leaves_once_neither_the_vault_nor_the_engine_needs_it(stack: Stack) -> None:
    """The engine of the tests holds runs of today; a key that was replaced before them is needed by none."""
    file = stack.folder / "keyring.json"
    old = stack.ring.current_id
    await stack.populate(3)
    assert await stack.refusal("retire", old) == "key_in_use"
    rotated = await stack.answer("rotate")
    assert rotated["resealed"] == 3
    content = json.loads(file.read_text())
    long_ago = datetime.now(UTC) - timedelta(days=400)
    content["since"] = {
        old: (long_ago - timedelta(days=1)).isoformat(),
        rotated["current"]: long_ago.isoformat(),
    }
    file.write_text(json.dumps(content))
    assert await stack.answer("retire", old) == {"retired": old}
    assert stack.ring.material.keys.keys() == {rotated["current"]}
    async with stack.database.read() as session:
        (line,) = await entries(session, TrailFilters(event=TrailEvent.KEYS_RETIRED))
    assert line.subject == old


async def test_values_under_a_key_that_is_lost_are_told(stack: Stack) -> None:
    await stack.populate(2)
    lost = stack.ring.current_id
    (stack.folder / "keyring.json").unlink()
    assert (await stack.answer("status"))["missing"] == {lost: 2}


async def test_keys_of_a_setting_are_not_changed_by_the_command(stack: Stack) -> None:
    content = stack.ring.material.model_dump_json()
    for words in (("rotate",), ("retire", "x")):
        assert await stack.refusal(*words, HOTLINE_KEYRING=content) == "keys_in_setting"
    done = await stack.run("rotate", "--resume", HOTLINE_KEYRING=content)
    assert json.loads(done.stdout)["left"] == 0


def test_key_file_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "keyring.json"
    made, again = (
        subprocess.run(
            [sys.executable, str(CLI), "keys", "create", str(file)],
            capture_output=True,
            text=True,
            check=False,
        )
        for _ in range(2)
    )
    assert made.returncode == 0, made.stderr
    assert Keyring.load_or_create(file).current_id in made.stdout
    assert file.stat().st_mode & 0o777 == 0o600
    assert again.returncode != 0
    assert "there already" in again.stderr

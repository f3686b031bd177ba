"""A city that is gone comes back from its backup, with every case that lived then and all their clocks."""

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from fixtures.books import assert_books_hold
from fixtures.city import CLI, City, eventually, running_city

SAVED = 25
"""So many cases are there when the backup is made: the sample, and some that are being worked on."""


def restore(backup: Path, data_dir: Path, keyring: Path) -> None:
    options = ("--data-dir", str(data_dir), "--keyring", str(keyring), "--json")
    done = subprocess.run(
        [sys.executable, str(CLI), "restore", str(backup), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def cases(city: City) -> int:
    async def count() -> int:
        url = json.loads((city.data_dir / "stack.json").read_text())["database_url"]
        connection = await asyncpg.connect(url.replace("+asyncpg", ""), ssl=False)
        try:
            return int(await connection.fetchval("SELECT count(*) FROM cases"))
        finally:
            await connection.close()

    return asyncio.run(count())


@pytest.mark.chaos
@pytest.mark.timeout(900)
def test_a_city_that_burnt_down_goes_on_from_a_backup_that_was_made_under_load(tmp_path: Path) -> None:
    backup, keys = tmp_path / "backup", tmp_path / "keys.json"
    with running_city(tmp_path / "city") as city:
        living = city.spawn("simulate", "--cases", "30", "--speed", "2000", "--seed", "7", "--until-closed")
        eventually(lambda: cases(city) >= SAVED)
        city.answer("backup", str(backup))
        shutil.copy(city.data_dir / "keyring.json", keys)
        city.kill_all()
        living.kill()
        living.communicate()
    shutil.rmtree(tmp_path / "city")

    restore(backup, tmp_path / "anew", keys)
    with running_city(tmp_path / "anew") as city:
        assert_books_hold(city, SAVED)
        done = city.answer("simulate", "--until-closed", "--brisk", "--speed", "50000", "--seed", "8")
        assert done["unfinished"] == 0
        assert_books_hold(city, SAVED)

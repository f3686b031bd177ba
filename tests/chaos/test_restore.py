"""A city that is gone comes back from its backup, with every case that lived then and all their clocks."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fixtures.books import assert_books_hold
from fixtures.city import CLI, running_city


def restore(backup: Path, data_dir: Path, keyring: Path) -> None:
    options = ("--data-dir", str(data_dir), "--keyring", str(keyring), "--json")
    done = subprocess.run(
        [sys.executable, str(CLI), "restore", str(backup), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.chaos
@pytest.mark.timeout(900)
def test_a_city_that_burnt_down_goes_on_from_a_backup_that_was_made_under_load(tmp_path: Path) -> None:
    backup, keys = tmp_path / "backup", tmp_path / "keys.json"
    with running_city(tmp_path / "city") as city:
        living = city.spawn("simulate", "--cases", "30", "--speed", "2000", "--seed", "7", "--until-closed")
        city.answer("backup", str(backup))
        shutil.copy(city.data_dir / "keyring.json", keys)
        city.kill_all()
        living.kill()
        living.communicate()
    shutil.rmtree(tmp_path / "city")

    restore(backup, tmp_path / "anew", keys)
    with running_city(tmp_path / "anew") as city:
        assert_books_hold(city, 18)
        done = city.answer("simulate", "--until-closed", "--brisk", "--speed", "50000", "--seed", "8")
        assert done["unfinished"] == 0
        assert_books_hold(city, 18)

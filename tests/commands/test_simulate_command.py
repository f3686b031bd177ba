"""`hotline simulate` as a command: what it tells, what it refuses, and when it says that it failed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from fake_api import FakeApi, accounts, serving
from typer.testing import CliRunner, Result

from commands import simulate
from commands.accounts import FILE
from hotline.vocabulary import Role

SPEED = "400000"
app = typer.Typer()
app.callback()(lambda: None)
simulate.register(app)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    everybody = {
        account.user_id: account.model_dump(mode="json", exclude={"user_id"})
        for role in Role
        for account in accounts().of(role)
    }
    (tmp_path / FILE).write_text(json.dumps(everybody))
    return tmp_path


@pytest.fixture
def url() -> Iterator[str]:
    with serving(FakeApi(speed=float(SPEED))) as address:
        yield address


def run(folder: Path, url: str, *options: str) -> Result:
    where = ("--data-dir", str(folder), "--api-url", url, "--speed", SPEED, "--brisk")
    return CliRunner().invoke(app, ["simulate", *where, *options])


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    summary: dict[str, Any] = json.loads(result.stdout)
    return summary


def test_the_answer_counts_cases_commands_and_time(folder: Path, url: str) -> None:
    summary = told(run(folder, url, "--cases", "4", "--seed", "7", "--json"))
    assert (summary["seed"], summary["cases"], summary["registered"], summary["ended"]) == ("7", 4, 4, 4)
    assert sum(summary["statuses"].values()) == sum(summary["outcomes"].values()) == 4
    assert summary["commands"]["revise_policy"] <= 4
    assert summary["stuck"] == []
    assert summary["seconds"] > 0


def test_the_same_seed_again_registers_nothing(folder: Path, url: str) -> None:
    for expected in (2, 0):
        assert told(run(folder, url, "--cases", "2", "--seed", "7", "--json"))["registered"] == expected


def test_people_read_a_table(folder: Path, url: str) -> None:
    result = run(folder, url, "--cases", "2", "--seed", "7")
    assert result.exit_code == 0
    assert "办结" in result.stdout
    assert "seed 7" in result.stdout


def test_nothing_open_is_nothing_to_do(folder: Path, url: str) -> None:
    assert told(run(folder, url, "--until-closed", "--json"))["cases"] == 0


def test_cases_and_only_open_contradict_each_other(folder: Path, url: str) -> None:
    result = run(folder, url, "--cases", "2", "--only-open", "--json")
    assert result.exit_code == 2
    assert json.loads(result.stderr)["field"] == "--cases"


def test_without_accounts_nobody_can_act(tmp_path: Path, url: str) -> None:
    result = run(tmp_path, url, "--json")
    assert result.exit_code == 1
    assert FILE in json.loads(result.stderr)["message"]


def test_time_that_is_over_is_no_failure_unless_all_were_to_be_closed(folder: Path, url: str) -> None:
    short = ("--cases", "3", "--for", "0", "--json")
    assert told(run(folder, url, *short))["ended"] == 0
    result = run(folder, url, *short, "--until-closed")
    assert result.exit_code == 1
    assert "run it again" in json.loads(result.stderr)["message"]

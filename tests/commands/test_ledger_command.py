"""`hotline ledger`: an inspector with a file and a key needs nothing else, and gets an exit code."""

import json
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import typer
from fixtures.ledger import append
from fixtures.stack import Database as FreshDatabase
from fixtures.stack import PostgresForTests
from typer.testing import CliRunner, Result
from unit import lives

from commands import ledger
from hotline.identifiers import CaseNo
from store.engine import Database
from store.migrate import migrate

app = typer.Typer()
app.callback()(lambda: None)
ledger.register(app)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["ledger", *arguments])


async def _with_cases(fresh: FreshDatabase) -> None:
    """A database with two cases of long ago."""
    await migrate(fresh.owner_url)
    database = Database.connect(fresh.url)
    for number in (lives.NUMBER, CaseNo("260302090000010002")):
        life = lives.completed(case_no=number)
        async with database.write() as session:
            await append(session, number, life.facts)
    await database.close()


@pytest_asyncio.fixture
async def stack(postgres: PostgresForTests, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FreshDatabase:
    """Settings that lead to such a database, and a data folder of its own."""
    fresh = await postgres.create_database(prepared_by=_with_cases)
    monkeypatch.setenv("HOTLINE_DATABASE_URL", fresh.url)
    monkeypatch.setenv("HOTLINE_TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path))
    return fresh


@pytest.fixture
def export(stack: FreshDatabase, tmp_path: Path) -> Path:
    """An export with everything in it under an anchor."""
    file = tmp_path / "export.json"
    assert run("anchor").exit_code == 0
    written = run("export", lives.NUMBER, "-o", str(file))
    assert written.exit_code == 0, written.output
    return file


def published_key() -> str:
    told = json.loads(run("keys", "--json").stdout)
    return str(told["keys"][told["current"]])


def altered(file: Path, change: Any) -> str:
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))
    return str(file)


def test_export_is_verified_without_a_database(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = published_key()
    for name in ("HOTLINE_DATABASE_URL", "HOTLINE_TEMPORAL_ADDRESS", "HOTLINE_DATA_DIR"):
        monkeypatch.delenv(name)
    told = run("verify", str(export), "--public-key", key)
    assert told.exit_code == 0
    assert f"case {lives.NUMBER}: " in told.stdout
    assert "entries, none altered, missing or out of order" in told.stdout
    assert "compare with the published keys" not in told.stdout
    assert "compare with the published keys" in run("verify", str(export)).stdout


def test_first_entry_that_was_touched_is_named_with_its_case(export: Path) -> None:
    def change(content: Any) -> None:
        content["entries"][6]["actor"][0] = "somebody-else"
        del content["entries"][9]

    told = run("verify", altered(export, change))
    assert told.exit_code == 1
    assert told.stdout.startswith(f"✗ case {lives.NUMBER}, entry 7: its content is not what was hashed")


def test_answer_for_machines_names_place_and_number(export: Path) -> None:
    told = run("verify", altered(export, lambda content: content["anchors"].pop()), "--json")
    assert told.exit_code == 1
    flaw = json.loads(told.stdout)["flaws"][0]
    assert (flaw["place"], flaw["number"], flaw["problem"]) == ("anchor", 1, "it is missing")


def test_file_of_another_hotline_is_not_taken_for_ours(export: Path, tmp_path: Path) -> None:
    told = run("verify", str(export), "--public-key", "00" * 32)
    assert told.exit_code == 1
    assert "is not one of those that were given" in told.stdout


@pytest.mark.parametrize("content", ["", "{", "[NaN]", "[" * 100_000, '{"header": 1}', "\\ud800"])
def test_anything_else_is_no_export(tmp_path: Path, content: str) -> None:
    file = tmp_path / "file.json"
    file.write_text(content)
    assert run("verify", str(file)).exit_code == 1


@pytest.mark.parametrize("key", ["", "xyz", "00" * 31])
def test_key_that_is_none_is_bad_input(tmp_path: Path, key: str) -> None:
    assert run("verify", str(tmp_path / "file.json"), "--public-key", key).exit_code == 2


def test_day_is_anchored_once(stack: FreshDatabase) -> None:
    (anchor,) = json.loads(run("anchor", "--json").stdout)
    assert (anchor["number"], anchor["cases"]) == (1, 2)
    assert json.loads(run("anchor", "--json").stdout) == []
    (early,) = json.loads(run("anchor", "--today", "--json").stdout)
    assert (early["number"], early["cases"], early["prev_hash"]) == (2, 0, anchor["hash"])


def test_replaced_key_stays_among_the_published(export: Path) -> None:
    before = published_key()
    assert run("keys", "--replace").exit_code == 0
    assert published_key() != before
    assert before in run("keys").stdout
    assert run("verify", str(export), "--public-key", before).exit_code == 0


@pytest.mark.parametrize(("case_no", "code"), [("123", 2), ("200101000000010001", 1)])
def test_export_of_no_case_is_refused(stack: FreshDatabase, case_no: str, code: int) -> None:
    assert run("export", case_no).exit_code == code

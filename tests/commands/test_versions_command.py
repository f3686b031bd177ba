"""`hotline versions`: two generations of workers side by side, and the old one drained while people go on working."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import typer
from fixtures.cases import contact, dispatch, new_number, registration, sign
from fixtures.engine import Engine, MemoryLedger, engine
from fixtures.eventually import assert_eventually
from fixtures.stack import TemporalForTests
from typer.testing import CliRunner, Result

from commands import versions
from hotline.identifiers import CaseNo, workflow_id
from hotline.vocabulary import Status
from runtime.keyring import Keyring
from runtime.temporal import connect
from worker import WORKFLOWS
from workflows.generation import GENERATION

app = typer.Typer()
app.callback()(lambda: None)
versions.register(app)

NOWHERE = "127.0.0.1:1"


@pytest.fixture
async def city(temporal_server: TemporalForTests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine without a worker, and settings that lead to it."""
    keyring = Keyring.load_or_create(tmp_path / "keyring.json")
    client = await connect(temporal_server.address, temporal_server.namespace, keyring, identity="test")
    city = engine(client)
    for name, value in {
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "TEMPORAL_ADDRESS": temporal_server.address,
        "TASK_QUEUE": city.queue,
        "DEPLOYMENT_NAME": city.version.deployment_name,
    }.items():
        monkeypatch.setenv(f"HOTLINE_{name}", value)
    return city


async def run(*arguments: str) -> Result:
    """The command in a thread, since it has a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, app, ["versions", *arguments, "--json"])


async def listed() -> dict[str, Any]:
    answer = await run("list")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["this_release"] == GENERATION
    return {line["build_id"]: line for line in json.loads(answer.stdout)["versions"]}


async def in_hand(city: Engine, number: CaseNo) -> CaseNo:
    await city.adopt(registration(number))
    await city.send(number, dispatch(), sign())
    return number


async def assert_stands(build_id: str, *, standing: str, cases: int, workers: int) -> None:
    line = (await listed())[build_id]
    assert (line["standing"], line["open"]["cases"], len(line["workers"])) == (standing, cases, workers)


async def assert_unserved(build_id: str) -> None:
    assert (await listed())[build_id]["workers"] == []


async def promote_2() -> None:
    """Once its worker is known to live: its first heartbeat comes a moment after its start."""
    await assert_eventually(lambda: assert_stands("2", standing="inactive", cases=0, workers=1))
    promoted = await run("promote", "2")
    assert promoted.exit_code == 0, promoted.output


def code_of(answer: Result) -> str:
    assert answer.exit_code == 1, answer.output
    return str(json.loads(answer.stderr)["code"])


async def test_old_generation_is_drained_while_people_go_on_and_its_workers_may_then_be_stopped(
    city: Engine,
) -> None:
    ledger = MemoryLedger()
    async with city.worker([ledger.append], build_id="2", current=False):
        async with city.worker([ledger.append]):
            sleeping = [await in_hand(city, new_number()) for _ in range(3)]
            await assert_eventually(lambda: assert_stands("1", standing="current", cases=3, workers=1))
            assert code_of(await run("drain", "1")) == "version_current"

            await promote_2()
            new = await in_hand(city, new_number())
            worked_on = asyncio.create_task(city.send(sleeping[0], contact(await city.now(sleeping[0]))))
            drained = await run("drain", "1", "--within", "1")
            assert drained.exit_code == 0, drained.output
            told = json.loads(drained.stdout)
            assert (told["standing"], told["may_stop"], told["left"]) == ("drained", True, [])
            assert (await worked_on).status is Status.IN_HAND
        await assert_eventually(lambda: assert_stands("2", standing="current", cases=4, workers=1))
        for number in (*sleeping, new):
            assert (await city.send(number, contact(await city.now(number)))).status is Status.IN_HAND
            assert [fact.seq for fact in ledger.facts[number]] == list(
                range(1, len(ledger.facts[number]) + 1)
            )


async def test_case_that_cannot_move_is_named_and_the_workers_stay(city: Engine) -> None:
    ledger = MemoryLedger()
    async with city.worker([ledger.append], build_id="2", current=False), city.worker([ledger.append]):
        number = await in_hand(city, new_number())
        attempts: Counter[str] = Counter()

        def away() -> None:
            attempts.update(["asked"])
            message = "the database is away"
            raise ConnectionError(message)

        ledger.before = away
        stuck = asyncio.create_task(city.send(number, contact(await city.now(number))))

        async def was_asked() -> None:
            assert attempts.total()

        await assert_eventually(was_asked)
        await promote_2()
        answer = await run("drain", "1", "--within", "0")
        assert answer.exit_code == 1
        told = json.loads(answer.stdout)
        assert (told["may_stop"], told["left"]) == (False, [workflow_id(number)])
        ledger.before = lambda: None
        await stuck


async def test_version_without_a_living_worker_is_not_promoted(city: Engine) -> None:
    async with city.worker([MemoryLedger().append]):
        pass
    async with city.worker([MemoryLedger().append], build_id="2"):
        await assert_eventually(lambda: assert_unserved("1"))
        assert code_of(await run("promote", "1")) == "version_unserved"
        assert code_of(await run("promote", "3")) == "version_unknown"


async def test_engine_that_is_away_is_told_in_a_sentence(
    city: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert city
    monkeypatch.setenv("HOTLINE_TEMPORAL_ADDRESS", NOWHERE)
    assert code_of(await run("list")) == "engine_unavailable"


def test_every_workflow_of_a_worker_is_counted() -> None:
    assert set(versions.KINDS.values()) == {
        getattr(one, "__temporal_workflow_definition").name for one in WORKFLOWS
    }

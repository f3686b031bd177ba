"""Record the histories that every release must replay: `python tests/replay/record.py [NAME ... | rollout | problem | dossier | reports | making_way]`.

Run it when a behaviour is new. A history that exists is never recorded again: it stands for the cases that
are open in some city today, and code that no longer replays it would stop them.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from unittest.mock import patch

FOLDER: Final = Path(__file__).with_name("histories")
sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from fixtures.cases import TEXT, new_number, registration  # noqa: E402  the path above makes it importable
from fixtures.dossiers import FileOnEngine, MemoryDossiers, MemoryReports, dismissed_and_archived  # noqa: E402
from fixtures.engine import Engine, MemoryLedger, engine  # noqa: E402
from fixtures.problems import LineOnEngine, MemoryProblems, relapse_and_end  # noqa: E402
from fixtures.rollouts import Town  # noqa: E402
from scenarios import SCENARIOS, Scenario  # noqa: E402

from hotline.accountability import commands as c  # noqa: E402
from hotline.accountability.vocabulary import Disposal  # noqa: E402
from hotline.identifiers import (  # noqa: E402
    dossier_workflow_id,
    line_workflow_id,
    rollout_id,
    workflow_id,
)
from runtime.embedded_temporal import TIME_SKIPPING, EmbeddedTemporal  # noqa: E402
from runtime.keyring import Keyring  # noqa: E402
from runtime.ports import free_port  # noqa: E402
from runtime.temporal import connect  # noqa: E402
from workflows.policy_rollout import PolicyRolloutWorkflow  # noqa: E402

SUGGESTED_AT: Final = 150


async def record(names: list[str]) -> None:
    wanted = names or [name for name in SCENARIOS if not list(FOLDER.glob(f"{name}.*.json"))]
    with TemporaryDirectory() as folder:
        server = EmbeddedTemporal(
            Path(folder),
            free_port(),
            None,
            dynamic_config={**TIME_SKIPPING, "limit.historyCount.suggestContinueAsNew": SUGGESTED_AT},
            in_memory=True,
        )
        async with server:
            client = await connect(
                server.address, server.namespace, Keyring.generate(), identity="recorder", seals=False
            )
            for name in wanted:
                await _record(engine(client), name, SCENARIOS[name])


async def _record(city: Engine, name: str, scenario: Scenario) -> None:
    number = new_number()
    async with city.worker([MemoryLedger().append, MemoryReports().append]):
        await scenario(city, number)
        await asyncio.sleep(1)  # The last task of the case completes behind the last answer.
    runs = [run async for run in city.client.list_workflows(f'WorkflowId="{workflow_id(number)}"')]
    for place, run in enumerate(sorted(runs, key=lambda run: run.start_time), start=1):
        handle = city.client.get_workflow_handle(run.id, run_id=run.run_id)
        history = await handle.fetch_history()
        (FOLDER / f"{name}.{place}.json").write_text(history.to_json(), encoding="utf-8")
        print(name, place, len(history.events))  # noqa: T201  a program, not a test


async def record_rollout() -> None:
    """A rollout that continues as new, loses a page and ends; it has a folder of its own, as it is no case."""
    town = Town(cases=12)
    town.faults = 1
    async with _short_histories(20) as city:
        name = rollout_id("city/2")
        async with city.worker([town.page, town.finish]):
            await city.gateway.roll_out("city/2")
            handle = city.skipper.client.get_workflow_handle_for(PolicyRolloutWorkflow.run, name)
            await city.skipper.fast_forward(handle, timedelta(minutes=30))
            await handle.result()
        await _keep(city, name, "rollout", "to_the_end")


async def record_problem() -> None:
    """A line of repeat problems from its first case to its end, with a relapse and new runs between."""
    ledger = MemoryProblems()
    async with _short_histories(60) as city:
        line = LineOnEngine(city)
        async with city.worker([ledger.append]):
            await relapse_and_end(line)
        await _keep(city, line_workflow_id(line.number), "problem", "relapsed_and_cleared_for_good")


async def record_dossier() -> None:
    """An accountability file from its clue to the end of the effect of a dismissal, with new runs between."""
    ledger = MemoryDossiers()
    async with _short_histories(60) as city:
        file = FileOnEngine(city)
        async with city.worker([ledger.append]):
            await dismissed_and_archived(file)
        await _keep(city, dossier_workflow_id(file.number), "dossier", "dismissed_and_archived")


async def record_reports() -> None:
    """A file that tells one case how far it is, and writes for another that has gone."""
    ledger, files, reports = MemoryLedger(), MemoryDossiers(), MemoryReports()
    async with _short_histories(60) as city:
        number = new_number()
        file = FileOnEngine(city, cases=(number, new_number()))
        async with city.worker([ledger.append, files.append, reports.append]):
            await city.adopt(registration(number))
            await dismissed_and_archived(file)
        await _keep(city, dossier_workflow_id(file.number), "dossier", "reported_to_its_cases")


async def record_making_way() -> None:
    """A file that began before files reported, and the run that makes way for one that does."""
    activities = [MemoryDossiers().append, MemoryReports().append]
    async with _short_histories(1000) as city:
        file = FileOnEngine(city, cases=(new_number(),), reports=False)
        with patch("workflows.file_reports.begins_to_report", return_value=False):
            async with city.worker(activities):
                await file.start()
                await file.approved(c.PlanDisposal(disposal=Disposal.VERIFICATION, reason=TEXT))
        async with city.worker(activities):
            await file.investigated()
            await asyncio.sleep(1)
        await _keep(city, dossier_workflow_id(file.number), "dossier", "made_way_for_reports")


@asynccontextmanager
async def _short_histories(suggested_at: int) -> AsyncIterator[Engine]:
    settings = {**TIME_SKIPPING, "limit.historyCount.suggestContinueAsNew": suggested_at}
    with TemporaryDirectory() as data:
        server = EmbeddedTemporal(Path(data), free_port(), None, dynamic_config=settings, in_memory=True)
        async with server:
            client = await connect(
                server.address, server.namespace, Keyring.generate(), identity="recorder", seals=False
            )
            yield engine(client)


async def _keep(city: Engine, workflow: str, folder: str, name: str) -> None:
    (FOLDER / folder).mkdir(exist_ok=True)
    runs = [run async for run in city.client.list_workflows(f'WorkflowId="{workflow}"')]
    for place, run in enumerate(sorted(runs, key=lambda run: run.start_time), start=1):
        history = await city.client.get_workflow_handle(workflow, run_id=run.run_id).fetch_history()
        (FOLDER / folder / f"{name}.{place}.json").write_text(history.to_json(), encoding="utf-8")
        print(folder, place, len(history.events))  # noqa: T201  a program, not a test


_OTHERS: Final = {
    "rollout": record_rollout,
    "problem": record_problem,
    "dossier": record_dossier,
    "reports": record_reports,
    "making_way": record_making_way,
}


if __name__ == "__main__":
    special = _OTHERS.get(sys.argv[1]) if len(sys.argv) == 2 else None
    asyncio.run(special() if special else record(sys.argv[1:]))

"""Record the histories that every release must replay: `python tests/replay/record.py [NAME ... | rollout]`.

Run it when a behaviour is new. A history that exists is never recorded again: it stands for the cases that
are open in some city today, and code that no longer replays it would stop them.
"""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

FOLDER: Final = Path(__file__).with_name("histories")
sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from fixtures.cases import new_number  # noqa: E402  the path above makes it importable
from fixtures.engine import Engine, MemoryLedger, engine  # noqa: E402
from fixtures.rollouts import Town  # noqa: E402
from scenarios import SCENARIOS, Scenario  # noqa: E402

from hotline.identifiers import rollout_id, workflow_id  # noqa: E402
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
    async with city.worker([MemoryLedger().append]):
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
    folder, town = FOLDER / "rollout", Town(cases=12)
    town.faults = 1
    folder.mkdir(exist_ok=True)
    with TemporaryDirectory() as data:
        settings = {**TIME_SKIPPING, "limit.historyCount.suggestContinueAsNew": 20}
        server = EmbeddedTemporal(Path(data), free_port(), None, dynamic_config=settings, in_memory=True)
        async with server:
            client = await connect(
                server.address, server.namespace, Keyring.generate(), identity="recorder", seals=False
            )
            city = engine(client)
            name = rollout_id("city/2")
            async with city.worker([town.page, town.finish]):
                await city.gateway.roll_out("city/2")
                handle = city.skipper.client.get_workflow_handle_for(PolicyRolloutWorkflow.run, name)
                await city.skipper.fast_forward(handle, timedelta(minutes=30))
                await handle.result()
            runs = [run async for run in client.list_workflows(f'WorkflowId="{name}"')]
            for place, run in enumerate(sorted(runs, key=lambda run: run.start_time), start=1):
                history = await client.get_workflow_handle(name, run_id=run.run_id).fetch_history()
                (folder / f"to_the_end.{place}.json").write_text(history.to_json(), encoding="utf-8")
                print("rollout", place, len(history.events))  # noqa: T201  as above


if __name__ == "__main__":
    asyncio.run(record_rollout() if sys.argv[1:] == ["rollout"] else record(sys.argv[1:]))

"""Record the histories that every release must replay: `python tests/replay/record.py [NAME ...]`.

Run it when a behaviour is new. A history that exists is never recorded again: it stands for the cases that
are open in some city today, and code that no longer replays it would stop them.
"""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

FOLDER: Final = Path(__file__).with_name("histories")
sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from fixtures.cases import new_number  # noqa: E402  the path above makes it importable
from fixtures.engine import Engine, MemoryLedger, engine  # noqa: E402
from scenarios import SCENARIOS, Scenario  # noqa: E402

from hotline.identifiers import workflow_id  # noqa: E402
from runtime.embedded_temporal import TIME_SKIPPING, EmbeddedTemporal  # noqa: E402
from runtime.keyring import Keyring  # noqa: E402
from runtime.ports import free_port  # noqa: E402
from runtime.temporal import connect  # noqa: E402

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


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1:]))

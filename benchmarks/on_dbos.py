"""The same case on DBOS (对照): its durable functions in PostgreSQL instead of a workflow engine of its own.

One durable workflow a case; each command is a message that it receives, decided by the same domain, written by the same
projection in a durable step, and answered by an event. What it is spared: HTTP, accounts, the vault, a process between the caller
and the workflow (its callers are coroutines beside it, as the library is meant to be used), and encryption of what it
stores. What it does not have: our clocks run nowhere here, so their waiting costs it nothing. `python -m benchmarks.on_dbos URL URL`
is its process; it reads one order a line and answers each with one line.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

from benchmarks.domain import COMMANDS, commanded, registered
from benchmarks.load import LifeMaker, Load, Request, closed_loop
from benchmarks.stacks import child
from hotline.evolve import evolve, replay
from hotline.facts import Fact
from hotline.identifiers import CaseNo, case_no
from runtime.embedded_postgres import EmbeddedPostgres
from runtime.ports import free_port
from runtime.postgres_roles import connected
from store.engine import Database
from store.migrate import migrate
from store.projection import project

_WAITS_S: Final = 600
_SYSTEM: Final = "dbos_system"
_READY: Final = "ready"


@dataclass(frozen=True, slots=True)
class Rival:
    """The process that runs cases on DBOS."""

    process: subprocess.Popen[str]

    async def closed_loop(self, lives: int, callers: int) -> Load:
        """Have it carry so many lives, as load.closed_loop does."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{lives} {callers}\n")
        self.process.stdin.flush()
        return Load(**json.loads(await asyncio.to_thread(self.process.stdout.readline)))


@contextmanager
def rival() -> Iterator[Rival]:
    """PostgreSQL of its own, on the settings of ours and with our tables, and the process on it."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-dbos-") as folder:
        runner = asyncio.Runner()
        server = EmbeddedPostgres(Path(folder), free_port())
        try:
            runner.run(_prepared(server))
            command = [
                sys.executable,
                "-m",
                "benchmarks.on_dbos",
                server.url(),
                server.superuser_url(_SYSTEM),
            ]
            with child(command) as process:
                assert process.stdout is not None
                assert process.stdout.readline().strip() == _READY
                yield Rival(process)
        finally:
            runner.run(server.stop())
            runner.close()


async def _prepared(server: EmbeddedPostgres) -> None:
    await server.start()
    async with connected(server.superuser_url()) as superuser:
        await superuser.execute(f"CREATE DATABASE {_SYSTEM}")
    await migrate(server.owner_url())


# ── in its own process ──────────────────────────────────────────────────────────────────────────


async def _serve(database_url: str, system_url: str) -> None:
    from dbos import DBOS, SetWorkflowID  # noqa: PLC0415  only this process needs the extra

    database = Database.connect(database_url)
    DBOS(config={"name": "bench", "system_database_url": system_url, "log_level": "ERROR"})

    async def write(number: CaseNo, facts: Sequence[Fact]) -> None:
        async with database.write() as session:
            await project(session, number, facts)

    async def life(number: CaseNo, registered_at: str) -> int:
        facts = registered(number, datetime.fromisoformat(registered_at))
        state = replay(facts)
        await DBOS.run_step_async({"name": "write"}, write, number, facts)
        await DBOS.set_event_async("0", state.version)
        for command in range(COMMANDS):
            at = await DBOS.recv_async("commands", _WAITS_S)
            facts = commanded(state, command, datetime.fromisoformat(at))
            for fact in facts:
                state = evolve(state, fact)
            await DBOS.run_step_async({"name": "write"}, write, number, facts)
            await DBOS.set_event_async(str(command + 1), state.version)
        return state.version

    durable = DBOS.workflow()(life)
    DBOS.launch()
    numbers = count(1)

    def make() -> Sequence[Request]:
        now = datetime.now(UTC)
        number = case_no(now, "01", next(numbers))

        async def register() -> None:
            with SetWorkflowID(number):
                await DBOS.start_workflow_async(durable, number, now.isoformat())
            await DBOS.get_event_async(number, "0", _WAITS_S)

        def command(which: int) -> Request:
            async def go() -> None:
                await DBOS.send_async(number, datetime.now(UTC).isoformat(), "commands")
                await DBOS.get_event_async(number, str(which), _WAITS_S)

            return go

        return (register, *(command(which) for which in range(1, COMMANDS + 1)))

    try:
        await _obey(make)
    finally:
        DBOS.destroy()
        await database.close()


async def _obey(make: LifeMaker) -> None:
    """Carry what each line asks for, until there is no other."""
    print(_READY, flush=True)
    while order := await asyncio.to_thread(sys.stdin.readline):
        lives, callers = map(int, order.split())
        print(json.dumps(asdict(await closed_loop(make, lives, callers))), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))

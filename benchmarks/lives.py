"""Case lives per second (工单全程): through HTTP with everything on one machine, beside the engine's floor and DBOS.

One life is a registration and seven commands by those who may give them, through all five phases to the archive; facts and
read rows are written. The floor (benchmarks/floor.py) has as many updates on the same server, and DBOS (benchmarks/on_dbos.py)
the same rules and the same writes without HTTP. All take turns in one run: only ratios within a run mean something.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from time import process_time
from typing import Final

from benchmarks import on_dbos
from benchmarks.callers import Callers, callers_of
from benchmarks.figures import median, ratio
from benchmarks.floor import client_of, floor_worker, lives_on
from benchmarks.load import LifeMaker, Load, Request, closed_loop, open_loop
from benchmarks.results import HEADLINE, Block
from benchmarks.stacks import City, cpu_of, family, stack
from benchmarks.telling import progress
from commands.accounts import Account, Accounts
from commands.client import Form
from hotline.identifiers import CaseNo
from runtime.stack import find_stack

UPDATES: Final = 8
"""A registration and seven commands; the floor has as many updates."""

COMPLAINT: Final = {
    "channel": "phone",
    "type": "complaint",
    "title": "压测",
    "content": "工地夜间施工噪音扰民",
    "caller_phone": "555-0100",
}
_HEADLINE_CALLERS: Final = 10


@dataclass(frozen=True, slots=True)
class Size:
    """How much of it is measured."""

    rounds: int = 3
    callers: tuple[int, ...] = (1, 10, 50)
    lives: int = 120
    per_second: tuple[float, ...] = (2, 5, 8)
    lasting_for: timedelta = timedelta(seconds=40)

    def lives_for(self, callers: int) -> int:
        """Fewer where fewer are under way at once, so that each step takes about as long."""
        return max(self.lives * min(callers, 10) // 10, callers, 6)


FULL: Final = Size()
QUICK: Final = Size(
    rounds=1, callers=(_HEADLINE_CALLERS,), lives=20, per_second=(2,), lasting_for=timedelta(seconds=3)
)


def commands_of(city: City) -> list[tuple[Account, str, Form]]:
    """The seven commands of a life: who gives which."""
    now = datetime.now(UTC).isoformat()
    evidence = {"evidence_id": "e1", "kind": "handling", "made_at": now}
    reply = {"text": "已办理", "citation": "条例", "signer": city.head.user_id, "evidence": [evidence]}
    answers = {"contacted": True, "solved": True, "truthful": True, "satisfaction": 5}
    return [
        (city.dispatcher, "dispatch_case", {"lead": city.unit}),
        (city.handler, "sign_for", {}),
        (city.handler, "log_contact", {"outcome": "reached", "at": now}),
        (city.handler, "submit_reply", reply),
        (city.dispatcher, "review_reply", {"accepted": True}),
        (city.revisitor, "record_revisit", answers),
        (city.administrator, "archive_case", {}),
    ]


def lives_through(callers: Callers, city: City) -> LifeMaker:
    """Lives that are lived through the HTTP API."""
    numbers = count(1)

    def make() -> Sequence[Request]:
        key = f"life-{next(numbers):07}"
        known: list[CaseNo] = []

        async def register() -> None:
            receipt = await callers.post(city.operator.token, "/cases", COMPLAINT, key=key)
            known.append(receipt["case_no"])

        def command(number: int) -> Request:
            async def go() -> None:
                account, kind, form = commands_of(city)[number]
                path = f"/cases/{known[0]}/commands/{kind}"
                await callers.post(account.token, path, form, key=f"{key}-{kind}")

            return go

        return (register, *(command(number) for number in range(UPDATES - 1)))

    return make


async def _turns(
    ours: LifeMaker, floor: LifeMaker, dbos: on_dbos.Rival | None, size: Size, callers: int
) -> dict[str, list[Load]]:
    """Ours, the floor, DBOS, and again: a machine that gets slower or faster meanwhile does so for each."""
    loads: dict[str, list[Load]] = {"ours": [], "floor": [], "dbos": []}
    for turn in range(size.rounds):
        for name, make in (("ours", ours), ("floor", floor)):
            loads[name].append(await closed_loop(make, size.lives_for(callers), callers))
        if dbos is not None:
            loads["dbos"].append(await dbos.closed_loop(size.lives_for(callers), callers))
        told = ", ".join(f"{name} {done[-1].lives_per_second:.2f}" for name, done in loads.items() if done)
        progress(f"lives/s with {callers} callers, turn {turn + 1} of {size.rounds}: {told}")
    return loads


def _told(loads: Sequence[Load]) -> Block:
    """The medians of the turns of one system."""
    return {
        "lives_per_second": median(load.lives_per_second for load in loads),
        "each_turn": [round(load.lives_per_second, 3) for load in loads],
        "command_ms": {
            "p50": median(load.commands["p50"] for load in loads),
            "p99": median(load.commands["p99"] for load in loads),
            "count": sum(load.commands["count"] for load in loads),
        },
    }


def _beside(loads: dict[str, list[Load]]) -> Block:
    told: Block = {name: _told(done) for name, done in loads.items() if done}
    ours = told["ours"]["lives_per_second"]
    for name in told.keys() - {"ours"}:
        told[f"ours_to_{name}"] = ratio(ours, told[name]["lives_per_second"])
    return told


async def _schedules(systems: Mapping[str, LifeMaker], size: Size) -> list[Block]:
    """Open loop at one rate after the other; whoever cannot keep up is not asked for more."""
    left, steps = dict(systems), list[Block]()
    for per_second in size.per_second:
        step: Block = {}
        for name, make in [*left.items()]:
            step[name] = await open_loop(make, per_second, size.lasting_for)
            progress(f"open loop, {per_second} lives/s: {name} {step[name]['achieved_per_second']}")
            if not step[name]["keeps_up"]:
                del left[name]
        steps += [step] if step else []
    return steps


async def _cpu(parts: Mapping[str, int], make: LifeMaker, lives: int) -> Block:
    """What one life costs each part, and whoever asks (`callers`), in milliseconds of a core."""
    before = _used(parts)
    await closed_loop(make, lives, _HEADLINE_CALLERS)
    after = _used(parts)
    return {part: round((after[part] - before[part]) * 1_000 / lives, 1) for part in before}


def _used(parts: Mapping[str, int]) -> dict[str, float]:
    used = {part: sum(map(cpu_of, family(pid))) for part, pid in parts.items()}
    return {**used, "callers": process_time()}


async def _run(folder: Path, floor_pid: int, dbos: on_dbos.Rival | None, size: Size) -> Block:
    city = City(Accounts.load(folder))
    async with callers_of(folder) as callers, client_of(folder, "bench") as client:
        ours, floor = lives_through(callers, city), lives_on(client, UPDATES)
        progress("warming up")
        for make in (ours, floor):
            await closed_loop(make, size.lives_for(1), 3)
        if dbos is not None:
            await dbos.closed_loop(size.lives_for(1), 3)
        closed = {number: _beside(await _turns(ours, floor, dbos, size, number)) for number in size.callers}
        pids, lives = find_stack(folder).pids, size.lives_for(_HEADLINE_CALLERS)
        cpu = {
            "ours": await _cpu(pids, ours, lives),
            "floor": await _cpu({"temporal": pids["temporal"], "worker": floor_pid}, floor, lives),
        }
        opened = await _schedules({"ours": ours, "floor": floor}, size)
        retries = dict(callers.retries)
    head = closed[_HEADLINE_CALLERS]
    return {
        HEADLINE: {
            "ours_per_s": head["ours"]["lives_per_second"],
            "floor_per_s": head["floor"]["lives_per_second"],
            "ratio": head["ours_to_floor"],
        },
        "lives": {
            "updates_per_life": UPDATES,
            "lives_per_turn": {str(callers): size.lives_for(callers) for callers in size.callers},
            "callers": {str(number): told for number, told in closed.items()},
            "open_loop": opened,
            "core_ms_per_life": cpu,
            "retries": retries,
        },
    }


def measure(size: Size) -> Block:
    """Start everything, let each have its turns, and stop it."""
    with stack() as folder, floor_worker(folder) as pid:
        if find_spec("dbos") is None:
            progress("the package dbos is not installed: without that comparison")
            return asyncio.run(_run(folder, pid, None, size))
        with on_dbos.rival() as dbos:
            return asyncio.run(_run(folder, pid, dbos, size))

"""Growth (增长): what a thousand, ten thousand and a hundred thousand open cases with clocks cost, beside one another.

Cases are registered through HTTP and left alone: each has a dispatch clock, which a policy of its own sets to thirty days so that
none is due before the end. At each size commands go to cases of chance, nearly all of which have left the worker's memory by
then, so that their history is replayed.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Final

import asyncpg

from benchmarks.figures import ratio, spread_of
from benchmarks.lives import COMPLAINT
from benchmarks.results import Block
from benchmarks.stacks import City, api_of, engine_bytes, memory_mib, stack
from benchmarks.telling import progress
from commands.accounts import Accounts
from commands.client import HotlineApi
from hotline.identifiers import CaseNo, UserId
from hotline.policy import Limit, PolicySnapshot, default_policy
from hotline.vocabulary import ClockKind
from runtime.stack import find_stack
from store.engine import Database
from store.policies import publish

SIZES: Final = (1_000, 10_000, 100_000)
QUICK: Final = (50, 150)
_CALLERS: Final = 16
_COMMANDS: Final = 200
_TOLD_EVERY: Final = 1_000
_SEED: Final = 6


def _policy() -> PolicySnapshot:
    base = default_policy()
    limits = {**base.limits, ClockKind.DISPATCH: Limit.wall(timedelta(days=30))}
    return base.model_copy(update={"revision": "growth/1", "limits": limits})


async def publish_policy(folder: Path, policy: PolicySnapshot) -> None:
    """Have every case from now on registered under this policy."""
    database = Database.connect(find_stack(folder).database_url)
    async with database.write() as session:
        await publish(session, policy, by=UserId("administrator1"), at=datetime.now(UTC))
    await database.close()


async def register_many(api: HotlineApi, city: City, numbers: Sequence[int], callers: int) -> list[CaseNo]:
    """Register a case for each number, each by another caller; returns the numbers that they got."""
    made: list[CaseNo] = []
    waiting = iter(numbers)

    async def clerk() -> None:
        for number in waiting:
            form = COMPLAINT | {"caller_phone": f"138{number:08}"}
            case = await api.register(city.operator.token, form, key=f"many-{number:08}")
            made.append(case.case_no)
            if len(made) % _TOLD_EVERY == 0:
                progress(f"{len(made)} of {len(numbers)} registered")

    await asyncio.gather(*(clerk() for _ in range(callers)))
    return made


async def _commands_ms(
    api: HotlineApi, city: City, cases: Sequence[CaseNo], keys: Iterator[int]
) -> list[float]:
    """Dispatch each, one after the other."""
    took = []
    for case_no in cases:
        since = perf_counter()
        lead = {"lead": city.unit}
        await api.command(
            city.dispatcher.token, case_no, "dispatch_case", lead, key=f"growth-{next(keys):06}"
        )
        took.append((perf_counter() - since) * 1_000)
    return took


async def _database_bytes(url: str) -> int:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), ssl=False)
    try:
        return int(await connection.fetchval("SELECT pg_database_size(current_database())"))
    finally:
        await connection.close()


async def _run(folder: Path, sizes: Sequence[int]) -> Block:
    city, found, keys = City(Accounts.load(folder)), find_stack(folder), count(1)
    chance, waiting = random.Random(_SEED), list[CaseNo]()
    registered, steps = 0, list[Block]()
    await publish_policy(folder, _policy())
    empty = (await _database_bytes(found.database_url), engine_bytes(folder))
    async with api_of(folder) as api:
        for size in sorted(sizes):
            since, new = perf_counter(), size - registered
            waiting += await register_many(api, city, range(registered, size), _CALLERS)
            seconds, registered = perf_counter() - since, size
            chosen = chance.sample(waiting, min(_COMMANDS, len(waiting) // 2))
            waiting = sorted({*waiting} - {*chosen})
            step: Block = {
                "cases": size,
                "starts_per_second": round(new / seconds, 2),
                "command_ms": spread_of(await _commands_ms(api, city, chosen, keys)),
                "memory_mib": memory_mib(find_stack(folder)),
                "postgres_bytes_per_case": (await _database_bytes(found.database_url) - empty[0]) // size,
                "temporal_bytes_per_case": (engine_bytes(folder) - empty[1]) // size,
            }
            progress(f"{size} open cases: {step['starts_per_second']} started a second, {step['command_ms']}")
            steps.append(step)
    first, last = steps[0], steps[-1]
    return {
        "callers": _CALLERS,
        "steps": steps,
        "growth": {
            "cases": ratio(last["cases"], first["cases"]),
            "starts_per_second": ratio(last["starts_per_second"], first["starts_per_second"]),
            "command_p50": ratio(last["command_ms"]["p50"], first["command_ms"]["p50"]),
        },
    }


def measure(sizes: Sequence[int]) -> Block:
    """Let a stack of its own grow through these sizes."""
    with stack() as folder:
        return {"growth": asyncio.run(_run(folder, sizes))}

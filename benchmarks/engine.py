"""How many cases a whole stack carries: registration to 办结 through the HTTP API, by many callers at once.

A stack of its own is started in a temporary folder and stopped at the end.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx

from commands.accounts import Account, Accounts
from commands.client import HotlineApi
from hotline.vocabulary import Role
from runtime.stack import find_stack

_CLI = Path(__file__).parents[1] / "cli.py"


@contextmanager
def stack(demo_cases: int = 0) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        data_dir = Path(folder)
        command = [sys.executable, str(_CLI), "up", "--data-dir", folder, "--json"]
        alone = os.environ | {"HOTLINE_DEMO_CASES": str(demo_cases)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=alone) as process:
            try:
                assert process.stdout is not None
                json.loads(process.stdout.readline())
                yield data_dir
            finally:
                process.terminate()
                process.wait(timeout=60)


class City:
    """The people who carry a case through."""

    def __init__(self, accounts: Accounts) -> None:
        self.operator = accounts.pick(Role.OPERATOR)
        self.dispatcher = accounts.pick(Role.DISPATCHER)
        self.revisitor = accounts.pick(Role.REVISITOR)
        self.unit = accounts.units_with(Role.HANDLER, Role.UNIT_HEAD)[0]
        self.handler = accounts.pick(Role.HANDLER, self.unit)
        self.head = accounts.pick(Role.UNIT_HEAD, self.unit)


def _life(city: City) -> list[tuple[Account, str, dict[str, Any]]]:  # each command has its own form
    now = datetime.now(UTC).isoformat()
    evidence = {"evidence_id": "e1", "kind": "handling", "made_at": now}
    return [
        (city.dispatcher, "dispatch_case", {"lead": city.unit}),
        (city.handler, "sign_for", {}),
        (city.handler, "log_contact", {"outcome": "reached", "at": now}),
        (
            city.handler,
            "submit_reply",
            {"text": "已办理", "citation": "条例", "signer": city.head.user_id, "evidence": [evidence]},
        ),
        (city.dispatcher, "review_reply", {"accepted": True}),
        (
            city.revisitor,
            "record_revisit",
            {"contacted": True, "solved": True, "truthful": True, "satisfaction": 5},
        ),
    ]


async def _carry(api: HotlineApi, city: City, number: int, took: list[float]) -> None:
    form = {
        "channel": "phone",
        "type": "complaint",
        "title": f"压测 {number}",
        "content": "工地夜间施工噪音扰民",
        "caller_phone": "555-0100",
    }
    registered = await _timed(api.register(city.operator.token, form, key=f"bench-{number:06d}"), took)
    for kind_number in range(6):
        account, kind, fields = _life(city)[kind_number]
        key = f"bench-{number:06d}-{kind}"
        await _timed(api.command(account.token, registered.case_no, kind, fields, key=key), took)


async def _timed(call: Any, took: list[float]) -> Any:  # whatever the call returns
    started = perf_counter()
    answer = await call
    took.append((perf_counter() - started) * 1000)
    return answer


async def _run(data_dir: Path, cases: int, callers: int) -> dict[str, float]:
    city = City(Accounts.load(data_dir))
    took: list[float] = []
    numbers = iter(range(cases))
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        api = HotlineApi(http, lambda: find_stack(data_dir).api_url)
        started = perf_counter()

        async def caller() -> None:
            for number in numbers:
                await _carry(api, city, number, took)

        await asyncio.gather(*(caller() for _ in range(callers)))
        seconds = perf_counter() - started
    cuts = statistics.quantiles(took, n=100)
    return {
        "cases": cases,
        "callers": callers,
        "cases per second": cases / seconds,
        "request p50 ms": cuts[49],
        "request p95 ms": cuts[94],
        "request p99 ms": cuts[98],
    }


def measure(cases: int = 150, callers: int = 10) -> dict[str, float]:
    """Register and carry so many cases to their end; seven requests each."""
    with stack() as data_dir:
        return asyncio.run(_run(data_dir, cases, callers))

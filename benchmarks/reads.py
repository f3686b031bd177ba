"""Reads (查询): lists with each filter, boards and pages at ten thousand and at a million cases, through HTTP, one after the other.

Beside each stands what PostgreSQL itself says that the statements of the same request took: the bare SQL. A city of
demonstration is grown and multiplied inside PostgreSQL (benchmarks/many.py), step by step: to the first size; to the other with
all of it closed, as a city with a long past; then with as many open as such a number brings along.
"""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlencode

import asyncpg
import httpx

from benchmarks.figures import ratio, spread_of
from benchmarks.many import OPEN_SHARE, multiply
from benchmarks.results import Block
from benchmarks.stacks import City, grown_city
from benchmarks.telling import progress
from commands.accounts import Account, Accounts
from hotline.calendar import SHANGHAI
from runtime.postgres_cluster import SUPERUSER, ClusterSecrets
from runtime.settings import Settings
from runtime.stack import connected_settings, find_stack

SIZES: Final = (10_000, 1_000_000)
QUICK: Final = (200, 400)
GROWN: Final = 120
GROWN_QUICK: Final = 8
_BYTES_PER_CASE: Final = 45_000
"""What a case came to in PostgreSQL with its indexes and the log of the copying, measured at ten thousand; rounded up."""

_DURATION: Final = re.compile(r"duration: (?P<ms>[0-9.]+) ms")
_ONE: Final = """
    SELECT case_no, category, area, lead_unit, level FROM cases JOIN units ON code = lead_unit
    WHERE closed_at IS NULL AND category IS NOT NULL AND area IS NOT NULL AND NOT secret
    ORDER BY case_no DESC LIMIT 1
"""


class _FailedError(RuntimeError):
    """The API had no answer, such as one that came too late."""


class _Questions:
    """What is asked, by whom."""

    def __init__(self, city: City, example: asyncpg.Record | None) -> None:
        self._city, self._example = city, example

    def __iter__(self) -> Iterator[tuple[str, Account, str]]:
        """A name, who asks, and the address."""
        dispatcher, supervisor = self._city.dispatcher, self._city.supervisor
        for name, query in self._filters():
            yield f"cases: {name}", dispatcher, f"/cases?{urlencode(query)}"
        yield "cases of one's unit", self._city.handler, "/cases?open=true"
        yield "overdue board", supervisor, "/cases?overdue=true&order=due"
        yield "overview board", supervisor, "/board"
        yield "timer board", supervisor, "/timer-board"
        yield "timer board: alarms", supervisor, "/timer-board/alarms"
        yield "timer board: fired", supervisor, "/timer-board/fired"
        today = datetime.combine(datetime.now(SHANGHAI).date(), time(), SHANGHAI)
        month = (today - timedelta(days=30)).isoformat()
        yield "holding ledger, open cases", supervisor, "/holdings?open=true"
        yield "holding ledger, a month", supervisor, f"/holdings?{urlencode({'since': month})}"
        yield "holding ledger, everything", supervisor, "/holdings"
        if self._example is not None:
            number = self._example["case_no"]
            yield "case page", supervisor, f"/cases/{number}"
            yield "case: facts", supervisor, f"/cases/{number}/facts"
            yield "case: chain of hands", supervisor, f"/cases/{number}/hands"

    def _filters(self) -> Iterator[tuple[str, dict[str, str]]]:
        now = datetime.now(UTC)
        yield "newest", {}
        yield "oldest", {"order": "oldest"}
        yield "status", {"status": "in_hand"}
        yield "phase", {"phase": "rectification"}
        yield "type", {"type": "complaint"}
        yield "urgency", {"urgency": "urgent"}
        yield "registered within a week", {"since": (now - timedelta(days=7)).isoformat()}
        yield "closed within a week", {"closed_since": (now - timedelta(days=7)).isoformat()}
        yield "open", {"open": "true"}
        yield "open, by due instant", {"open": "true", "order": "due"}
        yield "due within a day", {"due_before": (now + timedelta(days=1)).isoformat(), "open": "true"}
        yield "overdue", {"overdue": "true"}
        yield "overdue, newest first", {"overdue": "true", "order": "newest"}
        yield "text", {"text": "停水"}
        if self._example is not None:
            for name in ("category", "area"):
                yield name, {name: self._example[name]}
            yield "unit", {"unit": self._example["lead_unit"]}
            yield "lead", {"lead": self._example["lead_unit"]}
            yield "level", {"level": self._example["level"]}


class _Reader:
    """Asks the API, and PostgreSQL's log what that came to."""

    def __init__(self, folder: Path, http: httpx.AsyncClient) -> None:
        self._base = find_stack(folder).api_url + "/api/v1"
        self._log = folder / "logs" / "postgres.log"
        self._http = http

    async def rows(self, who: Account, path: str) -> int | None:
        """How many rows an answer shows, if it is a list."""
        return (
            len(items) if (items := (await self._answer(who, path)).json().get("items")) is not None else None
        )

    async def ask(self, who: Account, path: str, rounds: int) -> list[float]:
        """How long each answer took, in milliseconds."""
        took = []
        for _ in range(rounds):
            since = perf_counter()
            await self._answer(who, path)
            took.append((perf_counter() - since) * 1_000)
        return took

    async def _answer(self, who: Account, path: str) -> httpx.Response:
        answer = await self._http.get(self._base + path, headers={"Authorization": f"Bearer {who.token}"})
        if not answer.is_success:
            raise _FailedError(f"{answer.status_code} {answer.text[:200]}")
        return answer

    async def statements(self, who: Account, path: str, rounds: int) -> list[float]:
        """How long the statements of each answer took together. Only while PostgreSQL logs them."""
        took = []
        for _ in range(rounds):
            begin = self._log.stat().st_size
            await self.ask(who, path, 1)
            with self._log.open("rb") as log:
                log.seek(begin)
                told = log.read().decode(errors="replace")
            took.append(sum(float(found["ms"]) for found in _DURATION.finditer(told)))
        return took


@asynccontextmanager
async def _logged(
    superuser: Any,
) -> AsyncIterator[None]:  # Any: asyncpg's stubs have no common type of connection
    """PostgreSQL logs each statement with its duration, without its parameters."""
    for setting in ("log_min_duration_statement = 0", "log_parameter_max_length = 0"):
        await superuser.execute(f"ALTER SYSTEM SET {setting}")
    await superuser.execute("SELECT pg_reload_conf()")
    await asyncio.sleep(0.5)
    try:
        yield
    finally:
        await superuser.execute("ALTER SYSTEM RESET ALL")
        await superuser.execute("SELECT pg_reload_conf()")


async def _superuser(folder: Path) -> Any:  # Any: as above
    secrets = ClusterSecrets.model_validate_json((folder / "postgres-secrets.json").read_bytes())
    url = httpx.URL(find_stack(folder).owner_database_url.replace("+asyncpg", ""))
    return await asyncpg.connect(
        host=url.host,
        port=url.port,
        user=SUPERUSER,
        password=secrets.superuser,
        database=url.path.strip("/"),
        ssl=False,
    )


async def _asked(folder: Path, rounds: int, first: Block) -> dict[str, Block]:
    """Every question so many times; the first answer, which may come from the disk, is not counted.

    What shows more rows than it showed at first is also asked for as many as then: a longer page takes longer in a small city as well.
    """
    superuser = await _superuser(folder)
    try:
        questions = [*_Questions(City(Accounts.load(folder)), await superuser.fetchrow(_ONE))]
        async with httpx.AsyncClient(trust_env=False, timeout=120) as http:
            reader = _Reader(folder, http)
            answers = {name: await _through(reader, who, path, rounds) for name, who, path in questions}
            asked = [(answers[name], who, path) for name, who, path in questions]
            for name, who, path in questions:
                shown, at_first = answers[name].get("rows"), first.get(name, {}).get("rows")
                if shown and at_first and shown > at_first:
                    as_long = _limited(path, at_first)
                    answers[name]["as_long"] = await _through(reader, who, as_long, rounds)
                    asked.append((answers[name]["as_long"], who, as_long))
            async with _logged(superuser):
                for answer, who, path in asked:
                    if "failed" not in answer:
                        answer["sql_ms"] = spread_of(await reader.statements(who, path, rounds))
    finally:
        await superuser.close()
    return answers


def _limited(path: str, rows: int) -> str:
    return str(httpx.URL(path).copy_merge_params({"limit": str(rows)}))


async def _through(reader: _Reader, who: Account, path: str, rounds: int) -> Block:
    try:
        shown = await reader.rows(who, path)
        return {"rows": shown, "http_ms": spread_of(await reader.ask(who, path, rounds))}
    except _FailedError as failure:
        progress(f"{path}: {failure}")
        return {"failed": str(failure)[:3]}


def _prepared(folder: Path, cases: int, open_cases: int) -> Block:
    """Multiply the city, and say what it came to."""
    since = perf_counter()
    settings = connected_settings(Settings(data_dir=folder, demo_mode=True))
    rows = asyncio.run(multiply(settings, cases, open_cases))
    size, is_open = asyncio.run(_database_figures(folder))
    seconds = round(perf_counter() - since)
    progress(f"{rows['cases']} cases, {is_open} open, in {seconds} s, {size / 2**30:.1f} GiB")
    return {
        "cases": rows["cases"],
        "open_cases": is_open,
        "rows": rows,
        "prepared_in_s": seconds,
        "database_bytes": size,
    }


async def _database_figures(folder: Path) -> tuple[int, int]:
    """Its size in bytes, and how many cases are open."""
    superuser = await _superuser(folder)
    try:
        size = await superuser.fetchval("SELECT pg_database_size(current_database())")
        return int(size), int(await superuser.fetchval("SELECT count(*) FROM cases WHERE closed_at IS NULL"))
    finally:
        await superuser.close()


def _require_room(cases: int) -> None:
    free = shutil.disk_usage("/tmp").free
    if free < cases * _BYTES_PER_CASE:
        raise RuntimeError(
            f"{cases} cases need about {cases * _BYTES_PER_CASE / 2**30:.0f} GiB, {free / 2**30:.0f} are free"
        )


def steps_of(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """How many cases, and how many of them open: each larger size first with those of the smallest, then with its own share."""
    smallest, *larger = sorted(sizes)
    is_open = int(smallest * OPEN_SHARE)
    yield smallest, is_open
    for size in larger:
        yield size, is_open
        yield size, int(size * OPEN_SHARE)


def measure(sizes: Sequence[int], rounds: int, grown: int) -> Block:
    """Grow a city, multiply it step by step, and ask the same questions at each."""
    _require_room(max(sizes))
    with grown_city(grown) as folder:
        steps: list[Block] = []
        for cases, open_cases in steps_of(sizes):
            made = _prepared(folder, cases, open_cases)
            answers = asyncio.run(_asked(folder, rounds, steps[0]["answers"] if steps else {}))
            steps.append({**made, "rounds": rounds, "answers": answers})
            progress(f"read at {made['cases']} cases, {made['open_cases']} of them open")
    for step in steps[1:]:
        step["growth"] = _growth(steps[0]["answers"], step["answers"])
    return {"reads": {"sizes": steps}}


def _growth(first: Block, last: Block) -> Block:
    """How many times as long each question took as at the first step, where both were answered, for a page as long as then."""
    return {
        name: {
            kind: ratio(answer.get("as_long", answer)[f"{kind}_ms"]["p50"], first[name][f"{kind}_ms"]["p50"])
            for kind in ("http", "sql")
        }
        for name, answer in last.items()
        if "sql_ms" in first.get(name, {}) and "sql_ms" in answer.get("as_long", answer)
    }

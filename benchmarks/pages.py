"""Every page of the console at a hundred thousand cases: how long the server takes, and what a first visit weighs.

`python -m benchmarks.pages` starts a stack, lets a small demo city grow, multiplies it (benchmarks/many.py) and asks for
every page of every role's menu and for cases, one request after the other, as somebody who is signed in.
"""

import argparse
import asyncio
import gzip
import json
import re
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from benchmarks.many import OPEN_SHARE, multiply
from benchmarks.stacks import cpu_of, family, grown_city
from console.menu import menu_of
from hotline.vocabulary import Role
from runtime.settings import Settings
from runtime.stack import connected_settings, find_stack

CASES: Final = 100_000
GROWN: Final = 120
ROUNDS: Final = 40
_GOAL_MS: Final = 50.0
_GOAL_BYTES: Final = 600_000
_PEOPLE: Final = {
    Role.OPERATOR: "operator1",
    Role.DISPATCHER: "dispatcher1",
    Role.HANDLER: "handler-U120",
    Role.UNIT_HEAD: "head-U120",
    Role.REVISITOR: "revisitor1",
    Role.SUPERVISOR: "supervisor1",
    Role.DISCIPLINE: "discipline2",
    Role.LEADER: "leader1",
    Role.ADMINISTRATOR: "administrator1",
    Role.AUDITOR: "auditor1",
}
_BESIDE: Final = (
    (Role.SUPERVISOR, "/notices"),
    (Role.DISPATCHER, "/cases?unit=U120"),
    (Role.DISPATCHER, "/cases?type=complaint&overdue=true"),
    (Role.DISPATCHER, "/cases?text=%E5%81%9C%E6%B0%B4"),
)
_ASSETS: Final = re.compile(r'(?:src|href)="(/static/[^"#]+)')


@dataclass(frozen=True, slots=True)
class Page:
    """One page as somebody saw it."""

    role: Role
    path: str
    median_ms: float
    p99_ms: float
    own_cpu_ms: float
    database_cpu_ms: float
    html_bytes: int
    first_load_bytes: int

    @property
    def is_good(self) -> bool:
        """Whether it keeps what was promised, on a machine that has a core for it."""
        return self.server_ms < _GOAL_MS and self.first_load_bytes < _GOAL_BYTES

    @property
    def server_ms(self) -> float:
        """What the API and PostgreSQL need of a core for it: the median on a machine at rest, for nothing waits for a disk."""
        return min(self.median_ms, self.own_cpu_ms + self.database_cpu_ms)


def _paths() -> Iterator[tuple[Role, str]]:
    seen: set[str] = set()
    for role in _PEOPLE:
        for entry in menu_of(role):
            if entry.path not in seen:
                seen.add(entry.path)
                yield role, entry.path
    yield from _BESIDE


class Visitor:
    """Somebody who is signed in at a browser that keeps nothing but its cookie."""

    def __init__(self, home: str, user: str) -> None:
        """Sign in with one click, as in a demonstration."""
        self._http = httpx.Client(
            base_url=home, trust_env=False, timeout=120, headers={"Accept-Encoding": "gzip", "Origin": home}
        )
        self._http.get("/login")
        answer = self._http.post("/login/demo", data={"user_id": user})
        assert answer.status_code == 303, answer.text[:300]

    def get(self, path: str) -> httpx.Response:
        """One page."""
        answer = self._http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        return answer

    def weight(self, page: httpx.Response) -> int:
        """What crosses the wire at a first visit: the page packed, and every file that it names."""
        files = dict.fromkeys(_ASSETS.findall(page.text))
        return len(gzip.compress(page.content)) + sum(map(self._packed, files))

    def _packed(self, address: str) -> int:
        with self._http.stream("GET", address) as answer:
            return sum(len(chunk) for chunk in answer.iter_raw())


@dataclass(frozen=True, slots=True)
class Server:
    """The processes that answer a page."""

    home: str
    api: int
    postgres: int

    def cpu(self) -> tuple[float, float]:
        """What the API, and PostgreSQL with its children, have used of the cores, in seconds."""
        return cpu_of(self.api), sum(map(cpu_of, family(self.postgres)))


def measured(server: Server, rounds: int) -> Iterator[Page]:
    """Ask for every page so many times, the first time not counted."""
    visitors = {role: Visitor(server.home, user) for role, user in _PEOPLE.items()}
    paths = list(_paths())
    found = re.search(r'href="(/cases/[0-9]{18})"', visitors[Role.DISPATCHER].get("/cases?overdue=true").text)
    if found:
        paths += [(Role.DISPATCHER, found[1]), (Role.SUPERVISOR, found[1])]
    for role, path in paths:
        visitor = visitors[role]
        page = visitor.get(path)
        took: list[float] = []
        before = server.cpu()
        for _ in range(rounds):
            started = time.perf_counter()
            visitor.get(path)
            took.append((time.perf_counter() - started) * 1_000)
        own, database = (
            (after - then) * 1_000 / rounds for after, then in zip(server.cpu(), before, strict=True)
        )
        yield Page(
            role,
            path,
            statistics.median(took),
            statistics.quantiles(took, n=100)[98],
            own,
            database,
            len(page.content),
            visitor.weight(page),
        )


@contextmanager
def crowded(cases: int, keep: Path | None) -> Iterator[Path]:
    """A stack with so many cases; one that is named was prepared before, and is left as it is."""
    if keep is not None:
        yield keep
        return
    with grown_city(GROWN) as folder:
        print(json.dumps(prepared(folder, cases)), file=sys.stderr)
        yield folder


def prepared(folder: Path, cases: int) -> dict[str, int]:
    """Multiply the city of a stack."""
    settings = connected_settings(Settings(data_dir=folder, demo_mode=True))
    return asyncio.run(multiply(settings, cases, int(cases * OPEN_SHARE)))


def main() -> int:
    """Print a table; 1 if a page is too slow or too heavy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--data-dir", type=Path, help="a stack that runs and has its cases already")
    parser.add_argument("--url", help="another API process on it")
    parser.add_argument("--pid", type=int, help="the process id of that one")
    asked = parser.parse_args()
    with crowded(asked.cases, asked.data_dir) as folder:
        found = find_stack(folder)
        server = Server(asked.url or found.api_url, asked.pid or found.pids["api"], found.pids["postgres"])
        pages = list(measured(server, asked.rounds))
    print("| page | as | median ms | p99 ms | core ms: API + PostgreSQL | page KB | first load KB |")
    print("|---|---|---|---|---|---|---|")
    for page in sorted(pages, key=lambda page: -page.server_ms):
        print(
            f"| `{page.path}` | {page.role.label} | {page.median_ms:.0f} | {page.p99_ms:.0f} |"
            f" {page.own_cpu_ms:.0f} + {page.database_cpu_ms:.0f} |"
            f" {page.html_bytes / 1000:.0f} | {page.first_load_bytes / 1000:.0f} |"
        )
    return not all(page.is_good for page in pages)


if __name__ == "__main__":
    sys.exit(main())

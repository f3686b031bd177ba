"""Load (负载): lives of cases, one request after the other, by so many callers at once or as they arrive.

In a closed loop a caller begins the next life when one has ended. In an open loop lives arrive on schedule, and so do the
requests within each: a latency counts from the instant at which a request was due, so what queues is not hidden.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from typing import Any, Final

from benchmarks.figures import Spread, arrivals, keeps_up, spread_of

Request = Callable[[], Awaitable[object]]
LifeMaker = Callable[[], Sequence[Request]]
"""Makes the requests of one more life: the registration, then the commands."""

PAUSE_FOR: Final = timedelta(milliseconds=250)
"""Between two requests of one life in an open loop: far shorter than people take, far longer than one request."""


@dataclass
class Load:
    """What became of it."""

    lives: int = 0
    seconds: float = 0.0
    starts_ms: list[float] = field(default_factory=list)
    commands_ms: list[float] = field(default_factory=list)

    @property
    def lives_per_second(self) -> float:
        """How many lives were carried to their end."""
        return self.lives / self.seconds

    def note(self, number: int, since: float) -> None:
        """Note how long one request took; the first one of a life registers it."""
        (self.commands_ms if number else self.starts_ms).append((perf_counter() - since) * 1_000)

    @property
    def commands(self) -> Spread:
        """How long commands took, in milliseconds."""
        return spread_of(self.commands_ms)


async def closed_loop(make: LifeMaker, lives: int, callers: int) -> Load:
    """Carry so many lives, each caller one after the other."""
    load, begun = Load(), perf_counter()
    waiting = iter(range(lives))

    async def caller() -> None:
        for _ in waiting:
            for number, request in enumerate(make()):
                since = perf_counter()
                await request()
                load.note(number, since)
            load.lives += 1

    await asyncio.gather(*(caller() for _ in range(callers)))
    load.seconds = perf_counter() - begun
    return load


async def open_loop(make: LifeMaker, per_second: float, lasting_for: timedelta) -> dict[str, Any]:
    """Let lives arrive for so long, wait for the last, and say whether that many can be kept up."""
    load, begun = Load(), perf_counter()

    async def live(at: float) -> None:
        for number, request in enumerate(make()):
            due = begun + at + number * PAUSE_FOR.total_seconds()
            await asyncio.sleep(max(due - perf_counter(), 0))
            await request()
            load.note(number, due)
        load.lives += 1

    due = arrivals(per_second, lasting_for)
    await asyncio.gather(*map(live, due))
    # A life that never waits takes its pauses; what it takes beside them is what could not be kept up.
    pauses = PAUSE_FOR.total_seconds() * (len(make()) - 1)
    load.seconds = max(perf_counter() - begun - pauses, lasting_for.total_seconds())
    return {
        "per_second": per_second,
        "achieved_per_second": round(load.lives_per_second, 3),
        "keeps_up": keeps_up(per_second, load.lives_per_second),
        "command_ms": load.commands,
        "registration_ms": spread_of(load.starts_ms),
    }

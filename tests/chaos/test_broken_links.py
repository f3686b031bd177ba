"""A network that goes bad loses nothing, doubles nothing, and leaves nobody waiting for ever.

Each part of an installation has a link of its own to each server (tests/fixtures/installation.py), and any of them may
be cut, broken off in mid-word, slow, silent, or forgotten: half-open, which nobody is told of. Parts are paused, too, as
a host is that is moved. Shorter: tests/store/test_broken_database.py and tests/workflow/test_broken_engine.py.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from fixtures.books import assert_books_hold
from fixtures.installation import LINKS, PARTS, Installation, installed
from fixtures.proof import NO_ANSWER, TRY_AGAIN, Proof
from fixtures.toxic import Link

ROUND_TRIP_FOR = timedelta(milliseconds=200)
FAULTS: dict[str, Callable[[Link], None]] = {
    "cut": Link.cut,
    "broken off in mid-word": lambda link: link.cut_after(2_000),
    "silent": Link.stall,
    "forgotten": Link.forget,
    "slow": lambda link: link.slow(ROUND_TRIP_FOR),
}
LASTS = (2, 6, 15)
"""Seconds: shorter than any patience, longer than a worker keeps a case in memory, and longer than a command waits."""


class Trouble(NamedTuple):
    """What goes wrong: a link with a fault, or a part that is paused."""

    where: tuple[str, ...]
    what: str

    def __str__(self) -> str:
        return f"{' to '.join(self.where)}: {self.what}"


LINK_TROUBLES = tuple(Trouble(*pair) for pair in product(LINKS, FAULTS))
PAUSES = tuple(Trouble((part,), "paused") for part in PARTS)


@asynccontextmanager
async def lasting(trouble: Trouble, installation: Installation) -> AsyncIterator[None]:
    """Trouble until the block ends."""
    match trouble.where:
        case (part,):
            async with installation.paused(part):
                yield
        case speaker, server:
            link = installation.links[speaker, server]
            FAULTS[trouble.what](link)
            yield
            link.heal()


async def make_trouble(
    proof: Proof, installation: Installation, troubles: Sequence[Trouble], *, seed: int
) -> None:
    """Let each of these go wrong once, in an order and for a time of chance."""
    dice = random.Random(seed)
    for trouble in dice.sample(troubles, len(troubles)):
        await asyncio.sleep(dice.uniform(0, 2))
        since = datetime.now(UTC)
        async with lasting(trouble, installation):
            await asyncio.sleep(dice.choice(LASTS))
        proof.outages.append((since, datetime.now(UTC), str(trouble)))


@pytest.mark.chaos
@pytest.mark.timeout(1200)
async def test_each_rung_fires_once_through_every_fault_of_every_link_and_pauses_of_every_part(
    tmp_path: Path,
) -> None:
    async with installed(tmp_path) as installation:
        proof = Proof(installation, speed=4_000)
        await proof.compress()
        await asyncio.gather(
            proof.fill(100, over=150),
            make_trouble(proof, installation, LINK_TROUBLES + PAUSES, seed=12345),
        )
        await proof.assert_all_fired_once(100)
    assert set(proof.retries) <= TRY_AGAIN | NO_ANSWER


@pytest.mark.chaos
@pytest.mark.timeout(1200)
async def test_living_city_comes_to_its_end_after_a_bad_day_of_its_network(tmp_path: Path) -> None:
    async with installed(tmp_path) as installation:
        living = installation.spawn(
            "simulate", "--cases", "60", "--speed", "20000", "--seed", "7", "--until-closed"
        )
        try:
            troubles = random.Random(7).sample(LINK_TROUBLES + PAUSES, 8)
            await make_trouble(Proof(installation, speed=20_000), installation, troubles, seed=7)
            out, err = await asyncio.to_thread(living.communicate, timeout=900)
        finally:
            living.kill()
            living.communicate()
        assert living.returncode == 0, out[-3000:] + err[-3000:]
        await asyncio.to_thread(assert_books_hold, installation, 60)


@pytest.mark.chaos
@pytest.mark.timeout(600)
async def test_slow_database_makes_everything_slow_and_nothing_wrong(tmp_path: Path) -> None:
    async with installed(tmp_path) as installation:
        proof = Proof(installation, speed=10_000)
        await proof.compress()
        for (_, server), link in installation.links.items():
            if server == "postgres":
                link.slow(ROUND_TRIP_FOR)
        await proof.fill(30)
        await proof.assert_all_fired_once(30)
    assert set(proof.retries) <= TRY_AGAIN

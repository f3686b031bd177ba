"""Every rung of every clock fires exactly once while parts of the stack, and all of it, are killed -9 at random.

Silent cases climb their whole ladder in seconds. What must have fired is worked out from the policy's text
and the starts of the clocks alone (tests/fixtures/rungs.py); what fired is read from the ledger. The API is
killed while callers register, and all that the engine knows is lost in mid-climb; afterwards the books hold.
"""

import asyncio
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from fixtures.books import assert_books_hold
from fixtures.city import City, running_city
from fixtures.rungs import Climb, Rulebook, percentiles

from commands.accounts import Accounts
from commands.client import HotlineApi
from hotline.identifiers import UserId
from hotline.policy import Basis, Limit, default_policy
from hotline.vocabulary import Role
from runtime.stack import find_stack
from store.engine import Database
from store.policies import publish
from store.rollouts import RolloutReport, order_rollout, report_of

VICTIMS = ("worker", "temporal", "postgres")
REVISION = "proof/1"
SIGNED_SHARE = 3
"""Two cases of three are signed for; the third climbs the ladder of its signature as well."""

COMPLAINT = {"channel": "phone", "type": "complaint", "content": "工地夜间施工噪音扰民"}

CLIMB = """
    SELECT case_no, seq, at, tag, body::text AS body FROM facts
    WHERE tag IN ('clock:started', 'clock:stopped', 'clock:fired') AND case_no IN (
        SELECT case_no FROM cases WHERE policy_revision = $1
    ) ORDER BY case_no, seq
"""
BEGUN = "SELECT count(*) FROM cases WHERE policy_revision = $1"
UNTOLD = "SELECT count(*) FROM notices WHERE told_at IS NULL"
REVISED = """
    SELECT case_no, count(*) FROM facts WHERE tag = 'policy:revised' AND body->>'policy_revision' = $1 GROUP BY 1
"""


@dataclass
class Proof:
    """A city whose cases climb, and when which part of it was away."""

    city: City
    speed: float
    outages: list[tuple[datetime, datetime, str]] = field(default_factory=list)

    @property
    def book(self) -> Rulebook:
        return Rulebook.shipped(self.speed)

    async def compress(self) -> None:
        """Put the shipped policy in force on a fast clock."""
        database = Database.connect(find_stack(self.city.data_dir).database_url)
        policy = default_policy().compressed(self.speed, REVISION)
        async with database.write() as session:
            await publish(session, policy, by=UserId("administrator1"), at=datetime.now(UTC))
        await database.close()

    async def fill(self, cases: int, *, at_once: int = 8) -> None:
        """Register and dispatch so many complaints, have some signed for, and leave them alone."""
        accounts = Accounts.load(self.city.data_dir)
        unit = accounts.units_with(Role.HANDLER, Role.UNIT_HEAD)[0]
        numbers = iter(range(cases))
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            api = HotlineApi(http, lambda: find_stack(self.city.data_dir).api_url)

            async def clerk() -> None:
                for n in numbers:
                    form = COMPLAINT | {"title": f"噪音 {n}", "caller_phone": f"138{n:08}"}
                    case = await api.register(accounts.pick(Role.OPERATOR).token, form, key=f"proof-{n:06}")
                    dispatcher = accounts.pick(Role.DISPATCHER).token
                    await api.command(
                        dispatcher, case.case_no, "dispatch_case", {"lead": unit}, key=f"proof-d-{n:06}"
                    )
                    if n % SIGNED_SHARE:
                        handler = accounts.pick(Role.HANDLER, unit).token
                        await api.command(handler, case.case_no, "sign_for", {}, key=f"proof-s-{n:06}")

            await asyncio.gather(*(clerk() for _ in range(at_once)))

    async def strike(self, part: str) -> None:
        """kill -9 of one part; it was away until another process serves in its place."""
        pid, since = self.city.pid_of(part), datetime.now(UTC)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda: self._serves_again(part, pid))
        self.outages.append((since, datetime.now(UTC), part))

    async def strike_all(self) -> None:
        """kill -9 of the supervisor and with it of everything; it was away until a new stack serves."""
        since = datetime.now(UTC)
        await asyncio.to_thread(self.city.kill_all)
        await asyncio.to_thread(self.city.start)
        self.outages.append((since, datetime.now(UTC), "everything"))

    async def lose_the_engine(self) -> None:
        """kill -9 of everything, and all that Temporal ever knew is gone; the next start goes on from the ledger."""
        since = datetime.now(UTC)
        await asyncio.to_thread(self.city.kill_all)
        await asyncio.to_thread(shutil.rmtree, self.city.data_dir / "temporal")
        await asyncio.to_thread(self.city.start)
        self.outages.append((since, datetime.now(UTC), "the engine's data"))

    async def _serves_again(self, part: str, was: int) -> bool:
        if self.city.pid_of(part) in {None, was}:
            return False
        with suppress(httpx.HTTPError):
            async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
                return (await http.get(f"{find_stack(self.city.data_dir).api_url}/health/ready")).is_success
        return False

    @asynccontextmanager
    async def ledger(self) -> AsyncIterator[asyncpg.Connection]:
        stack = json.loads((self.city.data_dir / "stack.json").read_text())
        connection = await asyncpg.connect(stack["database_url"].replace("+asyncpg", ""), ssl=False)
        try:
            yield connection
        finally:
            await connection.close()

    async def ask(self, query: str, *given: Any) -> list[asyncpg.Record]:
        async with self.ledger() as connection:
            return await connection.fetch(query, *given)

    async def has_begun(self) -> bool:
        """Whether the first case is registered."""
        return (await self.ask(BEGUN, REVISION))[0][0] > 0

    async def climb(self) -> Climb:
        return Climb.of(await self.ask(CLIMB, REVISION))

    async def has_climbed(self, cases: int) -> bool:
        """Whether every case is at the top of its ladders; PostgreSQL may be away."""
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return (await self.climb()).has_reached_the_top(self.book, cases)
        return False

    def tell(self, climb: Climb) -> None:
        """Print how late rungs were, those due while everything ran apart from those of an outage."""
        late: dict[bool, list[timedelta]] = {True: [], False: []}
        for line in climb.fired:
            away = any(since <= line.allowed_at <= back for since, back, _ in self.outages)
            late[away].append(line.at - line.allowed_at)
        lines = [
            f"rungs fired {len(climb.fired)}, doubled 0, missing 0; how late:",
            f"  due while everything ran: {percentiles(late[False])}",
            f"  due in an outage:         {percentiles(late[True])}",
            *(
                f"  {part} away for {(back - since).total_seconds():.1f} s"
                for since, back, part in self.outages
            ),
            f"  load average {os.getloadavg()[0]:.1f}",
        ]
        sys.stdout.write("\n" + "\n".join(lines) + "\n")


async def until(holds: Callable[[], Awaitable[bool]], within: float = 300) -> None:
    deadline = time.monotonic() + within
    while not await holds():
        assert time.monotonic() < deadline, "did not come about in time"
        await asyncio.sleep(0.2)


async def prove(
    proof: Proof, cases: int, kills: int, *, seed: int, pause_at_most: float, is_long: bool = False
) -> None:
    dice = random.Random(seed)

    async def strike_while_callers_wait() -> None:
        await until(proof.has_begun)
        await proof.strike("api")

    await proof.compress()
    await asyncio.gather(proof.fill(cases), strike_while_callers_wait())
    for n in range(kills):
        await asyncio.sleep(dice.uniform(0, pause_at_most))
        # Each part in turn in an order of chance, so that a few kills miss none of them.
        await proof.strike(dice.sample(VICTIMS, len(VICTIMS))[0] if n >= len(VICTIMS) else VICTIMS[n])
    if is_long:
        await proof.strike_all()
    await proof.lose_the_engine()
    await until(lambda: proof.has_climbed(cases))
    climb = await proof.climb()
    assert climb.doubled() == []
    assert climb.missing_and_surplus(proof.book) == (set(), set())
    assert climb.misplaced(proof.book) == []
    assert climb.out_of_order(proof.book) == []
    assert len({clock.case_no for clock in climb.clocks}) == cases

    async def everybody_is_told() -> bool:
        return (await proof.ask(UNTOLD))[0][0] == 0

    await until(everybody_is_told)
    await asyncio.to_thread(assert_books_hold, proof.city, cases)
    proof.tell(climb)


async def test_each_rung_fires_once_through_a_kill_of_each_part_and_of_all(tmp_path: Path) -> None:
    with running_city(tmp_path / "city") as city:
        await prove(Proof(city, speed=60_000), cases=4, kills=3, seed=1, pause_at_most=1)


@pytest.mark.chaos
@pytest.mark.timeout(900)
async def test_each_rung_of_hundreds_of_cases_fires_once_through_random_kills(tmp_path: Path) -> None:
    with running_city(tmp_path / "city") as city:
        await prove(Proof(city, speed=4_000), cases=200, kills=8, seed=12345, pause_at_most=15, is_long=True)


async def roll_out(proof: Proof, revision: str) -> None:
    """Publish a revision that moves every handling clock, and order that it reach the living cases."""
    database = Database.connect(find_stack(proof.city.data_dir).database_url)
    base = default_policy()
    longer = tuple(rule.model_copy(update={"limit": proof_limit(rule.limit)}) for rule in base.handling)
    policy = base.model_copy(update={"revision": revision, "handling": longer})
    async with database.write() as session:
        await publish(session, policy, by=UserId("administrator1"), at=datetime.now(UTC))
        await order_rollout(session, revision, at=datetime.now(UTC))
    await database.close()


def proof_limit(limit: Limit) -> Limit:
    """A day more where days are counted."""
    return Limit.working_days(limit.days + 1) if limit.basis is Basis.WORKING_DAYS else limit


async def report(proof: Proof, revision: str) -> RolloutReport:
    database = Database.connect(find_stack(proof.city.data_dir).database_url)
    async with database.read() as session:
        found = await report_of(session, revision)
    await database.close()
    assert found is not None
    return found


@pytest.mark.chaos
@pytest.mark.timeout(600)
async def test_rollout_whose_worker_is_killed_reaches_and_reports_each_case_once(tmp_path: Path) -> None:
    revision = "proof/rollout"
    with running_city(tmp_path / "city") as city:
        proof = Proof(city, speed=1)
        await proof.fill(60)
        await roll_out(proof, revision)

        async def is_in_the_middle() -> bool:
            return len(await proof.ask(REVISED, revision)) >= 5

        await until(is_in_the_middle)
        before = await report(proof, revision)
        await proof.strike("worker")
        assert before.left > 0, "the worker was killed in the middle"

        async def has_reached_everybody() -> bool:
            return (await report(proof, revision)).left == 0

        await until(has_reached_everybody)
        taken = await proof.ask(REVISED, revision)
        after = await report(proof, revision)
    assert {row["count"] for row in taken} == {1}
    assert (after.done, after.refused) == (len(taken), ())
    assert after.done >= 60

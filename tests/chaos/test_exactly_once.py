"""Every rung of every clock fires exactly once while parts of the stack, and all of it, are killed -9 at random.

Silent cases climb their whole ladder in seconds (tests/fixtures/proof.py). The API is killed while callers
register, and all that the engine knows is lost in mid-climb; afterwards the books hold.
"""

import asyncio
import os
import random
import shutil
import signal
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fixtures.city import running_city
from fixtures.proof import Proof, until

from hotline.identifiers import UserId
from hotline.policy import Basis, Limit, default_policy
from runtime.stack import find_stack
from store.engine import Database
from store.policies import publish
from store.rollouts import RolloutReport, order_rollout, report_of

VICTIMS = ("worker", "temporal", "postgres")
REVISED = """
    SELECT case_no, count(*) FROM facts WHERE tag = 'policy:revised' AND body->>'policy_revision' = $1 GROUP BY 1
"""


class Struck(Proof):
    """A proof whose parts are killed."""

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


async def prove(
    proof: Struck, cases: int, kills: int, *, seed: int, pause_at_most: float, is_long: bool = False
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
    await proof.assert_all_fired_once(cases)


async def test_each_rung_fires_once_through_a_kill_of_each_part_and_of_all(tmp_path: Path) -> None:
    with running_city(tmp_path / "city") as city:
        await prove(Struck(city, speed=60_000), cases=4, kills=3, seed=1, pause_at_most=1)


@pytest.mark.chaos
@pytest.mark.timeout(900)
async def test_each_rung_of_hundreds_of_cases_fires_once_through_random_kills(tmp_path: Path) -> None:
    with running_city(tmp_path / "city") as city:
        await prove(Struck(city, speed=4_000), cases=200, kills=8, seed=12345, pause_at_most=15, is_long=True)


async def roll_out(proof: Struck, revision: str) -> None:
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


async def report(proof: Struck, revision: str) -> RolloutReport:
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
        proof = Struck(city, speed=1)
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

"""A bug in one handler stops the cases that meet it and nothing else, and they go on once the mended worker is deployed."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fixtures.installation import installed
from fixtures.proof import TRY_AGAIN, Proof, until
from stumbling_worker import POISONED

STUMBLING_WORKER = Path(__file__).with_name("stumbling_worker.py")
CASES = 60
SIGNED = "SELECT case_no FROM facts WHERE tag = 'assignment:signed'"


def is_poisoned(case_no: str) -> bool:
    return case_no.endswith(POISONED)


@pytest.mark.chaos
@pytest.mark.timeout(900)
async def test_bug_in_a_handler_stops_nobody_else_and_is_over_when_the_mended_worker_is_deployed(
    tmp_path: Path,
) -> None:
    async with installed(tmp_path) as installation:
        proof = Proof(installation, speed=8_000)
        await proof.compress()
        await installation.end("worker")
        await installation.begin("worker", str(STUMBLING_WORKER))
        since = datetime.now(UTC)
        # More callers than there are cases that stumble, each of which keeps one.
        filling = asyncio.create_task(proof.fill(CASES, at_once=24, over=20))

        def registered() -> set[str]:
            return {case_no for case_no, tag in proof.acknowledged if tag == "intake:registered"}

        async def all_others_have_climbed() -> bool:
            others = {case_no for case_no in registered() if not is_poisoned(case_no)}
            climb = (await proof.climb()).of_cases(others)
            return len(registered()) == CASES and climb.has_reached_the_top(proof.book, len(others))

        await until(all_others_have_climbed)
        assert not any(is_poisoned(row["case_no"]) for row in await proof.ask(SIGNED))
        assert not filling.done()
        assert proof.retries["engine_unavailable"] > 0
        await installation.end("worker")
        await installation.begin("worker")
        proof.outages.append((since, datetime.now(UTC), "mended worker"))
        await filling
        await proof.assert_all_fired_once(CASES)
    assert set(proof.retries) <= TRY_AGAIN

"""Hosts whose clocks differ by minutes: no rung fires before its instant by the servers' clock, and none twice.

The API and the worker are given clocks of their own by Debian's libfaketime; PostgreSQL and Temporal keep the machine's.
"""

import asyncio
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from fixtures.installation import Installation, installed
from fixtures.proof import TRY_AGAIN, Proof, until

LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
SECONDS = 120

EARLY = """
    SELECT case_no, seq FROM facts WHERE tag = 'clock:fired'
    AND coalesce(body->>'waited_until', body->>'due_at')::timestamptz > clock_timestamp()
"""


def clock(seconds: int) -> dict[str, str]:
    """The environment of a host whose clock is so many seconds ahead; how long things take is not touched."""
    return {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME": f"{seconds:+d}s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


async def is_ready(installation: Installation) -> bool:
    """Whether the API knows of a worker that lives."""
    with suppress(httpx.HTTPError):
        async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
            return (await http.get(f"{installation.address}/health/ready")).is_success
    return False


async def see_that_none_is_early(proof: Proof) -> None:
    """Look again and again whether anything has fired whose instant has yet to come; what is recorded is not believed."""
    while True:
        assert await proof.ask(EARLY) == []
        await asyncio.sleep(0.2)


@pytest.mark.chaos
@pytest.mark.timeout(900)
@pytest.mark.skipif(LIBRARY is None, reason="Debian's package faketime is not installed")
@pytest.mark.parametrize(("api", "worker"), [(SECONDS, -SECONDS), (-SECONDS, SECONDS)])
async def test_each_rung_fires_once_and_never_early_whatever_the_hosts_clocks_show(
    tmp_path: Path, api: int, worker: int
) -> None:
    skewed = {"api": clock(api), "worker": clock(worker)}
    async with installed(tmp_path, environment=skewed) as installation:
        await until(lambda: is_ready(installation), within=30)
        proof = Proof(installation, speed=8_000)
        await proof.compress()
        watching = asyncio.create_task(see_that_none_is_early(proof))
        await proof.fill(40)
        await proof.assert_all_fired_once(40)
        assert not watching.done(), "a rung fired before its instant"
        watching.cancel()
    assert set(proof.retries) <= TRY_AGAIN

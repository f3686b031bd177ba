"""Hosts whose clocks differ by minutes: no rung fires before its instant by the engine's clock, and none twice.

The API and the worker are given clocks of their own by Debian's libfaketime; PostgreSQL and Temporal keep the machine's.
"""

from pathlib import Path

import httpx
import pytest
from fixtures.installation import installed
from fixtures.proof import Proof

LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
SECONDS = 120

FIRED = "SELECT at FROM facts WHERE tag = 'clock:fired' AND at > $1"


def clock(seconds: int) -> dict[str, str]:
    """The environment of a host whose clock is so many seconds ahead; how long things take is not touched."""
    return {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME": f"{seconds:+d}s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


@pytest.mark.chaos
@pytest.mark.timeout(900)
@pytest.mark.skipif(LIBRARY is None, reason="Debian's package faketime is not installed")
@pytest.mark.parametrize(("api", "worker"), [(SECONDS, -SECONDS), (-SECONDS, SECONDS)])
async def test_each_rung_fires_once_and_never_early_whatever_the_hosts_clocks_show(
    tmp_path: Path, api: int, worker: int
) -> None:
    skewed = {"api": clock(api), "worker": clock(worker)}
    async with installed(tmp_path, environment=skewed) as installation:
        async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
            ready = await http.get(f"{installation.address}/health/ready")
        assert ready.is_success, ready.text
        proof = Proof(installation, speed=8_000)
        await proof.compress()
        await proof.fill(40)
        await proof.assert_all_fired_once(40)
    assert set(proof.retries) <= {"engine_unavailable", "case_not_adopted"}

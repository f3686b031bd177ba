"""A full disk refuses what is new with a clear answer, loses nothing that was accepted, and is over when there is room again.

The disk is real and full (tests/fixtures/disk.py). PostgreSQL ends by itself when it cannot write its log, and cannot start
again before there is room; whoever keeps the parts running tries for as long as it takes.
"""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from fixtures.city import City, running_city
from fixtures.disk import small_disk
from fixtures.installation import installed
from fixtures.proof import NO_ANSWER, TRY_AGAIN, Proof, until

SEGMENTS = 12
"""More than a fresh server keeps in reserve."""


async def use_up_the_log(city: City) -> None:
    """Write until PostgreSQL needs another segment of its log, for which there is no room."""
    secret = json.loads((city.data_dir / "postgres-secrets.json").read_text())["superuser"]
    port = city.database_url.rpartition(":")[2]
    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        server = await asyncpg.connect(f"postgresql://postgres:{secret}@127.0.0.1:{port}", ssl=False)
        for _ in range(SEGMENTS):
            await server.execute("SELECT pg_logical_emit_message(false, 'chaos', 'a word')")
            await server.execute("SELECT pg_switch_wal()")


@pytest.mark.chaos
@pytest.mark.timeout(900)
async def test_city_on_a_full_disk_asks_to_come_again_and_goes_on_by_itself_when_there_is_room(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "disk", megabytes=600) as disk, running_city(disk.folder / "city") as city:
        proof = Proof(city, speed=8_000)

        async def is_told(*codes: str) -> bool:
            return any(proof.retries[code] for code in codes)

        async def fill_up() -> None:
            await until(proof.has_begun)
            since = datetime.now(UTC)
            disk.fill()
            await until(lambda: is_told("database_unavailable"))
            await use_up_the_log(city)
            await asyncio.sleep(20)
            disk.clear()
            proof.outages.append((since, datetime.now(UTC), "room"))

        await proof.compress()
        await asyncio.gather(proof.fill(60, over=30), fill_up())
        await proof.assert_all_fired_once(60)
    assert set(proof.retries) <= TRY_AGAIN | NO_ANSWER


@pytest.mark.chaos
@pytest.mark.timeout(900)
async def test_engine_on_a_full_disk_is_unavailable_and_goes_on_by_itself_when_there_is_room(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "installation" / "temporal-host", megabytes=60) as disk:
        async with installed(tmp_path / "installation") as installation:
            proof = Proof(installation, speed=8_000)
            await proof.compress()

            async def fill_up() -> None:
                await until(proof.has_begun)
                since = datetime.now(UTC)
                disk.fill()
                await until(lambda: is_told("engine_unavailable", "case_not_adopted"))
                await asyncio.sleep(20)
                disk.clear()
                proof.outages.append((since, datetime.now(UTC), "room of the engine"))

            async def is_told(*codes: str) -> bool:
                return any(proof.retries[code] for code in codes)

            await asyncio.gather(proof.fill(60, over=30), fill_up())
            await proof.assert_all_fired_once(60)
    assert set(proof.retries) <= TRY_AGAIN

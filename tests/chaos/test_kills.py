"""Nothing is lost and nothing is doubled when any part, or everything at once, is killed under load."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import pytest
from fixtures.city import PARTS, City, running_city
from fixtures.doubled import doubled_alarms, doubled_cases, split_commands

SPEED = "20000"


def simulate(city: City, cases: int, seed: str = "7") -> tuple[str, ...]:
    return ("simulate", "--cases", str(cases), "--speed", SPEED, "--seed", seed, "--until-closed")


def assert_books_hold(city: City, at_least: int) -> None:
    audit = city.answer("audit", "--grace", "30")
    assert audit["findings"] == []
    cases = audit["cases"]
    assert isinstance(cases, int)
    assert cases >= at_least
    database_url = json.loads((city.data_dir / "stack.json").read_text())["database_url"]
    assert asyncio.run(_doubled(database_url)) == Counter()


async def _doubled(database_url: str) -> Counter[str]:
    connection = await asyncpg.connect(database_url.replace("+asyncpg", ""), ssl=False)
    try:
        return Counter(
            {
                what: len(rows)
                for what, query in (
                    ("alarm fired twice", doubled_alarms),
                    ("registered twice", doubled_cases),
                    ("command applied twice", split_commands),
                )
                if (rows := await connection.fetch(query))
            }
        )
    finally:
        await connection.close()


def run_with_kills(city: City, cases: int, rounds: int, parts: Sequence[str] = PARTS) -> None:
    """Kill parts in turn while the city lives, then all of it, and let the city come to its end."""
    living = city.spawn(*simulate(city, cases))
    for _ in range(rounds):
        for part in parts:
            city.kill(part)
    city.kill_all()
    city.start()
    out, err = living.communicate(timeout=1500)
    assert living.returncode == 0, out[-3000:] + err[-3000:]
    assert_books_hold(city, cases)


def test_kills_of_a_part_and_of_all_lose_and_double_nothing(tmp_path: Path) -> None:
    """The API here, whose callers are cut off; the other parts one by one in test_exactly_once.py."""
    with running_city(tmp_path / "city") as city:
        run_with_kills(city, cases=8, rounds=1, parts=("api",))


@pytest.mark.chaos
@pytest.mark.timeout(3000)
def test_many_kills_under_load_lose_and_double_nothing(tmp_path: Path) -> None:
    with running_city(tmp_path / "city") as city:
        run_with_kills(city, cases=300, rounds=4)

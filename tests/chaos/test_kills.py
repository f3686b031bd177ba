"""Nothing is lost and nothing is doubled when any part, or everything at once, is killed under load.

The short form, in the suite, is `test_each_rung_fires_once_through_a_kill_of_each_part_and_of_all`.
"""

from pathlib import Path

import pytest
from fixtures.books import assert_books_hold
from fixtures.city import PARTS, City, running_city

SPEED = "20000"


def simulate(cases: int, seed: str = "7") -> tuple[str, ...]:
    return ("simulate", "--cases", str(cases), "--speed", SPEED, "--seed", seed, "--until-closed")


def run_with_kills(city: City, cases: int, rounds: int) -> None:
    """Kill parts in turn while the city lives, then all of it, and let the city come to its end."""
    living = city.spawn(*simulate(cases))
    for _ in range(rounds):
        for part in PARTS:
            city.kill(part)
    city.kill_all()
    city.start()
    out, err = living.communicate(timeout=1500)
    assert living.returncode == 0, out[-3000:] + err[-3000:]
    assert_books_hold(city, cases)


@pytest.mark.chaos
@pytest.mark.timeout(3000)
def test_many_kills_under_load_lose_and_double_nothing(tmp_path: Path) -> None:
    with running_city(tmp_path / "city") as city:
        run_with_kills(city, cases=300, rounds=4)

"""A living city moves to the next generation of workers, and back, and nothing is lost or done twice.

Both generations are today's code under two names: what is proved is the way, not a change. The short form, in the
suite, is tests/commands/test_versions_command.py.
"""

from pathlib import Path
from typing import Any

import pytest
from fixtures.books import assert_books_hold
from fixtures.city import City, eventually, running_city

CASES = 40
SIMULATION = ("simulate", "--cases", str(CASES), "--speed", "2000", "--seed", "7", "--until-closed")


def versions(city: City) -> dict[str, dict[str, Any]]:
    told = city.answer("versions", "list")["versions"]
    assert isinstance(told, list)
    return {line["build_id"]: line for line in told}


def open_on(city: City, build_id: str) -> int:
    return sum(versions(city).get(build_id, {"open": {}})["open"].values())


def drained(city: City, build_id: str) -> dict[str, object]:
    told = city.answer("versions", "drain", build_id, "--within", "5")
    assert (told["may_stop"], told["left"]) == (True, [])
    return told


@pytest.mark.chaos
@pytest.mark.timeout(1800)
def test_living_cases_move_to_the_next_generation_and_back_and_nothing_is_lost(tmp_path: Path) -> None:
    with running_city(tmp_path / "city") as city:
        with city.spawn(*SIMULATION) as living:
            try:
                eventually(lambda: open_on(city, "cases-1") >= CASES // 2)
                to_the_next(city)
                and_back(city)
                assert living.poll() is None, "people work on: a command that failed would have ended it"
            finally:
                living.kill()
        assert_books_hold(city, CASES)
        done = city.answer("simulate", "--until-closed", "--brisk", "--speed", "50000", "--seed", "8")
        assert done["unfinished"] == 0
        assert_books_hold(city, CASES)


def to_the_next(city: City) -> None:
    """The new release beside the old worker: whatever is open belongs to that one, whatever comes to the new."""
    city.stop()
    city.build_id = "cases-2"
    city.start()
    with city.worker("cases-1"):
        eventually(lambda: versions(city)["cases-1"]["workers"] != [])
        assert versions(city)["cases-2"]["standing"] == "current"
        assert drained(city, "cases-1")["nudged"]
    assert open_on(city, "cases-2")


def and_back(city: City) -> None:
    """The old release beside the new worker: only an operator's word takes the cases back."""
    city.stop()
    city.build_id = "cases-1"
    city.start()
    with city.worker("cases-2"):
        eventually(lambda: all(line["workers"] for line in versions(city).values()))
        assert versions(city)["cases-2"]["standing"] == "current"
        city.answer("versions", "promote", "cases-1")
        drained(city, "cases-2")

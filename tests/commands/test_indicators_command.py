"""`hotline indicators` and `hotline policy what-if`: what is asked of the API, and how several answers become one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import typer
from fake_api import FakeApi, serving
from typer.testing import CliRunner, Result

from commands import indicators_command, policy_command

app = typer.Typer()
policy_command.register(app)
indicators_command.register(app)

DIGEST = "a" * 64
RATE = {"numerator": 3, "denominator": 4, "percent": "75.00", "low": "30.06", "high": "95.44"}
MONTH: dict[str, Any] = {
    "month": "2026-11",
    "as_of": "2026-12-05T00:00:00+08:00",
    "frozen": False,
    "still_to_count": 2,
    "groups": [
        {
            "group": "U120",
            "figures": [
                {"label": "解决率", "raw": RATE, "adjusted": RATE, "left_out": 0},
                {"label": "督办记分", "raw": None, "adjusted": None, "points": 2, "raw_points": 7},
            ],
        }
    ],
}


def side(solved: int, asked: int, late: int) -> dict[str, Any]:
    rate = {"numerator": solved, "denominator": asked, "percent": None}
    return {
        "clocks": asked,
        "late": late,
        "rungs": {"urge": late},
        "points": late,
        "rates": {"resolution-rate": rate},
        "score": "0.00",
    }


WEIGHTS = {"response-rate": 20, "resolution-rate": 40, "satisfaction-rate": 40}
STRETCHES = [
    {
        "cases": 2,
        "cases_changed": 1,
        "weights_before": WEIGHTS,
        "weights_after": WEIGHTS | {"resolution-rate": 80},
        "units": [
            {"unit": "U120", "before": side(1, 2, 0), "after": side(1, 2, 1)},
            {"unit": unit, "before": side(1, 1, 0), "after": side(1, 1, 0)},
        ],
        "next_cursor": cursor,
    }
    for unit, cursor in (("U130", "two"), ("U140", None))
]


class Answers:
    """An API that gives each address its answer and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = str(request.url).partition("/api/v1")[2]
        body = json.loads(request.content) if request.content else None
        self.asked.append((request.method, path, body))
        told = {"matches": False, "deviations": [{"case_no": path[-1]}], "next_cursor": None}
        match request.method, path:
            case "GET", "/indicators/months/2026-11/verify":
                return httpx.Response(200, json=told | {"next_cursor": "next1", "matches": None})
            case "GET", "/indicators/months/2026-11/verify?cursor=next1":
                return httpx.Response(200, json=told)
            case "GET", "/indicators/months/2026-10/verify":
                return httpx.Response(200, json=told | {"matches": True, "deviations": []})
            case "POST", "/policies/what-if":
                return httpx.Response(200, json=STRETCHES["cursor" in (body or {})])
        return httpx.Response(200, json=MONTH)


@pytest.fixture
def api() -> Answers:
    return Answers()


@pytest.fixture
def url(api: Answers) -> Iterator[str]:
    with serving(cast(FakeApi, api)) as address:
        yield address


def run(url: str, tmp_path: Path, *arguments: str) -> Result:
    shared = ("--api-url", url, "--data-dir", str(tmp_path), "--token", "t")
    return CliRunner().invoke(app, [*arguments, *shared])


def test_month_is_told_rate_by_rate(url: str, api: Answers, tmp_path: Path) -> None:
    done = run(url, tmp_path, "indicators", "month", "2026-11", "--by", "unit")
    assert done.exit_code == 0, done.output
    assert "解决率: 75.00%（3/4），原始 75.00%（3/4），剔除 0" in done.output
    assert "督办记分: 2（原始 7）" in done.output
    assert "2 changes still to count" in done.output
    assert api.asked == [("GET", "/indicators/months/2026-11?by=unit", None)]


def test_month_is_frozen_in_two_steps(url: str, api: Answers, tmp_path: Path) -> None:
    assert run(url, tmp_path, "indicators", "preview", "2026-11").exit_code == 0
    assert run(url, tmp_path, "indicators", "freeze", "2026-11", "--digest", DIGEST).exit_code == 0
    assert run(url, tmp_path, "indicators", "ranking", "2026-11").exit_code == 0
    assert [(method, path) for method, path, _ in api.asked] == [
        ("POST", "/indicators/months/2026-11/preview"),
        ("POST", "/indicators/months/2026-11/freeze"),
        ("GET", "/indicators/months/2026-11/ranking"),
    ]
    assert api.asked[1][2] == {"figures_digest": DIGEST}


def test_verifying_goes_on_to_the_end_and_fails_where_anything_differs(url: str, tmp_path: Path) -> None:
    done = run(url, tmp_path, "indicators", "verify", "2026-11", "--json")
    assert done.exit_code == 1
    assert len(json.loads(done.stdout)["deviations"]) == 2
    assert run(url, tmp_path, "indicators", "verify", "2026-10").exit_code == 0


def test_stretches_of_a_what_if_are_added_up_with_their_scores(
    url: str, api: Answers, tmp_path: Path
) -> None:
    period = ("--since", "2026-10-01T00:00+08:00", "--until", "2026-11-01T00:00+08:00")
    done = run(url, tmp_path, "policy", "what-if", "--revision", "city/2", *period, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["cases"], told["cases_changed"], told["next_cursor"]) == (4, 2, None)
    assert [line["unit"] for line in told["units"]] == ["U120", "U130", "U140"]
    unit = told["units"][0]
    assert unit["after"]["rates"]["resolution-rate"] == {
        "numerator": 2,
        "denominator": 4,
        "percent": "50.00",
    }
    assert (unit["before"]["score"], unit["after"]["score"]) == ("80.00", "58.00")
    assert (unit["after"]["late"], unit["after"]["rungs"]) == (2, {"urge": 2})
    assert [body.get("cursor") for _, _, body in api.asked] == [None, "two"]

"""The arithmetic of measurements, and the shape of what they leave: other people's programs read it."""

import json
import math
from datetime import timedelta

import pytest

from benchmarks import load
from benchmarks.charts import charts_of
from benchmarks.figures import arrivals, keeps_up, percentile, ratio, spread_of
from benchmarks.page import text
from benchmarks.results import FILE, HEADLINE, ORDER, kept, merged, save


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.5, 50), (0.505, 51), (0.99, 99), (0.991, 100), (1.0, 100)]
)
def test_percentile_is_a_value_that_was_measured(share: float, expected: int) -> None:
    values = [*range(1, 101)][::-1]
    assert percentile(values, share) == expected


def test_of_few_values_the_99th_percentile_is_the_longest():
    assert spread_of([3.0, 1.0, 2.0]) == {"count": 3, "p50": 2.0, "p99": 3.0, "max": 3.0}


def test_of_no_values_nothing_is_told():
    told = spread_of([])
    assert told["count"] == 0
    assert math.isnan(told["p99"])
    assert math.isnan(ratio(1.0, 0.0))


def test_arrivals_are_even_and_end_with_the_run():
    assert arrivals(2, timedelta(seconds=3)) == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]


def test_a_system_that_finishes_a_tenth_less_than_arrives_does_not_keep_up():
    assert keeps_up(5, 4.9)
    assert not keeps_up(5, 4.5)


async def test_what_queues_counts_from_the_instant_at_which_it_was_due(monkeypatch):
    now = 100.0
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(load, "perf_counter", lambda: now)
    monkeypatch.setattr(load.asyncio, "sleep", sleep)

    async def busy() -> None:
        nonlocal now
        now += 2.0

    told = await load.open_loop(lambda: [busy, busy], 1, timedelta(seconds=2))
    # One after the other on a clock that only requests move: the second life was due at 101 and began at 104.
    assert told["registration_ms"] == {"count": 2, "p50": 2_000.0, "p99": 5_000.0, "max": 5_000.0}
    assert slept[0] == 0
    assert told["keeps_up"] is False


def test_first_block_has_the_three_figures_and_other_blocks_stay(tmp_path):
    file = tmp_path / "latest.json"
    save({"storm": {"sizes": []}}, file)
    save({"lives": {"rate": math.nan}, HEADLINE: {"ours_per_s": 1.0, "floor_per_s": 2.0, "ratio": 0.5}}, file)
    blocks = json.loads(file.read_text())
    assert next(iter(blocks)) == HEADLINE
    assert blocks[HEADLINE] == {"ours_per_s": 1.0, "floor_per_s": 2.0, "ratio": 0.5}
    assert blocks["storm"] == {"sizes": []}
    assert blocks["lives"] == {"rate": None}
    assert blocks["machine"]["cores"]


def test_every_block_has_its_place():
    assert [*merged({}, dict.fromkeys(reversed(ORDER), 1))] == [*ORDER]


@pytest.mark.skipif(not FILE.exists(), reason="nothing has been measured yet")
def test_every_chart_that_the_page_shows_was_drawn():
    blocks = kept()
    assert next(iter(blocks)) == HEADLINE
    assert set(blocks[HEADLINE]) == {"ours_per_s", "floor_per_s", "ratio"}
    for chart in charts_of(blocks):
        assert f"charts/{chart}.svg" in text(blocks)
        assert (FILE.parents[2] / "docs" / "charts" / f"{chart}.svg").exists()

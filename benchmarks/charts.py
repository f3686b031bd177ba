"""Charts of what was measured: plain data in the form of the console's library, drawn by it to docs/charts without a browser."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.results import Block

FOLDER: Final = Path(__file__).parents[1] / "docs" / "charts"
_LIBRARY: Final = Path(__file__).parents[1] / "console" / "static" / "vendor" / "echarts.js"
_DRAW: Final = Path(__file__).with_name("draw.mjs")
_COLOURS: Final = ("#206bc4", "#868e96", "#d9822b", "#2fb344")
_WIDTH: Final = 860

Series = Mapping[str, Sequence[float | None]]


class NoDrawingError(RuntimeError):
    """Node or the console's files are missing."""


def charts_of(blocks: Block) -> dict[str, Block]:
    """A chart for each block that was measured, by the name of its file."""
    return dict(_charts(blocks))


def draw(blocks: Block, folder: Path = FOLDER) -> None:
    """Write every chart as a file of its own."""
    node = shutil.which("node")
    if node is None or not _LIBRARY.exists():
        raise NoDrawingError("charts need node and the console's files; run `make assets`")
    folder.mkdir(parents=True, exist_ok=True)
    command = [node, str(_DRAW), str(_LIBRARY), str(folder)]
    subprocess.run(command, input=json.dumps(charts_of(blocks)), check=True, text=True)


def _charts(blocks: Block) -> Iterator[tuple[str, Block]]:
    if lives := blocks.get("lives"):
        callers = lives["callers"]
        systems = ("ours", "floor", "dbos")
        rates = {
            name: [told[name]["lives_per_second"] if name in told else None for told in callers.values()]
            for name in systems
        }
        yield "lives", _bars("case lives per second, by callers", [*callers], rates)
        latencies = {
            f"{name} {share}": [told[name]["command_ms"][share] for told in callers.values()]
            for name in ("ours", "floor")
            for share in ("p50", "p99")
        }
        yield "latency", _bars("a command, ms, by callers", [*callers], latencies)
    if growth := blocks.get("growth"):
        sizes = [f"{step['cases']:,}" for step in growth["steps"]]
        memory = {
            f"{part}, MiB": [step["memory_mib"].get(part) for step in growth["steps"]]
            for part in ("worker", "temporal")
        }
        latency = {"a command p50, ms": [step["command_ms"]["p50"] for step in growth["steps"]]}
        yield "growth", _bars("open cases with clocks", sizes, {**latency, **memory}, kind="line")
    if storm := blocks.get("storm"):
        sizes = [name_of_storm(step) for step in storm["sizes"]]
        late = {
            "ours beyond its spread p99": [
                step["ours"]["late_beyond_spread_s"]["p99"] for step in storm["sizes"]
            ],
            "bare timers p99": [step["bare"]["late_s"]["p99"] for step in storm["sizes"]],
            "emergencies meanwhile p99": [step["ours"]["emergency_late_s"]["p99"] for step in storm["sizes"]],
        }
        yield "storm", _bars("clocks due at one closing time, s late", sizes, late)
    if reads := blocks.get("reads"):
        questions = [*reads["sizes"][0]["answers"]][::-1]
        medians = {
            name_of_step(step): [_median(step["answers"].get(name)) for name in questions]
            for step in reads["sizes"]
        }
        yield "reads", _bars("read through HTTP, ms, median", questions, medians, lying=True)


def name_of_storm(step: Block) -> str:
    """How many clocks, and over how long they are spread, for instance 10,000 / 8 min."""
    return f"{step['clocks']:,} / {step['spread_s'] / 60:g} min"


def name_of_step(step: Block) -> str:
    """How many cases, and how many of them open, for instance 1,000,000 cases, 400 open."""
    return f"{step['cases']:,} cases, {step['open_cases']:,} open"


def _median(answer: Block | None) -> float | None:
    return answer["http_ms"]["p50"] if answer and "http_ms" in answer else None


def _bars(
    title: str, labels: Sequence[str], series: Series, *, kind: str = "bar", lying: bool = False
) -> Block:
    names: dict[str, Any] = {"type": "category", "data": [*labels]}
    values: dict[str, Any] = {"type": "value"}
    return {
        "width": _WIDTH,
        "height": 120 + 26 * len(labels) if lying else 320,
        "option": {
            "color": [*_COLOURS],
            "backgroundColor": "#ffffff",
            "title": {"text": title, "left": 12, "top": 8, "textStyle": {"fontSize": 14}},
            "legend": {"top": 34, "data": [*series]},
            "grid": {"left": 190 if lying else 60, "right": 30, "top": 70, "bottom": 36},
            "xAxis": values if lying else names,
            "yAxis": names if lying else values,
            "series": [
                {
                    "name": name,
                    "type": kind,
                    "data": [*data],
                    "label": {"show": not lying, "position": "top", "fontSize": 10},
                }
                for name, data in series.items()
            ],
        },
    }

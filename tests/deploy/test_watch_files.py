"""What a city is watched with: alert rules that fire when they should, and a board that draws what is really measured."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import prometheus_client
import pytest
import yaml

import api.app  # noqa: F401  what the API measures is there once it is imported
from runtime.temporal import RUNG_LATENESS

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "alerts.yml"
BOARD = DEPLOY / "grafana" / "hotline.json"
PROMTOOL = shutil.which("promtool") or shutil.which("promtool", path=str(Path(sys.executable).parent))
ELSEWHERE = {
    *(f"{RUNG_LATENESS}_seconds_{part}" for part in ("bucket", "count", "sum")),
    "hotline_rungs_fired_total",
    "hotline_audit_findings",
    "hotline_audit_cases",
    "hotline_audit_timestamp_seconds",
}
"""What workers and the audit measure; tests/commands/test_end_to_end.py sees both."""


def measured() -> set[str]:
    """The names of all series of the API."""
    endings = ("", "_total", "_bucket", "_count", "_sum")
    return {
        family.name + ending for family in prometheus_client.REGISTRY.collect() for ending in endings
    } | ELSEWHERE


def expressions() -> Iterator[str]:
    for group in yaml.safe_load(RULES.read_text())["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    for panel in json.loads(BOARD.read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def test_every_series_that_is_watched_is_measured() -> None:
    named = {name for expression in expressions() for name in re.findall(r"\bhotline_\w+", expression)}
    assert named
    assert named <= measured()


def test_every_alert_says_what_to_do_and_whom_to_wake() -> None:
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    for rule in rules:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule["annotations"]) == {"summary", "action"}
    assert len({rule["alert"] for rule in rules}) == len(rules)


def test_panels_of_the_board_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(BOARD.read_text())["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert at["x"] + at["w"] <= 24
        taken |= cells


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not here: make promtool")
@pytest.mark.parametrize(
    "arguments", [("check", "config", "prometheus.yml"), ("test", "rules", "alerts_test.yml")]
)
def test_prometheus_itself_proves_the_rules(arguments: tuple[str, ...]) -> None:
    assert PROMTOOL
    done = subprocess.run(
        [PROMTOOL, *arguments], cwd=RULES.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr

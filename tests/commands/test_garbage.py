"""How often a process looks for garbage: a worker as usual, or cases that left its cache stay in memory."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOOKED_FOR = """
import gc, sys
usual = gc.get_threshold()[0]
from typer.main import get_group
import cli
get_group(cli.app).get_command(None, sys.argv[1])
print(usual, gc.get_threshold()[0], gc.isenabled())
"""


@pytest.mark.parametrize(("command", "is_seldom"), [("worker", False), ("api", True)])
def test_only_the_api_looks_for_garbage_less_often_than_usual(command: str, is_seldom: bool) -> None:
    asked = [sys.executable, "-c", LOOKED_FOR, command]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    usual, threshold, is_enabled = told.split()
    assert (int(threshold) > int(usual), is_enabled) == (is_seldom, "True")

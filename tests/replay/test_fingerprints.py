"""A change of what workflow code asks of Temporal is noticed in review, before any history exists."""

import json
from pathlib import Path

from fingerprints import BASELINE, fingerprints

WHAT_TO_DO = """
The workflow code issues other commands than the committed baseline says:

{difference}

Open cases replay their histories on the code that you deploy. Before you commit, decide which it is:

1. The stored histories still replay (`pytest tests/replay/test_histories.py` is green) and every open case
   would too, e.g. because the new command lies behind a new kind of message. Update the baseline with
   `python tests/replay/fingerprints.py`, record the new behaviour with `python tests/replay/record.py NAME`,
   and say in the commit why old cases are safe.
2. They do not. Raise workflows/generation.py, so that open cases stay with workers of the old generation
   until they continue as new, or keep the old path behind `workflow.patched`. Then update the baseline.
"""


def test_workflow_code_issues_the_commands_of_the_baseline() -> None:
    before, now = json.loads(BASELINE.read_text(encoding="utf-8")), fingerprints()
    changed = sorted(name for name in before | now if before.get(name) != now.get(name))
    difference = "\n".join(
        f"  {name}\n    was {before.get(name)}\n    is  {now.get(name)}" for name in changed
    )
    assert not changed, WHAT_TO_DO.format(difference=difference)


def test_fingerprint_shows_order_names_and_timeouts(tmp_path: Path) -> None:
    source = (
        "class Case:\n"
        "    async def run(self):\n"
        "        await workflow.sleep(3)\n"
        "        await workflow.wait_condition(self.ready, timeout=span)\n"
        "        await workflow.execute_activity(pay, 1)\n"
    )
    (tmp_path / "case.py").write_text(source)
    assert fingerprints(tmp_path) == {
        "case.Case.run": ["sleep(3)", "wait_condition(self.ready) with timeout", "execute_activity(pay)"]
    }

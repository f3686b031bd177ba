"""A build of the worker with a bug: it stumbles over the signature of every case whose number ends in one of some digits.

A program of its own, because production has no switch for bugs; test_poisoned_case.py runs it in place of the worker.
"""

import sys
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[2]))

from hotline.case import CaseState
from hotline.evolve import evolve
from hotline.facts import Fact
from runtime.settings import load_settings
from worker import main

POISONED = ("3", "7")


def stumbling(state: CaseState | None, fact: Fact) -> CaseState:
    if fact.body.tag == "assignment:signed" and state is not None and state.case_no.endswith(POISONED):
        raise ZeroDivisionError
    return evolve(state, fact)


if __name__ == "__main__":
    with patch("workflows.desk.evolve", stumbling):
        main(load_settings(data_dir=Path(sys.argv[sys.argv.index("--data-dir") + 1])))

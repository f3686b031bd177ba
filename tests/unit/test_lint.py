"""Each rule of tools/lint speaks where it must, stays silent where it must, and can be excused with a reason."""

from pathlib import Path, PurePosixPath
from textwrap import dedent

import pytest

from tools.lint import SKIPPING, check_source, check_tree
from tools.lint_rules import RULES

# Per rule: a file that it is for, and sources that break it.
BROKEN = {
    "clock": (
        "hotline/rules/intake.py",
        [
            "from datetime import datetime\nat = datetime.now()",
            "import datetime as dt\nat = dt.datetime.utcnow()",
            "from datetime import date\non = date.today()",
            "import time\nat = time.monotonic()",
            "from time import time\nat = time()",
            "from random import choice\none = choice([1, 2])",
            "import uuid\nnumber = uuid.uuid4()",
            "from uuid import uuid4\nfield(default_factory=uuid4)",
            "import secrets\ncode = secrets.token_hex()",
            "def late():\n    import os\n    return os.urandom(8)",
        ],
    ),
    "commit": ("store/intake.py", ["await session.commit()", "connection.commit()"]),
    "temporal-client": (
        "api/desk.py",
        [
            "from temporalio.client import Client",
            "import temporalio.client",
            "from temporalio import client",
            "def late():\n    import temporalio.client as tc",
        ],
    ),
    "sql": (
        "api/reading.py",
        [
            "import sqlalchemy",
            "from sqlalchemy import select",
            "from sqlalchemy.ext.asyncio import AsyncEngine",
        ],
    ),
    "workflow-id": (
        "workflows/errands.py",
        [
            'workflow.get_external_workflow_handle(f"case:{number}")',
            'client.get_workflow_handle_for(CaseWorkflow.run, "case:" + number)',
            'client.start_workflow(CaseWorkflow.run, case, id=f"case:{number}")',
            'WithStartWorkflowOperation(CaseWorkflow.run, id="case:{}".format(number))',
            'client.get_workflow_handle(workflow_id="case:1")',
        ],
    ),
    "personal-field": (
        "hotline/facts.py",
        [
            "class A(Record):\n    caller_name: str",
            "class A(Record):\n    note: str | None = None",
            "class A(Record):\n    reasons: int\n    reason: Annotated[str, Field()]",
            "class A(Record):\n    text: tuple[str, ...]",
        ],
    ),
}

# Per rule: what looks like a breach and is none.
KEPT = {
    "clock": (
        "workflows/desk.py",
        [
            "from temporalio import workflow\nat = workflow.now()",
            "from datetime import datetime, time\nat = datetime.fromisoformat(text)\nnoon = time(12)",
            "from uuid import UUID\nnumber: UUID",
            "def decide(now):\n    return now",
            "def f(time):\n    return time.at",
        ],
    ),
    "commit": ("store/vault.py", ["commit = 1", "def commit(): ...", "await session.execute(q)"]),
    "temporal-client": ("api/desk.py", ["from temporalio.common import Priority", "from api import client"]),
    "sql": ("api/reading.py", ["from store.cases import list_cases", "import sqlalchemyish"]),
    "workflow-id": (
        "workflows/errands.py",
        [
            "workflow.get_external_workflow_handle(workflow_id(target))",
            "client.start_workflow(CaseWorkflow.run, case, id=workflow_id(number))",
            'client.execute_update_with_start_workflow(CaseWorkflow.adopt, id="adopt")',
            'log.info(f"case:{number}")',
        ],
    ),
    "personal-field": (
        "hotline/facts.py",
        [
            "class A(Record):\n    note: TextRef | None = None",
            "class A(Record):\n    reason: RejectReason",
            "class A(Record):\n    case_no: str",
            'reason = "x"',
        ],
    ),
}

# Per rule: the place to which it does not apply.
ELSEWHERE = {
    "clock": "api/services.py",
    "commit": "store/engine.py",
    "temporal-client": "api/gateway.py",
    "sql": "store/cases.py",
    "workflow-id": "hotline/identifiers.py",
    "personal-field": "store/intake_request.py",
}


def _codes(path: str, source: str) -> list[str]:
    return [finding.code for finding in check_source(PurePosixPath(path), dedent(source))]


def _pairs(table: dict[str, tuple[str, list[str]]]) -> list[tuple[str, str, str]]:
    return [(code, path, source) for code, (path, sources) in table.items() for source in sources]


def test_every_rule_is_tested() -> None:
    codes = {rule.code for rule in RULES}
    assert set(BROKEN) == set(KEPT) == set(ELSEWHERE) == codes


def test_every_rule_tells_its_story() -> None:
    assert all(len((rule.check.__doc__ or "").splitlines()) > 2 for rule in RULES)


@pytest.mark.parametrize(("code", "path", "source"), _pairs(BROKEN))
def test_breach_is_found(code: str, path: str, source: str) -> None:
    assert code in _codes(path, source)


@pytest.mark.parametrize(("code", "path", "source"), _pairs(KEPT))
def test_look_alike_is_left_alone(code: str, path: str, source: str) -> None:
    assert code not in _codes(path, source)


@pytest.mark.parametrize(("code", "path"), ELSEWHERE.items())
def test_rule_is_silent_where_it_does_not_apply(code: str, path: str) -> None:
    assert all(code not in _codes(path, source) for source in BROKEN[code][1])


def test_skip_with_a_reason_excuses_its_own_rule_only() -> None:
    assert _codes("store/x.py", "await s.commit()  # lint-skip: commit tests need a second session") == []
    assert "commit" in _codes("store/x.py", "await s.commit()  # lint-skip: sql tests need it")


def test_skip_may_stand_on_any_line_of_its_statement() -> None:
    source = """
    await session.commit(
        now=True,  # lint-skip: commit the driver asks for it
    )
    """
    assert _codes("store/x.py", source) == []


@pytest.mark.parametrize(
    "source",
    [
        "await s.commit()  # lint-skip: commit",
        "await s.rollback()  # lint-skip: commit there was one here once",
        "pass  # lint-skip: comit because",
    ],
)
def test_skip_without_reason_use_or_rule_is_a_finding(source: str) -> None:
    assert _codes("store/x.py", source) == [SKIPPING]


def test_skip_in_a_string_is_no_skip() -> None:
    assert _codes("store/x.py", 's = "# lint-skip: commit why"') == []


def test_finding_names_file_and_line() -> None:
    (finding,) = check_source(PurePosixPath("api/x.py"), "\nimport sqlalchemy\n")
    assert str(finding).startswith("api/x.py:2: sql: ")


def test_files_of_a_tree_are_found_by_their_place(tmp_path: Path) -> None:
    (tmp_path / "api" / "routers").mkdir(parents=True)
    (tmp_path / "api" / "routers" / "a.py").write_text("import sqlalchemy\n")
    (tmp_path / "worker.py").write_text("db.commit()\n")
    (tmp_path / "elsewhere.py").write_text("db.commit()\n")
    assert [(str(f.path), f.code) for f in check_tree(tmp_path)] == [
        ("api/routers/a.py", "sql"),
        ("worker.py", "commit"),
    ]

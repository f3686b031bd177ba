"""Which commands the workflow code can issue, read from its source: the fingerprint of a generation.

`python tests/replay/fingerprints.py` writes the baseline anew.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

WORKFLOWS: Final = Path(__file__).parents[2] / "workflows"
BASELINE: Final = Path(__file__).with_name("fingerprints.json")

COMMANDS: Final = frozenset(
    {
        "continue_as_new",
        "deprecate_patch",
        "execute_activity",
        "execute_activity_method",
        "execute_child_workflow",
        "execute_local_activity",
        "execute_local_activity_method",
        "get_external_workflow_handle",
        "patched",
        "signal",
        "sleep",
        "start_activity",
        "start_activity_method",
        "start_child_workflow",
        "start_local_activity",
        "start_local_activity_method",
        "upsert_memo",
        "upsert_search_attributes",
        "wait_condition",
    }
)

Fingerprints = dict[str, list[str]]


def fingerprints(folder: Path = WORKFLOWS) -> Fingerprints:
    """The command-issuing calls of each function, in the order of the source."""
    found: Fingerprints = {}
    for file in sorted(folder.glob("*.py")):
        for name, function in _functions(ast.parse(file.read_text(encoding="utf-8")), ()):
            if calls := [_text(call) for call in _commands(function)]:
                found[f"{file.stem}.{name}"] = calls
    return found


Function = ast.FunctionDef | ast.AsyncFunctionDef


def _functions(node: ast.AST, path: tuple[str, ...]) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _functions(child, (*path, child.name))
        elif isinstance(child, Function):
            yield ".".join((*path, child.name)), child


def _commands(function: Function) -> Iterator[ast.Call]:
    nodes = (node for statement in function.body for node in ast.walk(statement))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        if isinstance(call.func, ast.Attribute) and call.func.attr in COMMANDS:
            yield call


def _text(call: ast.Call) -> str:
    """The call with its first argument if that names what is asked for, and whether it may time out."""
    assert isinstance(call.func, ast.Attribute)
    named = call.args and isinstance(call.args[0], ast.Name | ast.Attribute | ast.Constant)
    what = ast.unparse(call.args[0]) if named else "…"
    timeout = " with timeout" if any(keyword.arg == "timeout" for keyword in call.keywords) else ""
    return f"{call.func.attr}({what}){timeout}"


if __name__ == "__main__":
    BASELINE.write_text(json.dumps(fingerprints(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

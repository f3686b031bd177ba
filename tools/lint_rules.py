"""The rules of tools/lint.py: each a check on a syntax tree, with the accident that it prevents.

A rule yields nodes and messages and knows nothing of files, skips or output. When a review comment repeats,
it becomes a rule here, with a test that it speaks and a test that it stays silent.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

Located = ast.expr | ast.stmt
Problem = tuple[Located, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its code, the files it is for, and what it looks for."""

    code: str
    is_for: Callable[[PurePosixPath], bool]
    check: Callable[[ast.Module], Iterator[Problem]]


def _within(*folders: str) -> Callable[[PurePosixPath], bool]:
    return lambda path: path.parts[0] in folders


def _outside(place: str) -> Callable[[PurePosixPath], bool]:
    return lambda path: not path.is_relative_to(place)


# ── names ───────────────────────────────────────────────────────────────────────────────────────


def _imported(tree: ast.Module) -> dict[str, str]:
    """What each name of a module means: `dt` → `datetime`, `now` → `datetime.datetime.now`."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                names[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _meaning(node: ast.AST, names: dict[str, str]) -> str | None:
    """The full name that an expression leads to, if it starts at an import."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute) and (before := _meaning(node.value, names)):
        return f"{before}.{node.attr}"
    return None


def _imports_of(tree: ast.Module, package: str) -> Iterator[ast.stmt]:
    """Every import that brings in a package or a part of it, wherever in the file it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            brought = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            brought = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        if any(name == package or name.startswith(f"{package}.") for name in brought):
            yield node


# ── clock: no clock and no dice in hotline and workflows ────────────────────────────────────────

_READINGS: Final = frozenset(
    {
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.datetime.today",
        "datetime.date.today",
        "os.urandom",
        "os.getrandom",
        "uuid.uuid1",
        "uuid.uuid4",
        "uuid.uuid7",
    }
)
_MODULES_OF_CHANCE: Final = ("time", "random", "secrets")


def check_clock(tree: ast.Module) -> Iterator[Problem]:
    """A workflow is run again from its history after each restart, and must decide the same.

    Code that asks the machine's clock or dice decides something else the second time: at best the replay
    stops with a non-determinism error on a case that is in hand, at worst a due instant is silently another.
    The sandbox would catch most of it, but modules that are passed through (all of `hotline`) are not watched.
    Time and ids come in as arguments, or from `workflow.now()` and `workflow.uuid4()`.
    """
    names = _imported(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name | ast.Attribute):
            continue
        meaning = _meaning(node, names)
        if meaning and (
            meaning in _READINGS or meaning.startswith(tuple(f"{m}." for m in _MODULES_OF_CHANCE))
        ):
            yield node, f"`{meaning}` gives another answer in a replay; take the value as an argument"


# ── commit: one place that commits ──────────────────────────────────────────────────────────────


def check_commit(tree: ast.Module) -> Iterator[Problem]:
    """A commit in the middle of a request leaves half of it behind when the rest fails.

    A registration whose number was committed before its vault rows is a case without a caller. A block of
    `Database.write()` commits once, at its end, so that a function can be read without asking what of it stays.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            yield node, "only store/engine.py commits; let the block of `Database.write()` end"


# ── temporal-client: one file that speaks to the engine ─────────────────────────────────────────


def check_temporal_client(tree: ast.Module) -> Iterator[Problem]:
    """A second file with a client has a second idea of what an error means.

    The same killed server answers UNAVAILABLE, UNKNOWN, CANCELLED or a timeout, as the connection happens to
    break; an endpoint that knows three of the four turns the other into a 500, and a citizen registers twice.
    Within `api/` only the gateway translates, once for all.
    """
    for node in _imports_of(tree, "temporalio.client"):
        yield node, "only api/gateway.py talks to the Temporal client"


# ── sql: one package that speaks SQL ────────────────────────────────────────────────────────────


def check_sql(tree: ast.Module) -> Iterator[Problem]:
    """A query outside the store forgets the scope.

    Every select on cases in `store/` takes a `CaseScope`, so that a unit never reads a complaint about itself.
    A query written beside it, for one urgent list, is where that rule is lost first.
    """
    for node in _imports_of(tree, "sqlalchemy"):
        yield node, "only store/ speaks SQL; ask it for a function"


# ── workflow-id: one place that builds ids ──────────────────────────────────────────────────────

_ID_AT: Final = {
    "get_workflow_handle": 0,
    "get_workflow_handle_for": 1,
    "get_external_workflow_handle": 0,
    "get_external_workflow_handle_for": 1,
}
"""Calls that take a workflow id by position, and where."""

_STARTS: Final = frozenset(
    {
        "start_workflow",
        "execute_workflow",
        "start_child_workflow",
        "execute_child_workflow",
        "WithStartWorkflowOperation",
    }
)


def check_workflow_id(tree: ast.Module) -> Iterator[Problem]:
    """A workflow id is never encrypted and stays in lists, logs and metrics for as long as the namespace.

    One id built in place, with a caller's number to make it unique, would publish that number. And the same
    case under two spellings of its id is two workflows. `hotline.identifiers.workflow_id` is the one spelling.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for value in _ids_in(node):
                if _is_built_in_place(value):
                    yield value, "build workflow ids with hotline.identifiers.workflow_id"


def _ids_in(call: ast.Call) -> Iterator[ast.expr]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in _ID_AT and name not in _STARTS:
        return
    yield from (keyword.value for keyword in call.keywords if keyword.arg in {"id", "workflow_id"})
    if name in _ID_AT and len(call.args) > _ID_AT[name]:
        yield call.args[_ID_AT[name]]


def _is_built_in_place(value: ast.expr) -> bool:
    formatted = (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "format"
    )
    return formatted or isinstance(value, ast.JoinedStr | ast.BinOp | ast.Constant)


# ── personal-field: nothing personal in what is kept for ever ───────────────────────────────────

_CARRIERS: Final = frozenset(
    PurePosixPath(name)
    for name in ("hotline/case.py", "hotline/commands.py", "hotline/facts.py", "workflows/contracts.py")
)
_PERSONAL: Final = frozenset(
    {
        # who somebody is and how to reach them
        "name", "caller", "citizen", "phone", "mobile", "telephone", "email", "address",
        # what somebody wrote
        "text", "content", "title", "note", "remark", "description", "opinion", "reason", "advice", "answer",
        "finding", "plan", "basis", "explanation", "citation",
    }
)  # fmt: skip


def check_personal_field(tree: ast.Module) -> Iterator[Problem]:
    """A fact cannot be erased, for its hash holds the chain together; so it may not hold what must be erasable.

    The right to erasure (个人信息保护法 art. 47) is kept by emptying the vault: a fact has a `TextRef` there, and
    no text. One field `note: str`, added in a hurry, would put a citizen's words into the ledger, into every
    history of Temporal and into every backup, for good.
    """
    for node in ast.walk(tree):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        words = set(node.target.id.split("_"))
        if _PERSONAL & words and _holds_text(node.annotation):
            yield node, f"`{node.target.id}` would hold text; keep it in the vault and carry a TextRef"


def _holds_text(annotation: ast.expr) -> bool:
    return any(isinstance(part, ast.Name) and part.id == "str" for part in ast.walk(annotation))


RULES: Final = (
    Rule("clock", _within("hotline", "workflows"), check_clock),
    Rule("commit", _outside("store/engine.py"), check_commit),
    Rule(
        "temporal-client",
        lambda path: path.parts[0] == "api" and path != PurePosixPath("api/gateway.py"),
        check_temporal_client,
    ),
    Rule("sql", _outside("store"), check_sql),
    Rule("workflow-id", _outside("hotline/identifiers.py"), check_workflow_id),
    Rule("personal-field", lambda path: path in _CARRIERS, check_personal_field),
)

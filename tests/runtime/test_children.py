import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from runtime import children
from runtime.children import launch

PYTHON = [sys.executable, "-S", "-c"]


async def _printed(tmp_path: Path, code: str) -> list[str]:
    log = tmp_path / "logs" / "child.log"
    child = await launch([*PYTHON, code], log=log)
    assert await child.wait() == 0
    return log.read_text().split()


async def test_child_leads_a_session_of_its_own(tmp_path: Path) -> None:
    pid, session = await _printed(tmp_path, "import os; print(os.getpid(), os.getsid(0))")
    assert pid == session != str(os.getsid(0))


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
async def test_child_ignores_no_signal_that_python_ignores(tmp_path: Path) -> None:
    # What a parent ignores is inherited; PostgreSQL expects broken pipes to be told.
    log = tmp_path / "logs" / "child.log"
    child = await launch(["/bin/grep", "SigIgn", "/proc/self/status"], log=log)
    await child.wait()
    ignored = int(log.read_text().split()[1], 16)
    assert not ignored & (1 << (signal.SIGPIPE - 1) | 1 << (signal.SIGXFSZ - 1))


async def test_output_is_added_to_the_log(tmp_path: Path) -> None:
    await _printed(tmp_path, "print('first')")
    assert await _printed(tmp_path, "import sys; print('second', file=sys.stderr)") == ["first", "second"]


async def test_full_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "_LOG_LIMIT", 3)
    await _printed(tmp_path, "print('first')")
    assert await _printed(tmp_path, "print('second')") == ["second"]
    assert (tmp_path / "logs" / "child.log.1").read_text() == "first\n"


async def test_child_whose_parent_has_died_does_not_start(tmp_path: Path) -> None:
    nobody = "1"
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, children._LAUNCHER, nobody, str(int(signal.SIGTERM)), "-1", "-1", "/bin/true"),
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await child.communicate()
    assert child.returncode == 1
    assert b"parent died" in told

"""Two dummy parts under a supervisor, run as ``supervised.py DATA_DIR PORT PORT``.

Prints one JSON line per change of the board, so that a test in another process can follow and kill.
"""

import asyncio
import json
import sys
from pathlib import Path

from runtime.children import launch
from runtime.claim import AlreadyRunningError, claimed
from runtime.lifecycle import run_until_asked
from runtime.logging import configure_logging
from runtime.ports import LOOPBACK, is_free
from runtime.settings import Settings
from runtime.supervisor import Board, Part, Supervisor

LISTENS = """
import signal, socket, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with socket.create_server(("127.0.0.1", int(sys.argv[1]))):
    signal.pause()
"""


def dummy(name: str, port: int, data_dir: Path) -> Part:
    """A part that serves as soon as somebody listens on its port."""
    log = data_dir / "logs" / f"{name}.log"

    async def serves() -> bool:
        return not is_free(port, LOOPBACK)

    return Part(name, lambda: launch([sys.executable, "-S", "-c", LISTENS, str(port)], log=log), serves, log)


def show(board: Board) -> None:
    shown = {name: [state.status, state.pid] for name, state in board.items()}
    sys.stdout.write(f"{json.dumps(shown)}\n")
    sys.stdout.flush()


async def main(data_dir: Path, first: int, second: int) -> None:
    async with claimed(data_dir):
        plan = [dummy("first", first, data_dir), dummy("second", second, data_dir)]
        await Supervisor(data_dir, plan, show).run()


if __name__ == "__main__":
    configure_logging(Settings(), "up")
    try:
        asyncio.run(run_until_asked(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
    except AlreadyRunningError as error:
        sys.exit(str(error))

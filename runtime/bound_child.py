"""Becomes another program that ends when its parent does (随父进程退出).

Run as a script before the real program: whoever is killed with ``kill -9`` cannot stop its children,
so on Linux the kernel is asked to; elsewhere the next start finds and stops what was left.
This is a program of its own because code between fork and exec may deadlock in a threaded parent.
"""

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_IGNORED_BY_PYTHON: Final = (signal.SIGPIPE, signal.SIGXFSZ)


def main(arguments: list[str]) -> None:
    """``PARENT SIGNAL USER GROUP PROGRAM [ARGUMENT…]``; a negative USER keeps the present one."""
    parent, number, user, group = (int(argument) for argument in arguments[:4])
    program = arguments[4:]
    if user >= 0:
        become(user, group)
    # After the change of user, which clears the wish.
    die_with_parent(number)
    if os.getppid() != parent:
        sys.exit("the parent died before its child was ready")
    for ignored in _IGNORED_BY_PYTHON:
        signal.signal(ignored, signal.SIG_DFL)
    os.execv(program[0], program)  # noqa: S606  no shell is wanted


def become(user: int, group: int) -> None:
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)


def die_with_parent(number: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


if __name__ == "__main__":
    main(sys.argv[1:])

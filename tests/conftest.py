"""Fixtures for every suite, where their files lie, and the order in which files of tests are handed out."""

import os
import shutil
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

# The same examples every day, so that a change is to blame for what fails; HOTLINE_EXAMPLES looks for others.
settings.register_profile("every-day", derandomize=True)
if "HOTLINE_EXAMPLES" not in os.environ:
    settings.load_profile("every-day")

_MEMORY: Final = Path("/dev/shm")
_ROOM: Final = 8 * 1024**3
_TEMPROOT: Final = "PYTEST_DEBUG_TEMPROOT"

if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
    # A thousand databases are copied, which takes a disk ten times as long. No test cuts the power.
    os.environ.setdefault(_TEMPROOT, str(_MEMORY))

# `tests` itself is on the import path, because this file lies in it.
pytest_plugins = ["fixtures.stack"]

_LONGEST_FIRST: Final = ("chaos", "browser", "commands", "runtime", "workflow", "api", "store", "replay")
"""Files of these folders start stacks and last longest; begun at the end, they would keep one process busy alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hand out the longest files first (`--no-loadscope-reorder` keeps this order)."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    folder = item.path.parent.name
    return _LONGEST_FIRST.index(folder) if folder in _LONGEST_FIRST else len(_LONGEST_FIRST)

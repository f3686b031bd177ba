"""Fixtures for every suite, and the order in which files are handed out."""

from typing import Final

import pytest

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

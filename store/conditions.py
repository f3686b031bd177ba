"""Conditions that queries share."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, any_, literal

from store.tables.kinds import Codes


# Column is generic in what it holds, which a Table does not tell.
def among(column: ColumnElement[Any], values: Collection[str]) -> ColumnElement[bool]:
    """Whether a text is one of some.

    One parameter however many there are, so that the statement is the same each time: it is neither written anew
    nor planned anew, as the list of an IN is.
    """
    return column == any_(literal([*values], Codes))

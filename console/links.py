"""Addresses of pages (页面地址): a number on a board leads to a list with the filters that make it the same number."""

from datetime import date, datetime
from functools import lru_cache
from typing import Final
from urllib.parse import quote_plus, urlencode

Filter = str | int | float | bool | date | None

_quoted: Final = lru_cache(maxsize=4096)(quote_plus)
"""A board has a hundred addresses with the same few words and moments in them."""


def to(path: str, **filters: Filter) -> str:
    """A page with some filters; those that are None narrow nothing. A trailing underscore is not part of a name."""
    given = {name.rstrip("_"): _said(value) for name, value in filters.items() if value is not None}
    return f"{path}?{urlencode(given, quote_via=_quoted)}" if given else path


def _said(value: Filter) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)

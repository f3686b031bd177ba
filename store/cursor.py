"""Cursors (翻页标记): where a page ended, as an opaque text that a client brings back unchanged.

It names a place, not a page number, so that rows which come in meanwhile are neither repeated nor left out.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from hotline.refusals import GuardFailed

T = TypeVar("T")


def cursor_of(place: Sequence[object]) -> str:
    """Write a place as a cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(tuple(place))).decode()


def place_of(cursor: str, form: TypeAdapter[T]) -> T:
    """Read a place. GuardFailed: nobody gave out such a cursor."""
    try:
        return form.validate_json(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, UnicodeEncodeError, ValidationError) as error:
        raise bad_cursor() from error


def bad_cursor() -> GuardFailed:
    """A cursor that nobody gave out."""
    return GuardFailed("bad_cursor", "翻页标记无效，请从第一页重新查询", field="cursor")

"""Codes (代码): in a form, whatever is no text for the vault is one word of another register.

Codes go into the ledger and to the engine as they are, so a sentence, a blank or a control character in one
is refused here: it could be a citizen's words, and PostgreSQL would not store a NUL at all.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from api.forming import values_of

_CODE: Final = re.compile(r"[\w./:@+()-]{1,64}")


def is_code(text: str) -> bool:
    """Tell whether a text may stand for something in the ledger."""
    return _CODE.fullmatch(text) is not None


def faulty_codes(form: BaseModel) -> Iterator[str]:
    """The fields of a form that hold something else where a code belongs."""
    for field, value in values_of(form, {}).items():
        if not all(map(is_code, _strings(to_jsonable_python(value)))):
            yield field


# JSON as pydantic dumps it.
def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for part in value.values():
                yield from _strings(part)
        case list():
            for part in value:
                yield from _strings(part)

"""From a row to a registration (登记内容): fields filled, cleaned and checked as the API will check them.

What is at fault is told by field and rule and never by value, because a reason ends up in reports.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from commands.importing.cleaning import clean_code, clean_instant, clean_line, clean_term, clean_text
from commands.importing.columns import FIELDS, MappingError
from commands.importing.reading import Cell, Row
from hotline.vocabulary import Channel, RequestType
from store.intake_request import IntakeRequest

DEFAULTS: Final = MappingProxyType({"channel": Channel.WEB.value, "type": RequestType.HELP.value})
"""A message without a type asks for help at least; to call it a complaint would accuse somebody."""

RAISED_AT: Final = "raised_at"
"""The API's name for the instant at which the citizen wrote; the case itself is registered now."""

_CLEANERS: Final[Mapping[str, Callable[[Cell], Any]]] = MappingProxyType(
    {
        "source_number": clean_code,
        "channel": lambda cell: clean_term(Channel, cell),
        "type": lambda cell: clean_term(RequestType, cell),
        "title": clean_line,
        "content": clean_text,
        "caller_name": clean_line,
        "caller_phone": clean_line,
        "address": clean_line,
        "registered_at": clean_instant,
        "reply": clean_text,
        "replied_at": clean_instant,
    }
)

_WRITTEN: Final = frozenset(
    {
        Channel.WEB,
        Channel.APP,
        Channel.MINI_PROGRAM,
        Channel.WECHAT,
        Channel.SMS,
        Channel.EMAIL,
        Channel.UPSTREAM,
        Channel.RATING,
        Channel.MEDIA,
    }
)
"""Channels on which whoever has a name there can be answered without a telephone."""


class BadRowError(ValueError):
    """A row that cannot be imported; `field` is the first one at fault."""

    def __init__(self, reason: str, field_: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field_


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that may be registered, under the key that makes a second time harmless."""

    number: int
    source_number: str | None
    key: str
    form: Mapping[str, Any] = field(repr=False)


def check_defaults(defaults: Mapping[str, str]) -> None:
    """Refuse a default for what is no field, or that no row could have."""
    for name, value in defaults.items():
        if name not in FIELDS:
            raise MappingError(f"there is no field {name!r}; there are {', '.join(FIELDS)}", name)
        try:
            _CLEANERS[name](value)
        except ValueError as error:
            raise MappingError(f"--default {name}={value}: {error}", name) from error


def prepare(row: Row, columns: Mapping[str, str], defaults: Mapping[str, str]) -> Candidate:
    """The registration that a row means. Raises BadRowError."""
    if row.fault:
        raise BadRowError(row.fault)
    values = dict(_cleaned(row, columns, {**DEFAULTS, **defaults}))
    form = _form(values)
    _check(form)
    return Candidate(row.number, values.get("source_number"), _key(values), form)


def _cleaned(
    row: Row, columns: Mapping[str, str], defaults: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:  # Any: texts, codes and instants
    for name in FIELDS:
        cell = row.values.get(columns.get(name, ""))
        try:
            value = _CLEANERS[name](cell) or _CLEANERS[name](defaults.get(name))
        except (ValueError, OverflowError) as error:
            raise BadRowError(f"{name}: {error}", name) from None
        if value:
            yield name, value


def _form(values: Mapping[str, Any]) -> dict[str, Any]:
    form: dict[str, Any] = {name: _plain(value) for name, value in values.items()}
    if "registered_at" in form:
        form[RAISED_AT] = form.pop("registered_at")
    if "caller_phone" not in form and "caller_name" in form and values["channel"] in _WRITTEN:
        form["reachable_elsewhere"] = True
    return form


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _check(form: Mapping[str, Any]) -> None:
    """Refuse what the API would refuse, so that a dry run tells everything."""
    try:
        request = IntakeRequest.model_validate(form)
    except ValidationError as error:
        faults = [_fault(details) for details in error.errors(include_url=False, include_input=False)]
        raise BadRowError("; ".join(f"{name}: {reason}" for name, reason in faults), faults[0][0]) from None
    raised_at = getattr(request, RAISED_AT)
    if raised_at is not None and raised_at > datetime.now(UTC):
        raise BadRowError("registered_at: lies in the future", "registered_at")


def _fault(details: ErrorDetails) -> tuple[str, str]:
    name = str(details["loc"][0]) if details["loc"] else "row"
    limits = details.get("ctx", {})
    match details["type"]:
        case "missing" | "string_too_short":
            reason = "is empty"
        case "string_too_long":
            reason = f"is longer than {limits['max_length']} characters"
        case "string_pattern_mismatch":
            reason = "has other characters than letters, digits and ./:-, or more than 64"
        case _:
            reason = re.sub(r"^Value error, ", "", details["msg"])
    return ("registered_at" if name == RAISED_AT else name), reason


def _key(values: Mapping[str, Any]) -> str:
    """The same whatever file or run a request comes from: by its source number, else by what it says."""
    said = ("title", "content", "caller_name", "caller_phone", "address", "registered_at")
    source = values.get("source_number")
    parts = ("source", source) if source else ("content", *(str(values.get(name, "")) for name in said))
    return "import-" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:48]

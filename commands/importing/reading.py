"""Rows of a file as they stand in it (读取文件): CSV, Excel and JSONL become headers and numbered rows.

A row keeps the number under which people find it; what cannot even be read is a row with a fault.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Final

import orjson
from python_calamine import CalamineError, CalamineWorkbook

Cell = str | float | int | bool | datetime | date | time | timedelta | None
Values = Mapping[str, Cell]

_EXCEL: Final = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
_JSONL: Final = frozenset({".jsonl", ".ndjson"})
_CSV: Final = frozenset({".csv", ".tsv", ".txt"})
_DELIMITERS: Final = ",;\t|"
_ENCODINGS: Final = ("utf-8-sig", "gb18030")
"""Excel writes Chinese CSV in either of them. GB 18030 reads almost anything, so it comes last."""


class UnreadableFileError(ValueError):
    """The file as a whole cannot be imported."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file, its cells by header, and why it could not be read if it could not."""

    number: int
    values: Values = field(repr=False)
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A file read whole."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(file: Path) -> Table:
    """Read a file by its suffix. Raises UnreadableFileError."""
    suffix = file.suffix.lower()
    try:
        if suffix in _EXCEL:
            return _from_excel(file)
        if suffix in _JSONL:
            return _from_jsonl(file.read_bytes())
        if suffix in _CSV:
            return _from_csv(_decoded(file.read_bytes()))
    except (OSError, CalamineError, csv.Error) as error:
        raise UnreadableFileError(f"{file.name}: {error}") from error
    raise UnreadableFileError(f"{file.name}: not one of {', '.join(sorted(_EXCEL | _JSONL | _CSV))}")


def _from_excel(file: Path) -> Table:
    book = CalamineWorkbook.from_path(str(file))
    sheets = (book.get_sheet_by_name(name) for name in book.sheet_names)
    # Numbers must be those of Excel's own margin, so empty rows above the headers count.
    filled = (sheet.to_python(skip_empty_area=False) for sheet in sheets)
    cells = next((rows for rows in filled if any(any(map(_is_filled, row)) for row in rows)), [])
    return _tabulated(enumerate(cells, start=1))


def _from_csv(text: str) -> Table:
    # A cell may be far longer than a request; that makes a bad row, not an unreadable file.
    # The limit is the whole process's, so it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    return _tabulated(enumerate(csv.reader(StringIO(text, newline=""), _dialect(text)), start=1))


def _dialect(text: str) -> type[csv.Dialect]:
    """The delimiter that occurs most in the headers; quoting is the usual one."""
    head = next((line for line in text.splitlines() if line.strip()), "")

    class Dialect(csv.excel):
        delimiter = max(_DELIMITERS, key=head.count)

    return Dialect


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFileError(f"the text is in none of {', '.join(_ENCODINGS)}")


def _tabulated(numbered: Iterable[tuple[int, Sequence[Cell]]]) -> Table:
    """The first row that has anything in it holds the headers."""
    filled = ((number, cells) for number, cells in numbered if any(map(_is_filled, cells)))
    _, first = next(filled, (0, ()))
    headers = tuple(str(cell).strip() if _is_filled(cell) else "" for cell in first)
    _require_headers(headers)
    return Table(
        tuple(filter(None, headers)), tuple(_row(number, cells, headers) for number, cells in filled)
    )


def _row(number: int, cells: Sequence[Cell], headers: tuple[str, ...]) -> Row:
    values = {header: cell for header, cell in zip(headers, cells, strict=False) if header}
    surplus = any(_is_filled(cell) for cell in cells[len(headers) :])
    return Row(number, values, "more cells than headers" if surplus else None)


def _from_jsonl(content: bytes) -> Table:
    rows = tuple(_json_rows(_decoded(content)))
    headers = tuple(dict.fromkeys(chain.from_iterable(row.values for row in rows)))
    _require_headers(headers)
    return Table(headers, rows)


def _json_rows(text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError:
            yield Row(number, {}, "not valid JSON")
            continue
        if isinstance(found, dict):
            yield Row(number, {str(name).strip(): _scalar(value) for name, value in found.items()})
        else:
            yield Row(number, {}, "not a JSON object")


def _scalar(value: object) -> Cell:
    """A nested value becomes its text, so that a field which needs none refuses it with its own reason."""
    if value is None or isinstance(value, str | int | float):
        return value
    return orjson.dumps(value).decode()


def _require_headers(headers: tuple[str, ...]) -> None:
    if not any(headers):
        raise UnreadableFileError("the file has no headers")
    named = [header for header in headers if header]
    if twice := sorted({header for header in named if named.count(header) > 1}):
        raise UnreadableFileError(f"the same header stands twice: {', '.join(twice)}")


def _is_filled(cell: Cell) -> bool:
    return cell is not None and str(cell).strip() != ""

"""Exports of a list of cases (导出): what is seen, as a spreadsheet or as text, and recorded before it is given.

A file leaves the building, so its titles are always without what tells who called, also for those who may read
more on a page (domain.md §12 rule 5); it is written page by page, of one moment of the database.
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from tempfile import TemporaryFile
from typing import IO, Final, Protocol

import xlsxwriter

from api.columns import CaseColumn, Cell, cells, chosen
from api.schemas import CaseLine
from api.services import Services
from api.sight import scope_of
from hotline.calendar import SHANGHAI
from hotline.case import Actor
from hotline.identifiers import HOTLINE
from hotline.secrecy import reads_redacted
from hotline.vocabulary import TrailEvent
from store.accounts import all_units
from store.cases import CaseFilters, list_cases
from store.engine import ReadSession
from store.trail import TrailEntry, record
from store.vault import TITLE, redacted_texts, texts_of

EXPORT_LIMIT: Final = 10_000
"""Set by us: a month of a middling city, and seconds of work. Whoever needs more narrows the list."""

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
_PAGE: Final = 500
_TRUNCATED: Final = f"仅含前 {EXPORT_LIMIT} 件，请缩小筛选范围后再次导出"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_WIDTHS: Final = {
    CaseColumn.CASE_NO: 21,
    CaseColumn.TITLE: 44,
    CaseColumn.LEAD_UNIT: 20,
    CaseColumn.OWNER_UNIT: 20,
}
_USUAL_WIDTH: Final = 17


class Form(StrEnum):
    """As what kind of file."""

    XLSX = "xlsx"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was made: open at its beginning, and deleted when it is closed."""

    file: IO[bytes]
    name: str
    media_type: str
    rows: int
    truncated: bool


class _Writer(Protocol):
    """Writes rows into a file, the first of them the heads of columns."""

    def head(self, columns: Sequence[CaseColumn]) -> None: ...

    def row(self, values: Sequence[Cell]) -> None: ...

    def end(self) -> None: ...


async def export_cases(
    services: Services,
    actor: Actor,
    filters: CaseFilters,
    columns: Sequence[CaseColumn] | None,
    form: Form,
    *,
    address: str,
) -> Exported:
    """Write what a list shows into a file and record that; what could not be recorded is not given."""
    shown, now = chosen(columns), services.now()
    file = TemporaryFile()  # noqa: SIM115  closed when it has been sent
    try:
        writer = _Xlsx(file) if form is Form.XLSX else _Csv(file)
        rows, truncated = await _write(services, actor, filters, shown, writer)
        file.seek(0)
        async with services.database.write() as session:
            await record(session, _entry(now, actor, address, filters, shown, form, rows))
    except BaseException:
        file.close()
        raise
    name = f"cases-{now.astimezone(SHANGHAI):%Y%m%d-%H%M}.{form.value}"
    return Exported(file, name, XLSX if form is Form.XLSX else CSV, rows, truncated)


async def _write(
    services: Services, actor: Actor, filters: CaseFilters, columns: Sequence[CaseColumn], writer: _Writer
) -> tuple[int, bool]:
    """Write all rows up to the limit; returns how many, and whether there were more."""
    rows, truncated = 0, False
    writer.head(columns)
    async with services.database.read(snapshot=True) as session:
        units = {HOTLINE: "12345热线"} | {unit.code: unit.name for unit in await all_units(session)}
        async for lines in _pages(services, session, actor, filters):
            taken = lines[: EXPORT_LIMIT - rows]
            truncated = len(taken) < len(lines)
            # Writing is work for the processor alone; meanwhile the others' requests go on.
            await asyncio.to_thread(_put, writer, [cells(line, columns, units) for line in taken])
            rows += len(taken)
            if truncated:
                break
    if truncated:
        writer.row([_TRUNCATED])
    await asyncio.to_thread(writer.end)
    return rows, truncated


def _put(writer: _Writer, rows: Sequence[Sequence[Cell]]) -> None:
    for row in rows:
        writer.row(row)


async def _pages(
    services: Services, session: ReadSession, actor: Actor, filters: CaseFilters
) -> AsyncIterator[list[CaseLine]]:
    now, cursor, is_last = services.now(), None, False
    while not is_last:
        page = await list_cases(
            session,
            scope_of(actor),
            filters,
            now=now,
            cipher=services.keyring,
            cursor=cursor,
            limit=_PAGE,
            redacted=reads_redacted(actor.role),
        )
        texts = await texts_of(session, services.keyring, [row.case_no for row in page.rows], (TITLE,))
        titles = await redacted_texts(session, services.keyring, texts)
        yield [CaseLine.of(row, titles[row.case_no].get(TITLE), now) for row in page.rows]
        cursor, is_last = page.next_cursor, page.next_cursor is None


def _entry(
    at: datetime,
    actor: Actor,
    address: str,
    filters: CaseFilters,
    columns: Sequence[CaseColumn],
    form: Form,
    rows: int,
) -> TrailEntry:
    """Which filters, columns and how many rows; what was searched for may name a citizen and is left out."""
    narrowed = filters.model_dump(mode="json", exclude={"text", "caller_hash"}, exclude_defaults=True)
    if filters.text or filters.caller_hash:
        narrowed["searched"] = True
    return TrailEntry(
        at=at,
        event=TrailEvent.CASES_EXPORTED,
        actor=actor,
        address=address,
        detail={
            "format": form.value,
            "rows": rows,
            "columns": [column.value for column in columns],
            "filters": narrowed,
        },
    )


class _Xlsx:
    """A spreadsheet whose rows are on disk as soon as they are written; a text is never taken for a formula."""

    def __init__(self, file: IO[bytes]) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(file, options)
        self._sheet = self._book.add_worksheet("工单")
        self._bold = self._book.add_format({"bold": True, "bg_color": "#E8EEF7", "bottom": 1})
        self._instant = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        self._next = 0

    def head(self, columns: Sequence[CaseColumn]) -> None:
        for place, column in enumerate(columns):
            self._sheet.set_column(place, place, _WIDTHS.get(column, _USUAL_WIDTH))
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            self._sheet.write_string(0, place, column.label, self._bold)
        self._next = 1

    def row(self, values: Sequence[Cell]) -> None:
        for place, value in enumerate(values):
            match value:
                case datetime():
                    here = value.astimezone(SHANGHAI).replace(tzinfo=None)
                    self._sheet.write_datetime(self._next, place, here, self._instant)
                case int():
                    self._sheet.write_number(self._next, place, value)
                case str():
                    self._sheet.write_string(self._next, place, value)
        self._next += 1

    def end(self) -> None:
        self._book.close()


class _Csv:
    """Text with a mark by which Excel knows its encoding; what a program would run as a formula is made a text.

    Numbers of cases stand as they are, for programs that read them: Excel shows 15 of their 18 digits, and no way
    of writing them here keeps it from that without altering them. Whoever wants a spreadsheet takes XLSX.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
        self._rows = csv.writer(self._text)

    def head(self, columns: Sequence[CaseColumn]) -> None:
        self._rows.writerow([column.label for column in columns])

    def row(self, values: Sequence[Cell]) -> None:
        self._rows.writerow([_plain(value) for value in values])

    def end(self) -> None:
        self._text.flush()
        self._text.detach()


def _plain(value: Cell) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        case int():
            return str(value)
        case _:
            return f"'{value}" if value.startswith(_FORMULA) else value

"""What became of every row (导入报告): a JSONL line per row, and the bad rows as a CSV to be mended.

The report says nothing personal. The file of bad rows repeats them as they were, so that a corrected
copy can be imported; it is readable by its owner alone.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TextIO

import orjson

from commands.importing.cleaning import as_text
from commands.importing.reading import Row
from hotline.identifiers import CaseNo
from hotline.model import Record
from runtime.files import private_folder

_ROW: Final = "行号"
_REASON: Final = "退回原因"
_OWNER_ONLY: Final = 0o600


class RowOutcome(StrEnum):
    """What became of a row."""

    REGISTERED = "registered"
    DUPLICATE = "duplicate"
    BAD = "bad"
    VALID = "valid"


class RowResult(Record):
    """One line of the report; `field` and `reason` say why a row was not registered."""

    row: int
    outcome: RowOutcome
    source_number: str | None = None
    case_no: CaseNo | None = None
    field: str | None = None
    reason: str | None = None


class Report:
    """Writes results as they come and counts them."""

    def __init__(self, lines: TextIO, bad: "_BadRows") -> None:
        self.counts: Counter[RowOutcome] = Counter()
        self.already_imported = 0
        self._lines = lines
        self._bad = bad

    def note(self, result: RowResult, row: Row) -> None:
        """Write down what became of a row."""
        self.counts[result.outcome] += 1
        self.already_imported += result.outcome is RowOutcome.DUPLICATE and result.case_no is not None
        self._lines.write(orjson.dumps(result.model_dump(exclude_none=True)).decode() + "\n")
        self._lines.flush()
        if result.outcome is RowOutcome.BAD:
            self._bad.add(row, result.reason or "")

    def summary(self) -> dict[str, Any]:
        """The counts by outcome."""
        return {
            **{outcome.value: self.counts[outcome] for outcome in RowOutcome},
            "already_imported": self.already_imported,
        }


class _BadRows:
    """A CSV that is begun by its first row, since most files have none."""

    def __init__(self, file: Path, headers: tuple[str, ...]) -> None:
        self._file = file
        self._headers = headers
        self._begun = False

    def add(self, row: Row, reason: str) -> None:
        if not self._begun:
            _make_private(self._file)
            # The mark at the beginning is what tells Excel that the text is UTF-8.
            self._write("w", "utf-8-sig", [*self._headers, _ROW, _REASON])
            self._begun = True
        self._write(
            "a",
            "utf-8",
            [*(as_text(row.values.get(header)) for header in self._headers), str(row.number), reason],
        )

    def _write(self, mode: str, encoding: str, cells: list[str]) -> None:
        with self._file.open(mode, encoding=encoding, newline="") as stream:
            csv.writer(stream).writerow(cells)


def bad_rows_file(report: Path) -> Path:
    """Where the bad rows of a report are listed."""
    return report.with_suffix(".bad.csv")


@contextmanager
def reporting(file: Path, headers: tuple[str, ...]) -> Iterator[Report]:
    """Begin a report anew; the file of bad rows exists afterwards only if there are any."""
    private_folder(file.parent)
    bad = bad_rows_file(file)
    bad.unlink(missing_ok=True)
    _make_private(file)
    with file.open("w", encoding="utf-8") as lines:
        yield Report(lines, _BadRows(bad, headers))


def _make_private(file: Path) -> None:
    file.touch(mode=_OWNER_ONLY)
    file.chmod(_OWNER_ONLY)

"""Importing the rows of a file (执行导入): prepare each, register some at a time, note what became of it.

Registering goes through the API under keys that follow from the rows, so an import that was interrupted
is simply run again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from commands.client import ApiProblem, Registered
from commands.importing.cleaning import clean_code
from commands.importing.preparing import BadRowError, Candidate, prepare
from commands.importing.reading import Row
from commands.importing.report import Report, RowOutcome, RowResult

Registrar = Callable[[Mapping[str, Any], str], Awaitable[Registered]]
Tick = Callable[[], None]

ALREADY_IMPORTED: Final = "already imported"
_BODY_AT_FAULT: Final = frozenset({413, 422})
_KNOWN_BEFORE: Final = frozenset({"source_number_exists", "key_reused"})


@dataclass
class Importer:
    """One import: which columns are which fields, and what stands in for what a row leaves out."""

    columns: Mapping[str, str]
    defaults: Mapping[str, str]
    report: Report
    tick: Tick = lambda: None
    _keys: dict[str, int] = field(default_factory=dict)

    async def run(self, rows: Iterable[Row], register: Registrar | None, *, concurrency: int) -> None:
        """Import the rows; without a registrar they are only judged (试运行)."""
        candidates = self._candidates(rows)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(concurrency):
                    # They share one iterator: whoever is free takes the next row.
                    group.create_task(self._work(candidates, register))
        except ExceptionGroup as failures:
            # When one row cannot be asked for, none can: the first failure says it all.
            raise failures.exceptions[0] from None

    async def _work(self, candidates: Iterator[tuple[Row, Candidate]], register: Registrar | None) -> None:
        for row, candidate in candidates:
            result = await _registered(candidate, register) if register else _judged(candidate)
            self._note(result, row)

    def _candidates(self, rows: Iterable[Row]) -> Iterator[tuple[Row, Candidate]]:
        for row in rows:
            try:
                candidate = prepare(row, self.columns, self.defaults)
            except BadRowError as error:
                self._note(_bad(row.number, error.reason, error.field, self._source_of(row)), row)
                continue
            if repeated := self._repeated(candidate):
                self._note(repeated, row)
            else:
                yield row, candidate

    def _source_of(self, row: Row) -> str | None:
        return clean_code(row.values.get(self.columns.get("source_number", ""))) or None

    def _repeated(self, candidate: Candidate) -> RowResult | None:
        """The first row of a file that has a number keeps it."""
        first = self._keys.setdefault(candidate.key, candidate.number)
        if first == candidate.number:
            return None
        what = "the same source number" if candidate.source_number else "the same content"
        return _duplicate(candidate, reason=f"row {first} has {what}")

    def _note(self, result: RowResult, row: Row) -> None:
        self.report.note(result, row)
        self.tick()


async def _registered(candidate: Candidate, register: Registrar) -> RowResult:
    """Register one row. Only what is wrong with the row itself is its result; all else ends the import."""
    try:
        receipt = await register(candidate.form, candidate.key)
    except ApiProblem as problem:
        if problem.code in _KNOWN_BEFORE:
            return _duplicate(candidate, reason=f"{ALREADY_IMPORTED}: {problem.title}", field=problem.field)
        if problem.status in _BODY_AT_FAULT:
            return _bad(candidate.number, problem.title, problem.field, candidate.source_number)
        raise
    if receipt.replayed:
        return _duplicate(candidate, reason=ALREADY_IMPORTED, case_no=receipt.case_no)
    return RowResult(
        row=candidate.number,
        outcome=RowOutcome.REGISTERED,
        source_number=candidate.source_number,
        case_no=receipt.case_no,
    )


def _judged(candidate: Candidate) -> RowResult:
    return RowResult(row=candidate.number, outcome=RowOutcome.VALID, source_number=candidate.source_number)


def _bad(number: int, reason: str, field_: str | None, source_number: str | None) -> RowResult:
    return RowResult(
        row=number, outcome=RowOutcome.BAD, source_number=source_number, field=field_, reason=reason
    )


def _duplicate(candidate: Candidate, **why: Any) -> RowResult:
    return RowResult(
        row=candidate.number, outcome=RowOutcome.DUPLICATE, source_number=candidate.source_number, **why
    )

"""The books (账目核对): what PostgreSQL alone can prove about every case, accountability file and repeat problem.

The cheap checks are one query each over all cases; then every ledger is walked, verified and folded in
batches, and compared with the rows that people read. Each problem is one finding; a clean audit has none.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Select, Table, exists, literal, not_, select

from hotline.case import CaseState, EvidenceRef
from hotline.evolve import replay
from hotline.facts import CaseClosed, CaseReopened, Fact
from hotline.holding import holdings_at
from hotline.identifiers import CaseNo, DossierNo, LineNo, TextId
from hotline.indicators.counting import counts_of
from hotline.model import Record
from hotline.proof.anchors import VerifySignature
from store.alarms import missed_at
from store.anchor_audit import anchor_faults
from store.chained_audit import FILES, LINES, Fault
from store.engine import Database, ReadSession
from store.evidence import digests_of
from store.given import Values
from store.ledger import Book, books_of, numbers_in_ledger
from store.projection import rows_of, state_values
from store.same_rows import as_written_today, same_rows
from store.scores import uncounted
from store.sheets import Sheet
from store.tables import casework, indicators, registration
from store.tables.tallies import tallies, tally_lines
from store.tallies import wrong_sums, wrongly_counted
from store.trail import verify_trail
from store.vault import existing_texts, text_ids_in

_BATCH: Final = 200


class Check(StrEnum):
    """What is proved; the value is the stable code of a finding."""

    NOT_ADOPTED = "not_adopted"
    ADOPTED_WITHOUT_FACTS = "adopted_without_facts"
    CHAIN_BROKEN = "chain_broken"
    READ_ROWS_DIFFER = "read_rows_differ"
    NO_OBLIGATION = "no_obligation"
    NOT_ONE_END = "not_one_end"
    TIME_UNACCOUNTED = "time_unaccounted"
    TEXT_MISSING = "text_missing"
    EVIDENCE_DIFFERS = "evidence_differs"
    ALARM_NOT_FIRED = "alarm_not_fired"
    NOT_AS_ANCHORED = "not_as_anchored"
    ANCHOR_BROKEN = "anchor_broken"
    TRAIL_BROKEN = "trail_broken"


class Finding(Record):
    """One problem, of one case, file or line if it is one of them; the detail has codes and numbers only."""

    check: Check
    case_no: CaseNo | None = None
    dossier_no: DossierNo | None = None
    line_no: LineNo | None = None
    detail: str


Problem = tuple[Check, str]


async def audit(
    database: Database, *, now: datetime, grace_for: timedelta, verify: VerifySignature
) -> AsyncIterator[Finding]:
    """Yield every finding; what is younger than the grace may still be on its way and is none.

    `verify` tells whether one of our keys has signed an anchor.
    """
    async for finding in _over_the_chains(database, verify):
        yield finding
    async for fault in FILES.faults(database):
        yield _beside_the_cases(fault).model_copy(update={"dossier_no": DossierNo(fault.number)})
    async for fault in LINES.faults(database):
        yield _beside_the_cases(fault).model_copy(update={"line_no": LineNo(fault.number)})
    async with database.read() as session:
        missed = await missed_at(session, now, grace_for=grace_for)
    for query in _over_all_cases(now - grace_for, missed):
        async with database.read() as session:
            found = (await session.execute(query)).mappings().all()
        for row in found:
            yield Finding.model_validate(dict(row))
    async for finding in _over_the_sums(database):
        yield finding
    after = ""
    while True:
        # One moment for ledger and rows of a batch; work that goes on would look like a difference.
        async with database.read(snapshot=True) as session:
            batch = await _read_batch(session, after)
        if not batch.books:
            return
        for finding in batch.findings(now):
            yield finding
        after = max(batch.books)


async def _over_the_chains(database: Database, verify: VerifySignature) -> AsyncIterator[Finding]:
    """Walk the trail and the anchors, and compare the ledger with what was signed."""
    async with database.read(snapshot=True) as session:
        if broken := await verify_trail(session):
            yield Finding(check=Check.TRAIL_BROKEN, detail=f"entry {broken.seq}: {broken.problem}")
        async for fault in anchor_faults(session, verify):
            yield Finding(
                check=Check.NOT_AS_ANCHORED if fault.is_of_ledger else Check.ANCHOR_BROKEN,
                case_no=fault.case_no,
                dossier_no=fault.dossier_no,
                line_no=fault.line_no,
                detail=f"anchor {fault.number}: {fault.problem}",
            )


async def _over_the_sums(database: Database) -> AsyncIterator[Finding]:
    """Add up again, sheet by sheet, what boards have of all cases together."""
    for sheet in Sheet:
        async with database.read() as session:
            wrong = await wrong_sums(session, sheet)
        if wrong:
            detail = f"{tallies.name}: {sheet.value}, {wrong} rows"
            yield Finding(check=Check.READ_ROWS_DIFFER, detail=detail)


def _beside_the_cases(fault: Fault) -> Finding:
    if fault.table:
        return Finding(check=Check.READ_ROWS_DIFFER, detail=fault.table)
    return Finding(check=Check.CHAIN_BROKEN, detail=fault.chain or "")


def _over_all_cases(before: datetime, missed: ColumnElement[bool]) -> Iterator[Select[str, str, str]]:
    intake, clocks = registration.intake, casework.clocks
    has_facts = exists().where(casework.facts.c.case_no == intake.c.case_no)
    yield _finding(Check.NOT_ADOPTED, intake.c.case_no, literal("no workflow has taken it on")).where(
        intake.c.adopted_at.is_(None), intake.c.received_at < before
    )
    yield _finding(Check.ADOPTED_WITHOUT_FACTS, intake.c.case_no, literal("its ledger is empty")).where(
        intake.c.adopted_at < before, not_(has_facts)
    )
    # A clock that stands still has only alarms that were due before it was held.
    yield _finding(
        Check.ALARM_NOT_FIRED, clocks.c.case_no, clocks.c.clock_id + " " + clocks.c.next_alarm
    ).where(clocks.c.stopped_at.is_(None), missed)


def _finding(check: Check, case_no: ColumnElement[str], detail: ColumnElement[str]) -> Select[str, str, str]:
    columns = literal(check.value).label("check"), case_no.label("case_no"), detail.label("detail")
    return select(*columns).order_by(case_no)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some ledgers, and what the database says about the same cases."""

    books: Mapping[CaseNo, Book]
    rows: Mapping[Table, Mapping[CaseNo, list[Values]]]
    texts: frozenset[TextId]
    files: Mapping[str, str]
    uncounted: frozenset[CaseNo]
    wrongly_counted: frozenset[CaseNo]

    def findings(self, now: datetime) -> Iterator[Finding]:
        for case_no, book in self.books.items():
            for check, detail in self._problems(case_no, book, now):
                yield Finding(check=check, case_no=case_no, detail=detail)

    def _problems(self, case_no: CaseNo, book: Book, now: datetime) -> Iterator[Problem]:
        if book.chain_break:
            yield Check.CHAIN_BROKEN, f"entry {book.chain_break.seq}: {book.chain_break.problem}"
            return
        yield from self._differences(case_no, book)
        yield from _life_problems(book.facts, now)
        for text_id in text_ids_in(book.facts):
            if text_id not in self.texts:
                yield Check.TEXT_MISSING, text_id
        for ref in _evidence_in(book.facts):
            if ref.sha256 and self.files.get(ref.evidence_id) != ref.sha256:
                yield Check.EVIDENCE_DIFFERS, ref.evidence_id

    def _differences(self, case_no: CaseNo, book: Book) -> Iterator[Problem]:
        expected = rows_of(book.facts)
        for table, wanted in (
            (casework.cases, [expected.case]),
            (casework.clocks, expected.clocks),
            (casework.holdings, expected.holdings),
            (casework.measures, expected.measures),
            (casework.firings, expected.firings),
        ):
            stored = self.rows[table].get(case_no, [])
            if table is casework.cases:
                stored = [as_written_today(row, _rewritten) for row in stored]
            if not same_rows(wanted, stored):
                yield Check.READ_ROWS_DIFFER, table.name
        if case_no in self.wrongly_counted:
            yield Check.READ_ROWS_DIFFER, tally_lines.name
        # A case that has just grown is counted a moment later (api/scoring.py).
        if case_no not in self.uncounted:
            counted = [row.model_dump() for row in counts_of(book.facts)]
            if not same_rows(counted, self.rows[indicators.scores].get(case_no, [])):
                yield Check.READ_ROWS_DIFFER, indicators.scores.name


async def _read_batch(session: ReadSession, after: str) -> _Batch:
    numbers = await numbers_in_ledger(session, after=after, limit=_BATCH)
    books = await books_of(session, numbers)
    rows = {
        table: await _rows(session, table, numbers)
        for table in (
            casework.cases,
            casework.clocks,
            casework.holdings,
            casework.measures,
            casework.firings,
            indicators.scores,
        )
    }
    wanted = {text_id for book in books.values() for text_id in text_ids_in(book.facts)}
    texts = await existing_texts(session, wanted)
    return _Batch(
        books,
        rows,
        texts,
        await digests_of(session, numbers),
        await uncounted(session, numbers),
        await wrongly_counted(session, numbers),
    )


async def _rows(
    session: ReadSession, table: Table, numbers: Sequence[CaseNo]
) -> Mapping[CaseNo, list[Values]]:
    found = await session.execute(select(table).where(table.c.case_no.in_(numbers)))
    rows: dict[CaseNo, list[Values]] = {}
    for row in found.mappings():
        rows.setdefault(CaseNo(row["case_no"]), []).append(dict(row))
    return rows


def _evidence_in(facts: Iterable[Fact]) -> Iterator[EvidenceRef]:
    for fact in facts:
        named = getattr(fact.body, "evidence", None)
        yield from (named,) if isinstance(named, EvidenceRef) else named or ()


def _rewritten(state: Values) -> Values:
    return state_values(CaseState.model_validate(state))


def _life_problems(facts: Sequence[Fact], now: datetime) -> Iterator[Problem]:
    state = replay(facts)
    if state.is_open and not state.clocks:
        yield Check.NO_OBLIGATION, f"status {state.status.value} with no clock"
    if (ends := _ends(facts)) != (0 if state.is_open else 1):
        yield Check.NOT_ONE_END, f"status {state.status.value} after {ends} ends"
    held_for = sum((line.held_for for line in holdings_at(state, now)), timedelta(0))
    if held_for != (open_for := _open_for(facts, now)):
        yield Check.TIME_UNACCOUNTED, f"held for {held_for}, open for {open_for}"


def _ends(facts: Iterable[Fact]) -> int:
    """Count the ends that were not taken back by reopening."""
    ends = 0
    for fact in facts:
        ends += isinstance(fact.body, CaseClosed) - isinstance(fact.body, CaseReopened)
    return ends


def _open_for(facts: Sequence[Fact], now: datetime) -> timedelta:
    """Add up the spans from registration or reopening to the next end, or to now."""
    total, since = timedelta(0), facts[0].at
    is_open = True
    for fact in facts:
        if isinstance(fact.body, CaseClosed):
            total, is_open = total + (fact.at - since), False
        elif isinstance(fact.body, CaseReopened):
            since, is_open = fact.at, True
    return total + (now - since) if is_open else total

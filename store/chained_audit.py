"""Auditing the ledgers beside the cases' (案卷、台账核对): accountability files and lines of repeat problems.

Each ledger is walked, verified and folded, and compared with every row that is read of its entity. A finding names
a file or a line by its number and says nothing of what is in it.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, NamedTuple

from pydantic import BaseModel
from sqlalchemy import Table, select, union

from hotline.accountability.evolve import replay as dossier_of
from hotline.accountability.facts import DossierFact
from hotline.accountability.state import DossierState
from hotline.problems.evolve import replay as line_of
from hotline.problems.facts import ProblemFact
from hotline.problems.state import ProblemState
from store import dossiers, problems
from store.chained import Book, ChainedLedger, Fact, Values
from store.engine import Database, ReadSession
from store.same_rows import as_written_today, same_rows
from store.tables import accountability
from store.tables import problems as problem_tables

_BATCH: Final = 200


class Fault(NamedTuple):
    """What does not hold: of which entity, and the place where its chain breaks or the table whose rows differ."""

    number: str
    chain: str | None = None
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Kind(Generic[Fact]):
    """One such ledger with what is read from it; the first table has one row per entity, with its state."""

    ledger: ChainedLedger[Fact]
    tables: tuple[Table, ...]
    form: type[BaseModel]
    rows_of: Callable[[tuple[Fact, ...]], Mapping[Table, list[Values]]]

    async def faults(self, database: Database) -> AsyncIterator[Fault]:
        """Yield what does not hold, entity by entity."""
        after = ""
        while True:
            # One moment for ledger and rows of a batch; work that goes on would look like a difference.
            async with database.read(snapshot=True) as session:
                numbers = await self._numbers(session, after)
                books = await self.ledger.books(session, numbers)
                rows = {table: await self._rows(session, table, numbers) for table in self.tables}
            if not numbers:
                return
            for number in numbers:
                stored = {table: rows[table].get(number, []) for table in self.tables}
                for fault in self._faults_of(number, books.get(number), stored):
                    yield fault
            after = numbers[-1]

    def _faults_of(
        self, number: str, book: Book[Fact] | None, stored: Mapping[Table, list[Values]]
    ) -> Iterator[Fault]:
        if book is None:
            yield Fault(number, chain="its ledger is gone")
            return
        if book.chain_break:
            yield Fault(number, chain=f"entry {book.chain_break.seq}: {book.chain_break.problem}")
            return
        wanted = self.rows_of(book.facts)
        for table in self.tables:
            found = stored[table]
            if "state" in table.c:
                found = [as_written_today(row, self._rewritten) for row in found]
            if not same_rows(wanted[table], found):
                yield Fault(number, table=table.name)

    def _rewritten(self, state: Values) -> Values:
        return self.form.model_validate(state).model_dump(mode="json")

    async def _numbers(self, session: ReadSession, after: str) -> Sequence[str]:
        """Some numbers in order, of whatever has a fact or a row: rows may outlive a ledger that was removed."""
        keys = [table.c[self.ledger.key] for table in (self.ledger.table, *self.tables)]
        known = union(*(select(key.label("number")).where(key > after) for key in keys)).subquery()
        found = await session.scalars(select(known.c.number).order_by(known.c.number).limit(_BATCH))
        return tuple(found)

    async def _rows(
        self, session: ReadSession, table: Table, numbers: Sequence[str]
    ) -> Mapping[str, list[Values]]:
        key = table.c[self.ledger.key]
        rows: dict[str, list[Values]] = {}
        for row in (await session.execute(select(table).where(key.in_(numbers)))).mappings():
            rows.setdefault(row[key], []).append(dict(row))
        return rows


FILES: Final[Kind[DossierFact]] = Kind(
    ledger=dossiers.LEDGER,
    tables=(accountability.dossiers, accountability.sanctions, accountability.circulars),
    form=DossierState,
    rows_of=lambda facts: dossiers.rows_of(dossier_of(facts)),
)
LINES: Final[Kind[ProblemFact]] = Kind(
    ledger=problems.LEDGER,
    tables=(problem_tables.problems,),
    form=ProblemState,
    rows_of=lambda facts: problems.rows_of(line_of(facts)),
)

"""A ledger of one kind of entity beside the cases' (台账): append-only, gapless and hash-chained per entity.

Appending is idempotent by number: the same fact under its number is skipped, another one there is a conflict,
and a hole is a gap. Each kind has a table of its own, so that no query on cases comes upon it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from sqlalchemy import Row, Table, func, insert, select

from hotline.proof.chain import GENESIS, ChainBreak, entry_hash
from store.engine import ReadSession, WriteSession
from store.failures import LedgerConflict, LedgerGap

# The values of one row, as its columns take them.
Values = dict[str, Any]


class Chained(Protocol):
    """A fact in its envelope, a model, as far as a ledger needs to know it."""

    # Any: as pydantic has it.
    def model_dump(self, *, mode: str) -> Values:
        """The fact as JSON."""
        ...

    @classmethod
    def model_validate(cls, obj: Any) -> Self:
        """The fact that JSON means."""
        ...

    @property
    def seq(self) -> int:
        """Its number in its ledger."""
        ...

    @property
    def at(self) -> datetime:
        """When it was decided."""
        ...


Fact = TypeVar("Fact", bound=Chained)

_SHARED: Final = ("seq", "at", "command_id", "body")


@dataclass(frozen=True, slots=True)
class Appended(Generic[Fact]):
    """A ledger after appending: all of it, and the part that was new."""

    whole: tuple[Fact, ...]
    fresh: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Book(Generic[Fact]):
    """The whole ledger of one entity as it is read for an audit: its facts, or where its chain breaks."""

    facts: tuple[Fact, ...]
    chain_break: ChainBreak | None


@dataclass(frozen=True, slots=True)
class ChainedLedger(Generic[Fact]):
    """One such table: its key column, the column that says who acted, and the model of its facts."""

    table: Table
    key: str
    who: str
    form: type[Fact]

    async def lock(self, session: WriteSession, number: str) -> None:
        """Let nobody else write this entity before the transaction ends."""
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(number, 0))))

    async def append(self, session: WriteSession, number: str, facts: Sequence[Fact]) -> Appended[Fact]:
        """Append what the ledger does not have yet, and return the whole of it and what was new.

        LedgerGap: facts before them are missing. LedgerConflict: another fact has one of the numbers. Either
        way nothing is written.
        """
        await self.lock(session, number)
        rows = await self._rows(session, number)
        stored = [self._fact(row) for row in rows]
        fresh = _new_among(number, self.key, facts, stored)
        if fresh:
            last = rows[-1].hash if rows else GENESIS
            await session.execute(insert(self.table), self._chained(fresh, last))
        return Appended((*stored, *fresh), fresh)

    async def facts_of(self, session: ReadSession, number: str) -> tuple[Fact, ...]:
        """The whole ledger of an entity; it has hundreds of facts, not thousands."""
        return tuple(self._fact(row) for row in await self._rows(session, number))

    async def verify(self, session: ReadSession, number: str) -> ChainBreak | None:
        """Walk the chain of an entity and return the first place where it does not hold."""
        return self._first_break(await self._rows(session, number))

    async def books(self, session: ReadSession, numbers: Sequence[str]) -> dict[str, Book[Fact]]:
        """Read the whole ledgers of some entities at once; who has no fact is not among them."""
        key = self.table.c[self.key]
        wanted = select(self.table).where(key.in_(numbers)).order_by(key, self.table.c.seq)
        books = {}
        for number, group in groupby(await session.execute(wanted), key=lambda row: getattr(row, self.key)):
            rows = list(group)
            broken = self._first_break(rows)
            # What was tampered with need not even have the form of a fact any more.
            books[str(number)] = Book(() if broken else tuple(self._fact(row) for row in rows), broken)
        return books

    def _first_break(self, rows: Sequence[Row[Any]]) -> ChainBreak | None:
        prev_hash = GENESIS
        for place, row in enumerate(rows, start=1):
            if row.seq != place:
                return ChainBreak(place, "missing")
            expected = entry_hash(prev_hash, self._content(_values(row)))
            if (row.tag, row.prev_hash, row.hash) != (row.body["tag"], prev_hash, expected):
                return ChainBreak(place, "altered")
            prev_hash = row.hash
        return None

    def _chained(self, fresh: Sequence[Fact], prev_hash: bytes) -> list[Values]:
        rows = []
        for fact in fresh:
            values = fact.model_dump(mode="json")
            row = {name: values[name] for name in (self.key, self.who, "seq", "command_id", "body")}
            row |= {"at": fact.at, "tag": values["body"]["tag"], "prev_hash": prev_hash}
            row["hash"] = prev_hash = entry_hash(prev_hash, self._content(row))
            rows.append(row)
        return rows

    def _content(self, row: Values) -> Values:
        """What of a row is hashed."""
        at = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
        hashed = (self.key, self.who, "seq", "command_id", "body")
        return {**{name: row[name] for name in hashed}, "at": at}

    def _fact(self, row: Row[Any]) -> Fact:
        values = {name: getattr(row, name) for name in (self.key, self.who, *_SHARED)}
        return self.form.model_validate(values)

    async def _rows(self, session: ReadSession, number: str) -> Sequence[Row[Any]]:
        of_entity = self.table.c[self.key] == number
        found = await session.execute(select(self.table).where(of_entity).order_by(self.table.c.seq))
        return found.all()


def _values(row: Row[Any]) -> Values:
    return {name: getattr(row, name) for name in row._fields}


def _new_among(number: str, key: str, facts: Sequence[Fact], stored: Sequence[Fact]) -> tuple[Fact, ...]:
    """The facts that the ledger does not have, in order and without a gap."""
    known, last, fresh = dict(enumerate(stored, start=1)), len(stored), []
    for fact in facts:
        seq = fact.seq
        if seq in known:
            if known[seq] != fact:
                raise LedgerConflict(number, seq)
        elif seq != last + 1 or getattr(fact, key) != number:
            raise LedgerGap(number, seq)
        else:
            fresh.append(fact)
            last = seq
    return tuple(fresh)

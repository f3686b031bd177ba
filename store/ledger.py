"""The ledger of facts (事实台账): append-only, gapless, and chained by hashes, one chain per case.

Each entry's hash covers the entry and the hash before it, so that any later change shows (domain.md §12
rule 25). Whoever appends a fact twice appends it once; whoever brings another fact under a number that
is taken gets an alarm, never an overwrite.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final, NamedTuple

from sqlalchemy import Integer, Row, Text, bindparam, column, func, select

from hotline.case import Actor
from hotline.facts import Fact
from hotline.identifiers import CaseNo
from hotline.proof.chain import GENESIS, ChainBreak, entry_hash
from store.engine import ReadSession, WriteSession
from store.failures import LedgerConflict, LedgerGap
from store.given import Values, bytes_given, insert_given
from store.tables.casework import facts as ledger

PAGE: Final = 500

# Built once: every command says these, and to build a statement costs as much as to send it.
_LOCK: Final = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("of_case", type_=Text), 0)))
LOCKED: Final = _LOCK.cte("locked")
"""Locks the case `of_case` as `lock_case` does, before a statement that reads it does anything."""

_OPEN: Final = select(
    func.open_ledger(bindparam("of_case", type_=Text), bindparam("since", type_=Integer)).table_valued(
        *(column(of.name, of.type) for of in ledger.c)
    )
)
APPENDED: Final = insert_given(ledger, "fact_rows").cte("appended")
"""Appends the entries of `fact_rows`; said along with another statement."""


class Entry(NamedTuple):
    """One fact with its place in the chain."""

    fact: Fact
    prev_hash: bytes
    hash: bytes


class Book(NamedTuple):
    """The whole ledger of one case as it is read for an audit: its facts, or where its chain breaks."""

    facts: tuple[Fact, ...]
    chain_break: ChainBreak | None


async def lock_case(session: WriteSession, case_no: CaseNo) -> None:
    """Let nobody else write this case before the transaction ends.

    Locking a row would not do: the first facts of a case come before its row.
    """
    await session.execute(_LOCK, {"of_case": case_no})


async def unwritten(session: WriteSession, case_no: CaseNo, facts: Sequence[Fact]) -> tuple[Entry, ...]:
    """Lock a case as `lock_case` does, and return the entries that its ledger does not have yet.

    Facts come in order and without gaps. LedgerGap: facts before them are missing. LedgerConflict: the
    ledger has another fact under one of the numbers.
    """
    if not facts:
        return ()
    _require_one_run(case_no, facts)
    stored = await _open(session, case_no, facts[0].seq - 1)
    if facts[0].seq > 1 and facts[0].seq - 1 not in stored:
        raise LedgerGap(case_no, facts[0].seq)
    return tuple(_chained(facts, stored))


def following(case_no: CaseNo, head: bytes, facts: Sequence[Fact]) -> tuple[Entry, ...]:
    """Chain facts to an entry whose hash is known. LedgerGap: they are not one run."""
    _require_one_run(case_no, facts)
    return tuple(_chained_after(head, facts))


async def facts_of(
    session: ReadSession, case_no: CaseNo, *, after: int = 0, limit: int = PAGE
) -> tuple[Fact, ...]:
    """Return up to `limit` facts of a case that follow number `after`."""
    return tuple([_fact(row) for row in await _rows(session, case_no, after, limit)])


async def verify_chain(session: ReadSession, case_no: CaseNo) -> ChainBreak | None:
    """Walk the chain of a case and return the first place where it does not hold."""
    last, prev_hash = 0, GENESIS
    while page := await _rows(session, case_no, last, PAGE):
        if broken := _first_break(page, last, prev_hash):
            return broken
        last, prev_hash = page[-1].seq, page[-1].hash
    return None


async def books_of(session: ReadSession, case_nos: Sequence[CaseNo]) -> dict[CaseNo, Book]:
    """Read the whole ledgers of some cases at once."""
    found = await session.execute(
        select(ledger).where(ledger.c.case_no.in_(case_nos)).order_by(ledger.c.case_no, ledger.c.seq)
    )
    books = {}
    for case_no, group in groupby(found, key=lambda row: CaseNo(row.case_no)):
        rows = list(group)
        broken = _first_break(rows, 0, GENESIS)
        # What was tampered with need not even have the form of a fact any more.
        books[case_no] = Book(() if broken else tuple(_fact(row) for row in rows), broken)
    return books


async def ledgers_of(session: ReadSession, case_nos: Sequence[CaseNo]) -> dict[CaseNo, tuple[Fact, ...]]:
    """Read the facts of some cases at once, in a thread: reading thousands takes a while."""
    found = await session.execute(
        select(ledger).where(ledger.c.case_no.in_(case_nos)).order_by(ledger.c.case_no, ledger.c.seq)
    )
    return await asyncio.to_thread(_by_case, found.all())


def _by_case(rows: Sequence[Row[Any]]) -> dict[CaseNo, tuple[Fact, ...]]:
    groups = groupby(rows, key=lambda row: CaseNo(row.case_no))
    return {case_no: tuple(_fact(row) for row in group) for case_no, group in groups}


async def facts_until(session: ReadSession, case_no: CaseNo, until: datetime) -> tuple[Fact, ...]:
    """Return every fact of a case that had been decided by an instant."""

    async def read() -> tuple[Fact, ...]:
        found = await session.execute(
            select(ledger).where(ledger.c.case_no == case_no).order_by(ledger.c.seq)
        )
        return tuple(_fact(row) for row in found)

    # Whole, since a page asks for several instants, most of which are now.
    return tuple(fact for fact in await session.once((facts_until, case_no), read) if fact.at <= until)


async def numbers_in_ledger(session: ReadSession, *, after: str = "", limit: int = 200) -> tuple[CaseNo, ...]:
    """Return the numbers of cases that have facts, in order, to walk them in batches."""
    found = await session.execute(
        select(ledger.c.case_no)
        .distinct()
        .where(ledger.c.case_no > after)
        .order_by(ledger.c.case_no)
        .limit(limit)
    )
    return tuple(found.scalars())


def _require_one_run(case_no: CaseNo, facts: Sequence[Fact]) -> None:
    for number, fact in enumerate(facts, start=facts[0].seq):
        if fact.case_no != case_no:
            message = f"a fact of {fact.case_no} among those of {case_no}"
            raise ValueError(message)
        if fact.seq != number:
            raise LedgerGap(case_no, fact.seq)


async def _open(session: WriteSession, case_no: CaseNo, since: int) -> dict[int, Entry]:
    """Lock a case, and return what its ledger has from a number on (revision 0029)."""
    found = await session.execute(_OPEN, {"of_case": case_no, "since": since})
    return {row.seq: Entry(_fact(row), row.prev_hash, row.hash) for row in found}


def _chained(facts: Sequence[Fact], stored: dict[int, Entry]) -> Iterator[Entry]:
    """Compare what is stored, and chain what is new to it."""
    before = stored.get(facts[0].seq - 1)
    prev_hash = before.hash if before else GENESIS
    again = [fact for fact in facts if fact.seq in stored]
    for fact in again:
        known = stored[fact.seq]
        # A field added since, with its default, makes another hash but not another fact.
        if known.hash != entry_hash(prev_hash, _content(fact)) and known.fact != fact:
            raise LedgerConflict(fact.case_no, fact.seq)
        prev_hash = known.hash
    return _chained_after(prev_hash, facts[len(again) :])


def _chained_after(prev_hash: bytes, facts: Iterable[Fact]) -> Iterator[Entry]:
    for fact in facts:
        entry = Entry(fact, prev_hash, entry_hash(prev_hash, _content(fact)))
        prev_hash = entry.hash
        yield entry


def _content(fact: Fact) -> dict[str, Any]:
    return _entry(
        case_no=fact.case_no,
        seq=fact.seq,
        at=fact.at,
        actor=(fact.actor.user_id, fact.actor.role.value, fact.actor.unit),
        command_id=fact.command_id,
        body=fact.body.model_dump(mode="json"),
    )


def stored_content(row: Row[Any]) -> dict[str, Any]:
    """Return what of a row of the ledger is hashed."""
    return _entry(
        case_no=row.case_no,
        seq=row.seq,
        at=row.at,
        actor=(row.actor_id, row.actor_role, row.actor_unit),
        command_id=row.command_id,
        body=row.body,
    )


# The body is JSON of any of the facts' shapes.
def _entry(
    *,
    case_no: str,
    seq: int,
    at: datetime,
    actor: tuple[str, str, str | None],
    command_id: str,
    body: dict[str, Any],
) -> dict[str, Any]:
    return {
        "case_no": case_no,
        "seq": seq,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": list(actor),
        "command_id": command_id,
        "body": body,
    }


def entry_rows(entries: Iterable[Entry]) -> list[Values]:
    """Entries as `fact_rows` takes them."""
    return [_row(entry) for entry in entries]


def _row(entry: Entry) -> Values:
    fact = entry.fact
    return {
        "case_no": fact.case_no,
        "seq": fact.seq,
        "at": fact.at,
        "tag": fact.body.tag,
        "actor_id": fact.actor.user_id,
        "actor_role": fact.actor.role.value,
        "actor_unit": fact.actor.unit,
        "command_id": fact.command_id,
        "body": fact.body.model_dump(mode="json"),
        "prev_hash": bytes_given(entry.prev_hash),
        "hash": bytes_given(entry.hash),
    }


def _fact(row: Row[Any]) -> Fact:
    actor = Actor(user_id=row.actor_id, role=row.actor_role, unit=row.actor_unit)
    return Fact.model_validate(
        {
            "case_no": row.case_no,
            "seq": row.seq,
            "at": row.at,
            "actor": actor,
            "command_id": row.command_id,
            "body": row.body,
        }
    )


async def _rows(session: ReadSession, case_no: CaseNo, after: int, limit: int) -> Sequence[Row[Any]]:
    found = await session.execute(
        select(ledger)
        .where(ledger.c.case_no == case_no, ledger.c.seq > after)
        .order_by(ledger.c.seq)
        .limit(limit)
    )
    return found.all()


def _first_break(rows: Iterable[Row[Any]], last: int, prev_hash: bytes) -> ChainBreak | None:
    for row in rows:
        if problem := _problem(row, last, prev_hash):
            return ChainBreak(row.seq, problem)
        last, prev_hash = row.seq, row.hash
    return None


def _problem(row: Row[Any], last: int, prev_hash: bytes) -> str | None:
    if row.seq != last + 1:
        return "the entry before it is missing"
    if row.prev_hash != prev_hash:
        return "it is not chained to the entry before it"
    if row.tag != row.body["tag"] or row.hash != entry_hash(row.prev_hash, stored_content(row)):
        return "its content is not what was hashed"
    return None

"""Anchoring the ledgers beside the cases' (案卷、台账锚定): accountability files and lines of repeat problems.

The Merkle root over the last fact of each that grew is an entry of the audit trail, in the transaction of the
day's anchor. The anchor signs the head of the trail, and so this root; its own form, by which exports verify
offline, stays as it is, and nobody learns from an anchor how many files there are.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, and_, exists, func, insert, not_, select, true

from hotline.identifiers import DossierNo, LineNo
from hotline.proof.anchors import Anchor
from hotline.proof.chain import canonical
from hotline.proof.merkle import Tree
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import TrailEvent
from store import dossiers, problems
from store.chained import ChainedLedger
from store.engine import ReadSession, WriteSession
from store.tables.anchors import anchor_books
from store.tables.trail import trail
from store.trail import TrailEntry, record

PAGE: Final = 1000

# Any: whatever their facts are.
BOOKS: Final[dict[str, ChainedLedger[Any]]] = {"dossier": dossiers.LEDGER, "line": problems.LEDGER}
"""Every such ledger by the name under which it is anchored, in the order of that name."""


class BookLeaf(NamedTuple):
    """One file or line under an anchor: the number and the hash of its last fact there."""

    book: str
    entity: str
    seq: int
    hash: bytes

    @property
    def content(self) -> bytes:
        """What the tree takes in."""
        return canonical({"book": self.book, "entity": self.entity, "seq": self.seq, "hash": self.hash.hex()})


class BookFault(NamedTuple):
    """What does not hold of the ledgers under an anchor, or of one of them."""

    problem: str
    dossier_no: DossierNo | None = None
    line_no: LineNo | None = None


async def anchor_grown_books(
    session: WriteSession, number: int, *, until: datetime, made_at: datetime
) -> None:
    """Keep the last fact before an instant of each ledger that grew, and record their root; if none grew, nothing."""
    tree = Tree()
    for book in BOOKS:
        async for page in _grown(session, book, until):
            for leaf in page:
                tree.add(leaf.content)
            await session.execute(
                insert(anchor_books), [{"number": number, **leaf._asdict()} for leaf in page]
            )
    if tree.size:
        await record(session, _entry(number, made_at, tree))


def _entry(number: int, made_at: datetime, tree: Tree) -> TrailEntry:
    return TrailEntry(
        at=made_at,
        event=TrailEvent.BOOKS_ANCHORED,
        actor=SYSTEM_ACTOR,
        subject=str(number),
        detail={"root": tree.finish()[0].hex()},
    )


async def _grown(session: ReadSession, book: str, until: datetime) -> AsyncIterator[list[BookLeaf]]:
    """Yield the ledgers of a kind that have facts which no anchor covers, in pages."""
    after = ""
    while True:
        rows = (await session.execute(_heads(book, after, until))).all()
        grown = [row for row in rows if row.seq is not None and row.seq > row.covered]
        if grown:
            yield [BookLeaf(book, row.entity, row.seq, row.hash) for row in grown]
        if len(rows) < PAGE:
            return
        after = rows[-1].entity


# Select is generic in the types of its columns.
def _heads(book: str, after: str, until: datetime) -> Select[Any]:
    """The last fact before an instant of some ledgers, and up to which fact each is covered."""
    facts = BOOKS[book].table
    key = facts.c[BOOKS[book].key]
    numbers = (
        select(key.label("entity"))
        .distinct()
        .where(key > after)
        .order_by(key)
        .limit(PAGE)
        .subquery("numbers")
    )
    newest = (
        select(facts.c.seq, facts.c.hash)
        .where(and_(key == numbers.c.entity, facts.c.at < until))
        .order_by(facts.c.seq.desc())
        .limit(1)
        .lateral("newest")
    )
    covered = (
        select(anchor_books.c.seq)
        .where(and_(anchor_books.c.book == book, anchor_books.c.entity == numbers.c.entity))
        .order_by(anchor_books.c.number.desc())
        .limit(1)
        .lateral("covered")
    )
    columns = numbers.c.entity, newest.c.seq, newest.c.hash, func.coalesce(covered.c.seq, 0).label("covered")
    joined = numbers.outerjoin(newest, true()).outerjoin(covered, true())
    return select(*columns).select_from(joined).order_by(numbers.c.entity)


async def book_faults(session: ReadSession, anchor: Anchor) -> AsyncIterator[BookFault]:
    """Yield what does not hold: the leaves against the root that was signed, each ledger against its leaf."""
    tree, after = Tree(), ("", "")
    while page := await _leaves(session, anchor.number, after):
        for leaf in page:
            tree.add(leaf.content)
        after = page[-1].book, page[-1].entity
    root = tree.finish()[0].hex() if tree.size else None
    if root != await _signed_root(session, anchor):
        yield BookFault("its files and lines are not those that were signed")
    for book in BOOKS:
        for entity, seq in await _contradicted(session, book, anchor.number):
            problem = f"entry {seq} is not the one that was signed"
            if book == "dossier":
                yield BookFault(problem, dossier_no=DossierNo(entity))
            else:
                yield BookFault(problem, line_no=LineNo(entity))


async def _leaves(session: ReadSession, number: int, after: tuple[str, str]) -> list[BookLeaf]:
    place = func.row(anchor_books.c.book, anchor_books.c.entity)
    found = await session.execute(
        select(anchor_books)
        .where(and_(anchor_books.c.number == number, place > func.row(*after)))
        .order_by(anchor_books.c.book, anchor_books.c.entity)
        .limit(PAGE)
    )
    return [BookLeaf(row.book, row.entity, row.seq, row.hash) for row in found]


async def _signed_root(session: ReadSession, anchor: Anchor) -> str | None:
    """What the trail says of it; an entry after the head that the anchor signed is none of its own."""
    found: str | None = await session.scalar(
        select(trail.c.detail["root"].astext).where(
            and_(
                trail.c.event == TrailEvent.BOOKS_ANCHORED.value,
                trail.c.subject == str(anchor.number),
                trail.c.seq <= anchor.trail.seq,
            )
        )
    )
    return found


async def _contradicted(session: ReadSession, book: str, number: int) -> list[tuple[str, int]]:
    """The leaves of a kind under which its ledger has another hash, or nothing."""
    facts, key = BOOKS[book].table, BOOKS[book].key
    same = exists().where(
        and_(
            facts.c[key] == anchor_books.c.entity,
            facts.c.seq == anchor_books.c.seq,
            facts.c.hash == anchor_books.c.hash,
        )
    )
    found = await session.execute(
        select(anchor_books.c.entity, anchor_books.c.seq)
        .where(and_(anchor_books.c.number == number, anchor_books.c.book == book, not_(same)))
        .order_by(anchor_books.c.entity)
        .limit(PAGE)
    )
    return [(row.entity, row.seq) for row in found]

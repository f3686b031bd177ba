"""Anchors in the database (每日锚定): makes the one that is due, and reads them again for proofs and audits.

However many processes try, a day has one anchor: they take turns by an advisory lock and look first. What a
leaf was is stored beside the anchor, for a fact that arrives late would change any leaf worked out afterwards.
"""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import Row, Select, and_, func, insert, select, true

from hotline.identifiers import CaseNo
from hotline.proof.anchors import Anchor, Leaf, TrailHead, days_due, end_of
from hotline.proof.chain import GENESIS, entry_hash
from hotline.proof.merkle import Tree
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import TrailEvent
from store import trail
from store.anchored_books import anchor_grown_books
from store.engine import ReadSession, WriteSession
from store.tables.anchors import anchor_leaves, anchors
from store.tables.casework import facts

PAGE: Final = 1000
# Any number will do, so long as nothing else in the database locks the same.
_LOCK: Final = 1234500003


class Signer(Protocol):
    """Who signs; the keys themselves are no business of the store."""

    @property
    def key_id(self) -> str:
        """The id of the key that signs now."""

    @property
    def public_keys(self) -> dict[str, bytes]:
        """The public part of every key that has signed, by id."""

    def sign(self, message: bytes) -> bytes:
        """The signature of a message."""


async def anchor_next(
    session: WriteSession, signer: Signer, *, now: datetime, grace: timedelta = timedelta(0)
) -> Anchor | None:
    """Anchor the earliest day that is over and has no anchor.

    None: no day is due, or another process is at it.
    """
    if not await _is_our_turn(session):
        return None
    last = await last_anchor(session)
    day = next(days_due(last.day if last else None, now, grace=grace), None)
    return await _make(session, signer, last, day, until=end_of(day), made_at=now) if day else None


async def anchor_now(session: WriteSession, signer: Signer, day: date, *, now: datetime) -> Anchor | None:
    """Anchor a day before it is over, with what there is; the rest of it falls to the next anchor.

    None: the day has its anchor, or another process is at it.
    """
    if not await _is_our_turn(session):
        return None
    last = await last_anchor(session)
    if last is not None and last.day >= day:
        return None
    return await _make(session, signer, last, day, until=now, made_at=now)


async def last_anchor(session: ReadSession) -> Anchor | None:
    """Return the newest anchor."""
    found = await session.execute(select(anchors).order_by(anchors.c.number.desc()).limit(1))
    row = found.one_or_none()
    return None if row is None else _anchor(row)


async def anchors_between(
    session: ReadSession, first: int, last: int | None = None, *, limit: int = PAGE
) -> tuple[Anchor, ...]:
    """Return anchors from one number to another, in order."""
    wanted = and_(anchors.c.number >= first, true() if last is None else anchors.c.number <= last)
    found = await session.execute(select(anchors).where(wanted).order_by(anchors.c.number).limit(limit))
    return tuple(_anchor(row) for row in found)


async def newest_anchors(
    session: ReadSession, *, before: int | None = None, limit: int = 100
) -> tuple[Anchor, ...]:
    """Return anchors, newest first, that come before a number."""
    wanted = true() if before is None else anchors.c.number < before
    found = await session.execute(
        select(anchors).where(wanted).order_by(anchors.c.number.desc()).limit(limit)
    )
    return tuple(_anchor(row) for row in found)


async def leaves_of_case(session: ReadSession, case_no: CaseNo) -> tuple[tuple[int, Leaf], ...]:
    """Return the leaves of a case, each with the number of its anchor, in order."""
    found = await session.execute(
        select(anchor_leaves).where(anchor_leaves.c.case_no == case_no).order_by(anchor_leaves.c.number)
    )
    return tuple((row.number, _leaf(row)) for row in found)


async def leaves_of(session: ReadSession, number: int) -> AsyncIterator[Leaf]:
    """Yield the leaves of an anchor in the order of its tree."""
    after = ""
    while True:
        found = await session.execute(
            select(anchor_leaves)
            .where(and_(anchor_leaves.c.number == number, anchor_leaves.c.case_no > after))
            .order_by(anchor_leaves.c.case_no)
            .limit(PAGE)
        )
        page = [_leaf(row) for row in found]
        for leaf in page:
            yield leaf
        if len(page) < PAGE:
            return
        after = page[-1].case_no


async def path_of(session: ReadSession, number: int, case_no: CaseNo) -> tuple[int, tuple[bytes, ...]]:
    """Return where the leaf of a case stands in the tree of an anchor, and its path to the root."""
    before = and_(anchor_leaves.c.number == number, anchor_leaves.c.case_no < case_no)
    index: int = await session.scalar(select(func.count()).where(before))
    tree = Tree(marked=index)
    async for leaf in leaves_of(session, number):
        tree.add(leaf.content)
    return index, tree.finish()[1]


async def _is_our_turn(session: WriteSession) -> bool:
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))))


async def _make(
    session: WriteSession,
    signer: Signer,
    last: Anchor | None,
    day: date,
    *,
    until: datetime,
    made_at: datetime,
) -> Anchor:
    number = last.number + 1 if last else 1
    tree, covered = Tree(), 0
    async for page, added in _grown(session, until):
        for leaf in page:
            tree.add(leaf.content)
        covered += added
        await session.execute(insert(anchor_leaves), [{"number": number, **leaf._asdict()} for leaf in page])
    await anchor_grown_books(session, number, until=until, made_at=made_at)
    draft = Anchor(
        number=number,
        day=day,
        until=until,
        made_at=made_at,
        cases=tree.size,
        facts=covered,
        root=tree.finish()[0],
        trail=await trail.head(session),
        key_id=signer.key_id,
        prev_hash=last.hash if last else GENESIS,
        hash=b"",
        signature=b"",
    )
    hashed = draft.model_copy(update={"hash": entry_hash(draft.prev_hash, draft.content)})
    anchor = hashed.model_copy(update={"signature": signer.sign(hashed.message)})
    await session.execute(insert(anchors).values(_row(anchor)))
    await trail.record(session, _entry(anchor))
    return anchor


async def _grown(session: ReadSession, until: datetime) -> AsyncIterator[tuple[list[Leaf], int]]:
    """Yield the cases that have facts which no anchor covers, in pages, each with how many such facts."""
    after = ""
    while True:
        rows = (await session.execute(_heads(after, until))).all()
        grown = [row for row in rows if row.seq is not None and row.seq > row.covered]
        if grown:
            yield [_leaf(row) for row in grown], sum(row.seq - row.covered for row in grown)
        if len(rows) < PAGE:
            return
        after = rows[-1].case_no


# Select is generic in the types of its columns.
def _heads(after: str, until: datetime) -> Select[Any]:
    """The last fact before an instant of some cases, and up to which fact each is covered.

    It asks the ledger itself, by its key: read rows could be wrong, and then so would the anchor be.
    """
    numbers = (
        select(facts.c.case_no)
        .distinct()
        .where(facts.c.case_no > after)
        .order_by(facts.c.case_no)
        .limit(PAGE)
        .subquery("numbers")
    )
    newest = (
        select(facts.c.seq, facts.c.hash)
        .where(and_(facts.c.case_no == numbers.c.case_no, facts.c.at < until))
        .order_by(facts.c.seq.desc())
        .limit(1)
        .lateral("newest")
    )
    covered = (
        select(anchor_leaves.c.seq)
        .where(anchor_leaves.c.case_no == numbers.c.case_no)
        .order_by(anchor_leaves.c.number.desc())
        .limit(1)
        .lateral("covered")
    )
    columns = numbers.c.case_no, newest.c.seq, newest.c.hash, func.coalesce(covered.c.seq, 0).label("covered")
    joined = numbers.outerjoin(newest, true()).outerjoin(covered, true())
    return select(*columns).select_from(joined).order_by(numbers.c.case_no)


def _entry(anchor: Anchor) -> trail.TrailEntry:
    return trail.TrailEntry(
        at=anchor.made_at,
        event=TrailEvent.LEDGER_ANCHORED,
        actor=SYSTEM_ACTOR,
        subject=str(anchor.number),
        detail={"day": anchor.day.isoformat(), "cases": anchor.cases, "hash": anchor.hash.hex()},
    )


def _row(anchor: Anchor) -> dict[str, Any]:  # The values of one row, as its columns take them.
    values = {name: getattr(anchor, name) for name in Anchor.model_fields if name != "trail"}
    return values | {"trail_seq": anchor.trail.seq, "trail_hash": anchor.trail.hash}


# Rows of the two tables.
def _anchor(row: Row[Any]) -> Anchor:
    found = {name: getattr(row, name) for name in Anchor.model_fields if name != "trail"}
    return Anchor(**found, trail=TrailHead(row.trail_seq, row.trail_hash))


def _leaf(row: Row[Any]) -> Leaf:
    return Leaf(CaseNo(row.case_no), row.seq, row.hash)

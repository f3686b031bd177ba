"""Auditing the anchors (锚定核对): does the ledger still say what was signed?

A fact that somebody alters together with all hashes after it passes for true by its own chain. The leaf under
an anchor names the hash that the case had then, and the anchor's signature vouches for all its leaves.
"""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from sqlalchemy import and_, exists, not_, select

from hotline.identifiers import CaseNo, DossierNo, LineNo
from hotline.proof.anchors import Anchor, VerifySignature
from hotline.proof.chain import GENESIS
from hotline.proof.merkle import Tree
from hotline.vocabulary import TrailEvent
from store.anchored_books import book_faults
from store.anchors import PAGE, anchors_between, leaves_of
from store.engine import ReadSession
from store.tables.anchors import anchor_leaves
from store.tables.casework import facts
from store.tables.trail import trail


class AnchorFault(NamedTuple):
    """What does not hold about an anchor, or about a case, a file or a line under it."""

    number: int
    problem: str
    case_no: CaseNo | None = None
    dossier_no: DossierNo | None = None
    line_no: LineNo | None = None

    @property
    def is_of_ledger(self) -> bool:
        """Whether it is a ledger that is not as it was signed, and not the anchor itself."""
        return any((self.case_no, self.dossier_no, self.line_no))


async def anchor_faults(session: ReadSession, verify: VerifySignature) -> AsyncIterator[AnchorFault]:
    """Yield what does not hold: a broken chain once, and of each anchor its leaves and its place in the trail."""
    last, prev_hash, broken = 0, GENESIS, False
    while page := await anchors_between(session, last + 1):
        for anchor in page:
            if not broken and (problem := anchor.problem(last + 1, prev_hash, verify)):
                broken = True
                yield AnchorFault(last + 1, problem)
            async for fault in _own_faults(session, anchor):
                yield fault
            last, prev_hash = anchor.number, anchor.hash
    for number in await _announced_and_gone(session, last):
        yield AnchorFault(number, "the trail tells of it, and it is gone")


async def _own_faults(session: ReadSession, anchor: Anchor) -> AsyncIterator[AnchorFault]:
    tree = Tree()
    async for leaf in leaves_of(session, anchor.number):
        tree.add(leaf.content)
    if (tree.size, tree.finish()[0]) != (anchor.cases, anchor.root):
        yield AnchorFault(anchor.number, "its leaves are not those that were signed")
    if anchor.trail.seq and await _trail_hash(session, anchor.trail.seq) != anchor.trail.hash:
        yield AnchorFault(
            anchor.number, f"entry {anchor.trail.seq} of the trail is not the one that was signed"
        )
    for case_no, seq in await _contradicted(session, anchor.number):
        yield AnchorFault(anchor.number, f"entry {seq} is not the one that was signed", case_no)
    async for fault in book_faults(session, anchor):
        yield AnchorFault(anchor.number, fault.problem, dossier_no=fault.dossier_no, line_no=fault.line_no)


async def _trail_hash(session: ReadSession, seq: int) -> bytes | None:
    found: bytes | None = await session.scalar(select(trail.c.hash).where(trail.c.seq == seq))
    return found


async def _contradicted(session: ReadSession, number: int) -> Sequence[tuple[CaseNo, int]]:
    """The leaves of an anchor under which the ledger has another hash, or nothing."""
    same = exists().where(
        and_(
            facts.c.case_no == anchor_leaves.c.case_no,
            facts.c.seq == anchor_leaves.c.seq,
            facts.c.hash == anchor_leaves.c.hash,
        )
    )
    found = await session.execute(
        select(anchor_leaves.c.case_no, anchor_leaves.c.seq)
        .where(and_(anchor_leaves.c.number == number, not_(same)))
        .order_by(anchor_leaves.c.case_no)
        .limit(PAGE)
    )
    return [(CaseNo(row.case_no), row.seq) for row in found]


async def _announced_and_gone(session: ReadSession, last: int) -> Sequence[int]:
    """Anchors after the last one, of which the trail tells: the end of a chain shows no hole of its own."""
    found = await session.execute(
        select(trail.c.subject).where(trail.c.event == TrailEvent.LEDGER_ANCHORED.value)
    )
    return sorted(number for subject in found.scalars() if (number := int(subject or 0)) > last)

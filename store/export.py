"""Exporting a case's ledger (台账导出) as it is stored, with everything that is needed to verify it offline.

Nothing is repaired on the way: what somebody has altered in the database comes out altered, for the file is
to show it. Each export leaves an entry in the audit trail, in the same transaction.
"""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row, select

from hotline.case import Actor
from hotline.identifiers import CaseNo
from hotline.proof.anchors import Anchor
from hotline.proof.export import Entry, Export, Proof, header_of
from hotline.vocabulary import TrailEvent
from store.anchors import Signer, anchors_between, leaves_of_case, path_of
from store.engine import ReadSession, WriteSession
from store.ledger import stored_content
from store.tables.casework import facts
from store.trail import TrailEntry, record

_EVERY: Final = 1_000_000
"""More anchors than there will be days."""


async def export_case(
    session: WriteSession, signer: Signer, case_no: CaseNo, *, at: datetime, actor: Actor
) -> Export | None:
    """Export the ledger of a case and record who did; None if there is no such ledger.

    Whether this actor may is for the caller to decide.
    """
    entries = await _entries(session, case_no)
    if not entries:
        return None
    proofs = await _proofs(session, case_no, last=entries[-1].seq)
    anchors = await _anchors(session, proofs)
    header = header_of(
        case_no,
        entries,
        anchors,
        proofs,
        exported_at=at.astimezone(UTC).isoformat(timespec="microseconds"),
        key_id=signer.key_id,
    )
    needed = {signer.key_id, *(anchor.key_id for anchor in anchors)}
    await record(session, _trail_entry(case_no, at, actor, len(entries)))
    return Export(
        header=header,
        signature=signer.sign(header.message),
        entries=entries,
        anchors=anchors,
        proofs=proofs,
        keys={key_id: key for key_id, key in signer.public_keys.items() if key_id in needed},
    )


async def _entries(session: ReadSession, case_no: CaseNo) -> tuple[Entry, ...]:
    found = await session.execute(select(facts).where(facts.c.case_no == case_no).order_by(facts.c.seq))
    return tuple(_entry(row) for row in found)


def _entry(row: Row[Any]) -> Entry:  # A row of facts.
    return Entry.model_validate({**stored_content(row), "prev_hash": row.prev_hash, "hash": row.hash})


async def _proofs(session: ReadSession, case_no: CaseNo, *, last: int) -> tuple[Proof, ...]:
    proofs = []
    for number, leaf in await leaves_of_case(session, case_no):
        # An anchor that was made after the facts were read would be of facts that are not in the file.
        if leaf.seq <= last:
            index, path = await path_of(session, number, case_no)
            proofs.append(Proof(anchor=number, seq=leaf.seq, hash=leaf.hash, index=index, path=path))
    return tuple(proofs)


async def _anchors(session: ReadSession, proofs: tuple[Proof, ...]) -> tuple[Anchor, ...]:
    """The anchors over this case and those between them, so that their own chain can be followed."""
    if not proofs:
        return ()
    return await anchors_between(session, proofs[0].anchor, proofs[-1].anchor, limit=_EVERY)


def _trail_entry(case_no: CaseNo, at: datetime, actor: Actor, count: int) -> TrailEntry:
    return TrailEntry(
        at=at,
        event=TrailEvent.LEDGER_EXPORTED,
        actor=actor,
        case_no=case_no,
        detail={"facts": count},
    )

"""The export of one case's ledger (台账导出): one JSON file that proves itself offline, without personal data.

It has the facts as they are stored, their chain, the anchors over them with proofs of inclusion, and public
keys; a signed header tells how much there was, so that what was cut off shows as well.
"""

from typing import Any, Final, Literal

from pydantic import JsonValue

from hotline.identifiers import CaseNo
from hotline.model import Message
from hotline.proof.anchors import Anchor, Hex
from hotline.proof.chain import GENESIS, canonical

FORMAT: Final = "hotline-ledger/1"
SIGNED_AS: Final = b"hotline-export/1\n"
"""Stands before what is signed, so that the signature of an export is one of nothing else."""


class Entry(Message):
    """One fact as it is stored: its instant as text and its body as JSON, for these are what was hashed."""

    case_no: CaseNo
    seq: int
    at: str
    actor: tuple[str, str, str | None]
    command_id: str
    body: dict[str, JsonValue]
    prev_hash: Hex
    hash: Hex

    @property
    def content(self) -> dict[str, Any]:  # The values are JSON.
        """What is hashed; the same as store/ledger.py hashes."""
        whole = self.model_dump(mode="json", exclude={"prev_hash", "hash"})
        return {**whole, "actor": list(self.actor)}


class Proof(Message):
    """That an anchor was signed over this case: its leaf, where the leaf stands, and the path to the root."""

    anchor: int
    seq: int
    hash: Hex
    index: int
    path: tuple[Hex, ...]


class Covered(Message):
    """Up to which fact an anchor covers the case."""

    anchor: int
    seq: int


class Header(Message):
    """What was exported: how many facts up to which hash, which run of anchors, and which of them cover it."""

    format: Literal["hotline-ledger/1"] = FORMAT
    case_no: CaseNo
    exported_at: str
    facts: int
    head: Hex
    first_anchor: int | None
    last_anchor: int | None
    covered: tuple[Covered, ...]
    key_id: str

    @property
    def message(self) -> bytes:
        """What is signed."""
        return SIGNED_AS + canonical(self.model_dump(mode="json"))


class Export(Message):
    """The whole file."""

    header: Header
    signature: Hex
    entries: tuple[Entry, ...]
    anchors: tuple[Anchor, ...]
    proofs: tuple[Proof, ...]
    keys: dict[str, Hex]


def header_of(
    case_no: CaseNo,
    entries: tuple[Entry, ...],
    anchors: tuple[Anchor, ...],
    proofs: tuple[Proof, ...],
    *,
    exported_at: str,
    key_id: str,
) -> Header:
    """Tell what there is, to be signed."""
    return Header(
        case_no=case_no,
        exported_at=exported_at,
        facts=len(entries),
        head=entries[-1].hash if entries else GENESIS,
        first_anchor=anchors[0].number if anchors else None,
        last_anchor=anchors[-1].number if anchors else None,
        covered=tuple(Covered(anchor=proof.anchor, seq=proof.seq) for proof in proofs),
        key_id=key_id,
    )

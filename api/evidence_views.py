"""Responses about evidence (存证接口模型): files, anchors, public keys, and entries of the audit trail."""

from collections.abc import Mapping
from datetime import date
from typing import Self

from pydantic import Field, JsonValue

from api.schemas import Instant, View
from hotline.case import Actor
from hotline.proof.anchors import Anchor, TrailHead
from hotline.proof.chain import ChainBreak
from store.evidence import EvidenceFile, Sealed
from store.trail import TrailLine


class EvidenceView(View):
    """An evidence file (附件). Its id, kind and `made_at` go into the `evidence` of a command."""

    evidence_id: str = Field(examples=["ev-1f0c9a…"])
    kind: str
    kind_label: str
    made_at: Instant
    made_at_source: str = Field(description="`camera` 图片自带，`stated` 上传时所述，`received` 收到时间")
    media_type: str
    size: int
    sha256: str
    uploaded_by: str
    uploaded_unit: str | None
    uploaded_at: Instant
    name: str | None
    metadata: dict[str, str] | None

    @classmethod
    def of(cls, file: EvidenceFile, sealed: Sealed | None) -> Self:
        """The view of a file, with what is sealed about it if the reader may know."""
        opened = {"kind_label", "name", "metadata"}
        return cls(
            **file.model_dump(include=set(cls.model_fields) - opened),
            kind_label=file.kind.label,
            name=sealed.name if sealed else None,
            metadata=dict(sealed.metadata) if sealed else None,
        )


class EvidenceList(View):
    """The files of a case in the order in which they came."""

    items: list[EvidenceView]


class AnchorView(View):
    """One anchor (锚定): hashes and signature in hexadecimal."""

    number: int
    day: date
    until: Instant
    made_at: Instant
    cases: int
    facts: int
    root: str
    trail_seq: int
    trail_hash: str
    prev_hash: str
    hash: str
    key_id: str
    signature: str

    @classmethod
    def of(cls, anchor: Anchor) -> Self:
        """The view of an anchor."""
        return cls(
            **anchor.model_dump(mode="json", exclude={"trail"}),
            trail_seq=anchor.trail.seq,
            trail_hash=anchor.trail.hash.hex(),
        )


class AnchorPage(View):
    """Anchors, newest first; `next_before` is absent on the last page."""

    items: list[AnchorView]
    next_before: int | None = None


class KeysView(View):
    """Public keys by id, and which of them signs now."""

    current: str
    keys: dict[str, str] = Field(examples=[{"9f86d081884c7d65": "d75a980182b10ab7…"}])

    @classmethod
    def of(cls, current: str, keys: Mapping[str, bytes]) -> Self:
        """The view of some keys."""
        return cls(current=current, keys={key_id: key.hex() for key_id, key in keys.items()})


class TrailView(View):
    """One entry of the audit trail."""

    seq: int
    at: Instant
    event: str = Field(examples=["ledger:exported"])
    event_label: str = Field(examples=["导出台账"])
    actor: Actor | None
    case_no: str | None
    subject: str | None
    address: str | None
    detail: dict[str, JsonValue]

    @classmethod
    def of(cls, line: TrailLine) -> Self:
        """The view of an entry."""
        same = {name: getattr(line, name) for name in cls.model_fields if name != "event_label"}
        return cls(**same, event_label=line.event.label)


class TrailPage(View):
    """Entries, newest first; `next_before` is absent on the last page."""

    items: list[TrailView]
    next_before: int | None = None


class TrailVerdict(View):
    """Whether the trail holds, and if not, where it first does not."""

    intact: bool
    entries: int
    head: str = Field(description="末条记录的哈希，可抄录留存，日后比对")
    broken_at: int | None = None
    problem: str | None = None

    @classmethod
    def of(cls, head: TrailHead, broken: ChainBreak | None) -> Self:
        """The view of what was found."""
        return cls(
            intact=broken is None,
            entries=head.seq,
            head=head.hash.hex(),
            broken_at=broken.seq if broken else None,
            problem=broken.problem if broken else None,
        )

"""Evidence files (附件) in the database: what was uploaded for a case, by whom, and the sealed key to its bytes.

The bytes lie in the object store, each file under a key of its own. That key is sealed here under the key of the
citizen whose case it is: who is erased takes their files with them. A row is never changed: the fact that uses a file carries its hash, and the
row's own is what the file is held against.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from pydantic import Field
from sqlalchemy import Row, and_, select
from sqlalchemy.dialects.postgresql import insert

from hotline.case import Actor
from hotline.identifiers import CaseNo, UnitCode, UserId, derived_command
from hotline.model import Record
from hotline.vocabulary import EvidenceKind, Role
from store.conditions import among
from store.engine import ReadSession, WriteSession
from store.persons import Cipher, PersonKeys, sealer_of
from store.tables.vault import evidence
from store.vault import bound_to

PREFIX: Final = "ev-"
"""How the ids of uploaded files begin; any other id is a reference to something that is kept elsewhere."""

KEY: Final = "evidence-key"
METADATA: Final = "evidence-metadata"
NAME: Final = "evidence-name"


class EvidenceFile(Record):
    """An uploaded file, without what is sealed about it."""

    evidence_id: str
    case_no: CaseNo
    kind: EvidenceKind
    made_at: datetime
    made_at_source: str
    media_type: str
    size: int
    sha256: str
    uploaded_by: UserId
    uploaded_role: Role
    uploaded_unit: UnitCode | None
    uploaded_at: datetime


class Sealed(Record):
    """What is sealed about a file: where its bytes lie and how they open, its name, and an image's metadata."""

    object_name: str
    object_key: bytes = Field(repr=False)
    name: str | None = Field(default=None, repr=False)
    metadata: Mapping[str, str] = Field(default_factory=dict, repr=False)


def evidence_id(case_no: CaseNo, kind: EvidenceKind, sha256: str) -> str:
    """The id of a file: the same for the same content of the same case, so that uploading twice is once."""
    return PREFIX + derived_command(f"{case_no}/{kind.value}", sha256)


def is_uploaded(reference: str) -> bool:
    """Whether an id claims to be that of an uploaded file."""
    return reference.startswith(PREFIX)


async def add_evidence(session: WriteSession, cipher: Cipher, file: EvidenceFile, sealed: Sealed) -> bool:
    """Store the row of a file; False if there is one already, because the same was uploaded before."""
    sealer = await sealer_of(session, cipher, file.case_no, at=file.uploaded_at)
    bound = bound_to(file.case_no, file.evidence_id)
    metadata = orjson.dumps(dict(sealed.metadata)) if sealed.metadata else None
    values = {
        **file.model_dump(mode="python"),
        "kind": file.kind.value,
        "uploaded_role": file.uploaded_role.value,
        "object_name": sealed.object_name,
        "sealed_key": sealer.seal(KEY, sealed.object_key, bound),
        "sealed_name": sealer.seal(NAME, sealed.name.encode(), bound) if sealed.name else None,
        "sealed_metadata": sealer.seal(METADATA, metadata, bound) if metadata else None,
    }
    added = await session.execute(insert(evidence).values(values).on_conflict_do_nothing())
    return added.rowcount == 1


async def find_evidence(session: ReadSession, case_no: CaseNo, ids: Iterable[str]) -> dict[str, EvidenceFile]:
    """Return those of some files that a case has, by id."""
    wanted = and_(evidence.c.case_no == case_no, among(evidence.c.evidence_id, tuple(ids)))
    found = await session.execute(select(evidence).where(wanted))
    return {row.evidence_id: _file(row) for row in found}


async def evidence_of(session: ReadSession, case_no: CaseNo) -> tuple[EvidenceFile, ...]:
    """Return every file of a case, in the order in which they came."""
    found = await session.execute(
        select(evidence)
        .where(evidence.c.case_no == case_no)
        .order_by(evidence.c.uploaded_at, evidence.c.evidence_id)
    )
    return tuple(_file(row) for row in found)


async def digests_of(session: ReadSession, case_nos: Sequence[CaseNo]) -> dict[str, str]:
    """Return the SHA-256 of every file of some cases, by id, for an audit to compare with the ledger."""
    wanted = among(evidence.c.case_no, case_nos)
    found = await session.execute(select(evidence.c.evidence_id, evidence.c.sha256).where(wanted))
    return {row.evidence_id: row.sha256 for row in found}


async def open_evidence(
    session: ReadSession, cipher: Cipher, case_no: CaseNo, reference: str | None = None
) -> tuple[tuple[EvidenceFile, Sealed | None], ...]:
    """Return the files of a case, or one of them, with what is sealed about each; None where it was erased."""
    wanted = evidence.c.case_no == case_no
    if reference is not None:
        wanted = and_(wanted, evidence.c.evidence_id == reference)
    found = await session.execute(
        select(evidence).where(wanted).order_by(evidence.c.uploaded_at, evidence.c.evidence_id)
    )
    rows = found.all()
    seals = (seal for row in rows for seal in (row.sealed_key, row.sealed_name, row.sealed_metadata))
    keys = await PersonKeys.of(session, cipher, seals)
    return tuple((_file(row), _sealed(keys, row)) for row in rows)


def _sealed(keys: PersonKeys, row: Row[Any]) -> Sealed | None:  # A row of evidence.
    bound = bound_to(row.case_no, row.evidence_id)
    key = keys.open(KEY, row.sealed_key, bound)
    if key is None:
        return None
    name = keys.open(NAME, row.sealed_name, bound) if row.sealed_name else None
    metadata = keys.open(METADATA, row.sealed_metadata, bound) if row.sealed_metadata else None
    return Sealed(
        object_name=row.object_name,
        object_key=key,
        name=name.decode() if name else None,
        metadata=orjson.loads(metadata) if metadata else {},
    )


def uploaded_by(actor: Actor) -> dict[str, Any]:  # fields of EvidenceFile
    """Who brings a file."""
    return {"uploaded_by": actor.user_id, "uploaded_role": actor.role, "uploaded_unit": actor.unit}


def _file(row: Row[Any]) -> EvidenceFile:  # A row of evidence.
    return EvidenceFile(**{name: getattr(row, name) for name in EvidenceFile.model_fields})

"""The vault (个人信息保险库): who called, and every free text, sealed before it reaches PostgreSQL.

The rest of the system carries a `TextRef` or a keyed hash. Each seal is bound to its row, so that sealed
values cannot be swapped between cases; nothing here is ever logged.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from pydantic import BaseModel
from sqlalchemy import ARRAY, Row, Text, and_, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from hotline.case import TextRef
from hotline.facts import Fact
from hotline.identifiers import CaseNo, TextId
from store.engine import ReadSession, WriteSession
from store.failures import TextAltered, TextMissing
from store.tables import vault_callers, vault_texts

TITLE: Final = "title"
CONTENT: Final = "content"
IMPORTED_REPLY: Final = "imported_reply"
"""What the texts of a registration are for; other texts name the field of their command."""

_PHONE: Final = "phone"
_NAME: Final = "name"
_ADDRESS: Final = "address"
_TEXT: Final = "text"
_DIGEST: Final = "text-digest"


class Cipher(Protocol):
    """What the store needs of a keyring (runtime/keyring.py)."""

    def seal(self, purpose: str, plaintext: bytes, aad: bytes) -> bytes: ...
    def open(self, purpose: str, sealed: bytes, aad: bytes) -> bytes: ...
    def match(self, purpose: str, value: str) -> str: ...
    def token64(self, purpose: str, value: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called (诉求人); never printed, because a repr ends up in a log one day."""

    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)


def normal_phone(phone: str) -> str:
    """Bring a phone number to the one form under which it is matched: digits alone, without +86."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", phone))
    return re.sub(r"^(?:00)?86(?=1\d{10}$)", "", digits)


def caller_hash(cipher: Cipher, phone: str | None) -> str | None:
    """Return the keyed hash under which a caller is found again; who left no number has none."""
    digits = normal_phone(phone or "")
    return cipher.match(_PHONE, digits) if digits else None


async def store_caller(
    session: WriteSession, cipher: Cipher, case_no: CaseNo, caller: Caller, *, at: datetime
) -> None:
    """Seal who called; the first version of a case's caller stays."""
    name_hash = cipher.match(_NAME, caller.name) if caller.name else None
    await session.execute(
        insert(vault_callers)
        .values(
            case_no=case_no,
            sealed_name=_sealed(cipher, _NAME, case_no, caller.name),
            sealed_phone=_sealed(cipher, _PHONE, case_no, caller.phone),
            sealed_address=_sealed(cipher, _ADDRESS, case_no, caller.address),
            name_hash=name_hash,
            phone_hash=caller_hash(cipher, caller.phone),
            created_at=at,
        )
        .on_conflict_do_nothing()
    )


async def read_caller(session: ReadSession, cipher: Cipher, case_no: CaseNo) -> Caller | None:
    """Open who called; None when the case is unknown or its caller was erased."""
    found = await session.execute(select(vault_callers).where(vault_callers.c.case_no == case_no))
    row = found.one_or_none()
    if row is None:
        return None
    return Caller(
        name=_opened(cipher, _NAME, case_no, row.sealed_name),
        phone=_opened(cipher, _PHONE, case_no, row.sealed_phone),
        address=_opened(cipher, _ADDRESS, case_no, row.sealed_address),
    )


async def store_text(
    session: WriteSession,
    cipher: Cipher,
    *,
    text_id: TextId,
    case_no: CaseNo,
    purpose: str,
    text: str,
    at: datetime,
    used: bool = False,
) -> TextRef:
    """Seal a text and return its reference; the same text under the same id is kept once.

    TextAltered: the id is taken by another text. A text is purged after a while unless a fact uses it
    (`mark_used`) or it is stored as used.
    """
    ref = TextRef(text_id=text_id, digest=_digest(cipher, text_id, text), chars=len(text))
    written = await session.execute(
        insert(vault_texts)
        .values(
            text_id=text_id,
            case_no=case_no,
            purpose=purpose,
            sealed=cipher.seal(_TEXT, text.encode(), _bound(case_no, text_id)),
            digest=ref.digest,
            chars=ref.chars,
            created_at=at,
            used_at=at if used else None,
        )
        .on_conflict_do_nothing()
        .returning(vault_texts.c.text_id)
    )
    if written.first() is None:
        await _require_same(session, ref, case_no)
    return ref


async def read_texts(session: ReadSession, cipher: Cipher, refs: Iterable[TextRef]) -> dict[TextId, str]:
    """Open the texts of some references.

    TextMissing: purged or never stored. TextAltered: not the text that the reference was made for.
    """
    wanted = {ref.text_id: ref for ref in refs}
    found = await session.execute(select(vault_texts).where(vault_texts.c.text_id.in_(wanted)))
    texts = {row.text_id: _opened_text(cipher, row) for row in found}
    for text_id, ref in wanted.items():
        if text_id not in texts:
            raise TextMissing(text_id)
        if _digest(cipher, text_id, texts[text_id]) != ref.digest:
            raise TextAltered(text_id)
    return texts


async def texts_of(
    session: ReadSession, cipher: Cipher, case_nos: Sequence[CaseNo], purposes: Sequence[str]
) -> dict[CaseNo, dict[str, str]]:
    """Open the texts that cases have for some purposes, such as title and content: the newest of each."""
    found = await session.execute(
        select(vault_texts)
        .where(and_(vault_texts.c.case_no.in_(case_nos), vault_texts.c.purpose.in_(purposes)))
        .order_by(vault_texts.c.created_at)
    )
    texts: dict[CaseNo, dict[str, str]] = {number: {} for number in case_nos}
    for row in found:
        texts[row.case_no][row.purpose] = _opened_text(cipher, row)
    return texts


async def existing_texts(session: ReadSession, text_ids: Iterable[TextId]) -> frozenset[TextId]:
    """Return those of some ids under which there is a text."""
    wanted = select(func.unnest(bindparam("ids", list(text_ids), ARRAY(Text))))
    found = await session.execute(select(vault_texts.c.text_id).where(vault_texts.c.text_id.in_(wanted)))
    return frozenset(found.scalars())


async def mark_used(session: WriteSession, text_ids: Iterable[TextId], *, at: datetime) -> None:
    """Keep the texts that a fact refers to."""
    wanted = tuple(text_ids)
    if wanted:
        await session.execute(
            update(vault_texts)
            .where(and_(vault_texts.c.text_id.in_(wanted), vault_texts.c.used_at.is_(None)))
            .values(used_at=at)
        )


async def purge_unused_texts(session: WriteSession, *, before: datetime) -> int:
    """Erase texts that no fact came to use, and return how many: a refused command leaves one behind."""
    purged = await session.execute(
        delete(vault_texts).where(and_(vault_texts.c.used_at.is_(None), vault_texts.c.created_at < before))
    )
    return purged.rowcount


def text_ids_in(facts: Iterable[Fact]) -> tuple[TextId, ...]:
    """Return the ids of every text that facts refer to, in a stable order."""
    return tuple(sorted({ref.text_id for fact in facts for ref in refs_in(fact.body)}))


def refs_in(value: object) -> Iterator[TextRef]:
    if isinstance(value, TextRef):
        yield value
    elif isinstance(value, BaseModel):
        for _, part in value:
            yield from refs_in(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from refs_in(part)


async def _require_same(session: ReadSession, ref: TextRef, case_no: CaseNo) -> None:
    found = await session.execute(
        select(vault_texts.c.digest, vault_texts.c.case_no).where(vault_texts.c.text_id == ref.text_id)
    )
    if tuple(found.one()) != (ref.digest, case_no):
        raise TextAltered(ref.text_id)


# A row of vault_texts.
def _opened_text(cipher: Cipher, row: Row[Any]) -> str:
    return cipher.open(_TEXT, row.sealed, _bound(row.case_no, row.text_id)).decode()


def _sealed(cipher: Cipher, purpose: str, case_no: CaseNo, value: str | None) -> bytes | None:
    return cipher.seal(purpose, value.encode(), _bound(case_no)) if value else None


def _opened(cipher: Cipher, purpose: str, case_no: CaseNo, sealed: bytes | None) -> str | None:
    return cipher.open(purpose, sealed, _bound(case_no)).decode() if sealed else None


def _digest(cipher: Cipher, text_id: TextId, text: str) -> str:
    # With the id in it, equal texts of two cases cannot be told from their digests in facts.
    return cipher.match(_DIGEST, f"{text_id}\n{text}")


def _bound(*parts: str) -> bytes:
    return "/".join(parts).encode()

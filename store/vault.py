"""The vault (个人信息保险库): who called, and every free text, sealed before it reaches PostgreSQL.

The rest of the system carries a `TextRef` or a keyed hash. Everything of a case is sealed under its citizen's
own key (store/persons.py), texts of the staff too, because they quote the caller. Each seal is bound to its
row, so that sealed values cannot be swapped between cases; nothing here is ever logged.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Row, and_, any_, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from hotline.case import TextRef
from hotline.facts import Fact
from hotline.identifiers import CaseNo, TextId
from hotline.model import Record
from hotline.privacy import ERASED
from hotline.redaction import redact
from store.conditions import among
from store.engine import ReadSession, WriteSession
from store.failures import TextAltered, TextMissing
from store.given import Values, bytes_given, insert_given
from store.persons import Cipher, PersonKeys, Sealer, sealer_of
from store.tables.kinds import Codes
from store.tables.vault import vault_callers, vault_texts

TITLE: Final = "title"
CONTENT: Final = "content"
IMPORTED_REPLY: Final = "imported_reply"
"""What the texts of a registration are for; other texts name the field of their command."""

PHONE: Final = "phone"
NAME: Final = "name"
ADDRESS: Final = "address"
TEXT: Final = "text"
"""What the seals of the vault are for (store/sealing.py seals them anew)."""

_DIGEST: Final = "text-digest"

# Built once, as most commands say them.
_KEEP_TEXT: Final = insert(vault_texts).on_conflict_do_nothing().returning(vault_texts.c.text_id)
_USE: Final = (
    update(vault_texts)
    .where(
        vault_texts.c.text_id == any_(bindparam("used_texts", type_=Codes)), vault_texts.c.used_at.is_(None)
    )
    .values(used_at=bindparam("used_by"))
)

USED: Final = _USE.cte("used")
"""Keeps the texts `used_texts`, which facts refer to from `used_by` on; said along with another statement."""

CALLED: Final = insert_given(vault_callers, "caller_rows").cte("called")
"""Keeps who called in a new case (`caller_rows`); said along with another statement, as is the next."""

SAID: Final = insert_given(vault_texts, "text_rows").cte("said")
"""Keeps the texts of a new case (`text_rows`)."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called (诉求人); never printed, because a repr ends up in a log one day."""

    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)

    def redacted_from(self, text: str) -> str:
        """A text without what tells who this caller is."""
        return redact(text, name=self.name, phone=self.phone, address=self.address)


_NOBODY: Final = Caller()


def normal_phone(phone: str) -> str:
    """Bring a phone number to the one form under which it is matched: digits alone, without +86."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", phone))
    return re.sub(r"^(?:00)?86(?=1\d{10}$)", "", digits)


def caller_hash(cipher: Cipher, phone: str | None) -> str | None:
    """Return the keyed hash under which a caller is found again; who left no number has none."""
    digits = normal_phone(phone or "")
    return cipher.match(PHONE, digits) if digits else None


def caller_row(sealer: Sealer, cipher: Cipher, case_no: CaseNo, caller: Caller, *, at: datetime) -> Values:
    """Seal who called, as `caller_rows` takes it."""

    def sealed(purpose: str, value: str | None) -> str | None:
        return bytes_given(sealer.seal(purpose, value.encode(), bound_to(case_no))) if value else None

    return {
        "case_no": case_no,
        "sealed_name": sealed(NAME, caller.name),
        "sealed_phone": sealed(PHONE, caller.phone),
        "sealed_address": sealed(ADDRESS, caller.address),
        "name_hash": cipher.match(NAME, caller.name) if caller.name else None,
        "phone_hash": caller_hash(cipher, caller.phone),
        "created_at": at,
    }


async def read_caller(session: ReadSession, cipher: Cipher, case_no: CaseNo) -> Caller | None:
    """Open who called; None when the case is unknown or its caller was erased."""
    return (await read_callers(session, cipher, [case_no])).get(case_no)


async def read_callers(
    session: ReadSession, cipher: Cipher, case_nos: Sequence[CaseNo]
) -> dict[CaseNo, Caller]:
    """Open who called in some cases; those that are unknown or whose caller was erased are left out."""
    found = await session.execute(
        select(vault_callers).where(
            and_(among(vault_callers.c.case_no, case_nos), vault_callers.c.erased_at.is_(None))
        )
    )
    rows = found.all()
    keys = await PersonKeys.of(
        session,
        cipher,
        (sealed for row in rows for sealed in (row.sealed_name, row.sealed_phone, row.sealed_address)),
    )
    return {row.case_no: _caller(keys, row) for row in rows}


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
    sealer: Sealer | None = None,
) -> TextRef:
    """Seal a text and return its reference; the same text under the same id is kept once.

    TextAltered: the id is taken by another text. A text is purged after a while unless a fact uses it
    (`mark_used`) or it is stored as used. `sealer` is what seals for the case, where the transaction has it already.
    """
    ref = TextRef(text_id=text_id, digest=_digest(cipher, text_id, text), chars=len(text))
    sealer = sealer or await sealer_of(session, cipher, case_no, at=at)
    times = {"created_at": at, "used_at": at if used else None}
    row = _text_row(sealer, ref, case_no, purpose, text) | times
    if (await session.execute(_KEEP_TEXT, row)).first() is None:
        await _require_same(session, ref, case_no)
    return ref


def text_rows(
    sealer: Sealer, cipher: Cipher, case_no: CaseNo, texts: Mapping[str, str], *, at: datetime
) -> list[Values]:
    """Seal the texts of a registration by what they are for, as `text_rows` takes them; they are used from the first."""
    rows = []
    for purpose, text in texts.items():
        text_id = TextId(f"{case_no}-{purpose}")
        ref = TextRef(text_id=text_id, digest=_digest(cipher, text_id, text), chars=len(text))
        row = _text_row(sealer, ref, case_no, purpose, text)
        rows.append(row | {"sealed": bytes_given(row["sealed"]), "created_at": at, "used_at": at})
    return rows


def _text_row(sealer: Sealer, ref: TextRef, case_no: CaseNo, purpose: str, text: str) -> Values:
    sealed = sealer.seal(TEXT, text.encode(), bound_to(case_no, ref.text_id))
    return {**ref.model_dump(), "case_no": case_no, "purpose": purpose, "sealed": sealed}


async def read_texts(session: ReadSession, cipher: Cipher, refs: Iterable[TextRef]) -> dict[TextId, str]:
    """Open the texts of some references; one that was erased reads `ERASED`.

    TextMissing: purged or never stored. TextAltered: not the text that the reference was made for.
    """
    wanted = {ref.text_id: ref for ref in refs}
    found = await session.execute(select(vault_texts).where(among(vault_texts.c.text_id, wanted)))
    texts = {row.text_id: text for row, text in await _opened_texts(session, cipher, found.all())}
    for text_id, ref in wanted.items():
        if text_id not in texts:
            raise TextMissing(text_id)
        text = texts[text_id]
        if text is not None and _digest(cipher, text_id, text) != ref.digest:
            raise TextAltered(text_id)
    return {text_id: ERASED if text is None else text for text_id, text in texts.items()}


async def texts_of(
    session: ReadSession, cipher: Cipher, case_nos: Sequence[CaseNo], purposes: Sequence[str]
) -> dict[CaseNo, dict[str, str]]:
    """Open the texts that cases have for some purposes, such as title and content: the newest of each.

    One that was erased reads `ERASED`.
    """
    found = await session.execute(
        select(vault_texts)
        .where(and_(among(vault_texts.c.case_no, case_nos), among(vault_texts.c.purpose, purposes)))
        .order_by(vault_texts.c.created_at)
    )
    texts: dict[CaseNo, dict[str, str]] = {number: {} for number in case_nos}
    for row, text in await _opened_texts(session, cipher, found.all()):
        texts[row.case_no][row.purpose] = ERASED if text is None else text
    return texts


class KeptText(Record):
    """One text that is kept of a case: what it is for, when it was written, and what it says."""

    purpose: str
    at: datetime
    text: str = Field(repr=False)


async def all_texts(
    session: ReadSession, cipher: Cipher, case_nos: Sequence[CaseNo]
) -> dict[CaseNo, list[KeptText]]:
    """Open every text of some cases, the oldest first; what was erased is left out."""
    found = await session.execute(
        select(vault_texts)
        .where(and_(among(vault_texts.c.case_no, case_nos), vault_texts.c.erased_at.is_(None)))
        .order_by(vault_texts.c.created_at, vault_texts.c.text_id)
    )
    texts: dict[CaseNo, list[KeptText]] = {number: [] for number in case_nos}
    for row, text in await _opened_texts(session, cipher, found.all()):
        if text is not None:
            texts[row.case_no].append(KeptText(purpose=row.purpose, at=row.created_at, text=text))
    return texts


async def redacted_texts(
    session: ReadSession, cipher: Cipher, texts: Mapping[CaseNo, Mapping[str, str]]
) -> dict[CaseNo, dict[str, str]]:
    """Return the texts of some cases without what tells who called (hotline/redaction.py)."""
    callers = await read_callers(session, cipher, list(texts)) if texts else {}
    return {
        case_no: {key: callers.get(case_no, _NOBODY).redacted_from(text) for key, text in said.items()}
        for case_no, said in texts.items()
    }


async def existing_texts(session: ReadSession, text_ids: Iterable[TextId]) -> frozenset[TextId]:
    """Return those of some ids under which there is a text."""
    wanted = among(vault_texts.c.text_id, [*text_ids])
    found = await session.execute(select(vault_texts.c.text_id).where(wanted))
    return frozenset(found.scalars())


async def mark_used(session: WriteSession, text_ids: Iterable[TextId], *, at: datetime) -> None:
    """Keep the texts that a fact refers to."""
    if wanted := [*text_ids]:
        await session.execute(_USE, {"used_texts": wanted, "used_by": at})


async def purge_unused_texts(session: WriteSession, *, before: datetime) -> int:
    """Erase texts that no fact came to use, and return how many: a refused command leaves one behind."""
    purged = await session.execute(delete(vault_texts).where(_is_unused(before)))
    return purged.rowcount


async def count_unused_texts(session: ReadSession, *, before: datetime) -> int:
    """Count the texts that `purge_unused_texts` would erase."""
    query = select(func.count()).select_from(vault_texts).where(_is_unused(before))
    return int(await session.scalar(query) or 0)


def _is_unused(before: datetime) -> ColumnElement[bool]:
    return and_(vault_texts.c.used_at.is_(None), vault_texts.c.created_at < before)


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


# Rows of vault_texts.
async def _opened_texts(
    session: ReadSession, cipher: Cipher, rows: Sequence[Row[Any]]
) -> list[tuple[Row[Any], str | None]]:
    """Each row with its text, or None for one that was erased."""
    keys = await PersonKeys.of(session, cipher, (row.sealed for row in rows))
    opened = (keys.open(TEXT, row.sealed, bound_to(row.case_no, row.text_id)) for row in rows)
    return [(row, None if text is None else text.decode()) for row, text in zip(rows, opened, strict=True)]


# A row of vault_callers.
def _caller(keys: PersonKeys, row: Row[Any]) -> Caller:
    return Caller(
        name=_opened(keys, NAME, row.case_no, row.sealed_name),
        phone=_opened(keys, PHONE, row.case_no, row.sealed_phone),
        address=_opened(keys, ADDRESS, row.case_no, row.sealed_address),
    )


def _opened(keys: PersonKeys, purpose: str, case_no: CaseNo, sealed: bytes | None) -> str | None:
    opened = keys.open(purpose, sealed, bound_to(case_no)) if sealed else None
    return None if opened is None else opened.decode()


def _digest(cipher: Cipher, text_id: TextId, text: str) -> str:
    # With the id in it, equal texts of two cases cannot be told from their digests in facts.
    return cipher.match(_DIGEST, f"{text_id}\n{text}")


def bound_to(*parts: str) -> bytes:
    """What a seal is bound to: the key of its row."""
    return "/".join(parts).encode()

"""A key for every citizen (一人一密): what is sealed of somebody is sealed under a key of their own.

The key lies in `vault_persons`, sealed under the keyring. Who is erased loses it, and with it everything of
theirs becomes unreadable at once, in every copy of a sealed row (个人信息保护法 art. 47). A citizen is known by the
keyed hash of their phone number; a case whose caller left none has a person of its own.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NewType, Protocol, Self

from sqlalchemy import BigInteger, Select, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from hotline.identifiers import CaseNo
from store.conditions import among
from store.engine import ReadSession, WriteSession
from store.failures import DatabaseBusy
from store.given import Values, insert_given
from store.tables.vault import vault_callers, vault_cases, vault_persons

PersonId = NewType("PersonId", str)

KEY_PURPOSE: Final = "person-key"
_PREFIX: Final = "person."
_KEY_BYTES: Final = 32
_ATTEMPTS: Final = 5
_LOCK: Final = "person-lock"

# Built once, as every text that is kept says some of these.
_BELONGS: Final = vault_cases.join(vault_persons, vault_persons.c.person_id == vault_cases.c.person_id)
_OF_CASE: Final = (
    select(vault_persons)
    .select_from(_BELONGS)
    .where(vault_cases.c.case_no == bindparam("of_case"), vault_persons.c.sealed_key.is_not(None))
    .with_for_update(read=True, of=vault_persons)
)
_OF_NUMBER: Final = (
    select(vault_persons)
    .where(vault_persons.c.phone_hash == bindparam("phone_hash"))
    .with_for_update(read=True)
)
_ALONE: Final = select(func.pg_advisory_xact_lock(bindparam("name", type_=BigInteger)))
_MAKE: Final = insert(vault_persons).on_conflict_do_nothing().returning(vault_persons.c.person_id)
_MAPPED: Final = insert(vault_cases)
_MAP: Final = _MAPPED.on_conflict_do_update(
    index_elements=["case_no"], set_={"person_id": _MAPPED.excluded.person_id}
)
"""What is written about a case after its caller was erased belongs to a person of its own."""

BELONGS: Final = insert_given(vault_cases, "person_rows").cte("belongs")
"""Says whose a new case is (`person_rows`); said along with another statement."""


class Sealer(Protocol):
    """Whoever seals and opens: the keyring, or one citizen's key."""

    def seal(self, purpose: str, plaintext: bytes, aad: bytes) -> bytes: ...
    def open(self, purpose: str, sealed: bytes, aad: bytes) -> bytes: ...


class Cipher(Sealer, Protocol):
    """What the store needs of a keyring (runtime/keyring.py)."""

    def under(self, key_id: str, key: bytes) -> Sealer: ...
    def key_id_of(self, sealed: bytes) -> str: ...
    def match(self, purpose: str, value: str) -> str: ...
    def token64(self, purpose: str, value: str) -> int: ...


@dataclass(frozen=True, slots=True)
class PersonKeys:
    """The keys of those citizens whom some seals belong to and who were not erased."""

    cipher: Cipher
    sealers: Mapping[str, Sealer]

    @classmethod
    async def of(cls, session: ReadSession, cipher: Cipher, seals: Iterable[bytes | None]) -> Self:
        """Fetch the keys under which some values are sealed."""
        named = {cipher.key_id_of(sealed) for sealed in seals if sealed}
        wanted = [key_id.removeprefix(_PREFIX) for key_id in named if key_id.startswith(_PREFIX)]
        if not wanted:
            return cls(cipher, {})
        found = await session.execute(
            select(vault_persons.c.person_id, vault_persons.c.sealed_key).where(
                and_(among(vault_persons.c.person_id, wanted), vault_persons.c.sealed_key.is_not(None))
            )
        )
        sealers = [_sealer(cipher, PersonId(row.person_id), row.sealed_key) for row in found]
        return cls(cipher, dict(sealers))

    def open(self, purpose: str, sealed: bytes, aad: bytes) -> bytes | None:
        """Open a value, or return None when the citizen whom it is of was erased."""
        if not sealed:
            return None
        key_id = self.cipher.key_id_of(sealed)
        if not key_id.startswith(_PREFIX):
            # Sealed before citizens had keys of their own; `hotline keys rotate` brings it under one.
            return self.cipher.open(purpose, sealed, aad)
        sealer = self.sealers.get(key_id)
        return sealer.open(purpose, sealed, aad) if sealer else None


async def sealer_of(session: WriteSession, cipher: Cipher, case_no: CaseNo, *, at: datetime) -> Sealer:
    """Return what seals for a case: its citizen's key, made when this is the first that is kept of them.

    The person is locked against being erased until the transaction ends, so that nothing is sealed under a
    key that is gone.
    """
    of_case = {"of_case": case_no}
    if known := await _locked(session, cipher, _OF_CASE, of_case):
        return known
    # Two texts of one case at once must not make two persons of its caller.
    await session.execute(_ALONE, {"name": cipher.token64(_LOCK, case_no)})
    if known := await _locked(session, cipher, _OF_CASE, of_case):
        return known
    phone_hash = await session.scalar(
        select(vault_callers.c.phone_hash).where(vault_callers.c.case_no == case_no)
    )
    person_id, sealer = await person_of(session, cipher, phone_hash, at=at)
    await session.execute(_MAP, {"case_no": case_no, "person_id": person_id})
    return sealer


def person_row(case_no: CaseNo, person_id: PersonId) -> Values:
    """Whose a new case is, as `person_rows` takes it."""
    return {"case_no": case_no, "person_id": person_id}


async def lock_person(session: WriteSession, cipher: Cipher, phone_hash: str, *, at: datetime) -> None:
    """Keep everybody from sealing anything for the citizen of a number until the transaction ends."""
    # One who is not there yet could be made meanwhile; so they are made here.
    await _make(session, cipher, phone_hash, at)
    await session.execute(
        select(vault_persons.c.person_id).where(vault_persons.c.phone_hash == phone_hash).with_for_update()
    )


# A select is generic in the types of its columns, which a Table does not tell.
async def _locked(
    session: WriteSession, cipher: Cipher, person: Select[Any], parameters: Mapping[str, str]
) -> Sealer | None:
    row = (await session.execute(person, parameters)).one_or_none()
    return _sealer(cipher, PersonId(row.person_id), row.sealed_key)[1] if row else None


async def person_of(
    session: WriteSession, cipher: Cipher, phone_hash: str | None, *, at: datetime
) -> tuple[PersonId, Sealer]:
    """Find the citizen of a number, or make one; of two who come at once one makes, the other finds.

    Who they are and what seals for them. They are locked as by `sealer_of`; without a number there is a new one each time.
    """
    for _ in range(_ATTEMPTS):
        if phone_hash is not None:
            row = (await session.execute(_OF_NUMBER, {"phone_hash": phone_hash})).one_or_none()
            if row is not None:
                person_id = PersonId(row.person_id)
                return person_id, _sealer(cipher, person_id, row.sealed_key)[1]
        if made := await _make(session, cipher, phone_hash, at):
            return made
    raise DatabaseBusy("a citizen was erased and came back at the same time")


async def _make(
    session: WriteSession, cipher: Cipher, phone_hash: str | None, at: datetime
) -> tuple[PersonId, Sealer] | None:
    """Give a new citizen a key, or return None when there is one of that number."""
    person_id, key = PersonId(secrets.token_hex(12)), secrets.token_bytes(_KEY_BYTES)
    person = {
        "person_id": person_id,
        "phone_hash": phone_hash,
        "sealed_key": cipher.seal(KEY_PURPOSE, key, person_id.encode()),
        "created_at": at,
    }
    made = await session.execute(_MAKE, person)
    return (person_id, cipher.under(_PREFIX + person_id, key)) if made.first() is not None else None


def _sealer(cipher: Cipher, person_id: PersonId, sealed_key: bytes) -> tuple[str, Sealer]:
    key_id = _PREFIX + person_id
    key = cipher.open(KEY_PURPOSE, sealed_key, person_id.encode())
    return key_id, cipher.under(key_id, key)

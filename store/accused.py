"""Who a file is about (被反映人): a name sealed under an opaque id, the same for one person in every file.

A person is known by the keyed hash of their identity number, so that a record follows them from job to job
(终身问责); without a number each entry is a person of its own. Names are read through files that one may know of.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from hotline.identifiers import PersonId
from store.engine import ReadSession, WriteSession
from store.persons import Cipher
from store.tables.accountability import accused

NAME: Final = "accused-name"
_IDENTITY: Final = "accused-identity"


async def enter_person(
    session: WriteSession, cipher: Cipher, *, name: str, identity: str | None, at: datetime
) -> PersonId:
    """Enter a person, or find the one of that identity number, whose first name stays."""
    person = PersonId(f"p-{secrets.token_hex(8)}")
    identity_hash = cipher.match(_IDENTITY, identity.strip().upper()) if identity else None
    entered = await session.scalar(
        insert(accused)
        .values(
            person=person,
            identity_hash=identity_hash,
            sealed_name=cipher.seal(NAME, name.encode(), person.encode()),
            created_at=at,
        )
        .on_conflict_do_nothing()
        .returning(accused.c.person)
    )
    if entered is None:
        entered = await session.scalar(
            select(accused.c.person).where(accused.c.identity_hash == identity_hash)
        )
    return PersonId(entered)


async def names_of(session: ReadSession, cipher: Cipher, persons: Iterable[PersonId]) -> dict[PersonId, str]:
    """The names of some persons; who was never entered has none."""
    found = await session.execute(select(accused).where(accused.c.person.in_(tuple(persons))))
    return {
        PersonId(row.person): cipher.open(NAME, row.sealed_name, row.person.encode()).decode()
        for row in found
    }


async def unknown_persons(session: ReadSession, persons: Iterable[PersonId]) -> frozenset[PersonId]:
    """Those of some persons that were never entered."""
    wanted = frozenset(persons)
    found = await session.scalars(select(accused.c.person).where(accused.c.person.in_(wanted)))
    return wanted - frozenset(found)

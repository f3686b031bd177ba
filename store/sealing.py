"""Sealing anew (重新加密): every sealed column, which keys still seal it, and bringing it under the right one.

A citizen's data is sealed under their own key, so after a rotation only those keys and a few columns beside
them are sealed again. Pages follow the table's key and a row is replaced only if it is still what was opened:
registering and erasing go on meanwhile, and whoever starts again after a kill finds what is left.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, RowMapping, Table, and_, case, func, not_, null, select, update

from hotline.identifiers import CaseNo
from store.accused import NAME as ACCUSED_NAME
from store.credentials import TOTP
from store.engine import Database, ReadSession, WriteSession
from store.evidence import KEY as FILE_KEY
from store.evidence import METADATA as FILE_METADATA
from store.evidence import NAME as FILE_NAME
from store.persons import KEY_PURPOSE, Cipher, Sealer, sealer_of
from store.retrieval import PURPOSE as RETRIEVAL
from store.tables.access import credentials
from store.tables.accountability import accused
from store.tables.registration import intake
from store.tables.vault import evidence, vault_callers, vault_persons, vault_texts
from store.vault import ADDRESS, NAME, PHONE, TEXT, bound_to

PAGE: Final = 200
PERSONS: Final = "persons"
"""Stands for the keys of all citizens where keys are counted."""

_OF_PERSON: Final = "person.%"


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One sealed column: what its seals are for, what each is bound to, and whether a citizen's key seals it.

    Whoever adds a sealed column adds it to `SEALED`; a test compares the two.
    """

    column: Column[Any]
    purpose: str
    bound: Callable[[RowMapping], bytes]
    personal: bool = False

    @property
    def table(self) -> Table:
        """The table it belongs to."""
        table = self.column.table
        assert isinstance(table, Table)
        return table

    @property
    def key(self) -> Column[Any]:
        """The table's key, which is one column for all of these."""
        (key,) = self.table.primary_key
        return key

    @property
    def key_id(self) -> ColumnElement[str]:
        """In SQL: under which key a value is sealed, as runtime/keyring.py writes it."""
        length = func.get_byte(self.column, 1)
        name = func.convert_from(func.substring(self.column, 3, length), "SQL_ASCII")
        return case((func.octet_length(self.column) > 2, name), else_=null())

    def is_stale(self, current: str) -> ColumnElement[bool]:
        """In SQL: whether a value is sealed under another key than it should be."""
        under = self.key_id
        return not_(under.like(_OF_PERSON)) if self.personal else under != current


def _of_case(row: RowMapping) -> bytes:
    return bound_to(row["case_no"])


def _of_file(row: RowMapping) -> bytes:
    return bound_to(row["case_no"], row["evidence_id"])


SEALED: Final = (
    SealedColumn(vault_persons.c.sealed_key, KEY_PURPOSE, lambda row: bound_to(row["person_id"])),
    SealedColumn(intake.c.retrieval_sealed, RETRIEVAL, _of_case),
    SealedColumn(credentials.c.totp_sealed, TOTP, lambda row: bound_to(row["user_id"])),
    SealedColumn(accused.c.sealed_name, ACCUSED_NAME, lambda row: bound_to(row["person"])),
    SealedColumn(vault_callers.c.sealed_name, NAME, _of_case, personal=True),
    SealedColumn(vault_callers.c.sealed_phone, PHONE, _of_case, personal=True),
    SealedColumn(vault_callers.c.sealed_address, ADDRESS, _of_case, personal=True),
    SealedColumn(
        vault_texts.c.sealed, TEXT, lambda row: bound_to(row["case_no"], row["text_id"]), personal=True
    ),
    SealedColumn(evidence.c.sealed_key, FILE_KEY, _of_file, personal=True),
    SealedColumn(evidence.c.sealed_name, FILE_NAME, _of_file, personal=True),
    SealedColumn(evidence.c.sealed_metadata, FILE_METADATA, _of_file, personal=True),
)


async def key_counts(session: ReadSession) -> Mapping[str, int]:
    """Count what each key seals; the keys of citizens count together as `PERSONS`."""
    counts: Counter[str] = Counter()
    for sealed in SEALED:
        of_person = sealed.key_id.like(_OF_PERSON)
        name = case((of_person, PERSONS), else_=sealed.key_id).label("name")
        found = await session.execute(
            select(name, func.count().label("number")).where(sealed.key_id.is_not(None)).group_by(name)
        )
        counts.update({row.name: row.number for row in found})
    return counts


async def count_stale(session: ReadSession, current: str) -> int:
    """Count what is to be sealed anew."""
    counts = [
        await session.scalar(select(func.count()).select_from(sealed.table).where(sealed.is_stale(current)))
        for sealed in SEALED
    ]
    return sum(counts)


async def reseal(
    database: Database, cipher: Cipher, current: str, *, at: datetime, on_page: Callable[[int], None]
) -> int:
    """Bring everything under the right key, page by page, and return how much was sealed anew."""
    total = 0
    for sealed in SEALED:
        after = ""
        while True:
            # Each page is a transaction of its own: what is done stays done, and nobody waits for long.
            async with database.write() as session:
                rows = await _stale_rows(session, sealed, current, after)
                done = [await _resealed(session, cipher, sealed, row, at) for row in rows]
            if not rows:
                break
            after = rows[-1][sealed.key.name]
            total += sum(done)
            on_page(len(rows))
    return total


async def _stale_rows(
    session: WriteSession, sealed: SealedColumn, current: str, after: str
) -> list[RowMapping]:
    query = select(sealed.table).where(and_(sealed.key > after, sealed.is_stale(current)))
    return list((await session.execute(query.order_by(sealed.key).limit(PAGE))).mappings())


async def _resealed(
    session: WriteSession, cipher: Cipher, sealed: SealedColumn, row: RowMapping, at: datetime
) -> int:
    """Seal one value anew, unless somebody has erased or replaced it meanwhile."""
    before: bytes = row[sealed.column.name]
    aad = sealed.bound(row)
    plaintext = cipher.open(sealed.purpose, before, aad)
    sealer: Sealer = (
        await sealer_of(session, cipher, CaseNo(row["case_no"]), at=at) if sealed.personal else cipher
    )
    replaced = await session.execute(
        update(sealed.table)
        .where(and_(sealed.key == row[sealed.key.name], sealed.column == before))
        .values({sealed.column.name: sealer.seal(sealed.purpose, plaintext, aad)})
    )
    return replaced.rowcount


def sealed_columns() -> Iterable[str]:
    """The names of all sealed columns, for a test to compare with the tables."""
    return (f"{sealed.table.name}.{sealed.column.name}" for sealed in SEALED)

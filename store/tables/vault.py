"""The vault of personal data (个人信息保险库), all of it sealed, and evidence (附件), whose bytes lie in the object store."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from store.tables.kinds import Instant, metadata

vault_persons: Final = Table(
    "vault_persons",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("phone_hash", Text),
    # Everything of this person is sealed under the key in here; without it nothing of theirs can be read again.
    Column("sealed_key", LargeBinary),
    Column("created_at", Instant, nullable=False),
    Column("erased_at", Instant),
    Index("vault_persons_phone", "phone_hash", unique=True, postgresql_where=text("phone_hash IS NOT NULL")),
)

vault_cases: Final = Table(
    "vault_cases",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("vault_persons.person_id"), nullable=False),
    Index("vault_cases_person", "person_id"),
)

vault_callers: Final = Table(
    "vault_callers",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("sealed_name", LargeBinary),
    Column("sealed_phone", LargeBinary),
    Column("sealed_address", LargeBinary),
    Column("name_hash", Text),
    Column("phone_hash", Text),
    Column("created_at", Instant, nullable=False),
    Column("erased_at", Instant),
    Index("vault_callers_phone", "phone_hash", postgresql_where=text("phone_hash IS NOT NULL")),
)

vault_texts: Final = Table(
    "vault_texts",
    metadata,
    Column("text_id", Text, primary_key=True),
    Column("case_no", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("digest", Text, nullable=False),
    Column("chars", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("erased_at", Instant),
    Index("vault_texts_case", "case_no"),
    Index("vault_texts_unused", "created_at", postgresql_where=text("used_at IS NULL")),
)

evidence: Final = Table(
    "evidence",
    metadata,
    Column("evidence_id", Text, primary_key=True),
    Column("case_no", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_at_source", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("uploaded_by", Text, nullable=False),
    Column("uploaded_role", Text, nullable=False),
    Column("uploaded_unit", Text),
    Column("uploaded_at", Instant, nullable=False),
    Column("object_name", Text, nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("sealed_name", LargeBinary),
    Column("sealed_metadata", LargeBinary),
    Index("evidence_case", "case_no", "uploaded_at"),
)

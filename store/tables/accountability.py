"""Accountability (追责问责): files of their own with a ledger of their own."""

from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.kinds import Codes, Instant, metadata

dossier_facts: Final = Table(
    "dossier_facts",
    metadata,
    Column("dossier_no", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("tag", Text, nullable=False),
    Column("officer", JSONB, nullable=False),
    Column("command_id", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("seq >= 1", name="seq_counts_from_1"),
)

dossiers: Final = Table(
    "dossiers",
    metadata,
    Column("dossier_no", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("units", Codes, nullable=False),
    Column("accounts", Codes, nullable=False),
    Column("recused", Codes, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("next_due_at", Instant),
    Column("state", JSONB, nullable=False),
    Column("cases", Codes, nullable=False),
    Column("reference", Text, nullable=False),
    Index("dossiers_stage", "stage", "next_due_at"),
    Index("dossiers_reference", "reference"),
)

# What files told cases of themselves: no column of it may come to a query on cases (docs/adr/0038).
case_accountability: Final = Table(
    "case_accountability",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("event", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)

dossier_numbers: Final = Table(
    "dossier_numbers",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

dossier_intake: Final = Table(
    "dossier_intake",
    metadata,
    Column("dossier_no", Text, primary_key=True),
    Column("principal", Text, nullable=False),
    Column("key_hash", Text, nullable=False),
    Column("request_digest", Text, nullable=False),
    # What the clue came of, if it may come of it only once: the last rung of a case's ladder, for instance.
    Column("cause", Text),
    Column("registration", JSONB, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("adopted_at", Instant),
    UniqueConstraint("principal", "key_hash"),
    UniqueConstraint("cause"),
    Index(
        "dossier_intake_unadopted",
        "received_at",
        "dossier_no",
        postgresql_where=text("adopted_at IS NULL"),
    ),
)

accused: Final = Table(
    "accused",
    metadata,
    Column("person", Text, primary_key=True),
    Column("identity_hash", Text),
    Column("sealed_name", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("identity_hash"),
)

circulars: Final = Table(
    "circulars",
    metadata,
    Column("circular_id", Text, primary_key=True),
    Column("dossier_no", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("scope", Text, nullable=False),
    Column("text", JSONB, nullable=False),
    Column("published_at", Instant, nullable=False),
    Index("circulars_dossier", "dossier_no"),
    Index("circulars_published", "published_at", "circular_id"),
)

sanctions: Final = Table(
    "sanctions",
    metadata,
    Column("dossier_no", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("family", Text, nullable=False),
    Column("measures", Codes, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("effect_from", Date),
    Column("effect_until", Date),
    Column("is_open_ended", Boolean, nullable=False),
    Column("revoked_at", Instant),
    Index("sanctions_person", "person", "decided_at"),
)

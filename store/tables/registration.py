"""Registration (登记): its outbox, and what finds a case again by its words."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from store.tables.kinds import Instant, metadata

intake: Final = Table(
    "intake",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("principal", Text, nullable=False),
    Column("key_hash", Text, nullable=False),
    Column("request_digest", Text, nullable=False),
    Column("registration", JSONB, nullable=False),
    Column("retrieval_hash", Text, nullable=False),
    Column("retrieval_sealed", LargeBinary, nullable=False),
    Column("source_number", Text),
    Column("caller_hash", Text),
    Column("category", Text),
    Column("area", Text),
    Column("raised_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("adopted_at", Instant),
    UniqueConstraint("principal", "key_hash"),
    Index(
        "intake_source_number",
        "source_number",
        unique=True,
        postgresql_where=text("source_number IS NOT NULL"),
    ),
    Index("intake_unadopted", "received_at", "case_no", postgresql_where=text("adopted_at IS NULL")),
    Index(
        "intake_caller",
        "caller_hash",
        text("raised_at DESC"),
        postgresql_where=text("caller_hash IS NOT NULL"),
    ),
)

search_entries: Final = Table(
    "search_entries",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("tokens", ARRAY(BigInteger), nullable=False),
    # Apart from `cases`, because each update of a row there would write all its tokens to the index again.
    # Without the list of pending entries, which every search would have to read after a large import.
    Index("search_entries_tokens", "tokens", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
)

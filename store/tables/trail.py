"""The audit trail (安全审计日志)."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.kinds import Instant, metadata

trail: Final = Table(
    "trail",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("event", Text, nullable=False),
    Column("actor_id", Text),
    Column("actor_role", Text),
    Column("actor_unit", Text),
    Column("case_no", Text),
    Column("subject", Text),
    Column("address", Text),
    Column("detail", JSONB, nullable=False),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("trail_at", "at"),
    Index("trail_event", "event", "seq"),
    Index("trail_actor", "actor_id", "seq"),
    Index("trail_case", "case_no", "seq", postgresql_where=text("case_no IS NOT NULL")),
)

"""Anchors (每日锚定) of every ledger."""

from typing import Final

from sqlalchemy import BigInteger, Column, Date, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from store.tables.kinds import Instant, metadata

anchors: Final = Table(
    "anchors",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Column("until", Instant, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("facts", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("trail_seq", BigInteger, nullable=False),
    Column("trail_hash", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    UniqueConstraint("day"),
)

anchor_leaves: Final = Table(
    "anchor_leaves",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("case_no", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("anchor_leaves_case", "case_no", "number"),
)

anchor_books: Final = Table(
    "anchor_books",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("book", Text, primary_key=True),
    Column("entity", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("anchor_books_entity", "book", "entity", "number"),
)

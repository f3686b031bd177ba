"""The catalogue of matters (事项目录) and the knowledge base (知识库)."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Sequence, Table, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from store.tables.kinds import Instant, metadata

matters: Final = Table(
    "matters",
    metadata,
    Column("category", Text, primary_key=True),
    Column("note", Text, nullable=False),
    Column("lead", Text, ForeignKey("units.code")),
    Column("active", Boolean, nullable=False),
)

knowledge_sequence: Final = Sequence("knowledge_sequence", metadata=metadata)
"""Feeds the numbers of entries; one that was given is never given again."""


def _knowledge_columns() -> Iterator[Column[Any]]:
    yield Column("title", Text, nullable=False)
    yield Column("answer", Text, nullable=False)
    yield Column("category", Text, nullable=False)
    yield Column("area", Text)


knowledge: Final = Table(
    "knowledge",
    metadata,
    Column("number", Text, primary_key=True),
    *_knowledge_columns(),
    Column("unit", Text, ForeignKey("units.code"), nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("updated_by", Text, nullable=False),
    Column("withdrawn_at", Instant),
    # Pairs of neighbouring characters with their places, in the clear: an entry holds nothing of a person.
    Column("words", TSVECTOR, nullable=False),
    Index("knowledge_words", "words", postgresql_using="gin"),
    Index("knowledge_newest", text("updated_at DESC"), text("number DESC")),
    Index("knowledge_category", "category"),
    Index(
        "knowledge_upkeep",
        "unit",
        "valid_until",
        "updated_at",
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
)

knowledge_revisions: Final = Table(
    "knowledge_revisions",
    metadata,
    Column("number", Text, ForeignKey("knowledge.number"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("act", Text, nullable=False),
    *_knowledge_columns(),
    Column("unit", Text, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("command_id", Text, nullable=False, unique=True),
)

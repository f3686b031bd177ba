"""Repeat problems (重复性问题台账) and mass events (群体性诉求)."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.kinds import Codes, Instant, metadata

problem_sequence: Final = Sequence("problem_sequence", metadata=metadata)
"""Feeds the last six digits of the numbers of lines."""

problem_lines: Final = Table(
    "problem_lines",
    metadata,
    Column("line_no", Text, primary_key=True),
    # Whose problem it is; erased with the caller's other hashes (store/erasure.py).
    Column("caller_hash", Text),
    Column("category", Text, nullable=False),
    Column("area", Text),
    Column("policy_revision", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("problem_lines_living", "caller_hash", "category", postgresql_where=text("ended_at IS NULL")),
)

problem_links: Final = Table(
    "problem_links",
    metadata,
    Column("line_no", Text, ForeignKey("problem_lines.line_no"), primary_key=True),
    Column("case_no", Text, primary_key=True),
    Column("linked_at", Instant, nullable=False),
    # What the line was told of the case last; while it differs from the case, the keeper has something to tell.
    Column("told", Text),
    Column("detached_at", Instant),
    Index("problem_links_case", "case_no"),
)

problem_facts: Final = Table(
    "problem_facts",
    metadata,
    Column("line_no", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("tag", Text, nullable=False),
    Column("actor", JSONB, nullable=False),
    Column("command_id", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("seq >= 1", name="seq_counts_from_1"),
)

problems: Final = Table(
    "problems",
    metadata,
    Column("line_no", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("area", Text),
    Column("lead_unit", Text),
    Column("units", Codes, nullable=False),
    Column("accused_units", Codes, nullable=False),
    Column("recused", Codes, nullable=False),
    Column("round", Integer, nullable=False),
    Column("overdue", Boolean, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("cleared_at", Instant),
    Column("next_due_at", Instant),
    Column("state", JSONB, nullable=False),
    Index("problems_newest", text("opened_at DESC"), text("line_no DESC")),
    Index("problems_lead", "lead_unit", "stage"),
)

bursts: Final = Table(
    "bursts",
    metadata,
    Column("burst_id", BigInteger, Identity(always=True), primary_key=True),
    Column("category", Text, nullable=False),
    Column("area", Text),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("settled_by", Text),
    Column("ground", Text),
    Index("bursts_matter", "category", "area", "last_at"),
)

mass_events: Final = Table(
    "mass_events",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("burst_id", BigInteger, ForeignKey("bursts.burst_id")),
    Column("built_at", Instant, nullable=False),
    Column("built_by", Text, nullable=False),
)

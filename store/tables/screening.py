"""Screening (筛查) of cases for misconduct, and what several measures lead to (联动规则)."""

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from store.tables.kinds import Codes, Instant, metadata

screening_queue: Final = Table(
    "screening_queue",
    metadata,
    # A row for each batch of facts, not for each case: whoever writes facts never waits for whoever reads them.
    Column("case_no", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("since", Instant, nullable=False),
    Index("screening_queue_since", "since"),
)

screening_sweeps: Final = Table(
    "screening_sweeps",
    metadata,
    Column("rules", Text, primary_key=True),
    Column("revision", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

screening_hits: Final = Table(
    "screening_hits",
    metadata,
    Column("hit_no", Text, primary_key=True),
    Column("case_no", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("test", Text, nullable=False),
    Column("round", Text, nullable=False),
    Column("revision", Text, nullable=False),
    Column("shown_at", Instant, nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("evidence", ARRAY(Integer), nullable=False),
    Column("because", Codes, nullable=False),
    UniqueConstraint("case_no", "rule", "round"),
    Index("screening_hits_found", text("found_at DESC"), text("hit_no DESC")),
)

screening_rulings: Final = Table(
    "screening_rulings",
    metadata,
    Column("hit_no", Text, ForeignKey("screening_hits.hit_no"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("ruling", Text, nullable=False),
    Column("ruled_at", Instant, nullable=False),
    Column("ruled_by", Text, nullable=False),
    Column("reason", JSONB, nullable=False),
    Column("dossier_no", Text),
    CheckConstraint("(ruling = 'clue') = (dossier_no IS NOT NULL)", name="clue_has_file"),
)

supervision_proposals: Final = Table(
    "supervision_proposals",
    metadata,
    Column("proposal_no", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("proposes", Text, nullable=False),
    Column("needed", Integer, nullable=False),
    Column("measures", Codes, nullable=False),
    Column("revision", Text, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    UniqueConstraint("rule", "unit", "month"),
    Index("supervision_proposals_newest", text("proposed_at DESC"), text("proposal_no DESC")),
)

proposal_rulings: Final = Table(
    "proposal_rulings",
    metadata,
    Column("proposal_no", Text, ForeignKey("supervision_proposals.proposal_no"), primary_key=True),
    Column("ruled_at", Instant, nullable=False),
    Column("ruled_by", Text, nullable=False),
    Column("measure", Text),
    Column("reason", JSONB, nullable=False),
)

"""Indicators (考核指标): counted from the ledger a moment after it grew, and frozen month by month."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Column, Date, Identity, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.kinds import Codes, Instant, metadata


def _score_columns() -> Iterator[Column[Any]]:
    yield Column("case_no", Text, primary_key=True)
    yield Column("indicator", Text, primary_key=True)
    yield Column("occasion", Text, primary_key=True)
    yield Column("unit", Text, nullable=False)
    yield Column("type", Text, nullable=False)
    yield Column("counted_at", Instant, nullable=False)
    yield Column("raw", Text, nullable=False)
    yield Column("adjusted", Text, nullable=False)
    yield Column("reason", Text, nullable=False)
    yield Column("excluded_for", Text)
    yield Column("points", Integer, nullable=False)
    yield Column("seq", Integer, nullable=False)
    yield Column("version", Integer, nullable=False)


scores: Final = Table(
    "scores",
    metadata,
    *_score_columns(),
    Index("scores_counted", "counted_at", "case_no", "indicator", "occasion"),
    Index("scores_unit", "unit", "indicator", "counted_at"),
)

score_due: Final = Table(
    "score_due",
    metadata,
    Column("case_no", Text, primary_key=True),
    # Of the key, so that whoever appends to a case never waits for whoever counts it.
    Column("version", Integer, primary_key=True, autoincrement=False),
)

month_previews: Final = Table(
    "month_previews",
    metadata,
    Column("number", Integer, Identity(always=True), primary_key=True),
    Column("month", Date, nullable=False),
    Column("previewed_at", Instant, nullable=False),
    Column("previewed_by", Text, nullable=False),
    Column("figures_digest", LargeBinary, nullable=False),
    Index("month_previews_month", "month", "number"),
)

frozen_months: Final = Table(
    "frozen_months",
    metadata,
    Column("month", Date, primary_key=True),
    Column("frozen_at", Instant, nullable=False),
    Column("frozen_by", Text, nullable=False),
    Column("previewed_at", Instant, nullable=False),
    Column("previewed_by", Text, nullable=False),
    Column("definitions", Codes, nullable=False),
    Column("policies", Codes, nullable=False),
    Column("policy_revision", Text, nullable=False),
    Column("scoring", JSONB, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("figures_digest", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)

frozen_scores: Final = Table(
    "frozen_scores",
    metadata,
    Column("month", Date, primary_key=True),
    *_score_columns(),
    Index("frozen_scores_counted", "month", "counted_at", "case_no", "indicator", "occasion"),
)

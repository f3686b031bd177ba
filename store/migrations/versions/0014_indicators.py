"""Indicators: rows counted from the ledger, the queue of cases to count, and months frozen for good."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from store.migrations.append_only import append_only

revision = "0014"
down_revision = "0016"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def _score_columns() -> Iterator[sa.Column[Any]]:  # of every type
    yield sa.Column("case_no", sa.Text(), nullable=False)
    yield sa.Column("indicator", sa.Text(), nullable=False)
    yield sa.Column("occasion", sa.Text(), nullable=False)
    yield sa.Column("unit", sa.Text(), nullable=False)
    yield sa.Column("type", sa.Text(), nullable=False)
    yield sa.Column("counted_at", _INSTANT, nullable=False)
    yield sa.Column("raw", sa.Text(), nullable=False)
    yield sa.Column("adjusted", sa.Text(), nullable=False)
    yield sa.Column("reason", sa.Text(), nullable=False)
    yield sa.Column("excluded_for", sa.Text())
    yield sa.Column("points", sa.Integer(), nullable=False)
    yield sa.Column("seq", sa.Integer(), nullable=False)
    yield sa.Column("version", sa.Integer(), nullable=False)


def upgrade() -> None:
    _live()
    _frozen()
    for table in ("month_previews", "frozen_months", "frozen_scores"):
        for statement in append_only(table):
            op.execute(statement)


def _live() -> None:
    op.create_table(
        "scores",
        *_score_columns(),
        sa.PrimaryKeyConstraint("case_no", "indicator", "occasion", name=op.f("scores_pkey")),
    )
    op.create_index("scores_counted", "scores", ["counted_at", "case_no", "indicator", "occasion"])
    op.create_index("scores_unit", "scores", ["unit", "indicator", "counted_at"])
    op.create_table(
        "score_due",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("case_no", "version", name=op.f("score_due_pkey")),
    )
    # Every case there is has yet to be counted.
    op.execute("INSERT INTO score_due SELECT case_no, version FROM cases")


def _frozen() -> None:
    op.create_table(
        "month_previews",
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("previewed_at", _INSTANT, nullable=False),
        sa.Column("previewed_by", sa.Text(), nullable=False),
        sa.Column("figures_digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("month_previews_pkey")),
    )
    op.create_index("month_previews_month", "month_previews", ["month", "number"])
    op.create_table(
        "frozen_months",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("frozen_at", _INSTANT, nullable=False),
        sa.Column("frozen_by", sa.Text(), nullable=False),
        sa.Column("previewed_at", _INSTANT, nullable=False),
        sa.Column("previewed_by", sa.Text(), nullable=False),
        sa.Column("definitions", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("policies", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("policy_revision", sa.Text(), nullable=False),
        sa.Column("scoring", pg.JSONB(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("figures_digest", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("frozen_months_pkey")),
    )
    op.create_table(
        "frozen_scores",
        sa.Column("month", sa.Date(), nullable=False),
        *_score_columns(),
        sa.PrimaryKeyConstraint("month", "case_no", "indicator", "occasion", name=op.f("frozen_scores_pkey")),
    )
    op.create_index(
        "frozen_scores_counted",
        "frozen_scores",
        ["month", "counted_at", "case_no", "indicator", "occasion"],
    )


def downgrade() -> None:
    for table in ("frozen_scores", "frozen_months", "month_previews", "score_due", "scores"):
        op.drop_table(table)

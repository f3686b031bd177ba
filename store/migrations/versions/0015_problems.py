"""Repeat problems: lines and the cases linked to them, their own append-only ledger, and what lists read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from store.migrations.append_only import append_only

revision = "0015"
down_revision = "0017b"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("problem_sequence")))
    _create_lines()
    _create_ledger()
    _create_rows()


def _create_lines() -> None:
    op.create_table(
        "problem_lines",
        sa.Column("line_no", sa.Text(), nullable=False),
        sa.Column("caller_hash", sa.Text()),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("area", sa.Text()),
        sa.Column("policy_revision", sa.Text(), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT),
        sa.PrimaryKeyConstraint("line_no", name=op.f("problem_lines_pkey")),
    )
    op.create_index(
        "problem_lines_living",
        "problem_lines",
        ["caller_hash", "category"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "problem_links",
        sa.Column("line_no", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("linked_at", _INSTANT, nullable=False),
        sa.Column("told", sa.Text()),
        sa.Column("detached_at", _INSTANT),
        sa.ForeignKeyConstraint(
            ["line_no"], ["problem_lines.line_no"], name=op.f("problem_links_line_no_fkey")
        ),
        sa.PrimaryKeyConstraint("line_no", "case_no", name=op.f("problem_links_pkey")),
    )
    op.create_index("problem_links_case", "problem_links", ["case_no"])


def _create_ledger() -> None:
    op.create_table(
        "problem_facts",
        sa.Column("line_no", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("actor", pg.JSONB(), nullable=False),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.Column("body", pg.JSONB(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("problem_facts_seq_counts_from_1_check")),
        sa.PrimaryKeyConstraint("line_no", "seq", name=op.f("problem_facts_pkey")),
    )
    for statement in append_only("problem_facts"):
        op.execute(statement)


def _create_rows() -> None:
    codes = pg.ARRAY(sa.Text())
    op.create_table(
        "problems",
        sa.Column("line_no", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("area", sa.Text()),
        sa.Column("lead_unit", sa.Text()),
        sa.Column("units", codes, nullable=False),
        sa.Column("accused_units", codes, nullable=False),
        sa.Column("recused", codes, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("cleared_at", _INSTANT),
        sa.Column("next_due_at", _INSTANT),
        sa.Column("state", pg.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("line_no", name=op.f("problems_pkey")),
    )
    op.create_index("problems_newest", "problems", [sa.text("opened_at DESC"), sa.text("line_no DESC")])
    op.create_index("problems_lead", "problems", ["lead_unit", "stage"])


def downgrade() -> None:
    for table in ("problems", "problem_facts", "problem_links", "problem_lines"):
        op.drop_table(table)
    op.execute(sa.schema.DropSequence(sa.Sequence("problem_sequence")))

"""Screening: which cases wait to be read, what was found in them, and what officers decided on that."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from store.migrations.append_only import append_only

revision = "0017"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "screening_queue",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.PrimaryKeyConstraint("case_no", "seq", name=op.f("screening_queue_pkey")),
    )
    op.create_index("screening_queue_since", "screening_queue", ["since"])
    op.create_table(
        "screening_sweeps",
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.PrimaryKeyConstraint("rules", name=op.f("screening_sweeps_pkey")),
    )
    op.create_table(
        "screening_hits",
        sa.Column("hit_no", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("test", sa.Text(), nullable=False),
        sa.Column("round", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("shown_at", instant, nullable=False),
        sa.Column("found_at", instant, nullable=False),
        sa.Column("evidence", pg.ARRAY(sa.Integer()), nullable=False),
        sa.Column("because", pg.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("hit_no", name=op.f("screening_hits_pkey")),
        sa.UniqueConstraint("case_no", "rule", "round", name=op.f("screening_hits_case_no_rule_round_key")),
    )
    op.create_index(
        "screening_hits_found", "screening_hits", [sa.text("found_at DESC"), sa.text("hit_no DESC")]
    )
    op.create_table(
        "screening_rulings",
        sa.Column("hit_no", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ruling", sa.Text(), nullable=False),
        sa.Column("ruled_at", instant, nullable=False),
        sa.Column("ruled_by", sa.Text(), nullable=False),
        sa.Column("reason", pg.JSONB(), nullable=False),
        sa.Column("dossier_no", sa.Text()),
        sa.CheckConstraint(
            "(ruling = 'clue') = (dossier_no IS NOT NULL)", name=op.f("screening_rulings_clue_has_file_check")
        ),
        sa.ForeignKeyConstraint(
            ["hit_no"], ["screening_hits.hit_no"], name=op.f("screening_rulings_hit_no_fkey")
        ),
        sa.PrimaryKeyConstraint("hit_no", "number", name=op.f("screening_rulings_pkey")),
    )
    for table in ("screening_hits", "screening_rulings"):
        for statement in append_only(table):
            op.execute(statement)


def downgrade() -> None:
    for table in ("screening_rulings", "screening_hits", "screening_sweeps", "screening_queue"):
        op.drop_table(table)

"""Accountability files: their own append-only ledger, what lists read, and the record of each person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from store.migrations.append_only import append_only

revision = "0012"
down_revision = "0010a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant, codes = sa.DateTime(timezone=True), pg.ARRAY(sa.Text())
    op.create_table(
        "dossier_facts",
        sa.Column("dossier_no", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("officer", pg.JSONB(), nullable=False),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.Column("body", pg.JSONB(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("dossier_facts_seq_counts_from_1_check")),
        sa.PrimaryKeyConstraint("dossier_no", "seq", name=op.f("dossier_facts_pkey")),
    )
    op.create_table(
        "dossiers",
        sa.Column("dossier_no", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("units", codes, nullable=False),
        sa.Column("accounts", codes, nullable=False),
        sa.Column("recused", codes, nullable=False),
        sa.Column("registered_at", instant, nullable=False),
        sa.Column("closed_at", instant),
        sa.Column("next_due_at", instant),
        sa.Column("state", pg.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("dossier_no", name=op.f("dossiers_pkey")),
    )
    op.create_index("dossiers_stage", "dossiers", ["stage", "next_due_at"])
    op.create_table(
        "sanctions",
        sa.Column("dossier_no", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("measures", codes, nullable=False),
        sa.Column("decided_at", instant, nullable=False),
        sa.Column("effect_from", sa.Date()),
        sa.Column("effect_until", sa.Date()),
        sa.Column("is_open_ended", sa.Boolean(), nullable=False),
        sa.Column("revoked_at", instant),
        sa.PrimaryKeyConstraint("dossier_no", "number", name=op.f("sanctions_pkey")),
    )
    op.create_index("sanctions_person", "sanctions", ["person", "decided_at"])
    for statement in append_only("dossier_facts"):
        op.execute(statement)


def downgrade() -> None:
    for table in ("sanctions", "dossiers", "dossier_facts"):
        op.drop_table(table)

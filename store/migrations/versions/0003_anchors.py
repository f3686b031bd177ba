"""Anchors of the ledger and their leaves: append-only, as what they cover is."""

import sqlalchemy as sa
from alembic import op

from store.migrations.append_only import append_only

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("anchors", "anchor_leaves")


def upgrade() -> None:
    op.create_table(
        "anchors",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("facts", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("trail_seq", sa.BigInteger(), nullable=False),
        sa.Column("trail_hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("anchors_pkey")),
        sa.UniqueConstraint("day", name=op.f("anchors_day_key")),
    )
    op.create_table(
        "anchor_leaves",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", "case_no", name=op.f("anchor_leaves_pkey")),
    )
    op.create_index("anchor_leaves_case", "anchor_leaves", ["case_no", "number"])
    for table in TABLES:
        for statement in append_only(table):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)

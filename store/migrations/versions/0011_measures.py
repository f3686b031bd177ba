"""Measures of supervision as read rows: a fold of the ledger, like cases, clocks and holdings."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "measures",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("person", sa.Text()),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("unit_points", sa.Integer(), nullable=False),
        sa.Column("person_points", sa.Integer(), nullable=False),
        sa.Column("appeal_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_until", sa.DateTime(timezone=True)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("appealed_at", sa.DateTime(timezone=True)),
        sa.Column("appeal_upheld", sa.Boolean()),
        sa.Column("awaits_approval", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("measures_pkey")),
    )
    op.create_index("measures_case", "measures", ["case_no"])
    newest = [sa.text("issued_at DESC"), sa.text("number DESC")]
    op.create_index("measures_kind", "measures", ["kind", *newest])
    op.create_index("measures_unit", "measures", ["unit", *newest])


def downgrade() -> None:
    op.drop_table("measures")

"""The maintained part of the catalogue of matters."""

import sqlalchemy as sa
from alembic import op

revision = "0021a"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "matters",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text()),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["lead"], ["units.code"], name=op.f("matters_lead_fkey")),
        sa.PrimaryKeyConstraint("category", name=op.f("matters_pkey")),
    )


def downgrade() -> None:
    op.drop_table("matters")

"""Saved views of lists, per account."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0019"
down_revision = "0015a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("view_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filters", pg.JSONB(), nullable=False),
        sa.Column("columns", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("saved_views_user_id_fkey")),
        sa.PrimaryKeyConstraint("view_id", name=op.f("saved_views_pkey")),
        sa.UniqueConstraint("user_id", "name", name=op.f("saved_views_user_id_name_key")),
    )


def downgrade() -> None:
    op.drop_table("saved_views")

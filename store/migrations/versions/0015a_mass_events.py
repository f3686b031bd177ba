"""Mass events: bursts of different callers on one matter in one place, and the master cases that answer them."""

import sqlalchemy as sa
from alembic import op

revision = "0015a"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "bursts",
        sa.Column("burst_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("area", sa.Text()),
        sa.Column("first_at", instant, nullable=False),
        sa.Column("last_at", instant, nullable=False),
        sa.Column("raised_at", instant, nullable=False),
        sa.Column("settled_at", instant),
        sa.Column("settled_by", sa.Text()),
        sa.Column("ground", sa.Text()),
        sa.PrimaryKeyConstraint("burst_id", name=op.f("bursts_pkey")),
    )
    op.create_index("bursts_matter", "bursts", ["category", "area", "last_at"])
    op.create_table(
        "mass_events",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("burst_id", sa.BigInteger()),
        sa.Column("built_at", instant, nullable=False),
        sa.Column("built_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["burst_id"], ["bursts.burst_id"], name=op.f("mass_events_burst_id_fkey")),
        sa.PrimaryKeyConstraint("case_no", name=op.f("mass_events_pkey")),
    )
    op.create_index(
        "cases_matter",
        "cases",
        ["category", "area", "registered_at"],
        postgresql_where=sa.text("category IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("cases_matter", table_name="cases")
    op.drop_table("mass_events")
    op.drop_table("bursts")

"""Drafts of policy revisions: what was proposed, against which revision, by whom, and who published it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0010"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_drafts",
        sa.Column("draft_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("body", pg.JSONB(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("published_by", sa.Text()),
        sa.CheckConstraint("published_by <> drafted_by", name=op.f("policy_drafts_two_people_check")),
        sa.ForeignKeyConstraint(["base"], ["policies.revision"], name=op.f("policy_drafts_base_fkey")),
        sa.PrimaryKeyConstraint("draft_id", name=op.f("policy_drafts_pkey")),
    )


def downgrade() -> None:
    op.drop_table("policy_drafts")

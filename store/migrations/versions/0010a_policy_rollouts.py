"""Rollouts of policy revisions: that each is on its way, done or overtaken, and which cases refused."""

import sqlalchemy as sa
from alembic import op

revision = "0010a"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_rollouts",
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("overtaken", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision"], ["policies.revision"], name=op.f("policy_rollouts_revision_fkey")
        ),
        sa.PrimaryKeyConstraint("revision", name=op.f("policy_rollouts_pkey")),
    )
    op.create_table(
        "policy_refusals",
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("revision", "case_no", name=op.f("policy_refusals_pkey")),
    )


def downgrade() -> None:
    op.drop_table("policy_refusals")
    op.drop_table("policy_rollouts")

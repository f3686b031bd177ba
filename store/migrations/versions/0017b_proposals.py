"""What several measures on one unit lead to, and what became of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from store.migrations.append_only import append_only

revision = "0017b"
down_revision = "0017a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "supervision_proposals",
        sa.Column("proposal_no", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("proposes", sa.Text(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("measures", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("proposed_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("proposal_no", name=op.f("supervision_proposals_pkey")),
        sa.UniqueConstraint(
            "rule", "unit", "month", name=op.f("supervision_proposals_rule_unit_month_key")
        ),
    )
    op.create_index(
        "supervision_proposals_newest",
        "supervision_proposals",
        [sa.text("proposed_at DESC"), sa.text("proposal_no DESC")],
    )
    op.create_table(
        "proposal_rulings",
        sa.Column("proposal_no", sa.Text(), nullable=False),
        sa.Column("ruled_at", instant, nullable=False),
        sa.Column("ruled_by", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text()),
        sa.Column("reason", pg.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_no"],
            ["supervision_proposals.proposal_no"],
            name=op.f("proposal_rulings_proposal_no_fkey"),
        ),
        sa.PrimaryKeyConstraint("proposal_no", name=op.f("proposal_rulings_pkey")),
    )
    for table in ("supervision_proposals", "proposal_rulings"):
        for statement in append_only(table):
            op.execute(statement)


def downgrade() -> None:
    for table in ("proposal_rulings", "supervision_proposals"):
        op.drop_table(table)

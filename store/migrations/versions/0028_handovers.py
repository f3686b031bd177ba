"""Handovers: commands whose facts whoever asked is to write into the ledger, until they are there."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handovers",
        sa.Column("handover_id", sa.Text, primary_key=True),
        sa.Column("case_no", sa.Text, nullable=False),
        sa.Column("command_id", sa.Text, nullable=False),
        sa.Column("since", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("look_at", sa.TIMESTAMP(timezone=True), nullable=False),
        if_not_exists=True,
    )
    op.create_index("handovers_due", "handovers", ["look_at"], if_not_exists=True)


def downgrade() -> None:
    op.drop_table("handovers")

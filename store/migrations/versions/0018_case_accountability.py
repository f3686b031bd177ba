"""What accountability files told the cases they came from."""

import sqlalchemy as sa
from alembic import op

from store.migrations.append_only import append_only

revision = "0018"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_accountability",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_no", "reference", "event", name=op.f("case_accountability_pkey")),
    )
    for statement in append_only("case_accountability"):
        op.execute(statement)
    op.create_index("dossiers_reference", "dossiers", ["reference"])


def downgrade() -> None:
    op.drop_index("dossiers_reference", "dossiers")
    op.drop_table("case_accountability")

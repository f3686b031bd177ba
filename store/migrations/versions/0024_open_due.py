"""An index on the due instants of open cases: the board of what is late reads as much as it shows, however much is open."""

import sqlalchemy as sa
from alembic import op

from store.migrations.concurrently import index_concurrently

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    index_concurrently(
        "cases_open_due", "cases", ["next_due_at", "case_no"], postgresql_where=sa.text("closed_at IS NULL")
    )


def downgrade() -> None:
    op.drop_index("cases_open_due", "cases")

"""An index on the units of open cases: a unit's desk is of those, however many it has closed."""

import sqlalchemy as sa
from alembic import op

from store.migrations.concurrently import index_concurrently

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    index_concurrently(
        "cases_open_units",
        "cases",
        ["units"],
        postgresql_using="gin",
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("cases_open_units", "cases")

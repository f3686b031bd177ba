"""An index of each category's cases, the newest first: a list of a rare category reads only what it shows."""

import sqlalchemy as sa
from alembic import op

from store.migrations.concurrently import index_concurrently

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    index_concurrently(
        "cases_category", "cases", ["category", sa.text("registered_at DESC"), sa.text("case_no DESC")]
    )


def downgrade() -> None:
    op.drop_index("cases_category", "cases")

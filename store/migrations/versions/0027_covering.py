"""Indexes that hold what boards and lists ask for: thousands of clocks and of open cases are counted and sorted without fetching them."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from store.migrations.concurrently import index_concurrently

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_RUNS: Final = sa.text("stopped_at IS NULL")
_STANDS_STILL: Final = sa.text("stopped_at IS NULL AND held_at IS NOT NULL")
_IS_OPEN: Final = sa.text("closed_at IS NULL")


def upgrade() -> None:
    index_concurrently(
        "clocks_alarms",
        "clocks",
        ["next_alarm_at"],
        postgresql_include=["case_no", "holder", "next_alarm", "held_at", "limit_text"],
        postgresql_where=_RUNS,
    )
    index_concurrently(
        "clocks_still",
        "clocks",
        ["held_at", "case_no", "clock_id"],
        postgresql_include=["holder"],
        postgresql_where=_STANDS_STILL,
    )
    index_concurrently(
        "cases_open_due",
        "cases",
        ["next_due_at", "case_no"],
        postgresql_include=["registered_at", "recused"],
        postgresql_where=_IS_OPEN,
    )
    with op.get_context().autocommit_block():
        op.drop_index("clocks_next_alarm", "clocks", if_exists=True, postgresql_concurrently=True)


def downgrade() -> None:
    op.create_index("clocks_next_alarm", "clocks", ["next_alarm_at"], postgresql_where=_RUNS)
    op.drop_index("clocks_alarms", "clocks")
    for name, table, columns, where in (
        ("clocks_still", "clocks", ["held_at", "case_no", "clock_id"], _STANDS_STILL),
        ("cases_open_due", "cases", ["next_due_at", "case_no"], _IS_OPEN),
    ):
        op.drop_index(name, table)
        op.create_index(name, table, columns, postgresql_where=where)

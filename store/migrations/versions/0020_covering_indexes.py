"""Indexes that answer counts and scopes by themselves: rows of cases are wide, and boards count thousands of them."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018a"
branch_labels = None
depends_on = None

_NEWEST_FIRST = (sa.text("registered_at DESC"), sa.text("case_no DESC"))
_OPEN = sa.text("closed_at IS NULL")
_OF_A_MATTER = sa.text("category IS NOT NULL")
_STILL = sa.text("stopped_at IS NULL AND held_at IS NOT NULL")
_MATTER = ["category", "area", "registered_at"]
_HOLDING = ["owner_unit", "owner_cause", "owner_since"]


def upgrade() -> None:
    for name in ("cases_newest", "cases_open", "cases_matter"):
        op.drop_index(name, "cases")
    op.create_index("cases_newest", "cases", _NEWEST_FIRST, postgresql_include=["category", "recused"])
    counted = ["case_no", "lead_unit", "registered_at", "next_due_at", *_HOLDING, "recused"]
    op.create_index("cases_open", "cases", ["status"], postgresql_include=counted, postgresql_where=_OPEN)
    told = ["lead_unit", "closed_at", "recused"]
    op.create_index("cases_matter", "cases", _MATTER, postgresql_include=told, postgresql_where=_OF_A_MATTER)
    scoped = ["status", "units", "accused_units", "recused"]
    op.create_index("cases_scope", "cases", ["case_no"], postgresql_include=scoped)
    op.create_index("cases_recused", "cases", ["recused"], postgresql_using="gin")
    op.create_index("clocks_still", "clocks", ["held_at", "case_no", "clock_id"], postgresql_where=_STILL)


def downgrade() -> None:
    op.drop_index("clocks_still", "clocks")
    for name in ("cases_newest", "cases_open", "cases_matter", "cases_scope", "cases_recused"):
        op.drop_index(name, "cases")
    op.create_index("cases_newest", "cases", _NEWEST_FIRST)
    op.create_index("cases_open", "cases", ["status"], postgresql_where=_OPEN)
    op.create_index("cases_matter", "cases", _MATTER, postgresql_where=_OF_A_MATTER)

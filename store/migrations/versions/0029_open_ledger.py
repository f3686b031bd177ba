"""The end of a case's ledger and the right to write on in one word: a projection asks for both before it does anything."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# In this language each statement sees what is committed when it begins: the second one whatever the lock was waited for.
_OPEN = """
CREATE OR REPLACE FUNCTION open_ledger(of_case text, since integer) RETURNS SETOF facts LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(of_case, 0));
    RETURN QUERY SELECT * FROM facts WHERE facts.case_no = of_case AND facts.seq >= since ORDER BY facts.seq;
END
$$
"""


def upgrade() -> None:
    op.execute(_OPEN)


def downgrade() -> None:
    op.execute("DROP FUNCTION open_ledger")

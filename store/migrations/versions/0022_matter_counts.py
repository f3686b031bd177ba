"""How many cases a matter has, counted as they change: a catalogue that counts every case takes longer with each."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021a"
branch_labels = None
depends_on = None

# Sorted, so that two statements take the rows that they share in one order and neither waits for the other for ever.
_ADD = """
INSERT INTO matter_counts AS kept (category, lead_unit, cases, open_cases, first_at, last_at)
SELECT category, COALESCE(lead_unit, ''), SUM(sign), SUM(CASE WHEN closed_at IS NULL THEN sign ELSE 0 END),
       MIN(registered_at), MAX(registered_at)
FROM ({rows}) AS rows WHERE category IS NOT NULL
GROUP BY 1, 2 HAVING SUM(sign) <> 0 OR SUM(CASE WHEN closed_at IS NULL THEN sign ELSE 0 END) <> 0 ORDER BY 1, 2
ON CONFLICT (category, lead_unit) DO UPDATE SET
    cases = kept.cases + excluded.cases, open_cases = kept.open_cases + excluded.open_cases,
    first_at = LEAST(kept.first_at, excluded.first_at), last_at = GREATEST(kept.last_at, excluded.last_at)
"""
_COUNTED = "category, lead_unit, closed_at, registered_at"
_CAME = f"SELECT 1 AS sign, {_COUNTED} FROM came"
_WENT = f"SELECT -1 AS sign, {_COUNTED} FROM went"
_COUNT = f"""
CREATE FUNCTION count_matters() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN {_ADD.format(rows=_CAME)};
    ELSIF TG_OP = 'UPDATE' THEN {_ADD.format(rows=f"{_CAME} UNION ALL {_WENT}")};
    ELSIF TG_OP = 'DELETE' THEN {_ADD.format(rows=_WENT)};
    ELSE DELETE FROM matter_counts;
    END IF;
    RETURN NULL;
END
$$
"""
_TELLS = {
    "INSERT": "REFERENCING NEW TABLE AS came",
    "UPDATE": "REFERENCING OLD TABLE AS went NEW TABLE AS came",
    "DELETE": "REFERENCING OLD TABLE AS went",
    "TRUNCATE": "",
}


def upgrade() -> None:
    op.create_table(
        "matter_counts",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("lead_unit", sa.Text(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("open_cases", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("category", "lead_unit", name=op.f("matter_counts_pkey")),
    )
    op.execute(_COUNT)
    # Before the rows that are there are counted: whoever adds one meanwhile waits for this transaction.
    for change, told in _TELLS.items():
        op.execute(
            f"CREATE TRIGGER cases_count_{change.lower()} AFTER {change} ON cases {told} "
            "FOR EACH STATEMENT EXECUTE FUNCTION count_matters()"
        )
    op.execute(_ADD.format(rows=f"SELECT 1 AS sign, {_COUNTED} FROM cases"))


def downgrade() -> None:
    for change in _TELLS:
        op.execute(f"DROP TRIGGER cases_count_{change.lower()} ON cases")
    op.execute("DROP FUNCTION count_matters()")
    op.drop_table("matter_counts")

"""Tallies: what boards ask for, counted ahead by a keeper. Every case is marked, so that the keeper counts what is there already."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_MARK = """
CREATE OR REPLACE FUNCTION mark_to_tally() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tally_due (case_no) VALUES (COALESCE(NEW.case_no, OLD.case_no));
    RETURN NULL;
END
$$
"""
_TELLS = """
CREATE OR REPLACE TRIGGER cases_mark_to_tally AFTER INSERT OR UPDATE OR DELETE ON cases
    FOR EACH ROW EXECUTE FUNCTION mark_to_tally()
"""
_MARK_ALL = """
CREATE OR REPLACE FUNCTION mark_all_to_tally() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tally_due (case_no) SELECT DISTINCT case_no FROM tally_lines;
    RETURN NULL;
END
$$
"""
_TELLS_OF_ALL = """
CREATE OR REPLACE TRIGGER cases_mark_all_to_tally AFTER TRUNCATE ON cases
    FOR EACH STATEMENT EXECUTE FUNCTION mark_all_to_tally()
"""


def upgrade() -> None:
    op.create_table(
        "tally_lines",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("microseconds", sa.BigInteger()),
        sa.Column("longest", sa.BigInteger()),
        sa.PrimaryKeyConstraint("case_no", "sheet", "unit", "what", "at", name=op.f("tally_lines_pkey")),
        if_not_exists=True,
    )
    op.create_index(
        "tally_lines_longest",
        "tally_lines",
        ["sheet", "at", "unit", "what", "longest"],
        postgresql_where=sa.text("longest IS NOT NULL"),
        if_not_exists=True,
    )
    op.create_table(
        "tallies",
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("microseconds", sa.Numeric()),
        sa.Column("longest", sa.BigInteger()),
        sa.PrimaryKeyConstraint("sheet", "at", "unit", "what", name=op.f("tallies_pkey")),
        if_not_exists=True,
    )
    op.create_table(
        "tally_due",
        sa.Column("mark", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("tally_due_pkey")),
        if_not_exists=True,
    )
    for statement in (_MARK, _TELLS, _MARK_ALL, _TELLS_OF_ALL):
        op.execute(statement)
    # Apart from the trigger, which keeps writers waiting until its transaction ends; a case that is marked twice is counted once more.
    with op.get_context().autocommit_block():
        op.execute("INSERT INTO tally_due (case_no) SELECT case_no FROM cases")


def downgrade() -> None:
    for function in ("mark_to_tally", "mark_all_to_tally"):
        op.execute(f"DROP TRIGGER cases_{function} ON cases")
        op.execute(f"DROP FUNCTION {function}()")
    for table in ("tally_due", "tallies", "tally_lines"):
        op.drop_table(table)

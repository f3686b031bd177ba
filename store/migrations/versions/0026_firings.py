"""What fired, as columns: boards that count it out of the bodies of facts take longer than for everything else together."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_COLUMNS = "case_no, seq, clock_id, kind, holder, alarm, alarm_at, fired_at"
_NOTE = f"""
CREATE OR REPLACE FUNCTION note_firing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO firings ({_COLUMNS})
    VALUES (NEW.case_no, NEW.seq, NEW.body ->> 'clock_id', NEW.body ->> 'clock', NEW.body ->> 'holder',
            NEW.body ->> 'alarm', (NEW.body ->> 'due_at')::timestamptz, NEW.at)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$
"""
_TELLS = """
CREATE OR REPLACE TRIGGER facts_note_firing AFTER INSERT ON facts
    FOR EACH ROW WHEN (NEW.tag = 'clock:fired') EXECUTE FUNCTION note_firing()
"""
_CATCH_UP = f"""
INSERT INTO firings ({_COLUMNS})
SELECT case_no, seq, body ->> 'clock_id', body ->> 'clock', body ->> 'holder', body ->> 'alarm',
       (body ->> 'due_at')::timestamptz, at
FROM facts WHERE tag = 'clock:fired'
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.create_table(
        "firings",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("clock_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("alarm", sa.Text(), nullable=False),
        sa.Column("alarm_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_no", "seq", name=op.f("firings_pkey")),
        if_not_exists=True,
    )
    op.create_index(
        "firings_newest",
        "firings",
        ["fired_at", "case_no", "seq"],
        postgresql_include=["holder", "alarm", "alarm_at"],
        if_not_exists=True,
    )
    op.execute(_NOTE)
    op.execute(_TELLS)
    # Apart from the trigger, which keeps writers waiting until its transaction ends; what broke off is done again.
    with op.get_context().autocommit_block():
        op.execute(_CATCH_UP)


def downgrade() -> None:
    op.execute("DROP TRIGGER facts_note_firing ON facts")
    op.execute("DROP FUNCTION note_firing()")
    op.drop_table("firings")

"""The catalogue's own counters away: matters are counted with the boards, and no case waits for another that is about the same.

Every case is marked, so that the keeper counts it for the catalogue as well. No release had the counters (revision 0022).
"""

from importlib import import_module

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DO $$ BEGIN DROP FUNCTION IF EXISTS count_matters() CASCADE; DROP TABLE IF EXISTS matter_counts; END $$")
    with op.get_context().autocommit_block():
        op.execute("INSERT INTO tally_due (case_no) SELECT case_no FROM cases")


def downgrade() -> None:
    import_module("store.migrations.versions.0022_matter_counts").upgrade()

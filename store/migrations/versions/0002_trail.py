"""The audit trail: append-only, as the ledger is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TRIGGERS = (
    """
CREATE TRIGGER trail_append_only BEFORE UPDATE OR DELETE ON trail
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
""",
    """
CREATE TRIGGER trail_never_truncated BEFORE TRUNCATE ON trail
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
""",
)

# Other roles than the owner, such as the application's, lose the right as well; whatever they are called.
NOT_GRANTED = """
DO $$
DECLARE grantee_name text;
BEGIN
    FOR grantee_name IN
        SELECT DISTINCT grantee FROM information_schema.role_table_grants
        WHERE table_schema = current_schema() AND table_name = 'trail' AND grantee <> current_user
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON trail FROM %s',
            CASE grantee_name WHEN 'PUBLIC' THEN 'PUBLIC' ELSE quote_ident(grantee_name) END);
    END LOOP;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "trail",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text()),
        sa.Column("actor_role", sa.Text()),
        sa.Column("actor_unit", sa.Text()),
        sa.Column("case_no", sa.Text()),
        sa.Column("subject", sa.Text()),
        sa.Column("address", sa.Text()),
        sa.Column("detail", pg.JSONB(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("trail_pkey")),
    )
    op.create_index("trail_at", "trail", ["at"])
    op.create_index("trail_event", "trail", ["event", "seq"])
    op.create_index("trail_actor", "trail", ["actor_id", "seq"])
    op.create_index(
        "trail_case", "trail", ["case_no", "seq"], postgresql_where=sa.text("case_no IS NOT NULL")
    )
    for statement in (*TRIGGERS, NOT_GRANTED):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("trail")

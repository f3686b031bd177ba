"""The audit trail: append-only, as the ledger is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from store.migrations.append_only import append_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


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
    for statement in append_only("trail"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("trail")

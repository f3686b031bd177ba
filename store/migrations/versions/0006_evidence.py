"""Evidence files: what was uploaded for a case, and the sealed key to its bytes in the object store."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("evidence_id", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at_source", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("uploaded_role", sa.Text(), nullable=False),
        sa.Column("uploaded_unit", sa.Text()),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary()),
        sa.Column("sealed_metadata", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("evidence_pkey")),
    )
    op.create_index("evidence_case", "evidence", ["case_no", "uploaded_at"])


def downgrade() -> None:
    op.drop_table("evidence")

"""Every citizen has a key of their own; what was sealed before is brought under it by `hotline keys rotate`."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Until now the address of the citizen's computer stood here in the clear. Only a retry that is under way
# while this release is installed needed it.
FORGET_ADDRESSES = """
UPDATE intake SET principal = 'public/forgotten/' || case_no WHERE principal LIKE 'public/%'
"""


def upgrade() -> None:
    op.create_table(
        "vault_persons",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("phone_hash", sa.Text()),
        sa.Column("sealed_key", sa.LargeBinary()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("person_id", name=op.f("vault_persons_pkey")),
    )
    op.create_index(
        "vault_persons_phone",
        "vault_persons",
        ["phone_hash"],
        unique=True,
        postgresql_where=sa.text("phone_hash IS NOT NULL"),
    )
    op.create_table(
        "vault_cases",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["vault_persons.person_id"], name=op.f("vault_cases_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("case_no", name=op.f("vault_cases_pkey")),
    )
    op.create_index("vault_cases_person", "vault_cases", ["person_id"])
    op.add_column("vault_callers", sa.Column("erased_at", sa.DateTime(timezone=True)))
    op.add_column("vault_texts", sa.Column("erased_at", sa.DateTime(timezone=True)))
    op.create_index(
        "cases_closed",
        "cases",
        ["closed_at", "case_no"],
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.execute(FORGET_ADDRESSES)


def downgrade() -> None:
    op.drop_index("cases_closed", "cases")
    op.drop_column("vault_texts", "erased_at")
    op.drop_column("vault_callers", "erased_at")
    op.drop_table("vault_cases")
    op.drop_table("vault_persons")

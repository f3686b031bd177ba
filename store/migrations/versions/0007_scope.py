"""Who may know of a case: recused people, the units complained about, discipline groups and their units."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    nobody = sa.text("'{}'")
    op.add_column("cases", sa.Column("recused", pg.ARRAY(sa.Text()), nullable=False, server_default=nobody))
    op.alter_column("cases", "recused", server_default=None)
    op.create_index("cases_accused", "cases", ["accused_units"], postgresql_using="gin")
    op.create_table(
        "discipline_groups",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("discipline_groups_pkey")),
    )
    op.create_table(
        "supervised_units",
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group"], ["discipline_groups.code"], name=op.f("supervised_units_group_fkey")
        ),
        sa.ForeignKeyConstraint(["unit"], ["units.code"], name=op.f("supervised_units_unit_fkey")),
        sa.PrimaryKeyConstraint("group", "unit", name=op.f("supervised_units_pkey")),
    )
    op.add_column("users", sa.Column("discipline_group", sa.Text()))
    op.create_foreign_key(
        op.f("users_discipline_group_fkey"), "users", "discipline_groups", ["discipline_group"], ["code"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("users_discipline_group_fkey"), "users")
    op.drop_column("users", "discipline_group")
    op.drop_table("supervised_units")
    op.drop_table("discipline_groups")
    op.drop_index("cases_accused", "cases")
    op.drop_column("cases", "recused")

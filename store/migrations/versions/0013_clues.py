"""Accountability from outside: numbers and outbox of clues, people they are about, circulars, levels of officers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0013"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant, codes = sa.DateTime(timezone=True), pg.ARRAY(sa.Text())
    op.create_table(
        "dossier_numbers",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("dossier_numbers_pkey")),
    )
    op.create_table(
        "dossier_intake",
        sa.Column("dossier_no", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text()),
        sa.Column("registration", pg.JSONB(), nullable=False),
        sa.Column("received_at", instant, nullable=False),
        sa.Column("adopted_at", instant),
        sa.PrimaryKeyConstraint("dossier_no", name=op.f("dossier_intake_pkey")),
        sa.UniqueConstraint("principal", "key_hash", name=op.f("dossier_intake_principal_key_hash_key")),
        sa.UniqueConstraint("cause", name=op.f("dossier_intake_cause_key")),
    )
    op.create_index(
        "dossier_intake_unadopted",
        "dossier_intake",
        ["received_at", "dossier_no"],
        postgresql_where=sa.text("adopted_at IS NULL"),
    )
    op.create_table(
        "accused",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("identity_hash", sa.Text()),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("accused_pkey")),
        sa.UniqueConstraint("identity_hash", name=op.f("accused_identity_hash_key")),
    )
    op.create_table(
        "circulars",
        sa.Column("circular_id", sa.Text(), nullable=False),
        sa.Column("dossier_no", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("text", pg.JSONB(), nullable=False),
        sa.Column("published_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("circular_id", name=op.f("circulars_pkey")),
    )
    op.create_index("circulars_dossier", "circulars", ["dossier_no"])
    op.create_index("circulars_published", "circulars", ["published_at", "circular_id"])
    op.add_column("users", sa.Column("discipline_level", sa.Text()))
    op.add_column("dossiers", sa.Column("cases", codes, nullable=False, server_default="{}"))
    op.alter_column("dossiers", "cases", server_default=None)
    op.add_column("dossiers", sa.Column("reference", sa.Text(), nullable=False, server_default=""))
    op.alter_column("dossiers", "reference", server_default=None)


def downgrade() -> None:
    op.drop_column("dossiers", "reference")
    op.drop_column("dossiers", "cases")
    op.drop_column("users", "discipline_level")
    for table in ("circulars", "accused", "dossier_intake", "dossier_numbers"):
        op.drop_table(table)

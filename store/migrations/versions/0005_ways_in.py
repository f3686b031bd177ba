"""Ways in: passwords, second factors and browser sessions, and tokens that have scopes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Whoever had a token until now got it by seeding, and that token could do everything.
BACKFILL = """
UPDATE users SET demo = true WHERE user_id IN (SELECT user_id FROM tokens WHERE name = 'demo');
UPDATE tokens SET token_id = replace(gen_random_uuid()::text, '-', ''),
    scopes = ARRAY['read', 'register', 'command', 'admin'], issued_by = 'system';
"""


def upgrade() -> None:
    op.add_column("users", sa.Column("demo", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("tokens", sa.Column("token_id", sa.Text()))
    op.add_column("tokens", sa.Column("scopes", pg.ARRAY(sa.Text())))
    op.add_column("tokens", sa.Column("issued_by", sa.Text()))
    op.add_column("tokens", sa.Column("last_used_on", sa.Date()))
    for statement in BACKFILL.strip().split(";\n"):
        op.execute(statement)
    op.alter_column("users", "demo", server_default=None)
    for column in ("token_id", "scopes", "issued_by"):
        op.alter_column("tokens", column, nullable=False)
    op.create_unique_constraint(op.f("tokens_token_id_key"), "tokens", ["token_id"])
    op.create_table(
        "credentials",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text()),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("password_expires_at", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True)),
        sa.Column("totp_sealed", sa.LargeBinary()),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("totp_last_step", sa.BigInteger()),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("credentials_user_id_fkey")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("credentials_pkey")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("recovery_codes_user_id_fkey")),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name=op.f("recovery_codes_pkey")),
    )
    op.create_table(
        "sessions",
        sa.Column("session_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.Text()),
        sa.Column("agent", sa.Text()),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("sessions_user_id_fkey")),
        sa.PrimaryKeyConstraint("session_hash", name=op.f("sessions_pkey")),
        sa.UniqueConstraint("session_id", name=op.f("sessions_session_id_key")),
    )
    op.create_index("sessions_user", "sessions", ["user_id"])
    op.create_index("sessions_created", "sessions", ["created_at"])


def downgrade() -> None:
    for table in ("sessions", "recovery_codes", "credentials"):
        op.drop_table(table)
    for column in ("token_id", "scopes", "issued_by", "last_used_on"):
        op.drop_column("tokens", column)
    op.drop_column("users", "demo")

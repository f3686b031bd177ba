"""The first form of the database: ledger, read rows, intake, vault, reference data."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from store.migrations.append_only import append_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The ledger is evidence (domain.md §12 rule 25): whoever holds the connection, it only ever grows.
FUNCTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$
"""
TABLES = (
    "tokens",
    "users",
    "units",
    "policies",
    "vault_texts",
    "vault_callers",
    "search_entries",
    "intake",
    "holdings",
    "clocks",
    "cases",
    "facts",
)


def upgrade() -> None:
    op.execute("CREATE SEQUENCE case_sequence")
    op.create_table(
        "facts",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("actor_unit", sa.Text()),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.Column("body", pg.JSONB(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("facts_seq_counts_from_1_check")),
        sa.PrimaryKeyConstraint("case_no", "seq", name=op.f("facts_pkey")),
    )
    op.create_index("facts_command", "facts", ["command_id"])
    op.create_index("facts_tag_at", "facts", ["tag", "at"])
    op.create_table(
        "cases",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("category", sa.Text()),
        sa.Column("area", sa.Text()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("secret", sa.Boolean(), nullable=False),
        sa.Column("lead_unit", sa.Text()),
        sa.Column("units", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("accused_units", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("owner_unit", sa.Text()),
        sa.Column("owner_cause", sa.Text()),
        sa.Column("owner_since", sa.DateTime(timezone=True)),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dispatched_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("next_due_at", sa.DateTime(timezone=True)),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("flags", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("policy_revision", sa.Text(), nullable=False),
        sa.Column("caller_hash", sa.Text()),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("repeat_of", sa.Text()),
        sa.Column("joined_to", sa.Text()),
        sa.Column("state", pg.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("case_no", name=op.f("cases_pkey")),
    )
    op.create_index(
        "cases_caller", "cases", ["caller_hash", sa.text("registered_at DESC"), sa.text("case_no DESC")]
    )
    op.create_index(
        "cases_due", "cases", ["next_due_at", "case_no"], postgresql_where=sa.text("next_due_at IS NOT NULL")
    )
    op.create_index(
        "cases_lead_unit", "cases", ["lead_unit", sa.text("registered_at DESC"), sa.text("case_no DESC")]
    )
    op.create_index("cases_newest", "cases", [sa.text("registered_at DESC"), sa.text("case_no DESC")])
    op.create_index("cases_open", "cases", ["status"], postgresql_where=sa.text("closed_at IS NULL"))
    op.create_index("cases_phase", "cases", ["phase", sa.text("registered_at DESC"), sa.text("case_no DESC")])
    op.create_index(
        "cases_status", "cases", ["status", sa.text("registered_at DESC"), sa.text("case_no DESC")]
    )
    op.create_index("cases_type", "cases", ["type", sa.text("registered_at DESC"), sa.text("case_no DESC")])
    op.create_index("cases_units", "cases", ["units"], postgresql_using="gin")
    op.create_table(
        "clocks",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("clock_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("limit_text", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("because", pg.JSONB(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True)),
        sa.Column("fired", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("next_alarm_at", sa.DateTime(timezone=True)),
        sa.Column("next_alarm", sa.Text()),
        sa.Column("stopped_at", sa.DateTime(timezone=True)),
        sa.Column("stop_reason", sa.Text()),
        sa.Column("late", sa.Boolean()),
        sa.PrimaryKeyConstraint("case_no", "clock_id", name=op.f("clocks_pkey")),
    )
    op.create_index(
        "clocks_holder_due", "clocks", ["holder", "due_at"], postgresql_where=sa.text("stopped_at IS NULL")
    )
    op.create_index(
        "clocks_next_alarm", "clocks", ["next_alarm_at"], postgresql_where=sa.text("stopped_at IS NULL")
    )
    op.create_index(
        "clocks_running_due", "clocks", ["due_at", "case_no"], postgresql_where=sa.text("stopped_at IS NULL")
    )
    op.create_table(
        "holdings",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("held_for", sa.Interval(), nullable=False),
        sa.PrimaryKeyConstraint("case_no", "holder", "cause", name=op.f("holdings_pkey")),
    )
    op.create_index("holdings_holder", "holdings", ["holder", "cause"])
    op.create_table(
        "intake",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("registration", pg.JSONB(), nullable=False),
        sa.Column("retrieval_hash", sa.Text(), nullable=False),
        sa.Column("retrieval_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("source_number", sa.Text()),
        sa.Column("caller_hash", sa.Text()),
        sa.Column("category", sa.Text()),
        sa.Column("area", sa.Text()),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("case_no", name=op.f("intake_pkey")),
        sa.UniqueConstraint("principal", "key_hash", name=op.f("intake_principal_key_hash_key")),
    )
    op.create_index(
        "intake_caller",
        "intake",
        ["caller_hash", sa.text("raised_at DESC")],
        postgresql_where=sa.text("caller_hash IS NOT NULL"),
    )
    op.create_index(
        "intake_source_number",
        "intake",
        ["source_number"],
        unique=True,
        postgresql_where=sa.text("source_number IS NOT NULL"),
    )
    op.create_index(
        "intake_unadopted",
        "intake",
        ["received_at", "case_no"],
        postgresql_where=sa.text("adopted_at IS NULL"),
    )
    op.create_table(
        "search_entries",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("tokens", pg.ARRAY(sa.BigInteger()), nullable=False),
        sa.PrimaryKeyConstraint("case_no", name=op.f("search_entries_pkey")),
    )
    op.create_index(
        "search_entries_tokens",
        "search_entries",
        ["tokens"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_table(
        "vault_callers",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary()),
        sa.Column("sealed_phone", sa.LargeBinary()),
        sa.Column("sealed_address", sa.LargeBinary()),
        sa.Column("name_hash", sa.Text()),
        sa.Column("phone_hash", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_no", name=op.f("vault_callers_pkey")),
    )
    op.create_index(
        "vault_callers_phone",
        "vault_callers",
        ["phone_hash"],
        postgresql_where=sa.text("phone_hash IS NOT NULL"),
    )
    op.create_table(
        "vault_texts",
        sa.Column("text_id", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("chars", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("text_id", name=op.f("vault_texts_pkey")),
    )
    op.create_index("vault_texts_case", "vault_texts", ["case_no"])
    op.create_index(
        "vault_texts_unused", "vault_texts", ["created_at"], postgresql_where=sa.text("used_at IS NULL")
    )
    op.create_table(
        "policies",
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("body", pg.JSONB(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("policies_pkey")),
    )
    op.create_index(
        "policies_active", "policies", ["active"], unique=True, postgresql_where=sa.text("active")
    )
    op.create_table(
        "units",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text()),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["units.code"], name=op.f("units_parent_fkey")),
        sa.PrimaryKeyConstraint("code", name=op.f("units_pkey")),
    )
    op.create_table(
        "users",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text()),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["units.code"], name=op.f("users_unit_fkey")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("users_pkey")),
    )
    op.create_table(
        "tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("tokens_user_id_fkey")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("tokens_pkey")),
    )
    op.create_index("tokens_user", "tokens", ["user_id"])

    for statement in (FUNCTION, *append_only("facts")):
        op.execute(statement)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change")
    op.execute("DROP SEQUENCE case_sequence")

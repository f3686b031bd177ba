"""Notices, inboxes and what outside channels have to carry."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0017"
branch_labels = None
depends_on = None


def _instant(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("notice_id", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        _instant("at", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("audiences", postgresql.JSONB(), nullable=False),
        sa.Column("besides", sa.Text(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        _instant("told_at"),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("notices_pkey")),
    )
    untold = [sa.text("is_urgent DESC"), "at"]
    op.create_index("notices_untold", "notices", untold, postgresql_where=sa.text("told_at IS NULL"))
    op.create_index("notices_case", "notices", ["case_no"])
    op.create_table(
        "inbox",
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.Text(), nullable=False),
        _instant("at", nullable=False),
        _instant("read_at"),
        sa.PrimaryKeyConstraint("recipient", "notice_id", name=op.f("inbox_pkey")),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.notice_id"], name=op.f("inbox_notice_id_fkey"), ondelete="CASCADE"
        ),
    )
    newest = ["recipient", sa.text("at DESC"), sa.text("notice_id DESC")]
    op.create_index("inbox_newest", "inbox", newest)
    op.create_index("inbox_unread", "inbox", ["recipient"], postgresql_where=sa.text("read_at IS NULL"))
    op.create_index("inbox_notice", "inbox", ["notice_id"])
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        _instant("created_at", nullable=False),
        _instant("not_before", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bundle", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _instant("leased_until"),
        sa.Column("failure", sa.Text()),
        _instant("settled_at"),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("deliveries_pkey")),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.notice_id"], name=op.f("deliveries_notice_id_fkey"), ondelete="CASCADE"
        ),
    )
    waiting = ["channel", sa.text("is_urgent DESC"), "not_before"]
    op.create_index(
        "deliveries_waiting", "deliveries", waiting, postgresql_where=sa.text("state = 'waiting'")
    )
    listed = ["state", sa.text("created_at DESC"), sa.text("delivery_id DESC")]
    op.create_index("deliveries_state", "deliveries", listed)
    op.create_index(
        "deliveries_bundle", "deliveries", ["bundle"], postgresql_where=sa.text("bundle IS NOT NULL")
    )
    op.create_index("deliveries_notice", "deliveries", ["notice_id"])
    op.create_table(
        "muted_channels",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "channel", name=op.f("muted_channels_pkey")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name=op.f("muted_channels_user_id_fkey")
        ),
    )


def downgrade() -> None:
    for table in ("muted_channels", "deliveries", "inbox", "notices"):
        op.drop_table(table)

"""Notices (通知): who is told of what, and by which way out."""

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.kinds import Instant, metadata

notices: Final = Table(
    "notices",
    metadata,
    Column("notice_id", Text, primary_key=True),
    Column("case_no", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False),
    Column("audiences", JSONB, nullable=False),
    Column("besides", Text, nullable=False),
    Column("is_urgent", Boolean, nullable=False),
    Column("told_at", Instant),
    Index("notices_untold", text("is_urgent DESC"), "at", postgresql_where=text("told_at IS NULL")),
    Index("notices_case", "case_no"),
)

inbox: Final = Table(
    "inbox",
    metadata,
    Column("recipient", Text, primary_key=True),
    Column("notice_id", Text, ForeignKey("notices.notice_id", ondelete="CASCADE"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("read_at", Instant),
    Index("inbox_newest", "recipient", text("at DESC"), text("notice_id DESC")),
    Index("inbox_unread", "recipient", postgresql_where=text("read_at IS NULL")),
    Index("inbox_notice", "notice_id"),
)

deliveries: Final = Table(
    "deliveries",
    metadata,
    Column("delivery_id", Text, primary_key=True),
    Column("notice_id", Text, ForeignKey("notices.notice_id", ondelete="CASCADE"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("is_urgent", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("state", Text, nullable=False),
    # The delivery under whose id this one travels; fixed before the first try, so that each try says the same.
    Column("bundle", Text),
    Column("attempts", Integer, nullable=False),
    Column("leased_until", Instant),
    Column("failure", Text),
    Column("settled_at", Instant),
    Index(
        "deliveries_waiting",
        "channel",
        text("is_urgent DESC"),
        "not_before",
        postgresql_where=text("state = 'waiting'"),
    ),
    Index("deliveries_state", "state", text("created_at DESC"), text("delivery_id DESC")),
    Index("deliveries_bundle", "bundle", postgresql_where=text("bundle IS NOT NULL")),
    Index("deliveries_notice", "notice_id"),
)

muted_channels: Final = Table(
    "muted_channels",
    metadata,
    Column("user_id", Text, ForeignKey("users.user_id"), primary_key=True),
    Column("channel", Text, primary_key=True),
)

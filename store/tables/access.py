"""Ways in (登录与令牌): tokens, passwords, second factors and sessions."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, LargeBinary, Table, Text

from store.tables.kinds import Codes, Instant, metadata

tokens: Final = Table(
    "tokens",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("token_id", Text, nullable=False, unique=True),
    Column("user_id", Text, ForeignKey("users.user_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Codes, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("last_used_on", Date),
    Index("tokens_user", "user_id"),
)

credentials: Final = Table(
    "credentials",
    metadata,
    Column("user_id", Text, ForeignKey("users.user_id"), primary_key=True),
    Column("password_hash", Text),
    Column("must_change", Boolean, nullable=False),
    Column("password_expires_at", Instant),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Instant),
    Column("totp_sealed", LargeBinary),
    Column("totp_confirmed_at", Instant),
    Column("totp_last_step", BigInteger),
)

recovery_codes: Final = Table(
    "recovery_codes",
    metadata,
    Column("user_id", Text, ForeignKey("users.user_id"), primary_key=True),
    Column("code_hash", Text, primary_key=True),
    Column("used_at", Instant),
)

sessions: Final = Table(
    "sessions",
    metadata,
    Column("session_hash", LargeBinary, primary_key=True),
    Column("session_id", Text, nullable=False, unique=True),
    Column("user_id", Text, ForeignKey("users.user_id"), nullable=False),
    Column("method", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("address", Text),
    Column("agent", Text),
    Index("sessions_user", "user_id"),
    Index("sessions_created", "created_at"),
)

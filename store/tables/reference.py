"""What administrators keep: policies, units, people and their views."""

from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.kinds import Codes, Instant, metadata

policies: Final = Table(
    "policies",
    metadata,
    Column("revision", Text, primary_key=True),
    Column("number", Integer, Identity(always=True), nullable=False),
    Column("body", JSONB, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Index("policies_active", "active", unique=True, postgresql_where=text("active")),
)

policy_drafts: Final = Table(
    "policy_drafts",
    metadata,
    Column("draft_id", Text, primary_key=True),
    Column("number", Integer, Identity(always=True), nullable=False),
    Column("revision", Text, nullable=False),
    Column("base", Text, ForeignKey("policies.revision"), nullable=False),
    Column("body", JSONB, nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("drafted_by", Text, nullable=False),
    Column("published_at", Instant),
    Column("published_by", Text),
    CheckConstraint("published_by <> drafted_by", name="two_people"),
)

policy_rollouts: Final = Table(
    "policy_rollouts",
    metadata,
    Column("revision", Text, ForeignKey("policies.revision"), primary_key=True),
    Column("ordered_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    Column("overtaken", Boolean, nullable=False),
)

policy_refusals: Final = Table(
    "policy_refusals",
    metadata,
    Column("revision", Text, primary_key=True),
    Column("case_no", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

units: Final = Table(
    "units",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("parent", Text, ForeignKey("units.code")),
    Column("active", Boolean, nullable=False),
)

discipline_groups: Final = Table(
    "discipline_groups",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
)

supervised_units: Final = Table(
    "supervised_units",
    metadata,
    Column("group", Text, ForeignKey("discipline_groups.code"), primary_key=True),
    Column("unit", Text, ForeignKey("units.code"), primary_key=True),
)

users: Final = Table(
    "users",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("unit", Text, ForeignKey("units.code")),
    Column("active", Boolean, nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("discipline_group", Text, ForeignKey("discipline_groups.code")),
    Column("discipline_level", Text),
)

saved_views: Final = Table(
    "saved_views",
    metadata,
    Column("view_id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.user_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("filters", JSONB, nullable=False),
    Column("columns", Codes, nullable=False),
    Column("saved_at", Instant, nullable=False),
    UniqueConstraint("user_id", "name"),
)

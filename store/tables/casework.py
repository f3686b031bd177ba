"""The ledger of cases (事实台账), and the read rows that are rebuilt from it at will."""

from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Interval,
    LargeBinary,
    Sequence,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.kinds import NEWEST_FIRST, Codes, Instant, metadata

case_sequence: Final = Sequence("case_sequence", metadata=metadata)
"""Feeds the last four digits of case numbers; it wraps there, and `intake` refuses a collision."""

facts: Final = Table(
    "facts",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("tag", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("actor_role", Text, nullable=False),
    Column("actor_unit", Text),
    Column("command_id", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("seq >= 1", name="seq_counts_from_1"),
    Index("facts_command", "command_id"),
    Index("facts_tag_at", "tag", "at"),
    Index(
        "facts_knowledge",
        text("(body ->> 'knowledge_id')"),
        text("at DESC"),
        postgresql_where=text("tag = 'intake:answered'"),
    ),
)

cases: Final = Table(
    "cases",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("outcome", Text),
    Column("type", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("category", Text),
    Column("area", Text),
    Column("channel", Text, nullable=False),
    Column("secret", Boolean, nullable=False),
    Column("lead_unit", Text),
    Column("units", Codes, nullable=False),
    Column("accused_units", Codes, nullable=False),
    Column("recused", Codes, nullable=False),
    Column("owner_unit", Text),
    Column("owner_cause", Text),
    Column("owner_since", Instant),
    Column("registered_at", Instant, nullable=False),
    Column("dispatched_at", Instant),
    Column("closed_at", Instant),
    Column("next_due_at", Instant),
    Column("round", SmallInteger, nullable=False),
    Column("flags", Codes, nullable=False),
    Column("policy_revision", Text, nullable=False),
    Column("caller_hash", Text),
    Column("occurrence", Integer, nullable=False),
    Column("repeat_of", Text),
    Column("joined_to", Text),
    Column("state", JSONB, nullable=False),
    # Lists page by (registered_at, case_no), newest first, so every filter's index ends in that pair.
    Index("cases_newest", *NEWEST_FIRST, postgresql_include=["category", "recused"]),
    Index("cases_status", "status", *NEWEST_FIRST),
    Index("cases_phase", "phase", *NEWEST_FIRST),
    Index("cases_type", "type", *NEWEST_FIRST),
    Index("cases_category", "category", *NEWEST_FIRST),
    Index("cases_lead_unit", "lead_unit", *NEWEST_FIRST),
    Index("cases_caller", "caller_hash", *NEWEST_FIRST),
    Index("cases_due", "next_due_at", "case_no", postgresql_where=text("next_due_at IS NOT NULL")),
    # The board of what is late reads as much as it shows, however much is open; in another order it is sorted from here.
    Index(
        "cases_open_due",
        "next_due_at",
        "case_no",
        postgresql_include=["registered_at", "recused"],
        postgresql_where=text("closed_at IS NULL"),
    ),
    # Boards count thousands of rows, which are wide: what they count and who may see it is in the index.
    Index(
        "cases_open",
        "status",
        postgresql_include=[
            "case_no",
            "lead_unit",
            "registered_at",
            "next_due_at",
            "owner_unit",
            "owner_cause",
            "owner_since",
            "recused",
        ],
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index("cases_scope", "case_no", postgresql_include=["status", "units", "accused_units", "recused"]),
    Index("cases_units", "units", postgresql_using="gin"),
    # A unit's desk is of what is open, however much it has closed.
    Index("cases_open_units", "units", postgresql_using="gin", postgresql_where=text("closed_at IS NULL")),
    Index("cases_accused", "accused_units", postgresql_using="gin"),
    Index("cases_recused", "recused", postgresql_using="gin"),
    Index(
        "cases_matter",
        "category",
        "area",
        "registered_at",
        postgresql_include=["lead_unit", "closed_at", "recused"],
        postgresql_where=text("category IS NOT NULL"),
    ),
    Index("cases_closed", "closed_at", "case_no", postgresql_where=text("closed_at IS NOT NULL")),
)

clocks: Final = Table(
    "clocks",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("clock_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("limit_text", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("because", JSONB, nullable=False),
    Column("held_at", Instant),
    Column("fired", Codes, nullable=False),
    Column("next_alarm_at", Instant),
    Column("next_alarm", Text),
    Column("stopped_at", Instant),
    Column("stop_reason", Text),
    Column("late", Boolean),
    Index("clocks_running_due", "due_at", "case_no", postgresql_where=text("stopped_at IS NULL")),
    # As with `cases_open`: alarms are counted by the thousand.
    Index(
        "clocks_alarms",
        "next_alarm_at",
        postgresql_include=["case_no", "holder", "next_alarm", "held_at", "limit_text"],
        postgresql_where=text("stopped_at IS NULL"),
    ),
    Index(
        "clocks_still",
        "held_at",
        "case_no",
        "clock_id",
        postgresql_include=["holder"],
        postgresql_where=text("stopped_at IS NULL AND held_at IS NOT NULL"),
    ),
    Index("clocks_holder_due", "holder", "due_at", postgresql_where=text("stopped_at IS NULL")),
)

holdings: Final = Table(
    "holdings",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("holder", Text, primary_key=True),
    Column("cause", Text, primary_key=True),
    Column("held_for", Interval, nullable=False),
    Index("holdings_holder", "holder", "cause"),
)

measures: Final = Table(
    "measures",
    metadata,
    Column("number", Text, primary_key=True),
    Column("case_no", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("rung", Text),
    Column("unit", Text, nullable=False),
    Column("person", Text),
    Column("issued_at", Instant, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("unit_points", Integer, nullable=False),
    Column("person_points", Integer, nullable=False),
    Column("appeal_until", Instant, nullable=False),
    Column("answer_until", Instant),
    Column("answered_at", Instant),
    Column("settled", Boolean, nullable=False),
    Column("appealed_at", Instant),
    Column("appeal_upheld", Boolean),
    Column("awaits_approval", Boolean, nullable=False),
    Index("measures_case", "case_no"),
    Index("measures_kind", "kind", text("issued_at DESC"), text("number DESC")),
    Index("measures_unit", "unit", text("issued_at DESC"), text("number DESC")),
)

firings: Final = Table(
    "firings",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("clock_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("alarm", Text, nullable=False),
    Column("alarm_at", Instant, nullable=False),
    Column("fired_at", Instant, nullable=False),
    # Boards count thousands: what they count is in the index.
    Index("firings_newest", "fired_at", "case_no", "seq", postgresql_include=["holder", "alarm", "alarm_at"]),
)
"""What fired, out of the ledger: a trigger on `facts` writes it as the fact is appended (revision 0026)."""

handovers: Final = Table(
    "handovers",
    metadata,
    Column("handover_id", Text, primary_key=True),
    Column("case_no", Text, nullable=False),
    Column("command_id", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("look_at", Instant, nullable=False),
    Index("handovers_due", "look_at"),
)

"""Every table, without methods: what PostgreSQL keeps and by which index it finds it again.

`facts` is the ledger and append-only, and so are `dossier_facts`, `problem_facts`, `case_accountability`, `knowledge_revisions`, `trail`, the anchors with what is under them, and what screening found and officers decided on it; `cases`, `clocks` and `holdings` are
read rows that can be rebuilt from it; `intake` is the outbox of registration; the `vault_*` tables alone hold citizens' data, sealed.
store/migrations creates them, and a test compares the two.
"""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

metadata: Final = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

Instant: Final = DateTime(timezone=True)
Codes: Final = ARRAY(Text)
NEWEST_FIRST: Final = (text("registered_at DESC"), text("case_no DESC"))

case_sequence: Final = Sequence("case_sequence", metadata=metadata)
"""Feeds the last four digits of case numbers; it wraps there, and `intake` refuses a collision."""

# ── the ledger 事实台账 ─────────────────────────────────────────────────────────────────────────

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

# ── read rows, rebuilt from the ledger at will ──────────────────────────────────────────────────

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
    # The board of what is late reads as much as it shows, however much is open.
    Index("cases_open_due", "next_due_at", "case_no", postgresql_where=text("closed_at IS NULL")),
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
    Index("clocks_next_alarm", "next_alarm_at", postgresql_where=text("stopped_at IS NULL")),
    Index(
        "clocks_still",
        "held_at",
        "case_no",
        "clock_id",
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

# ── indicators 考核指标: counted from the ledger a moment after it grew, and frozen month by month ──────


def _score_columns() -> Iterator[Column[Any]]:
    yield Column("case_no", Text, primary_key=True)
    yield Column("indicator", Text, primary_key=True)
    yield Column("occasion", Text, primary_key=True)
    yield Column("unit", Text, nullable=False)
    yield Column("type", Text, nullable=False)
    yield Column("counted_at", Instant, nullable=False)
    yield Column("raw", Text, nullable=False)
    yield Column("adjusted", Text, nullable=False)
    yield Column("reason", Text, nullable=False)
    yield Column("excluded_for", Text)
    yield Column("points", Integer, nullable=False)
    yield Column("seq", Integer, nullable=False)
    yield Column("version", Integer, nullable=False)


scores: Final = Table(
    "scores",
    metadata,
    *_score_columns(),
    Index("scores_counted", "counted_at", "case_no", "indicator", "occasion"),
    Index("scores_unit", "unit", "indicator", "counted_at"),
)

score_due: Final = Table(
    "score_due",
    metadata,
    Column("case_no", Text, primary_key=True),
    # Of the key, so that whoever appends to a case never waits for whoever counts it.
    Column("version", Integer, primary_key=True, autoincrement=False),
)

month_previews: Final = Table(
    "month_previews",
    metadata,
    Column("number", Integer, Identity(always=True), primary_key=True),
    Column("month", Date, nullable=False),
    Column("previewed_at", Instant, nullable=False),
    Column("previewed_by", Text, nullable=False),
    Column("figures_digest", LargeBinary, nullable=False),
    Index("month_previews_month", "month", "number"),
)

frozen_months: Final = Table(
    "frozen_months",
    metadata,
    Column("month", Date, primary_key=True),
    Column("frozen_at", Instant, nullable=False),
    Column("frozen_by", Text, nullable=False),
    Column("previewed_at", Instant, nullable=False),
    Column("previewed_by", Text, nullable=False),
    Column("definitions", Codes, nullable=False),
    Column("policies", Codes, nullable=False),
    Column("policy_revision", Text, nullable=False),
    Column("scoring", JSONB, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("figures_digest", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)

frozen_scores: Final = Table(
    "frozen_scores",
    metadata,
    Column("month", Date, primary_key=True),
    *_score_columns(),
    Index("frozen_scores_counted", "month", "counted_at", "case_no", "indicator", "occasion"),
)

# ── registration ────────────────────────────────────────────────────────────────────────────────

intake: Final = Table(
    "intake",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("principal", Text, nullable=False),
    Column("key_hash", Text, nullable=False),
    Column("request_digest", Text, nullable=False),
    Column("registration", JSONB, nullable=False),
    Column("retrieval_hash", Text, nullable=False),
    Column("retrieval_sealed", LargeBinary, nullable=False),
    Column("source_number", Text),
    Column("caller_hash", Text),
    Column("category", Text),
    Column("area", Text),
    Column("raised_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("adopted_at", Instant),
    UniqueConstraint("principal", "key_hash"),
    Index(
        "intake_source_number",
        "source_number",
        unique=True,
        postgresql_where=text("source_number IS NOT NULL"),
    ),
    Index("intake_unadopted", "received_at", "case_no", postgresql_where=text("adopted_at IS NULL")),
    Index(
        "intake_caller",
        "caller_hash",
        text("raised_at DESC"),
        postgresql_where=text("caller_hash IS NOT NULL"),
    ),
)

search_entries: Final = Table(
    "search_entries",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("tokens", ARRAY(BigInteger), nullable=False),
    # Apart from `cases`, because each update of a row there would write all its tokens to the index again.
    # Without the list of pending entries, which every search would have to read after a large import.
    Index("search_entries_tokens", "tokens", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
)

# ── the vault 个人信息保险库 ─────────────────────────────────────────────────────────────────────

vault_persons: Final = Table(
    "vault_persons",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("phone_hash", Text),
    # Everything of this person is sealed under the key in here; without it nothing of theirs can be read again.
    Column("sealed_key", LargeBinary),
    Column("created_at", Instant, nullable=False),
    Column("erased_at", Instant),
    Index("vault_persons_phone", "phone_hash", unique=True, postgresql_where=text("phone_hash IS NOT NULL")),
)

vault_cases: Final = Table(
    "vault_cases",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("vault_persons.person_id"), nullable=False),
    Index("vault_cases_person", "person_id"),
)

vault_callers: Final = Table(
    "vault_callers",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("sealed_name", LargeBinary),
    Column("sealed_phone", LargeBinary),
    Column("sealed_address", LargeBinary),
    Column("name_hash", Text),
    Column("phone_hash", Text),
    Column("created_at", Instant, nullable=False),
    Column("erased_at", Instant),
    Index("vault_callers_phone", "phone_hash", postgresql_where=text("phone_hash IS NOT NULL")),
)

vault_texts: Final = Table(
    "vault_texts",
    metadata,
    Column("text_id", Text, primary_key=True),
    Column("case_no", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("digest", Text, nullable=False),
    Column("chars", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("erased_at", Instant),
    Index("vault_texts_case", "case_no"),
    Index("vault_texts_unused", "created_at", postgresql_where=text("used_at IS NULL")),
)

# ── evidence files 附件: the bytes lie in the object store ───────────────────────────────────────

evidence: Final = Table(
    "evidence",
    metadata,
    Column("evidence_id", Text, primary_key=True),
    Column("case_no", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_at_source", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("uploaded_by", Text, nullable=False),
    Column("uploaded_role", Text, nullable=False),
    Column("uploaded_unit", Text),
    Column("uploaded_at", Instant, nullable=False),
    Column("object_name", Text, nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("sealed_name", LargeBinary),
    Column("sealed_metadata", LargeBinary),
    Index("evidence_case", "case_no", "uploaded_at"),
)

# ── the audit trail 安全审计日志 ──────────────────────────────────────────────────────────────────

trail: Final = Table(
    "trail",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("event", Text, nullable=False),
    Column("actor_id", Text),
    Column("actor_role", Text),
    Column("actor_unit", Text),
    Column("case_no", Text),
    Column("subject", Text),
    Column("address", Text),
    Column("detail", JSONB, nullable=False),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("trail_at", "at"),
    Index("trail_event", "event", "seq"),
    Index("trail_actor", "actor_id", "seq"),
    Index("trail_case", "case_no", "seq", postgresql_where=text("case_no IS NOT NULL")),
)

# ── screening 筛查 ──────────────────────────────────────────────────────────────────────────────

screening_queue: Final = Table(
    "screening_queue",
    metadata,
    # A row for each batch of facts, not for each case: whoever writes facts never waits for whoever reads them.
    Column("case_no", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("since", Instant, nullable=False),
    Index("screening_queue_since", "since"),
)

screening_sweeps: Final = Table(
    "screening_sweeps",
    metadata,
    Column("rules", Text, primary_key=True),
    Column("revision", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

screening_hits: Final = Table(
    "screening_hits",
    metadata,
    Column("hit_no", Text, primary_key=True),
    Column("case_no", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("test", Text, nullable=False),
    Column("round", Text, nullable=False),
    Column("revision", Text, nullable=False),
    Column("shown_at", Instant, nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("evidence", ARRAY(Integer), nullable=False),
    Column("because", Codes, nullable=False),
    UniqueConstraint("case_no", "rule", "round"),
    Index("screening_hits_found", text("found_at DESC"), text("hit_no DESC")),
)

screening_rulings: Final = Table(
    "screening_rulings",
    metadata,
    Column("hit_no", Text, ForeignKey("screening_hits.hit_no"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("ruling", Text, nullable=False),
    Column("ruled_at", Instant, nullable=False),
    Column("ruled_by", Text, nullable=False),
    Column("reason", JSONB, nullable=False),
    Column("dossier_no", Text),
    CheckConstraint("(ruling = 'clue') = (dossier_no IS NOT NULL)", name="clue_has_file"),
)

# ── what several measures lead to 联动规则 ─────────────────────────────────────────────────────────

supervision_proposals: Final = Table(
    "supervision_proposals",
    metadata,
    Column("proposal_no", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("proposes", Text, nullable=False),
    Column("needed", Integer, nullable=False),
    Column("measures", Codes, nullable=False),
    Column("revision", Text, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    UniqueConstraint("rule", "unit", "month"),
    Index("supervision_proposals_newest", text("proposed_at DESC"), text("proposal_no DESC")),
)

proposal_rulings: Final = Table(
    "proposal_rulings",
    metadata,
    Column("proposal_no", Text, ForeignKey("supervision_proposals.proposal_no"), primary_key=True),
    Column("ruled_at", Instant, nullable=False),
    Column("ruled_by", Text, nullable=False),
    Column("measure", Text),
    Column("reason", JSONB, nullable=False),
)

# ── accountability 追责问责 ─────────────────────────────────────────────────────────────────────

dossier_facts: Final = Table(
    "dossier_facts",
    metadata,
    Column("dossier_no", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("tag", Text, nullable=False),
    Column("officer", JSONB, nullable=False),
    Column("command_id", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("seq >= 1", name="seq_counts_from_1"),
)

dossiers: Final = Table(
    "dossiers",
    metadata,
    Column("dossier_no", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("units", Codes, nullable=False),
    Column("accounts", Codes, nullable=False),
    Column("recused", Codes, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("next_due_at", Instant),
    Column("state", JSONB, nullable=False),
    Column("cases", Codes, nullable=False),
    Column("reference", Text, nullable=False),
    Index("dossiers_stage", "stage", "next_due_at"),
    Index("dossiers_reference", "reference"),
)

# What files told cases of themselves: no column of it may come to a query on cases (docs/adr/0038).
case_accountability: Final = Table(
    "case_accountability",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("event", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)

dossier_numbers: Final = Table(
    "dossier_numbers",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

dossier_intake: Final = Table(
    "dossier_intake",
    metadata,
    Column("dossier_no", Text, primary_key=True),
    Column("principal", Text, nullable=False),
    Column("key_hash", Text, nullable=False),
    Column("request_digest", Text, nullable=False),
    # What the clue came of, if it may come of it only once: the last rung of a case's ladder, for instance.
    Column("cause", Text),
    Column("registration", JSONB, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("adopted_at", Instant),
    UniqueConstraint("principal", "key_hash"),
    UniqueConstraint("cause"),
    Index(
        "dossier_intake_unadopted",
        "received_at",
        "dossier_no",
        postgresql_where=text("adopted_at IS NULL"),
    ),
)

accused: Final = Table(
    "accused",
    metadata,
    Column("person", Text, primary_key=True),
    Column("identity_hash", Text),
    Column("sealed_name", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("identity_hash"),
)

circulars: Final = Table(
    "circulars",
    metadata,
    Column("circular_id", Text, primary_key=True),
    Column("dossier_no", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("scope", Text, nullable=False),
    Column("text", JSONB, nullable=False),
    Column("published_at", Instant, nullable=False),
    Index("circulars_dossier", "dossier_no"),
    Index("circulars_published", "published_at", "circular_id"),
)

sanctions: Final = Table(
    "sanctions",
    metadata,
    Column("dossier_no", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("family", Text, nullable=False),
    Column("measures", Codes, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("effect_from", Date),
    Column("effect_until", Date),
    Column("is_open_ended", Boolean, nullable=False),
    Column("revoked_at", Instant),
    Index("sanctions_person", "person", "decided_at"),
)

# ── notices 通知 ────────────────────────────────────────────────────────────────────────────────

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

# ── the catalogue of matters 事项目录 and the knowledge base 知识库 ───────────────────────────────────────────────────────────────────

matters: Final = Table(
    "matters",
    metadata,
    Column("category", Text, primary_key=True),
    Column("note", Text, nullable=False),
    Column("lead", Text, ForeignKey("units.code")),
    Column("active", Boolean, nullable=False),
)

matter_counts: Final = Table(
    "matter_counts",
    metadata,
    Column("category", Text, primary_key=True),
    # Empty where no unit leads yet: a key has no NULL.
    Column("lead_unit", Text, primary_key=True),
    Column("cases", Integer, nullable=False),
    Column("open_cases", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
)
"""Of all cases, whoever may see them: a trigger on `cases` counts what each statement changes (revision 0022)."""

knowledge_sequence: Final = Sequence("knowledge_sequence", metadata=metadata)
"""Feeds the numbers of entries; one that was given is never given again."""


def _knowledge_columns() -> Iterator[Column[Any]]:
    yield Column("title", Text, nullable=False)
    yield Column("answer", Text, nullable=False)
    yield Column("category", Text, nullable=False)
    yield Column("area", Text)


knowledge: Final = Table(
    "knowledge",
    metadata,
    Column("number", Text, primary_key=True),
    *_knowledge_columns(),
    Column("unit", Text, ForeignKey("units.code"), nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("updated_by", Text, nullable=False),
    Column("withdrawn_at", Instant),
    # Pairs of neighbouring characters with their places, in the clear: an entry holds nothing of a person.
    Column("words", TSVECTOR, nullable=False),
    Index("knowledge_words", "words", postgresql_using="gin"),
    Index("knowledge_newest", text("updated_at DESC"), text("number DESC")),
    Index("knowledge_category", "category"),
    Index(
        "knowledge_upkeep",
        "unit",
        "valid_until",
        "updated_at",
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
)

knowledge_revisions: Final = Table(
    "knowledge_revisions",
    metadata,
    Column("number", Text, ForeignKey("knowledge.number"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("act", Text, nullable=False),
    *_knowledge_columns(),
    Column("unit", Text, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("command_id", Text, nullable=False, unique=True),
)

# ── repeat problems 重复性问题台账 ──────────────────────────────────────────────────────────────

problem_sequence: Final = Sequence("problem_sequence", metadata=metadata)
"""Feeds the last six digits of the numbers of lines."""

problem_lines: Final = Table(
    "problem_lines",
    metadata,
    Column("line_no", Text, primary_key=True),
    # Whose problem it is; erased with the caller's other hashes (store/erasure.py).
    Column("caller_hash", Text),
    Column("category", Text, nullable=False),
    Column("area", Text),
    Column("policy_revision", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("problem_lines_living", "caller_hash", "category", postgresql_where=text("ended_at IS NULL")),
)

problem_links: Final = Table(
    "problem_links",
    metadata,
    Column("line_no", Text, ForeignKey("problem_lines.line_no"), primary_key=True),
    Column("case_no", Text, primary_key=True),
    Column("linked_at", Instant, nullable=False),
    # What the line was told of the case last; while it differs from the case, the keeper has something to tell.
    Column("told", Text),
    Column("detached_at", Instant),
    Index("problem_links_case", "case_no"),
)

problem_facts: Final = Table(
    "problem_facts",
    metadata,
    Column("line_no", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("tag", Text, nullable=False),
    Column("actor", JSONB, nullable=False),
    Column("command_id", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("seq >= 1", name="seq_counts_from_1"),
)

problems: Final = Table(
    "problems",
    metadata,
    Column("line_no", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("area", Text),
    Column("lead_unit", Text),
    Column("units", Codes, nullable=False),
    Column("accused_units", Codes, nullable=False),
    Column("recused", Codes, nullable=False),
    Column("round", Integer, nullable=False),
    Column("overdue", Boolean, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("cleared_at", Instant),
    Column("next_due_at", Instant),
    Column("state", JSONB, nullable=False),
    Index("problems_newest", text("opened_at DESC"), text("line_no DESC")),
    Index("problems_lead", "lead_unit", "stage"),
)

# ── mass events 群体性诉求 ──────────────────────────────────────────────────────────────────────

bursts: Final = Table(
    "bursts",
    metadata,
    Column("burst_id", BigInteger, Identity(always=True), primary_key=True),
    Column("category", Text, nullable=False),
    Column("area", Text),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("settled_by", Text),
    Column("ground", Text),
    Index("bursts_matter", "category", "area", "last_at"),
)

mass_events: Final = Table(
    "mass_events",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("burst_id", BigInteger, ForeignKey("bursts.burst_id")),
    Column("built_at", Instant, nullable=False),
    Column("built_by", Text, nullable=False),
)

# ── anchors 每日锚定 ────────────────────────────────────────────────────────────────────────────

anchors: Final = Table(
    "anchors",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Column("until", Instant, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("facts", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("trail_seq", BigInteger, nullable=False),
    Column("trail_hash", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    UniqueConstraint("day"),
)

anchor_leaves: Final = Table(
    "anchor_leaves",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("case_no", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("anchor_leaves_case", "case_no", "number"),
)

anchor_books: Final = Table(
    "anchor_books",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("book", Text, primary_key=True),
    Column("entity", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("anchor_books_entity", "book", "entity", "number"),
)

# ── reference data ──────────────────────────────────────────────────────────────────────────────

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

# ── ways in 登录与令牌 ───────────────────────────────────────────────────────────────────────────

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

"""The knowledge base with every version of its entries, and which cases were answered from it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from store.migrations.append_only import append_only

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_IN_USE = sa.text("withdrawn_at IS NULL")
_ANSWERED = sa.text("tag = 'intake:answered'")


def _said() -> list[sa.Column[object]]:
    return [
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("area", sa.Text()),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
    ]


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("knowledge_sequence")))
    op.create_table(
        "knowledge",
        sa.Column("number", sa.Text(), nullable=False),
        *_said(),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", _INSTANT),
        sa.Column("words", pg.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["units.code"], name=op.f("knowledge_unit_fkey")),
        sa.PrimaryKeyConstraint("number", name=op.f("knowledge_pkey")),
    )
    op.create_index("knowledge_words", "knowledge", ["words"], postgresql_using="gin")
    newest = [sa.text("updated_at DESC"), sa.text("number DESC")]
    op.create_index("knowledge_newest", "knowledge", newest)
    op.create_index("knowledge_category", "knowledge", ["category"])
    op.create_index(
        "knowledge_upkeep", "knowledge", ["unit", "valid_until", "updated_at"], postgresql_where=_IN_USE
    )
    op.create_table(
        "knowledge_revisions",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        *_said(),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["knowledge.number"], name=op.f("knowledge_revisions_number_fkey")
        ),
        sa.PrimaryKeyConstraint("number", "version", name=op.f("knowledge_revisions_pkey")),
        sa.UniqueConstraint("command_id", name=op.f("knowledge_revisions_command_id_key")),
    )
    for statement in append_only("knowledge_revisions"):
        op.execute(statement)
    op.create_index(
        "facts_knowledge",
        "facts",
        [sa.text("(body ->> 'knowledge_id')"), sa.text("at DESC")],
        postgresql_where=_ANSWERED,
    )


def downgrade() -> None:
    op.drop_index("facts_knowledge", "facts")
    for table in ("knowledge_revisions", "knowledge"):
        op.drop_table(table)
    op.execute(sa.schema.DropSequence(sa.Sequence("knowledge_sequence")))

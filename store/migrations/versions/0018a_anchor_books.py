"""Which files and lines of repeat problems are under which anchor: append-only, as what they cover is."""

import sqlalchemy as sa
from alembic import op

from store.migrations.append_only import append_only

revision = "0018a"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "anchor_books",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", "book", "entity", name=op.f("anchor_books_pkey")),
    )
    op.create_index("anchor_books_entity", "anchor_books", ["book", "entity", "number"])
    for statement in append_only("anchor_books"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("anchor_books")

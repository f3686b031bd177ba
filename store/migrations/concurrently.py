"""How a migration adds an index to a table that is in use (在线建索引): writers go on while it is built."""

from collections.abc import Sequence
from typing import Any, Final

from alembic import op
from sqlalchemy import TextClause

LOCK_FOR: Final = "2s"
"""How long a revision waits for a table, and so keeps others waiting behind it; a request waits for five seconds."""


# Any: whatever else the dialect says of an index.
def index_concurrently(name: str, table: str, columns: Sequence[str | TextClause], **options: Any) -> None:
    """Build an index beside whoever writes.

    That takes no transaction, so an attempt that broke off leaves an index behind that is never used: it goes first.
    The work waits for every transaction that has written the table, and keeps nobody waiting meanwhile.
    """
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)
        op.execute(f"SET lock_timeout = '{LOCK_FOR}'")

"""What Alembic runs: the revisions, on the connection that store/migrate.py hands in."""

from alembic import context
from sqlalchemy import Connection

from store.tables import metadata


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


_run(context.config.attributes["connection"])

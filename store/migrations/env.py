"""What Alembic runs: the revisions, on the connection that store/migrate.py hands in."""

from alembic import context
from sqlalchemy import Connection

from store.tables import metadata


def _run(connection: Connection) -> None:
    # A lock that one revision takes is let go before the next one begins.
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


_run(context.config.attributes["connection"])

"""The history of the database's form, as Alembic revisions; store/migrate.py applies them."""

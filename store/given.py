"""Rows given as one parameter (成批给行): as many as there are, in one statement that is the same each time."""

from typing import Any, Final

from sqlalchemy import Select, Table, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert
from sqlalchemy.sql.selectable import TableValuedAlias

# The values of one row, as its columns take them from JSON.
Values = dict[str, Any]

_BYTES: Final = "\\x"


def given_rows(table: Table, name: str) -> TableValuedAlias:
    """The rows of the parameter `name`: a list of objects with a key for each column of a table, perhaps empty."""
    given = func.jsonb_populate_recordset(literal_column(f"NULL::{table.name}"), bindparam(name, type_=JSONB))
    return given.table_valued(*table.c.keys())


def insert_given(table: Table, name: str) -> Insert:
    """Insert such rows."""
    # Select is generic in the types of its columns, which a Table does not tell.
    rows: Select[Any] = select(given_rows(table, name))
    return insert(table).from_select([*table.c.keys()], rows)


def bytes_given(value: bytes) -> str:
    """Bytes as PostgreSQL reads them from JSON."""
    return _BYTES + value.hex()

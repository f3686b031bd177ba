"""Tallies (汇总): read rows counted ahead, and what each case was counted as, so that it can be taken off again."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from store.tables.kinds import Instant, metadata

tally_lines: Final = Table(
    "tally_lines",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("sheet", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("what", Text, primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("microseconds", BigInteger),
    Column("longest", BigInteger),
    # The longest of a cell is looked up anew once a case has left it that may have been the longest.
    Index(
        "tally_lines_longest",
        "sheet",
        "at",
        "unit",
        "what",
        "longest",
        postgresql_where=text("longest IS NOT NULL"),
    ),
)

tallies: Final = Table(
    "tallies",
    metadata,
    Column("sheet", Text),
    Column("at", Instant),
    Column("unit", Text),
    Column("what", Text),
    Column("number", BigInteger, nullable=False),
    # The sum of epochs of some thousand cases is more than 64 bits hold.
    Column("microseconds", Numeric),
    Column("longest", BigInteger),
    # Boards add up thousands of cells: what is added up is in the index.
    PrimaryKeyConstraint(
        "sheet", "at", "unit", "what", postgresql_include=["number", "microseconds", "longest"]
    ),
)

tally_due: Final = Table(
    "tally_due",
    metadata,
    Column("mark", BigInteger, Identity(always=True), primary_key=True),
    Column("case_no", Text, nullable=False),
)
"""Cases whose read rows have changed since they were counted: a trigger on `cases` marks them (revision 0030)."""

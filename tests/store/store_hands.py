"""What store tests do over and over: look at rows, take in complaints, bring lives into the database."""

from typing import Any

from sqlalchemy import Table, select
from unit.lives import Life

from hotline.identifiers import CaseNo
from store.engine import Database, ReadSession
from store.projection import project
from store.tables import cases, clocks, holdings


async def rows(session: ReadSession, table: Table) -> list[dict[str, Any]]:
    """Everything in a table, in the order of its key."""
    found = await session.execute(select(table).order_by(*table.primary_key))
    return [dict(row) for row in found.mappings()]


async def read_rows(database: Database) -> list[list[dict[str, Any]]]:
    """Every read row of every case."""
    async with database.read() as session:
        return [await rows(session, table) for table in (cases, clocks, holdings)]


async def bring(database: Database, life: Life) -> CaseNo:
    """Project everything that has happened to a case so far."""
    async with database.write() as session:
        await project(session, life.state.case_no, life.facts)
    return life.state.case_no

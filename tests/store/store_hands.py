"""What store tests do over and over: look at rows, take in complaints, bring lives into the database."""

from datetime import UTC, datetime
from typing import Any

import asyncpg
from fixtures.stack import Database as FreshDatabase
from sqlalchemy import Select, Table, select, text
from sqlalchemy.dialects.postgresql import dialect
from unit.lives import Life

from hotline.case import Actor
from hotline.decide import Context
from hotline.decide import register as open_case
from hotline.facts import Fact
from hotline.identifiers import CaseNo, CommandId, UserId
from hotline.policy import default_policy
from hotline.vocabulary import Channel, RequestType, Role
from store.engine import Database, ReadSession
from store.intake import IntakeReceipt, IntakeRequest, Submission, register
from store.migrate import migrate
from store.persons import Cipher
from store.projection import project
from store.tables.casework import cases, clocks, firings, holdings, measures

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""Monday 2 March 2026, 10:00 in Shanghai."""

OPERATOR = Actor(user_id=UserId("operator1"), role=Role.OPERATOR)


async def migrated(database: FreshDatabase) -> None:
    """Prepare a database; one is migrated, the others are copies."""
    await migrate(database.owner_url)


async def rows(session: ReadSession, table: Table) -> list[dict[str, Any]]:
    """Everything in a table, in the order of its key."""
    found = await session.execute(select(table).order_by(*table.primary_key))
    return [dict(row) for row in found.mappings()]


async def read_rows(database: Database) -> list[list[dict[str, Any]]]:
    """Every read row of every case."""
    async with database.read() as session:
        return [await rows(session, table) for table in (cases, clocks, holdings, measures, firings)]


async def multiply_cases(as_owner: Database, count: int) -> None:
    """Put many cheap rows beside the one case there is, so that the planner has reason to use an index."""
    values = {
        "case_no": "lpad(n::text, 18, '0')",
        "status": "(ARRAY['in_hand','completed','archived'])[1 + n % 3]",
        "phase": "(ARRAY['rectification','closeout','closeout'])[1 + n % 3]",
        "registered_at": "registered_at - n * interval '1 minute'",
        "next_due_at": "next_due_at - n * interval '1 minute'",
        "closed_at": "CASE WHEN n % 3 > 0 THEN registered_at END",
        "category": "'C' || n % 100",
        "units": "ARRAY['U' || n % 50]",
        "caller_hash": "md5((n % 3000)::text)",
        "state": "'{}'",
    }
    columns = ", ".join(column.name for column in cases.c)
    chosen = ", ".join(values.get(column.name, column.name) for column in cases.c)
    async with as_owner.write() as session:
        await session.execute(
            text(f"INSERT INTO cases ({columns}) SELECT {chosen} FROM cases, generate_series(1, {count}) n")
        )
        await session.execute(text("ANALYZE cases"))


async def vacuumed(fresh: FreshDatabase, table: str) -> None:
    """Tell the planner what is in a table, and which of its pages an index can answer for."""
    connection = await asyncpg.connect(fresh.owner_url.replace("+asyncpg", ""), ssl=False)
    try:
        await connection.execute(f"VACUUM (ANALYZE) {table}")
    finally:
        await connection.close()


async def plan_of(session: ReadSession, query: Select[Any]) -> str:
    """How PostgreSQL would run a query with these very values."""
    literal = query.compile(dialect=dialect(), compile_kwargs={"literal_binds": True})
    return "\n".join((await session.execute(text(f"EXPLAIN {literal}"))).scalars())


async def bring(database: Database, life: Life) -> CaseNo:
    """Project everything that has happened to a case so far."""
    async with database.write() as session:
        await project(session, life.state.case_no, life.facts)
    return life.state.case_no


def complaint(**fields: Any) -> IntakeRequest:
    """A complaint with everything in it; a test changes what it is about."""
    complete: dict[str, Any] = {
        "channel": Channel.PHONE,
        "type": RequestType.COMPLAINT,
        "title": "夜间施工噪音扰民",
        "content": "滨江花园旁工地凌晨一点仍在施工，影响老人休息，请尽快处理。",
        "caller_name": "王小明",
        "caller_phone": "138-1234-5678",
        "address": "东湖区滨江路8号3单元502室",
        "category": "noise",
        "area": "donghu",
    }
    return IntakeRequest(**complete | fields)


def submission(key: str = "key-1", *, at: datetime = NOW, principal: str = "") -> Submission:
    return Submission(actor=OPERATOR, key=key, at=at, policy=default_policy(), principal=principal)


async def take_in(
    database: Database, cipher: Cipher, request: IntakeRequest | None = None, of: Submission | None = None
) -> IntakeReceipt:
    """Register in a transaction of its own."""
    async with database.write() as session:
        return await register(session, cipher, request or complaint(), of or submission())


async def adopt(database: Database, receipt: IntakeReceipt, *, at: datetime = NOW) -> tuple[Fact, ...]:
    """Do what a workflow does with a registration, as far as the store sees it."""
    facts = first_facts(receipt, at=at)
    async with database.write() as session:
        await project(session, receipt.case_no, facts)
    return facts


def first_facts(receipt: IntakeReceipt, *, at: datetime = NOW) -> tuple[Fact, ...]:
    """What a case begins with."""
    context = Context(now=at, actor=OPERATOR, command_id=CommandId("adoption"), policy=default_policy())
    return open_case(receipt.registration, context)

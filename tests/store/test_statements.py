"""Spans of statements carry their text and never a value, also when they fail."""

import pytest
from fixtures.spans import flush, receiver, tracing
from fixtures.stack import Database as FreshDatabase
from opentelemetry import trace
from sqlalchemy import Integer, bindparam, select, text
from sqlalchemy.exc import DBAPIError

from store.engine import Database


async def test_a_statement_that_fails_is_told_without_the_values_that_its_driver_quotes(
    fresh: FreshDatabase,
) -> None:
    with receiver() as traces, tracing(traces.endpoint):
        database = Database.connect(fresh.url)
        with trace.get_tracer("test").start_as_current_span("somebody's work"):
            with pytest.raises(DBAPIError, match="王小明"):
                async with database.read() as session:
                    await session.execute(select(bindparam("asked", "王小明", Integer)))
            with pytest.raises(DBAPIError, match="13812345678"):
                async with database.read() as session:
                    await session.execute(text("SELECT CAST(:asked AS text)::date"), {"asked": "13812345678"})
        await database.ping()
        await database.close()
        flush()
        work, *statements = traces.tree_of(*traces.named("somebody's work"))
        assert not work.is_error
        assert [(span.attributes["error.type"], span.is_error) for span in statements] == [
            ("22000", True),
            ("22008", True),
        ]
        assert statements[0].attributes["db.query.text"] == "SELECT $1::INTEGER AS anon_1"
        wire = b"".join(traces.raw)
    assert "王小明".encode() not in wire
    assert b"13812345678" not in wire


async def test_a_statement_outside_a_trace_makes_none(fresh: FreshDatabase) -> None:
    with receiver() as traces, tracing(traces.endpoint):
        database = Database.connect(fresh.url)
        await database.ping()
        await database.close()
        flush()
        assert traces.spans == []

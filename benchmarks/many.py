"""Ten thousand to a million cases for measuring reads: the rows of a demo city, which the projection wrote, many times over.

The database multiplies them itself: number and time are moved, everything else stays as the fold left it, and titles and
contents are sealed anew for the case that they then belong to. Cases that are closed are spread over two years and archived;
those that are open keep their clocks and were registered one after the other in its last weeks, for in a city cases of one kind do
not come by the hundred. No copy has a workflow, and chains of copies do not verify: this is for reading.
A city may be multiplied again, to more: what is copied is always what the projection wrote.
"""

import asyncio
from typing import Any, Final

import asyncpg

from benchmarks.telling import progress
from hotline.identifiers import CaseNo
from runtime.keyring import keyring_of
from runtime.settings import Settings
from store.engine import Database
from store.persons import sealer_of
from store.tallies import tally_changed
from store.vault import CONTENT, TEXT, TITLE, bound_to, texts_of

OPEN_SHARE: Final = 0.04
"""A city that registers two hundred cases a day has so many of the last two years in hand."""

_LIVED_FOR_DAYS: Final = 730

_COUNTS: Final = "SELECT count(closed_at), count(*) - count(closed_at) FROM cases"
_ORIGINALS: Final = "CREATE TABLE IF NOT EXISTS originals AS SELECT case_no FROM cases"
_COPIES: Final = """
CREATE TABLE copies AS
SELECT DISTINCT ON (new) * FROM (
  SELECT old, shift, ended, at,
         to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYMMDDHH24MISS') || substr(old, 13, 2)
         || lpad((row_number() OVER (ORDER BY old, n) % 10000)::text, 4, '0') AS new
  FROM (
    SELECT old, shift, ended, n,
           CASE WHEN ended THEN registered_at - shift
                ELSE newest - row_number() OVER (PARTITION BY ended ORDER BY n, old) * ({open_for} / greatest({all_open}, 1)) END AS at
    FROM (
      SELECT case_no AS old, registered_at, n, closed_at IS NOT NULL AS ended, max(registered_at) OVER () AS newest,
             CASE WHEN closed_at IS NULL THEN n * interval '37 seconds'
                  ELSE n * ({lived_for} / greatest({closed}, 1)) + n * interval '41 seconds' END AS shift
      FROM cases JOIN originals USING (case_no),
      LATERAL generate_series(1, CASE WHEN closed_at IS NULL THEN {open} ELSE {closed} END) AS n
    ) AS planned
  ) AS placed
) AS numbered
WHERE NOT EXISTS (SELECT FROM cases WHERE case_no = new)
"""
_TABLES: Final = (
    "cases",
    "facts",
    "clocks",
    "holdings",
    "measures",
    "scores",
    "intake",
    "search_entries",
    "vault_cases",
    "notices",
)
_INBOX: Final = """
INSERT INTO inbox (recipient, notice_id, at, read_at)
SELECT recipient, replace(notice_id, old, new), t.at - shift, coalesce(read_at, t.at - shift + interval '1 day')
FROM inbox t JOIN copies ON old = substr(notice_id, 1, 18)
"""
# A case that ended long ago has been archived since, by the clock that the copy would still have; and what would have
# fired by now is put off by weeks until it is ahead.
_RUNS: Final = "c.ended AND t.stopped_at IS NULL"
_WEEKS: Final = "GREATEST(0, CEIL(EXTRACT(epoch FROM now() - (t.next_alarm_at - c.shift)) / (7 * 86400))) * interval '7 days'"
_ARCHIVED: Final = {
    ("cases", "registered_at"): "c.at",
    ("cases", "status"): "CASE WHEN c.ended THEN 'archived' ELSE t.status END",
    ("cases", "next_due_at"): "CASE WHEN c.ended THEN NULL ELSE t.next_due_at - c.shift END",
    ("clocks", "stopped_at"): f"CASE WHEN {_RUNS} THEN t.due_at ELSE t.stopped_at END - c.shift",
    ("clocks", "stop_reason"): f"CASE WHEN {_RUNS} THEN 'met' ELSE t.stop_reason END",
    ("clocks", "late"): f"CASE WHEN {_RUNS} THEN false ELSE t.late END",
    ("clocks", "next_alarm_at"): f"CASE WHEN NOT ({_RUNS}) THEN t.next_alarm_at - c.shift + {_WEEKS} END",
    ("clocks", "next_alarm"): f"CASE WHEN {_RUNS} THEN NULL ELSE t.next_alarm END",
}
_INDEXES: Final = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made_by
    FROM pg_index WHERE NOT indisunique AND indrelid::regclass::text = ANY($1)
"""
_QUICKLY: Final = (
    "SET synchronous_commit = off",
    "SET maintenance_work_mem = '512MB'",
    "SET work_mem = '128MB'",
)
_SEALED_AT_ONCE: Final = 2_000
_TALLIED_AT_ONCE: Final = 2_000


async def multiply(settings: Settings, cases: int, open_cases: int) -> dict[str, int]:
    """Bring the database of a stack to about so many cases, and so many of them open; returns how many rows its tables have then."""
    assert settings.owner_database_url is not None
    owner = await asyncpg.connect(settings.owner_database_url.replace("+asyncpg", ""), ssl=False)
    try:
        for statement in _QUICKLY:
            await owner.execute(statement)
        indexes = await owner.fetch(_INDEXES, [*_TABLES, "inbox", "vault_texts"])
        for index in indexes:
            await owner.execute(f"DROP INDEX {index['name']}")
        # The tally keeper of the stack is not to count cases of which only some rows are there.
        await owner.execute("ALTER TABLE cases DISABLE TRIGGER cases_mark_to_tally")
        await _copy(owner, cases, open_cases)
        await owner.execute("ALTER TABLE cases ENABLE TRIGGER cases_mark_to_tally")
        await _seal(settings, owner)
        # An index is made in a tenth of the time that it takes to grow it row by row.
        for index in indexes:
            await owner.execute(index["made_by"])
        await owner.execute("INSERT INTO tally_due (case_no) SELECT new FROM copies")
        await owner.execute("DROP TABLE copies")
        await _tally(settings, owner)
        await owner.execute("VACUUM (ANALYZE)")
        return {table: await owner.fetchval(f"SELECT count(*) FROM {table}") for table in (*_TABLES, "inbox")}
    finally:
        await owner.close()


async def _tally(settings: Settings, owner: Any) -> None:  # Any: as above
    """Count the copies for the boards, by turns with the keeper of the stack."""
    assert settings.database_url is not None
    progress("counting for the boards")
    database = Database.connect(settings.database_url)
    try:
        while await owner.fetchval("SELECT EXISTS (SELECT FROM tally_due)"):
            async with database.write() as session:
                await tally_changed(session, _TALLIED_AT_ONCE)
    finally:
        await database.close()


async def _copy(
    owner: Any, cases: int, open_cases: int
) -> None:  # Any: asyncpg's stubs have no common type of connection
    await owner.execute(_ORIGINALS)
    closed, is_open = await owner.fetchrow(f"{_COUNTS} JOIN originals USING (case_no)")
    has_closed, has_open = await owner.fetchrow(_COUNTS)
    of_open = max(0, open_cases - has_open) // is_open
    of_closed = max(0, cases - open_cases - has_closed) // closed
    await owner.execute("DROP TABLE IF EXISTS copies")
    await owner.execute(
        _COPIES.format(
            closed=of_closed,
            open=of_open,
            all_open=of_open * is_open,
            open_for=f"interval '{_LIVED_FOR_DAYS * OPEN_SHARE} days'",
            lived_for=f"interval '{_LIVED_FOR_DAYS} days'",
        )
    )
    await owner.execute("CREATE INDEX ON copies (old)")
    await owner.execute("ANALYZE copies")
    for table in _TABLES:
        progress(f"copying {table}")
        await owner.execute(await _insert(owner, table))
    progress("copying inboxes")
    await owner.execute(_INBOX)


async def _insert(owner: Any, table: str) -> str:  # Any: as above
    """The statement that copies a table's rows: numbers replaced wherever they stand, instants moved."""
    columns = await owner.fetch(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
        " AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position",
        table,
    )
    values = [_moved(table, name, kind) for name, kind in columns]
    names = ", ".join(name for name, _ in columns)
    return f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {table} t JOIN copies c ON t.case_no = c.old"


def _moved(table: str, name: str, kind: str) -> str:
    if (table, name) in _ARCHIVED:
        return _ARCHIVED[table, name]
    match table, name, kind:
        case _, "case_no", _:
            return "c.new"
        case "intake", "key_hash", _:
            return "c.new"
        case "intake", "source_number", _:
            return "NULL"
        case _, _, "timestamp with time zone":
            return f"t.{name} - c.shift"
        case _, _, "jsonb":
            return f"replace(t.{name}::text, c.old, c.new)::jsonb"
        case _, "notice_id" | "number", _:
            return f"replace(t.{name}, c.old, c.new)"
    return f"t.{name}"


async def _seal(settings: Settings, owner: Any) -> None:  # Any: as above
    """Titles and contents of every copy, sealed under its caller's key and bound to its number."""
    assert settings.database_url is not None
    keyring, database = keyring_of(settings), Database.connect(settings.database_url)
    rows: list[tuple[object, ...]] = []
    progress("sealing titles and contents")
    try:
        for old in await owner.fetch("SELECT DISTINCT old FROM copies ORDER BY old"):
            number = CaseNo(old["old"])
            async with database.write() as session:
                texts = (await texts_of(session, keyring, [number], (TITLE, CONTENT)))[number]
                copies = await owner.fetch("SELECT new, at FROM copies WHERE old = $1", number)
                sealer = await sealer_of(session, keyring, number, at=copies[0]["at"])
            for copy in copies:
                for purpose, text in texts.items():
                    text_id = f"{copy['new']}-{purpose}"
                    sealed = sealer.seal(TEXT, text.encode(), bound_to(copy["new"], text_id))
                    rows.append(
                        (text_id, copy["new"], purpose, sealed, "", len(text), copy["at"], copy["at"], None)
                    )
            if len(rows) > _SEALED_AT_ONCE:
                await owner.copy_records_to_table("vault_texts", records=rows)
                rows = []
                await asyncio.sleep(0)
        await owner.copy_records_to_table("vault_texts", records=rows)
    finally:
        await database.close()

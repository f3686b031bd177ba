"""A city migrates while its released version serves, and can go back: the form after it is understood by both."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from fixtures.eventually import assert_eventually
from fixtures.stack import Database as FreshDatabase
from record_statements import FILE, SEPARATOR
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from store_hands import NOW, bring, rows
from unit import lives

import store.migrate
from hotline.identifiers import CaseNo
from store.engine import Database
from store.migrate import RELEASED, configured, is_current, migrate, newest_revision
from store.seed import seed_demo
from store.tables import metadata
from store.tables.casework import facts
from store.tallies import tally_changed

COUNT = text("SELECT count(*) FROM cases")
ADDS_A_COLUMN = 'op.add_column("cases", sa.Column("note", sa.Text()))'
BUILDS_AN_INDEX = 'index_concurrently("cases_later", "cases", ["registered_at"])'
REVISION = """
import sqlalchemy as sa
from alembic import op
from store.migrations.concurrently import index_concurrently

revision, down_revision, branch_labels, depends_on = "later", "{before}", None, None


def upgrade() -> None:
    {upgrade}
"""


class NextRelease:
    """Makes this process one of the next release, which has one revision more, and again one of this release."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._folder, self._patch = folder, patch

    def comes(self, upgrade: str) -> None:
        shutil.copytree(store.migrate._FOLDER, self._folder)
        later = REVISION.format(before=newest_revision(), upgrade=upgrade)
        (self._folder / "versions" / "later.py").write_text(later, encoding="utf-8")
        self._patch.setattr(store.migrate, "_FOLDER", self._folder)
        _forget()

    def goes(self) -> None:
        self._patch.undo()
        _forget()


def _forget() -> None:
    newest_revision.cache_clear()
    store.migrate._known.cache_clear()


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NextRelease]:
    release = NextRelease(tmp_path / "migrations", monkeypatch)
    yield release
    release.goes()


@pytest.fixture
async def lived_in(fresh: FreshDatabase, as_owner: Database) -> FreshDatabase:
    """Accounts, units, rules, and cases: one that was just registered, one under supervision, one that is over."""
    async with as_owner.write() as session:
        await seed_demo(session, at=NOW)
    for life in (
        lives.registered(case_no=CaseNo("260302090000010002")),
        lives.in_hand().sleep_until(lives.at("2026-03-13 09:00")),
        lives.completed(case_no=CaseNo("260302090000010003")),
    ):
        await bring(as_owner, life)
    return fresh


async def content(database: Database) -> dict[str, list[dict[str, Any]]]:
    async with database.read() as session:
        return {table.name: await rows(session, table) for table in metadata.sorted_tables}


async def moved(fresh: FreshDatabase, move: Callable[[Config], None]) -> None:
    engine = create_async_engine(fresh.owner_url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(lambda sync: move(configured(sync)))
    await engine.dispose()


async def not_understood(fresh: FreshDatabase) -> list[str]:
    """What the released version says and PostgreSQL can make no plan for."""
    lost = []
    # Without SQLAlchemy, which would want values for the parameters.
    connection = await asyncpg.connect(fresh.owner_url.replace("+asyncpg", ""), ssl=False)
    for statement in FILE.read_text(encoding="utf-8").split(SEPARATOR):
        try:
            await connection.execute(f"EXPLAIN (GENERIC_PLAN) {statement}")
        except asyncpg.PostgresError as error:
            lost.append(f"{error}: {statement}")
    await connection.close()
    return lost


async def test_whatever_the_released_version_says_is_understood_after_the_migration(
    fresh: FreshDatabase,
) -> None:
    assert await not_understood(fresh) == []


@pytest.mark.parametrize(
    "contraction",
    [
        "ALTER TABLE cases RENAME COLUMN occurrence TO times",
        "ALTER TABLE cases DROP CONSTRAINT cases_pkey CASCADE",
    ],
)
async def test_what_a_contraction_takes_from_the_released_version_is_noticed(
    fresh: FreshDatabase, as_owner: Database, contraction: str
) -> None:
    async with as_owner.write() as session:
        await session.execute(text(contraction))
    assert await not_understood(fresh)


async def test_copy_of_what_fired_goes_on_where_it_broke_off(
    lived_in: FreshDatabase, as_owner: Database
) -> None:
    before = (await content(as_owner))["firings"]
    assert len(before) > 1
    async with as_owner.write() as session:
        await session.execute(text("DELETE FROM firings WHERE seq = (SELECT max(seq) FROM firings)"))
        await session.execute(text("UPDATE alembic_version SET version_num = '0025'"))
    await migrate(lived_in.owner_url)
    assert (await content(as_owner))["firings"] == before


async def test_cases_of_before_are_marked_for_the_boards(lived_in: FreshDatabase, as_owner: Database) -> None:
    async with as_owner.write() as session:
        while await tally_changed(session):
            pass
    await moved(lived_in, lambda config: command.downgrade(config, "0029"))
    await migrate(lived_in.owner_url)
    found = await content(as_owner)
    assert {row["case_no"] for row in found["tally_due"]} == {row["case_no"] for row in found["cases"]}
    assert found["tallies"] == found["tally_lines"] == []


async def test_data_of_the_released_version_outlives_going_back_and_forth(
    lived_in: FreshDatabase, as_owner: Database
) -> None:
    before = await content(as_owner)
    await moved(lived_in, lambda config: command.downgrade(config, RELEASED))
    await moved(lived_in, lambda config: command.upgrade(config, "head"))
    # Every case is marked to be counted anew, however often it was marked before.
    after = await content(as_owner)
    assert {row["case_no"] for row in after.pop("tally_due")} == {
        row["case_no"] for row in before.pop("tally_due")
    }
    assert after == before


async def test_every_revision_goes_back_and_forth_with_data_in_the_tables(
    lived_in: FreshDatabase, as_owner: Database
) -> None:
    async with as_owner.read() as session:
        ledger = await rows(session, facts)
    await moved(lived_in, lambda config: command.downgrade(config, "0001"))
    await moved(lived_in, lambda config: command.upgrade(config, "head"))
    async with as_owner.read() as session:
        assert await rows(session, facts) == ledger
        assert await is_current(session)


async def test_release_that_serves_counts_a_later_form_as_its_own_and_leaves_it_alone(
    fresh: FreshDatabase, database: Database, next_release: NextRelease
) -> None:
    next_release.comes(ADDS_A_COLUMN)
    async with database.read() as session:
        assert not await is_current(session)
    assert await migrate(fresh.owner_url) == "later"
    next_release.goes()
    async with database.read() as session:
        assert await is_current(session)
    assert await migrate(fresh.owner_url) == "later"


async def test_revision_that_waits_for_a_table_keeps_nobody_else_waiting(
    fresh: FreshDatabase, database: Database, next_release: NextRelease
) -> None:
    next_release.comes(ADDS_A_COLUMN)
    async with database.read(snapshot=True) as report:
        await report.scalar(COUNT)
        migrating = asyncio.create_task(migrate(fresh.owner_url))
        await assert_eventually(lambda: somebody_waits(database))
        async with database.read() as session:
            assert await session.scalar(COUNT) == 0
        assert not migrating.done()
    assert await migrating == "later"


async def somebody_waits(database: Database) -> None:
    async with database.read() as session:
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'cases'::regclass"
        assert await session.scalar(text(waiting))


async def test_index_is_built_while_others_wait_to_migrate_and_over_what_an_attempt_left(
    fresh: FreshDatabase, as_owner: Database, next_release: NextRelease
) -> None:
    next_release.comes(BUILDS_AN_INDEX)
    async with as_owner.write() as session:
        await session.execute(text("CREATE INDEX cases_later ON cases (channel)"))
    assert await asyncio.gather(*(migrate(fresh.owner_url) for _ in range(3))) == ["later"] * 3
    async with as_owner.read() as session:
        definition = await session.scalar(text("SELECT pg_get_indexdef('cases_later'::regclass)"))
    assert "(registered_at)" in definition

"""Migrations since the last release only add, so that the release goes on serving while they run."""

from collections.abc import Callable
from types import ModuleType

import pytest
import sqlalchemy as sa
from alembic import op

from store.migrate import RELEASED, scripts
from store.migrations.append_only import append_only
from store.migrations.concurrently import index_concurrently
from tools.expanding import faults, faults_of

Upgrade = Callable[[], object]


def revision(upgrade: Upgrade, contracts: str | None = None) -> ModuleType:
    module = ModuleType("tried")
    module.revision, module.upgrade, module.contracts = "9999", upgrade, contracts  # type: ignore[attr-defined]  as in a file
    return module


def found(upgrade: Upgrade, contracts: str | None = None) -> list[str]:
    return list(faults_of([revision(upgrade, contracts)], released={"0001", "0002"}))


def a_new_table() -> None:
    op.create_table("visits", sa.Column("visit", sa.Text(), nullable=False), sa.Column("at", sa.Date()))
    op.create_index("visits_at", "visits", ["at"])
    op.create_unique_constraint("visits_once", "visits", ["visit"])
    op.alter_column("visits", "at", nullable=False)
    for statement in append_only("visits"):
        op.execute(statement)


def test_migrations_since_the_last_release_only_add() -> None:
    assert faults() == []


def test_release_is_a_revision_on_the_way_to_the_newest() -> None:
    assert RELEASED in {script.revision for script in scripts().walk_revisions()}


@pytest.mark.parametrize(
    "upgrade",
    [
        a_new_table,
        lambda: op.add_column("cases", sa.Column("note", sa.Text())),
        lambda: op.add_column("cases", sa.Column("calls", sa.Integer(), nullable=False, server_default="0")),
        lambda: op.alter_column("cases", "category", nullable=True),
        lambda: index_concurrently("cases_channel", "cases", ["channel"]),
        lambda: op.execute("CREATE SEQUENCE visit_sequence"),
        lambda: op.execute("CREATE TRIGGER told AFTER INSERT ON cases EXECUTE FUNCTION tell()"),
    ],
)
def test_what_adds_is_let_pass(upgrade: Upgrade) -> None:
    assert found(upgrade) == []


@pytest.mark.parametrize(
    ("upgrade", "fault"),
    [
        (lambda: op.drop_column("cases", "area"), "reads and writes cases.area"),
        (lambda: op.drop_table("measures"), "uses measures"),
        (lambda: op.rename_table("measures", "sanctions"), "uses measures"),
        (lambda: op.alter_column("cases", "area", new_column_name="place"), "under this name"),
        (lambda: op.alter_column("cases", "area", type_=sa.Integer()), "as what it was"),
        (lambda: op.alter_column("cases", "area", nullable=False), "leave cases.area empty"),
        (lambda: op.alter_column("cases", "area", server_default=None), "to its default"),
        (lambda: op.add_column("cases", sa.Column("n", sa.Integer(), nullable=False)), "writes no cases.n"),
        (lambda: op.create_unique_constraint("one", "cases", ["area"]), "what one refuses"),
        (lambda: op.create_foreign_key("fk", "cases", "units", ["lead_unit"], ["code"]), "what fk refuses"),
        (lambda: op.drop_constraint("facts_pkey", "facts"), "ON CONFLICT"),
        (lambda: op.execute("ALTER TABLE cases DROP COLUMN area"), "takes away"),
        (lambda: op.execute("ALTER TABLE cases ALTER COLUMN area SET NOT NULL"), "takes away"),
        (lambda: op.execute(next(append_only("cases"))), "takes away"),
    ],
)
def test_what_takes_away_waits_until_its_replacement_is_in_a_release(upgrade: Upgrade, fault: str) -> None:
    (only,) = found(upgrade)
    assert fault in only
    assert found(upgrade, contracts="0002") == []
    assert "0003 has to be in a release" in found(upgrade, contracts="0003")[0]


@pytest.mark.parametrize(
    "upgrade",
    [
        lambda: op.create_index("cases_channel", "cases", ["channel"]),
        lambda: op.drop_index("cases_open", "cases"),
        lambda: op.execute("CREATE INDEX cases_channel ON cases (channel)"),
    ],
)
def test_lock_that_keeps_people_out_is_a_fault_in_any_revision(upgrade: Upgrade) -> None:
    assert len(found(upgrade)) == len(found(upgrade, contracts="0002")) == 1

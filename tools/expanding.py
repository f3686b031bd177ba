"""Whether a migration may run while the release before it serves (扩展与收缩): read from what it would do.

A city upgrades process by process, so for a while old code works on the new form. A migration that only adds is
safe; one that takes something away has to wait until no release that serves needs it. It says so by
`contracts = "REVISION"`, which names the revision that made it superfluous and belongs to an earlier release.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from types import ModuleType
from typing import Final

from alembic.operations import Operations, ops
from alembic.runtime.migration import MigrationContext

from store.migrate import RELEASED, scripts

_TAKES_AWAY: Final = re.compile(
    r"\b(DROP\s+(?!INDEX)\w+|RENAME\s+(TO|COLUMN)|(?<!AFTER )TRUNCATE|SET\s+NOT\s+NULL|ALTER\s+COLUMN\s+\S+\s+(SET\s+DATA\s+)?TYPE"
    r"|ADD\s+CONSTRAINT|TRIGGER\s+\w+\s+(BEFORE|INSTEAD))\b",
    re.IGNORECASE,
)
_LOCKS: Final = re.compile(r"\b(CREATE(\s+UNIQUE)?\s+INDEX(?!\s+CONCURRENTLY)|LOCK\s+TABLE)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong; a lock is wrong in a contracting revision as well."""

    what: str
    is_lock: bool = False


@dataclass
class _Release:
    """What the revisions since the last release do, in their order; on tables of their own they may do anything."""

    made: set[str] = field(default_factory=set)

    def faults(self, operation: ops.MigrateOperation) -> Iterator[Fault]:
        """What old code, or who works on the tables, would notice."""
        match operation:
            case ops.CreateTableOp():
                self.made.add(operation.table_name)
            case ops.ExecuteSQLOp():
                yield from self._of_statement(str(operation.sqltext))
            case _ if _table(operation) not in self.made:
                yield from _on_a_table_in_use(operation)

    def _of_statement(self, statement: str) -> Iterator[Fault]:
        if any(re.search(rf"\b{table}\b", statement) for table in self.made):
            return
        shown = " ".join(statement.split())
        if _TAKES_AWAY.search(statement):
            yield Fault(f"old code may need what this takes away or refuses: {shown}")
        if _LOCKS.search(statement):
            yield Fault(f"this keeps writers out: {shown}", is_lock=True)


def _on_a_table_in_use(operation: ops.MigrateOperation) -> Iterator[Fault]:
    match operation:
        case ops.RenameTableOp() | ops.DropTableOp():
            yield Fault(f"old code uses {operation.table_name}")
        case ops.DropColumnOp():
            yield Fault(f"old code reads and writes {operation.table_name}.{operation.column_name}")
        case ops.AddColumnOp():
            yield from _of_column(operation)
        case ops.AlterColumnOp():
            yield from _of_change(operation)
        case ops.DropConstraintOp():
            yield Fault(f"old code may rely on {operation.constraint_name}, as ON CONFLICT does")
        case ops.AddConstraintOp():
            yield Fault(f"old code may write what {getattr(operation, 'constraint_name', None)} refuses")
        case ops.CreateIndexOp():
            yield from _of_index(operation)
        case ops.DropIndexOp() if not operation.kw.get("postgresql_concurrently"):
            yield Fault(f"dropping {operation.index_name} keeps everybody out", is_lock=True)


def _of_column(added: ops.AddColumnOp) -> Iterator[Fault]:
    column = added.column
    if not column.nullable and column.server_default is None and column.computed is None:
        yield Fault(
            f"old code writes no {added.table_name}.{column.name}: it needs a default, or to be nullable"
        )


def _of_change(change: ops.AlterColumnOp) -> Iterator[Fault]:
    column = f"{change.table_name}.{change.column_name}"
    if change.modify_name is not None:
        yield Fault(f"old code uses {column} under this name")
    if change.modify_type is not None:
        yield Fault(f"old code reads {column} as what it was, and the table is rewritten")
    if change.modify_nullable is False:
        yield Fault(f"old code may leave {column} empty")
    # False: the operation does not speak of the default.
    if change.modify_server_default is None:
        yield Fault(f"old code may leave {column} to its default")


def _of_index(index: ops.CreateIndexOp) -> Iterator[Fault]:
    if index.unique:
        yield Fault(f"old code may write what {index.index_name} refuses")
    if not index.kw.get("postgresql_concurrently"):
        message = f"building {index.index_name} keeps writers out: use store/migrations/concurrently.py"
        yield Fault(message, is_lock=True)


def _table(operation: ops.MigrateOperation) -> str | None:
    """The table that an operation is about; a foreign key calls it its source."""
    named = getattr(operation, "source_table", None) or getattr(operation, "table_name", None)
    return str(named) if named is not None else None


def asked_by(upgrade: Callable[[], None]) -> list[ops.MigrateOperation]:
    """What a migration would do; none of it is done."""
    asked: list[ops.MigrateOperation] = []
    dry = {"as_sql": True, "output_buffer": StringIO(), "transaction_per_migration": True}
    with Operations.context(MigrationContext.configure(dialect_name="postgresql", opts=dry)) as operations:
        # Every operation passes through it.
        setattr(operations, "invoke", asked.append)  # noqa: B010  the name is a method's
        upgrade()
    return asked


def faults_of(revisions: Iterable[ModuleType], *, released: Collection[str]) -> Iterator[str]:
    """What is wrong with the revisions since a release, given the revisions that it has, in their order."""
    release = _Release()
    for module in revisions:
        contracts = getattr(module, "contracts", None)
        if contracts is not None and contracts not in released:
            yield f"{module.revision}: {contracts} has to be in a release before this may take away what it replaced"
        for operation in asked_by(module.upgrade):
            for fault in release.faults(operation):
                if fault.is_lock or contracts is None:
                    yield f"{module.revision}: {fault.what}"


def faults() -> list[str]:
    """What is wrong with this project's revisions since its last release."""
    known = list(scripts().walk_revisions())[::-1]
    at = [script.revision for script in known].index(RELEASED) + 1
    released = {script.revision for script in known[:at]}
    return list(faults_of((script.module for script in known[at:]), released=released))

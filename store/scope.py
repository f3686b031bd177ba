"""Which cases somebody may know of (可见范围), in SQL: the same rule as `hotline.visibility.may_see`.

Every query on cases takes a `CaseScope`, and `visible_to` makes the only ones there are; a query that
forgot it would not type-check. Lines of repeat problems concern people as cases do, and have a `LineScope`. The tree of units and the discipline groups are read within the query, so
that a change of either counts at once. A property test compares the two rules.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Table,
    Text,
    and_,
    cast,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.sql.selectable import CTE

from hotline.case import Actor
from hotline.identifiers import UnitCode, UserId
from hotline.roles import STAFF, SYSTEM_ACTOR, UNIT_ROLES
from hotline.vocabulary import Role
from store.engine import ReadSession
from store.tables.casework import cases, measures
from store.tables.kinds import Codes
from store.tables.problems import problems
from store.tables.reference import supervised_units, units, users


@dataclass(frozen=True, slots=True, eq=False)
class CaseScope:
    """Which cases may be seen, as a condition on `cases`; each is only the same as itself, for conditions are not compared."""

    condition: ColumnElement[bool]
    reaches_all: bool = False
    """Whether all are seen but those that somebody is shut out of, which an index knows and which are few."""

    # Column is generic in what it holds, which a Table does not tell.
    def holds(self, case_no: ColumnElement[Any]) -> ColumnElement[bool]:
        """The condition on another table whose rows are of cases: those of hidden cases are left out.

        Most people are shut out of few cases, which an index knows; asking after each row's case costs more.
        """
        hidden = exists().where(cases.c.case_no == case_no, not_(self.condition))
        return not_(hidden.correlate_except(cases))


@dataclass(frozen=True, slots=True)
class LineScope:
    """Which lines of the ledger of repeat problems may be seen, as a condition on `problems`."""

    condition: ColumnElement[bool]


@lru_cache(maxsize=1024)
def visible_to(actor: Actor) -> CaseScope:
    """Scope queries to what somebody may see: a condition that the database answers each time, made once."""
    reaches_all = actor.role in {Role.SYSTEM, *STAFF} - {*UNIT_ROLES, Role.DISCIPLINE}
    return CaseScope(_seen_by(actor, cases), reaches_all)


async def effective(session: ReadSession, scope: CaseScope) -> CaseScope:
    """The scope, or that of everybody where it hides no case, so that counts need not ask after each row.

    Most people are shut out of nothing.
    """

    async def count_hidden() -> int:
        # Counted, for whether there is one is looked for in row after row until one is found, which is never.
        return int(await session.scalar(select(func.count()).where(not_(scope.condition))) or 0)

    if scope.reaches_all and not await session.once((effective, scope), count_hidden):
        return visible_to(SYSTEM_ACTOR)
    return scope


def lines_visible_to(actor: Actor) -> LineScope:
    """Scope queries on lines to what somebody may see."""
    return LineScope(_seen_by(actor, problems))


def _seen_by(actor: Actor, rows: Table) -> ColumnElement[bool]:
    """The condition on a table whose rows say whom they concern: `units`, `accused_units` and `recused`."""
    if actor.role is Role.SYSTEM:
        return true()
    if actor.role not in STAFF:
        return false()
    return and_(_reached_by(actor, rows), _not_shut_out(actor, rows))


def answering(actor: Actor) -> CaseScope:
    """Scope to what somebody may know of, and to cases that their unit has lost and was laid a measure upon in.

    For the appeal of the head alone: it tells them nothing of the case.
    """
    own = exists().where(measures.c.case_no == cases.c.case_no, measures.c.unit == actor.unit)
    return _or_own(actor, own)


def addressed_to(actor: Actor) -> CaseScope:
    """Scope a query on measures to cases that somebody may know of, and to what is addressed to their own unit."""
    return _or_own(actor, measures.c.unit == actor.unit)


def _or_own(actor: Actor, own: ColumnElement[bool]) -> CaseScope:
    if actor.role is not Role.UNIT_HEAD or actor.unit is None:
        return visible_to(actor)
    return CaseScope(and_(or_(_reached_by(actor, cases), own), _not_shut_out(actor, cases)))


def _reached_by(actor: Actor, rows: Table) -> ColumnElement[bool]:
    if actor.role in UNIT_ROLES:
        return rows.c.units.overlap(_all_of(_below(actor.unit))) if actor.unit else false()
    if actor.role is Role.DISCIPLINE:
        return _concerns_group_of(actor.user_id, rows)
    return true()


def _not_shut_out(actor: Actor, rows: Table) -> ColumnElement[bool]:
    present = not_(rows.c.recused.contains([actor.user_id]))
    if actor.unit is None:
        return present
    return and_(present, not_(rows.c.accused_units.overlap(_all_of(_above(actor.unit)))))


def _concerns_group_of(officer: UserId, rows: Table) -> ColumnElement[bool]:
    """An officer of no group is of the commission; an officer whom the table does not know sees nothing."""
    group = (
        select(func.coalesce(users.c.discipline_group, ""))
        .where(users.c.user_id == officer)
        .scalar_subquery()
    )
    reach = _all_of(_supervised_by_group_of(officer))
    # Never null: what is not seen must not be seen by its negation either (CaseScope.holds).
    return and_(
        group.is_not(None),
        or_(group == "", rows.c.units.overlap(reach), rows.c.accused_units.overlap(reach)),
    )


def _above(unit: UnitCode) -> CTE:
    """A unit and every unit above it. UNION drops what came before, so a ring in the tree ends as well."""
    line = select(cast(unit, Text).label("code")).cte("units_above", recursive=True)
    upper = select(units.c.parent).join(line, units.c.code == line.c.code).where(units.c.parent.is_not(None))
    return line.union(upper)


def _below(unit: UnitCode) -> CTE:
    """A unit and every unit below it."""
    tree = select(cast(unit, Text).label("code")).cte("units_below", recursive=True)
    return tree.union(select(units.c.code).join(tree, units.c.parent == tree.c.code))


def _supervised_by_group_of(officer: UserId) -> CTE:
    """The units that an officer's group answers for, and every unit below them."""
    named = (
        select(supervised_units.c.unit.label("code"))
        .join(users, users.c.discipline_group == supervised_units.c.group)
        .where(users.c.user_id == officer)
    )
    tree = named.cte("units_supervised", recursive=True)
    return tree.union(select(units.c.code).join(tree, units.c.parent == tree.c.code))


def _all_of(codes: CTE) -> ScalarSelect[list[str]]:
    found = func.coalesce(func.array_agg(codes.c.code, type_=Codes), cast(array([]), Codes))
    return select(found).scalar_subquery()

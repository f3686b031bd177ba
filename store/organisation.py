"""Administering units and stationed groups (单位与派驻组管理): who there is to send a case to, each change with its entry in the trail.

A unit is never deleted, since cases, ledgers and months name it for good: it is retired (停用), and only once
nothing and nobody is left in it. Its code never changes for the same reason.
"""

from collections import defaultdict
from typing import Any, Final

from pydantic import JsonValue
from sqlalchemy import and_, func, select

from hotline.identifiers import UnitCode
from hotline.model import Record
from hotline.problems.vocabulary import ProblemStage
from hotline.refusals import GuardFailed, LimitReached
from hotline.visibility import above
from hotline.vocabulary import TrailEvent
from store.accounts import DisciplineGroup, Unit, put_groups, put_units, unknown_units
from store.administration import By
from store.engine import ReadSession, WriteSession
from store.tables.casework import cases
from store.tables.knowledge import knowledge
from store.tables.problems import problems
from store.tables.reference import discipline_groups, supervised_units, units, users
from store.trail import TrailEntry, record
from store.viewers import parents

# Any number will do, so long as nothing else in the database locks the same.
_TREE: Final = 1234500017


class UnitLine(Record):
    """A unit with what is left in it: accounts in use, cases that are open, and the groups stationed at it."""

    unit: Unit
    accounts: int
    open_cases: int
    groups: tuple[str, ...]


async def every_unit(session: ReadSession) -> tuple[UnitLine, ...]:
    """Return every unit by its code, also those that are retired."""
    found = (await session.execute(select(units).order_by(units.c.code))).mappings().all()
    accounts, open_cases = await _accounts(session), await _open_cases(session)
    stationed: defaultdict[str, list[str]] = defaultdict(list)
    for group in await every_group(session):
        for code in group.units:
            stationed[code].append(group.code)
    return tuple(
        UnitLine(
            unit=Unit.model_validate(dict(row)),
            accounts=accounts.get(row["code"], 0),
            open_cases=open_cases.get(row["code"], 0),
            groups=tuple(stationed[row["code"]]),
        )
        for row in found
    )


async def every_group(session: ReadSession) -> tuple[DisciplineGroup, ...]:
    """Return every stationed group by its code, with the units that it names."""
    named: defaultdict[str, list[UnitCode]] = defaultdict(list)
    for row in await session.execute(select(supervised_units).order_by(supervised_units.c.unit)):
        named[row.group].append(UnitCode(row.unit))
    found = await session.execute(select(discipline_groups).order_by(discipline_groups.c.code))
    return tuple(DisciplineGroup(code=row.code, name=row.name, units=tuple(named[row.code])) for row in found)


async def create_unit(session: WriteSession, unit: Unit, by: By) -> None:
    """Add a unit. Raises GuardFailed if the code is taken, also by a retired unit, or the unit above is none."""
    await _hold_tree(session)
    if await session.scalar(select(units.c.code).where(units.c.code == unit.code)):
        raise GuardFailed("unit_exists", "已有这个代码的单位，单位代码不得重复使用", field="code")
    await _require_parent(session, unit)
    await put_units(session, [unit])
    await _tell(session, by, unit.code, {"created": unit.level, "parent": unit.parent})


async def change_unit(session: WriteSession, code: UnitCode, changes: dict[str, Any], by: By) -> Unit | None:
    """Change name, level or the unit above, retire a unit or take it into use again; None if there is none.

    Raises GuardFailed for a unit above that is none or below, LimitReached for one that still has cases,
    accounts, entries of knowledge or units and is to be retired.
    """
    await _hold_tree(session)
    row = (await session.execute(select(units).where(units.c.code == code))).mappings().one_or_none()
    if row is None:
        return None
    before = Unit.model_validate(dict(row))
    after = before.model_copy(update=changes)
    differing = {name: value for name, value in after.model_dump().items() if getattr(before, name) != value}
    if not differing:
        return before
    if after.active:
        await _require_parent(session, after)
    else:
        await _require_empty(session, code)
    await put_units(session, [after])
    # A name says nothing of a person, so that unlike an account's it may be in the trail.
    await _tell(session, by, code, {"changed": list[JsonValue](sorted(differing)), **differing})
    return after


async def put_group(session: WriteSession, group: DisciplineGroup, by: By) -> None:
    """Add a stationed group or change its name and what it supervises. Raises GuardFailed for a unit that is none."""
    if await unknown_units(session, group.units):
        raise GuardFailed("unit_unknown", "没有这个代码的单位", field="units")
    await put_groups(session, [group])
    entry = TrailEntry(
        at=by.at,
        event=TrailEvent.GROUP_CHANGED,
        actor=by.actor,
        subject=group.code,
        address=by.address,
        detail={"units": [*sorted(group.units)]},
    )
    await record(session, entry)


async def _hold_tree(session: WriteSession) -> None:
    """Let changes of the tree take turns: two that are sound apart could make a ring together."""
    await session.execute(select(func.pg_advisory_xact_lock(_TREE)))


async def _require_parent(session: ReadSession, unit: Unit) -> None:
    if unit.parent is None:
        return
    if await unknown_units(session, [unit.parent]):
        raise GuardFailed("unit_unknown", "没有这个代码的单位", field="parent")
    if unit.code in {unit.parent, *above(unit.parent, await parents(session))}:
        raise GuardFailed("unit_above_itself", "上级单位不得是本单位或者其下级单位", field="parent")


async def _require_empty(session: ReadSession, code: UnitCode) -> None:
    """A unit that went with something in it would leave cases that nobody can sign for and people who belong nowhere."""
    if (await _open_cases(session)).get(code) or await _has_lines(session, code):
        raise LimitReached(
            "unit_has_cases", "该单位还有在办工单或者未销号台账，请先办结或者改派", field="active"
        )
    if (await _accounts(session)).get(code):
        raise LimitReached("unit_has_accounts", "该单位还有在用账号，请先停用或者调整", field="active")
    kept = select(knowledge.c.number).where(knowledge.c.unit == code, knowledge.c.withdrawn_at.is_(None))
    if await session.scalar(kept.limit(1)):
        raise LimitReached(
            "unit_has_knowledge", "该单位还在维护知识条目，请先下架或者改由其他单位维护", field="active"
        )
    below = select(units.c.code).where(units.c.parent == code, units.c.active).limit(1)
    if await session.scalar(below):
        raise LimitReached("unit_has_units", "该单位还有在用的下级单位，请先停用或者调整", field="active")


async def _accounts(session: ReadSession) -> dict[str, int]:
    query = select(users.c.unit, func.count().label("number")).where(
        users.c.active, users.c.unit.is_not(None)
    )
    return {row.unit: row.number for row in await session.execute(query.group_by(users.c.unit))}


async def _open_cases(session: ReadSession) -> dict[str, int]:
    """Open cases that a unit leads or assists, in one pass over those that are open."""
    concerned = func.unnest(cases.c.units).label("unit")
    living = select(concerned).where(cases.c.closed_at.is_(None)).subquery()
    query = select(living.c.unit, func.count().label("number")).group_by(living.c.unit)
    return {row.unit: row.number for row in await session.execute(query)}


async def _has_lines(session: ReadSession, code: UnitCode) -> bool:
    living = and_(problems.c.units.contains([code]), problems.c.stage != ProblemStage.FILED.value)
    return await session.scalar(select(problems.c.line_no).where(living).limit(1)) is not None


async def _tell(session: WriteSession, by: By, code: UnitCode, detail: dict[str, JsonValue]) -> None:
    entry = TrailEntry(
        at=by.at,
        event=TrailEvent.UNIT_CHANGED,
        actor=by.actor,
        subject=code,
        address=by.address,
        detail=detail,
    )
    await record(session, entry)

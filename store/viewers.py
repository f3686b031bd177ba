"""What the tree of units and the discipline groups say about somebody (可见范围的依据).

For decisions outside a query: who may hear of a change, and how the units of a command are related.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from hotline.case import Actor, Lineage
from hotline.identifiers import UnitCode
from hotline.visibility import Parents, Viewer, above, below, viewer_of
from hotline.vocabulary import Role
from store.engine import ReadSession
from store.tables.reference import supervised_units, units, users


async def viewer(session: ReadSession, actor: Actor) -> Viewer:
    """Return how somebody looks at cases, as of now."""
    group = await _group_of(session, actor)
    supervised = None if group is None else await _supervised_by(session, group)
    return viewer_of(actor, await parents(session), supervised)


async def parents(session: ReadSession) -> Parents:
    """Return the tree of units; a unit that is no longer active keeps its place in it."""
    found = await session.execute(select(units.c.code, units.c.parent).order_by(units.c.code))
    return {UnitCode(row.code): UnitCode(row.parent) if row.parent else None for row in found}


async def lineages(session: ReadSession, codes: Iterable[UnitCode]) -> tuple[Lineage, ...]:
    """Return each of some units with those above it."""
    tree = await parents(session)
    return tuple(Lineage(unit=code, above=above(code, tree)) for code in codes)


async def reach_of_groups(session: ReadSession) -> Mapping[str, frozenset[UnitCode]]:
    """Return what each stationed group answers for: the units it names and those below them."""
    tree = await parents(session)
    named: dict[str, list[UnitCode]] = {}
    for row in await session.execute(select(supervised_units)):
        named.setdefault(row.group, []).append(UnitCode(row.unit))
    return {
        group: frozenset(unit for top in tops for unit in (top, *below(top, tree)))
        for group, tops in sorted(named.items())
    }


async def _group_of(session: ReadSession, actor: Actor) -> str | None:
    if actor.role is not Role.DISCIPLINE:
        return None
    found = await session.execute(select(users.c.discipline_group).where(users.c.user_id == actor.user_id))
    row = found.one_or_none()
    # Whom the table does not know supervises nothing, as in store/scope.py.
    return row.discipline_group if row else ""


async def _supervised_by(session: ReadSession, group: str) -> tuple[UnitCode, ...]:
    found = await session.execute(select(supervised_units.c.unit).where(supervised_units.c.group == group))
    return tuple(UnitCode(code) for code in found.scalars())

"""Which cases somebody may see (可见范围), in SQL: the same rule as `hotline.roles.may_see`.

Every query on cases takes a `CaseScope`, and `visible_to` makes the only ones there are; a query that
forgot it would not type-check.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, not_, true

from hotline.case import Actor
from hotline.roles import HOTLINE_ROLES, UNIT_ROLES
from store.tables import cases


@dataclass(frozen=True, slots=True)
class CaseScope:
    """Which cases may be seen, as a condition on `cases`."""

    condition: ColumnElement[bool]


def visible_to(actor: Actor) -> CaseScope:
    """Scope queries to what somebody may see."""
    if actor.role in HOTLINE_ROLES:
        return CaseScope(true())
    if actor.role not in UNIT_ROLES or actor.unit is None:
        return CaseScope(false())
    involved = cases.c.units.contains([actor.unit])
    return CaseScope(and_(involved, not_(cases.c.accused_units.contains([actor.unit]))))

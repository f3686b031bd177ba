"""Who may do what, and on which cases (角色与权限, product.md §1).

The hotline's own staff see every case; a unit sees and acts on the cases it leads or assists, never on a
complaint about itself (domain.md §12 rule 6); citizens reach one case with its retrieval code.
"""

from enum import Enum, auto
from typing import Final

from hotline.case import Actor, CaseState
from hotline.identifiers import UserId
from hotline.refusals import NotPermitted
from hotline.vocabulary import Role

SYSTEM_ACTOR: Final = Actor(user_id=UserId("system"), role=Role.SYSTEM)
CITIZEN_ACTOR: Final = Actor(user_id=UserId("citizen"), role=Role.CITIZEN)

UNIT_ROLES: Final = frozenset({Role.HANDLER, Role.UNIT_HEAD})
HOTLINE_ROLES: Final = frozenset(Role) - UNIT_ROLES - {Role.CITIZEN}


class Scope(Enum):
    """On which cases a unit's people may issue a command; the hotline's staff are not bound by it."""

    LEAD = auto()
    INVOLVED = auto()
    ASSIST = auto()


def may_see(actor: Actor, state: CaseState) -> bool:
    """Whether a case is visible to somebody. A complaint about a unit is never visible to it."""
    if actor.role in HOTLINE_ROLES:
        return True
    if actor.role is Role.CITIZEN or actor.unit is None:
        return False
    return actor.unit in state.units and actor.unit not in state.classification.accused_units


def in_scope(actor: Actor, state: CaseState, scope: Scope) -> bool:
    """Whether the command's scope covers this case for this actor."""
    if actor.role not in UNIT_ROLES:
        return True
    if not may_see(actor, state) or state.assignment is None:
        return False
    match scope:
        case Scope.LEAD:
            return actor.unit == state.assignment.lead
        case Scope.ASSIST:
            return actor.unit != state.assignment.lead
        case Scope.INVOLVED:
            return True


def require_another(actor: Actor, others: tuple[UserId | None, ...], *, code: str, rule: str) -> None:
    """Separation of duties: refuse whoever already acted in the other part."""
    if actor.user_id in others:
        raise NotPermitted(code, "须由另一人办理：不得审核或回访本人经办的事项", rule=rule)

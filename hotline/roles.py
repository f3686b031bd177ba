"""Who may do what (角色与权限, product.md §1): roles, the scope of a command, separation of duties.

Which cases somebody may know of is told in hotline/visibility.py; here is what they may do with those.
"""

from enum import Enum, auto
from typing import Final

from hotline.case import Actor, CaseState
from hotline.identifiers import UserId
from hotline.refusals import NotPermitted
from hotline.vocabulary import Role

SYSTEM_ACTOR: Final = Actor(user_id=UserId("system"), role=Role.SYSTEM)
CITIZEN_ACTOR: Final = Actor(user_id=UserId("citizen"), role=Role.CITIZEN)

STAFF: Final = frozenset(Role) - {Role.CITIZEN, Role.SYSTEM}
"""Every role that an account can have."""

UNIT_ROLES: Final = frozenset({Role.HANDLER, Role.UNIT_HEAD})
HOTLINE_ROLES: Final = STAFF - UNIT_ROLES | {Role.SYSTEM}


class Scope(Enum):
    """On which cases a unit's people may issue a command; the hotline's staff are not bound by it.

    A unit that a measure was addressed to answers for it though another has the case now.
    """

    LEAD = auto()
    INVOLVED = auto()
    ASSIST = auto()
    ADDRESSED = auto()


def in_scope(actor: Actor, state: CaseState, scope: Scope) -> bool:
    """Whether the command's scope covers this case for this actor: who only looks on acts on nothing."""
    if actor.role not in UNIT_ROLES:
        return True
    if scope is Scope.ADDRESSED and any(measure.unit == actor.unit for measure in state.measures):
        return True
    task = state.assignment
    if task is None:
        return False
    match scope:
        case Scope.LEAD:
            return actor.unit == task.lead
        case Scope.ASSIST:
            return any(assist.unit == actor.unit for assist in task.assists)
        case Scope.INVOLVED | Scope.ADDRESSED:
            return actor.unit in task.units


def is_on_both_sides(actor: Actor, state: CaseState) -> bool:
    """Whether somebody at the hotline's desks comes from a unit that works on the case (人员借调).

    Reviewer and replier, approver and proposer are never of one unit (domain.md §12 rules 6, 18, 20).
    """
    return actor.role not in UNIT_ROLES and actor.unit is not None and actor.unit in state.units


def require_another(actor: Actor, others: tuple[UserId | None, ...], *, code: str, rule: str) -> None:
    """Separation of duties: refuse whoever already acted in the other part."""
    if actor.user_id in others:
        raise NotPermitted(code, "须由另一人办理：不得审核或回访本人经办的事项", rule=rule)

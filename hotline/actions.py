"""What somebody may do next with a case (下一步操作), told by the table that also decides."""

from hotline.case import Actor, CaseState
from hotline.decide import RULES
from hotline.roles import in_scope
from hotline.rules.base import Rule


def next_actions(state: CaseState, actor: Actor) -> tuple[str, ...]:
    """The kinds of commands that this actor may issue on this case now."""
    return tuple(rule.kind for rule in RULES.values() if _is_offered(rule, state, actor))


def _is_offered(rule: Rule, state: CaseState, actor: Actor) -> bool:
    return (
        actor.role in rule.by
        and state.status in rule.when
        and in_scope(actor, state, rule.scope)
        and rule.offered(state)
        and rule.offered_to(state, actor)
    )

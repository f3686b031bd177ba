"""What somebody may do next with a case (下一步操作), told by the table that also decides."""

from hotline.case import Actor, CaseState
from hotline.decide import RULES
from hotline.roles import in_scope, is_on_both_sides
from hotline.rules.base import Rule
from hotline.visibility import as_of_dispatch, is_shut_out


def next_actions(state: CaseState, actor: Actor) -> tuple[str, ...]:
    """The kinds of commands that this actor may issue on this case now."""
    if is_shut_out(as_of_dispatch(actor, state), state.concern) or is_on_both_sides(actor, state):
        return ()
    return tuple(rule.kind for rule in RULES.values() if _is_offered(rule, state, actor))


def _is_offered(rule: Rule, state: CaseState, actor: Actor) -> bool:
    return (
        actor.role in rule.by
        and state.status in rule.when
        and in_scope(actor, state, rule.scope)
        and rule.offered(state)
        and rule.offered_to(state, actor)
    )

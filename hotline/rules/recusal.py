"""回避: who has an interest in a matter keeps away from it (domain.md §1.5, §12 rule 6; 济南条例 art. 32).

Everybody may declare it of themselves, a supervisor orders it, and what the caller demands the front desk
records; a demand holds at once, and supervision may lift it when it has looked into it.
"""

from collections.abc import Iterator
from typing import Final

from hotline.case import Actor, CaseState
from hotline.commands import LiftRecusal, Recuse
from hotline.facts import Body, PersonRecused, RecusalLifted
from hotline.identifiers import UserId
from hotline.refusals import GuardFailed, NotPermitted
from hotline.roles import STAFF, Scope
from hotline.rules.base import Context, Rule
from hotline.vocabulary import OPEN, TERMINAL, RecusalGround, Role

_RULE: Final = "domain.md §12 rule 6, 济南条例 art. 32"


def _recuse(state: CaseState, command: Recuse, ctx: Context) -> Iterator[Body]:
    ground = _ground(ctx.actor, command.person)
    if command.person in state.recused:
        raise GuardFailed("recused_before", "该人员已回避本工单", field="person")
    yield PersonRecused(person=command.person, ground=ground, reason=command.reason)


def _ground(actor: Actor, person: UserId) -> RecusalGround:
    if actor.user_id == person:
        return RecusalGround.DECLARED
    match actor.role:
        case Role.SUPERVISOR:
            return RecusalGround.ORDERED
        case Role.OPERATOR | Role.DISPATCHER:
            return RecusalGround.DEMANDED
        case _:
            raise NotPermitted("recusal_of_another", "只能申请本人回避", rule=_RULE)


def _lift(state: CaseState, command: LiftRecusal, _: Context) -> Iterator[Body]:
    if command.person not in state.recused:
        raise GuardFailed("not_recused", "该人员没有回避本工单", field="person")
    yield RecusalLifted(person=command.person, reason=command.reason)


def _has_recused(state: CaseState) -> bool:
    return bool(state.recused)


RULES: Final = (
    Rule(Recuse, by=STAFF, when=OPEN | TERMINAL, decide=_recuse, scope=Scope.INVOLVED),
    Rule(
        LiftRecusal,
        by=frozenset({Role.SUPERVISOR}),
        when=OPEN | TERMINAL,
        decide=_lift,
        offered=_has_recused,
    ),
)

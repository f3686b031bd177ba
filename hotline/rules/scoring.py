"""剔除: leaving a case out of the adjusted rates, asked for with a ground and evidence, decided at two levels.

Sources: domain.md §9.1 (剔除 only by approved determination), §12 rule 20. The raw rates keep the case.
"""

from collections.abc import Iterator
from typing import Final, Literal

from hotline.case import CaseState
from hotline.commands import DecideExclusion, ExcludeFromScore
from hotline.facts import Body, ExclusionDecided, ExclusionRequested
from hotline.indicators.definitions import RATES
from hotline.indicators.months import Month, appeal_until
from hotline.refusals import GuardFailed, LimitReached, WindowClosed
from hotline.roles import require_another
from hotline.rules.base import Context, Rule
from hotline.vocabulary import OPEN, TERMINAL, Role

_RULE: Final = "domain.md §12 rule 20"
_ASKED_AT_MOST: Final = 3
"""How often a case can be put forward: whoever was refused may come once more with better evidence, and once again."""


def _ask(state: CaseState, command: ExcludeFromScore, ctx: Context) -> Iterator[Body]:
    """Until the month's appeals end, so that what was published never moves (domain.md §9.2)."""
    if not state.assignments:
        raise GuardFailed("nothing_to_exclude", "此单没有派给承办单位，不计入指标", rule=_RULE)
    if state.exclusion:
        raise GuardFailed("exclusion_pending", "此单有剔除申请尚未审批", rule=_RULE)
    if state.exclusions >= _ASKED_AT_MOST:
        raise LimitReached("exclusions_used_up", f"此单已申请剔除 {_ASKED_AT_MOST} 次，不再受理", rule=_RULE)
    if not set(command.indicators) <= set(RATES):
        raise GuardFailed("not_a_rate", "记分不能剔除，请对该督办措施申诉", field="indicators", rule=_RULE)
    if state.closed_at and ctx.now > appeal_until(Month.of(state.closed_at), ctx.policy):
        raise WindowClosed("exclusion_window_closed", "办结当月的剔除申请期已过", rule="domain.md §9.2")
    yield ExclusionRequested(
        number=state.exclusions + 1,
        ground=command.ground,
        indicators=command.indicators,
        reason=command.reason,
        evidence=command.evidence,
    )


def may_be_excluded(state: CaseState) -> bool:
    """Whether the case counts for a unit, and nobody has to decide on leaving it out."""
    return state.assignments > 0 and state.exclusion is None


def _decide(state: CaseState, command: DecideExclusion, ctx: Context) -> Iterator[Body]:
    """Dispatcher first, supervisor or leader second; never whoever asked, never one person at both levels."""
    pending = state.exclusion
    if pending is None:
        raise GuardFailed("exclusion_not_pending", "没有待审批的剔除申请", rule=_RULE)
    level: Literal[1, 2] = 1 if pending.first_approved_by is None else 2
    if (level == 1) != (ctx.actor.role is Role.DISPATCHER):
        raise GuardFailed("exclusion_level", "须先由分办员初审，再由督办员或者领导终审", rule=_RULE)
    others = pending.requested_by, pending.first_approved_by
    require_another(ctx.actor, others, code="own_exclusion", rule=_RULE)
    yield ExclusionDecided(
        number=pending.number,
        indicators=pending.indicators,
        level=level,
        approved=command.approved,
        settled=not command.approved or level == 2,
        reason=command.reason,
    )


def _is_pending(state: CaseState) -> bool:
    return state.exclusion is not None


RULES: Final = (
    Rule(
        ExcludeFromScore,
        by=frozenset({Role.UNIT_HEAD, Role.SUPERVISOR}),
        when=OPEN | TERMINAL,
        decide=_ask,
        offered=may_be_excluded,
    ),
    Rule(
        DecideExclusion,
        by=frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER}),
        when=OPEN | TERMINAL,
        decide=_decide,
        offered=_is_pending,
    ),
)

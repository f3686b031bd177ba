"""救济: 复审, 复核 and 申诉 within the law's limits; nothing suspends execution, nothing ends heavier (§7.6)."""

from collections.abc import Iterator
from typing import Final

from hotline.accountability.commands import DecideAppeal, ExtendAppeal, FileAppeal
from hotline.accountability.facts import AppealDecided, AppealExtended, AppealFiled, DossierBody
from hotline.accountability.measures import effect_of, is_heavier
from hotline.accountability.obligations import window_of
from hotline.accountability.policy import day_of
from hotline.accountability.remedies import STEPS, remedies_of
from hotline.accountability.rules.base import (
    LEADERS,
    PROPOSERS,
    DossierContext,
    DossierRule,
    numbered,
    require_not,
)
from hotline.accountability.state import Appeal, Decision, DossierState
from hotline.accountability.vocabulary import DossierStage, Level, Remedy, RemedyOutcome
from hotline.refusals import GuardFailed, LimitReached, NotPermitted, WindowClosed

_RULE: Final = "domain.md §7.6"
_AFTER: Final = frozenset({DossierStage.DECIDING, DossierStage.CLOSED})


def _file(state: DossierState, command: FileAppeal, ctx: DossierContext) -> Iterator[DossierBody]:
    decision = numbered(state.decisions, command.decision, "decision")
    if not decision.stands or decision.served_at is None:
        raise GuardFailed("nothing_to_appeal", "该决定尚未送达或者已被撤销", field="decision")
    family = decision.draft.measure.family
    if command.remedy not in remedies_of(family, decision.draft.organ):
        raise GuardFailed(
            "remedy_not_open", f"{family.label}不适用{command.remedy.label}", field="remedy", rule=_RULE
        )
    if any(appeal.remedy is command.remedy for appeal in decision.appeals) or decision.pending_appeal:
        raise LimitReached("appealed_before", "已申请救济或者正在办理", rule=_RULE)
    _require_in_time(decision, command, ctx)
    yield AppealFiled(
        decision=decision.number,
        number=len(decision.appeals) + 1,
        remedy=command.remedy,
        decided_within=STEPS[command.remedy].decided_within,
        text=command.text,
    )


def _require_in_time(decision: Decision, command: FileAppeal, ctx: DossierContext) -> None:
    if STEPS[command.remedy].filed_within is None:
        return
    window = window_of(decision, command.remedy)
    if window is None:
        raise GuardFailed("remedy_out_of_turn", "须先经前一救济程序作出决定", field="remedy", rule=_RULE)
    if ctx.now > ctx.policy.ends_at(*window):
        raise WindowClosed("remedy_window_closed", "申请期限已过", field="remedy", rule=_RULE)


def _waiting(state: DossierState, number: int) -> tuple[Decision, Appeal]:
    decision = numbered(state.decisions, number, "decision")
    if not (appeal := decision.pending_appeal):
        raise GuardFailed("no_appeal", "没有待决定的救济申请", field="decision")
    return decision, appeal


def _extend(state: DossierState, command: ExtendAppeal, _: DossierContext) -> Iterator[DossierBody]:
    decision, appeal = _waiting(state, command.decision)
    longer = STEPS[appeal.remedy].extendable_to
    if longer is None or appeal.decided_within == longer:
        raise LimitReached("appeal_not_extendable", "该救济期限不能延长或者已经延长", rule=_RULE)
    yield AppealExtended(
        decision=decision.number, number=appeal.number, decided_within=longer, reason=command.reason
    )


def _require_level(appeal: Appeal, ctx: DossierContext) -> None:
    """A 复核 is decided by the body above the one that decided, everything else by that body (监察法 art. 56)."""
    is_above = ctx.officer.level is Level.SUPERIOR
    if (appeal.remedy is Remedy.RECHECK) != is_above:
        level = "上级机关" if not is_above else "本机关"
        raise NotPermitted("remedy_of_another_level", f"{appeal.remedy.label}应由{level}决定", rule=_RULE)


def _decide(state: DossierState, command: DecideAppeal, ctx: DossierContext) -> Iterator[DossierBody]:
    decision, appeal = _waiting(state, command.decision)
    involved = (*decision.officers, *state.team)
    require_not(ctx.officer, involved, code="original_officer")
    _require_level(appeal, ctx)
    is_reduced = command.outcome is RemedyOutcome.REDUCED
    if is_reduced != (command.measure is not None):
        raise GuardFailed("measure_of_reduction", "变更的须写明变更后的处理，其他情形不填", field="measure")
    effect = decision.effect
    if command.measure is not None:
        was = decision.draft.measure
        if command.measure.family is not was.family or not is_heavier(was, command.measure):
            raise GuardFailed("not_lighter", "变更后的处理须轻于原处理", field="measure", rule=_RULE)
        assert decision.decided_at is not None
        effect = effect_of(
            command.measure,
            day_of(decision.decided_at),
            ctx.policy.effect_months,
            decision.draft.running_until,
        )
    yield AppealDecided(
        decision=decision.number,
        number=appeal.number,
        outcome=command.outcome,
        measure=command.measure,
        effect=effect if is_reduced else None,
        reason=command.reason,
    )


RULES: Final = (
    DossierRule(FileAppeal, by=PROPOSERS, when=_AFTER, decide=_file),
    DossierRule(ExtendAppeal, by=LEADERS, when=_AFTER, decide=_extend),
    DossierRule(DecideAppeal, by=LEADERS | {Level.SUPERIOR}, when=_AFTER, decide=_decide),
)

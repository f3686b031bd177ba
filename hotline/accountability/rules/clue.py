"""线索与审批: planning what becomes of a clue, and the approvals of everything that is proposed."""

from collections.abc import Iterator
from typing import Final

from hotline.accountability.commands import (
    DossierClockDue,
    NameSubject,
    PlanDisposal,
    RecuseOfficer,
    RuleOnProposal,
)
from hotline.accountability.facts import (
    ClueRegistered,
    DossierBody,
    DossierClockFired,
    EffectEnded,
    OfficerRecused,
    ProposalApproved,
    ProposalEndorsed,
    ProposalRejected,
    SubjectNamed,
)
from hotline.accountability.measures import NOT_HEARD, effect_of, is_heavier
from hotline.accountability.policy import day_of
from hotline.accountability.rules.base import (
    APPROVERS,
    EVERYBODY,
    LEADERS,
    PROPOSERS,
    DossierContext,
    DossierRule,
    propose,
    require_not,
    require_nothing_pending,
    require_unbiased,
)
from hotline.accountability.state import (
    ClueRegistration,
    Decision,
    DossierState,
    Opening,
    Plan,
    Proposal,
    Sanctioning,
)
from hotline.accountability.vocabulary import (
    IN_HAND,
    ClueSource,
    DossierAlarm,
    DossierClockKind,
    DossierStage,
    Level,
    Matter,
)
from hotline.identifiers import UserId
from hotline.refusals import GuardFailed, NotPermitted

_ALL: Final = frozenset(DossierStage) - {DossierStage.ARCHIVED}


def open_dossier(registration: ClueRegistration, ctx: DossierContext) -> Iterator[DossierBody]:
    """线索登记: by an officer; the engine itself registers what the last rung of a ladder proposes."""
    is_of_ladder = ctx.officer.level is Level.SYSTEM and registration.source is ClueSource.LADDER
    if ctx.officer.level not in EVERYBODY and not is_of_ladder:
        raise NotPermitted("level_not_permitted", f"{ctx.officer.level.label}不能登记线索")
    yield ClueRegistered(registration=registration)


def _plan(state: DossierState, command: PlanDisposal, ctx: DossierContext) -> Iterator[DossierBody]:
    require_nothing_pending(state, Matter.PLAN)
    yield propose(state, Plan(disposal=command.disposal), ctx, command.reason)


def _rule_on(state: DossierState, command: RuleOnProposal, ctx: DossierContext) -> Iterator[DossierBody]:
    proposal = next((entry for entry in state.proposals if entry.number == command.proposal), None)
    if proposal is None:
        raise GuardFailed("unknown_proposal", "没有待审批的这一事项", field="proposal")
    level = ctx.officer.level
    if level is not proposal.next_level:
        raise NotPermitted("level_not_next", f"现应由{proposal.next_level.label}审批")
    require_not(ctx.officer, _parties(state, proposal), code="own_proposal")
    if not command.approved:
        yield ProposalRejected(proposal=proposal.number, level=level, opinion=command.opinion)
        return
    decision = _decision_of(state, proposal)
    if decision:
        require_heard(decision)
    if len(proposal.endorsements) + 1 < len(proposal.chain):
        yield ProposalEndorsed(proposal=proposal.number, level=level, opinion=command.opinion)
        return
    yield ProposalApproved(
        proposal=proposal.number,
        level=level,
        opinion=command.opinion,
        effect=effect_of(
            decision.draft.measure,
            day_of(ctx.now),
            ctx.policy.effect_months,
            decision.draft.running_until,
        )
        if decision
        else None,
    )


def _parties(state: DossierState, proposal: Proposal) -> tuple[UserId, ...]:
    """Whoever proposed or signed it already, the team that worked on it, and the team it would appoint."""
    named = proposal.substance.team if isinstance(proposal.substance, Opening) else ()
    return (*proposal.signers, *state.team, *named)


def _decision_of(state: DossierState, proposal: Proposal) -> Decision | None:
    if isinstance(proposal.substance, Sanctioning):
        return state.decisions[proposal.substance.decision - 1]
    return None


def require_heard(decision: Decision) -> None:
    """No sanction before the defence was heard on that measure or a heavier one (政务处分法 art. 43)."""
    measure = decision.draft.measure
    if measure.family in NOT_HEARD:
        return
    if decision.hearing is None or is_heavier(measure, decision.hearing.measure):
        raise GuardFailed("not_heard", "作出处理决定前须告知事实和依据，听取陈述申辩", rule="domain.md §7.3")


def _name(state: DossierState, command: NameSubject, _: DossierContext) -> Iterator[DossierBody]:
    if command.subject in state.subjects:
        raise GuardFailed("subject_named_before", "该被反映人已在本案卷中", field="subject")
    yield SubjectNamed(subject=command.subject, reason=command.reason)


def _recuse(state: DossierState, command: RecuseOfficer, ctx: DossierContext) -> Iterator[DossierBody]:
    if command.officer != ctx.officer.user_id and ctx.officer.level not in LEADERS:
        raise NotPermitted("recusal_of_another_officer", "只能申请本人回避", rule="政务处分法 art. 47")
    if command.officer in state.recused:
        raise GuardFailed("officer_recused_before", "该人员已回避本案", field="officer")
    yield OfficerRecused(person=command.officer, reason=command.reason)


def _fire(state: DossierState, command: DossierClockDue, ctx: DossierContext) -> Iterator[DossierBody]:
    """An alarm fires once, at its instant or later; the end of a period lifts the measure by itself."""
    clock = state.clock(command.clock_id)
    alarm = clock.next_alarm if clock else None
    if clock is None or alarm is None or alarm[0] is not command.alarm or alarm[1] > ctx.now:
        raise GuardFailed("dossier_alarm_not_due", "该提醒未到时间或者不再适用", field="alarm")
    yield DossierClockFired(clock_id=clock.clock_id, clock=clock.kind, alarm=command.alarm, due_at=alarm[1])
    if clock.kind is DossierClockKind.EFFECT and command.alarm is DossierAlarm.EXPIRY:
        yield EffectEnded(number=int(clock.clock_id.split(":")[1].split(".")[0]))


def require_team(team: tuple[UserId, ...], state: DossierState) -> None:
    """A team is two or more different people, none of them to keep away."""
    if len(set(team)) < 2:
        raise GuardFailed("two_officers", "须由二人以上共同进行", field="team")
    require_unbiased(team, state)


RULES: Final = (
    DossierRule(
        PlanDisposal,
        by=PROPOSERS,
        when=frozenset({DossierStage.AWAITING_PLAN, DossierStage.HELD}),
        decide=_plan,
    ),
    DossierRule(RuleOnProposal, by=APPROVERS, when=_ALL, decide=_rule_on),
    DossierRule(NameSubject, by=PROPOSERS, when=IN_HAND - {DossierStage.SETTLED}, decide=_name),
    DossierRule(RecuseOfficer, by=EVERYBODY | {Level.SUPERIOR}, when=_ALL, decide=_recuse),
    DossierRule(DossierClockDue, by=frozenset({Level.SYSTEM}), when=_ALL, decide=_fire),
)

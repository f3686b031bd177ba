"""What an officer may do next with a file (下一步操作), told by the table that also decides.

Level and stage come from the rules; what is said here besides is only whether there is anything to do it to. An
offer is a help for a screen, never a right: `decide` is asked again.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from hotline.accountability import commands as c
from hotline.accountability.decide import RULES
from hotline.accountability.measures import NOT_HEARD
from hotline.accountability.remedies import remedies_of
from hotline.accountability.secrecy import may_know
from hotline.accountability.state import Decision, DossierState, Officer, Proposal
from hotline.accountability.vocabulary import DossierStage, Family, Matter
from hotline.model import Message

Offered = Callable[[DossierState, Officer], bool]


def next_actions(state: DossierState, officer: Officer) -> tuple[str, ...]:
    """The kinds of commands that this officer may issue on this file now."""
    if not may_know(officer, state):
        return ()
    return tuple(
        rule.kind
        for rule in RULES.values()
        if officer.level in rule.by
        and state.stage in rule.when
        and _OFFERED.get(rule.command, _always)(state, officer)
    )


def awaiting(state: DossierState, officer: Officer) -> tuple[Proposal, ...]:
    """待我审批: what waits for this officer's approval; not what they proposed or approved before."""
    return tuple(
        proposal
        for proposal in state.proposals
        if proposal.next_level is officer.level and officer.user_id not in proposal.signers
    )


def _always(_: DossierState, __: Officer) -> bool:
    return True


def _when_any(holds: Callable[[Decision], bool]) -> Offered:
    return lambda state, _: any(map(holds, state.decisions))


def _unless_pending(matter: Matter) -> Offered:
    return lambda state, _: state.proposal(matter) is None


def _is_unheard(decision: Decision) -> bool:
    is_pending = not decision.withdrawn and decision.decided_at is None
    return is_pending and decision.hearing is None and decision.draft.measure.family not in NOT_HEARD


def _is_served(decision: Decision) -> bool:
    return decision.stands and decision.served_at is not None


def _is_appealable(decision: Decision) -> bool:
    open_to = remedies_of(decision.draft.measure.family, decision.draft.organ)
    return _is_served(decision) and decision.pending_appeal is None and len(decision.appeals) < len(open_to)


def _has_answers(state: DossierState, _: Officer) -> bool:
    is_answered = any(entry.answered_at for entry in state.inquiries)
    may_conclude = is_answered if state.stage is DossierStage.TALK else len(state.team) > 1
    return may_conclude and state.proposal(Matter.CONCLUSION) is None


def _is_transfer(decision: Decision) -> bool:
    return decision.draft.measure.family is Family.TRANSFER


_OFFERED: Final[Mapping[type[Message], Offered]] = MappingProxyType(
    {
        c.PlanDisposal: _unless_pending(Matter.PLAN),
        c.RuleOnProposal: lambda state, officer: bool(awaiting(state, officer)),
        c.RecordInquiry: lambda state, _: any(entry.answered_at is None for entry in state.inquiries),
        c.SendInquiry: _unless_pending(Matter.CONCLUSION),
        c.SubmitConclusion: _has_answers,
        c.OpenInvestigation: _unless_pending(Matter.OPENING),
        c.HearDefence: _when_any(_is_unheard),
        c.ReviseDecision: _when_any(lambda one: not one.withdrawn and one.decided_at is None),
        c.ServeDecision: _when_any(lambda one: one.stands and not one.served_at and not _is_transfer(one)),
        c.ReportExecution: _when_any(lambda one: _is_served(one) and one.executed_at is None),
        c.AcknowledgeHandover: _when_any(
            lambda one: one.stands and _is_transfer(one) and one.acknowledged_at is None
        ),
        c.DecideProbation: _when_any(lambda one: one.stands and bool(one.effect and one.effect.probation)),
        c.FileAppeal: _when_any(_is_appealable),
        c.ExtendAppeal: _when_any(lambda one: one.pending_appeal is not None),
        c.DecideAppeal: _when_any(lambda one: one.pending_appeal is not None),
        c.IssueRecommendation: _unless_pending(Matter.RECOMMENDATION),
        c.ExtendRecommendation: lambda state, _: any(
            not one.replied_at and not one.extended for one in state.recommendations
        ),
        c.RecordRecommendationReply: lambda state, _: any(
            one.replied_at is None for one in state.recommendations
        ),
        c.RecordFollowUp: lambda state, _: any(
            one.replied_at is not None and not one.holds for one in state.recommendations
        ),
        c.ConfirmRectification: lambda state, _: any(one.done_at is None for one in state.rectifications),
        c.ProposePublication: _when_any(lambda one: _is_served(one) and not _is_transfer(one)),
        c.PublishNotice: lambda state, officer: any(
            one.published_at is None and officer.user_id not in one.approved_by for one in state.notices
        ),
        c.ProposeClarification: lambda state, _: len(state.cleared) < len(state.subjects),
    }
)
"""Whether there is anything that a command could be about; of the others there always is."""

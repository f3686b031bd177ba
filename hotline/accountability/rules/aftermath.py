"""以案促改、建议书、通报、澄清、结案: what follows from a matter besides the decision (domain.md §7.5, §7.7)."""

from collections.abc import Iterator
from typing import Final

from hotline.accountability.commands import (
    CloseDossier,
    ConfirmRectification,
    ExtendRecommendation,
    IssueRecommendation,
    OrderRectification,
    ProposeClarification,
    ProposePublication,
    PublishNotice,
    RecordFollowUp,
    RecordRecommendationReply,
)
from hotline.accountability.facts import (
    DossierBody,
    DossierClosed,
    NoticePublished,
    RecommendationExtended,
    RecommendationFollowedUp,
    RecommendationReplied,
    RectificationConfirmed,
    RectificationOrdered,
)
from hotline.accountability.obligations import open_duties
from hotline.accountability.policy import day_of
from hotline.accountability.rules.base import (
    PROPOSERS,
    DossierContext,
    DossierRule,
    numbered,
    propose,
    require_not,
    require_nothing_pending,
    require_subject,
)
from hotline.accountability.state import Advice, Clearing, DossierState, Publicity, Recommendation
from hotline.accountability.vocabulary import DossierClockKind, DossierStage, Family, Matter
from hotline.refusals import GuardFailed, LimitReached, WindowClosed

_WORKED_ON: Final = frozenset(
    {
        DossierStage.VERIFICATION,
        DossierStage.INVESTIGATION,
        DossierStage.DECIDING,
        DossierStage.SETTLED,
    }
)
_ENDING: Final = frozenset({DossierStage.DECIDING, DossierStage.SETTLED})


def _issue(state: DossierState, command: IssueRecommendation, ctx: DossierContext) -> Iterator[DossierBody]:
    require_nothing_pending(state, Matter.RECOMMENDATION)
    yield propose(state, Advice(unit=command.unit, text=command.text), ctx)


def _awaited(state: DossierState, number: int) -> Recommendation:
    entry = numbered(state.recommendations, number, "recommendation")
    if entry.replied_at:
        raise GuardFailed("replied_before", "该建议书已回复", field="recommendation")
    return entry


def _extend(state: DossierState, command: ExtendRecommendation, ctx: DossierContext) -> Iterator[DossierBody]:
    entry = _awaited(state, command.recommendation)
    if entry.extended:
        raise LimitReached("recommendation_extended_before", "回复期只能延长一次", rule="domain.md §7.5")
    limit = ctx.policy.limits[DossierClockKind.RECOMMENDATION_REPLY]
    if ctx.now > ctx.policy.ends_at(entry.asked_at, limit):
        raise WindowClosed("recommendation_overdue", "回复期已过，不能延长", rule="domain.md §7.5")
    yield RecommendationExtended(number=entry.number, reason=command.reason)


def _reply(
    state: DossierState, command: RecordRecommendationReply, _: DossierContext
) -> Iterator[DossierBody]:
    entry = _awaited(state, command.recommendation)
    yield RecommendationReplied(number=entry.number, reply=command.reply)


def _follow_up(state: DossierState, command: RecordFollowUp, _: DossierContext) -> Iterator[DossierBody]:
    entry = numbered(state.recommendations, command.recommendation, "recommendation")
    if entry.replied_at is None or entry.holds:
        raise GuardFailed("nothing_to_follow_up", "该建议书尚未回复或者已销号", field="recommendation")
    yield RecommendationFollowedUp(number=entry.number, holds=command.holds, finding=command.finding)


def _order(state: DossierState, command: OrderRectification, ctx: DossierContext) -> Iterator[DossierBody]:
    if command.due_on <= day_of(ctx.now):
        raise GuardFailed("due_in_the_past", "完成日期须晚于今天", field="due_on")
    number = len(state.rectifications) + 1
    yield RectificationOrdered(number=number, unit=command.unit, task=command.task, due_on=command.due_on)


def _confirm(state: DossierState, command: ConfirmRectification, _: DossierContext) -> Iterator[DossierBody]:
    task = numbered(state.rectifications, command.rectification, "rectification")
    if task.done_at:
        raise GuardFailed("rectified_before", "该任务已销号", field="rectification")
    yield RectificationConfirmed(number=task.number, evidence=command.evidence)


def _publicise(
    state: DossierState, command: ProposePublication, ctx: DossierContext
) -> Iterator[DossierBody]:
    decision = numbered(state.decisions, command.decision, "decision")
    family = decision.draft.measure.family
    if not decision.stands or decision.served_at is None or family is Family.TRANSFER:
        raise GuardFailed("not_publishable", "只能通报已送达且有效的处理决定", field="decision")
    require_nothing_pending(state, Matter.PUBLICATION)
    yield propose(state, Publicity(decision=decision.number, scope=command.scope, text=command.text), ctx)


def _publish(state: DossierState, command: PublishNotice, ctx: DossierContext) -> Iterator[DossierBody]:
    notice = numbered(state.notices, command.notice, "notice")
    if notice.published_at:
        raise GuardFailed("published_before", "该通报已发布", field="notice")
    if not state.decisions[notice.decision - 1].stands:
        raise GuardFailed("not_publishable", "处理决定已被撤销，不得通报", field="notice")
    require_not(ctx.officer, notice.approved_by, code="own_approval")
    yield NoticePublished(number=notice.number)


def _clear(state: DossierState, command: ProposeClarification, ctx: DossierContext) -> Iterator[DossierBody]:
    require_subject(state, command.subject)
    require_nothing_pending(state, Matter.CLARIFICATION)
    subject = state.subjects[command.subject - 1]
    if any(decision.stands and decision.draft.subject == subject for decision in state.decisions):
        raise GuardFailed("held_accountable", "该被反映人已被问责，不能澄清", field="subject")
    if command.subject in state.cleared:
        raise GuardFailed("cleared_before", "已为该被反映人澄清", field="subject")
    yield propose(state, Clearing(subject=command.subject, scope=command.scope, text=command.text), ctx)


def _close(state: DossierState, command: CloseDossier, ctx: DossierContext) -> Iterator[DossierBody]:
    left = tuple(open_duties(state, ctx.policy))
    if left:
        kinds = "、".join(dict.fromkeys(demand.kind.label for demand in left))
        raise GuardFailed("duties_left", f"尚有未完成事项：{kinds}")
    yield DossierClosed(summary=command.summary)


RULES: Final = (
    DossierRule(IssueRecommendation, by=PROPOSERS, when=_WORKED_ON, decide=_issue),
    DossierRule(ExtendRecommendation, by=PROPOSERS, when=_WORKED_ON, decide=_extend),
    DossierRule(RecordRecommendationReply, by=PROPOSERS, when=_WORKED_ON, decide=_reply),
    DossierRule(RecordFollowUp, by=PROPOSERS, when=_WORKED_ON, decide=_follow_up),
    DossierRule(OrderRectification, by=PROPOSERS, when=_WORKED_ON, decide=_order),
    DossierRule(ConfirmRectification, by=PROPOSERS, when=_WORKED_ON, decide=_confirm),
    DossierRule(ProposePublication, by=PROPOSERS, when=_ENDING, decide=_publicise),
    DossierRule(PublishNotice, by=PROPOSERS, when=_ENDING, decide=_publish),
    DossierRule(ProposeClarification, by=PROPOSERS, when=_ENDING | {DossierStage.CLOSED}, decide=_clear),
    DossierRule(CloseDossier, by=PROPOSERS, when=_ENDING, decide=_close),
)

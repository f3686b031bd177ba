"""谈话函询、初步核实、立案审查调查: asking, verifying and investigating, always by two or more."""

from collections.abc import Iterator
from typing import Final

from hotline.accountability.commands import (
    AppointTeam,
    OpenInvestigation,
    RecordInquiry,
    SendInquiry,
    SubmitConclusion,
)
from hotline.accountability.facts import DossierBody, InquiryAnswered, InquirySent, TeamAppointed
from hotline.accountability.rules.base import (
    LEADERS,
    PROPOSERS,
    DossierContext,
    DossierRule,
    propose,
    require_nothing_pending,
    require_of_team,
    require_subject,
    require_together,
)
from hotline.accountability.rules.clue import require_team
from hotline.accountability.state import Conclusion, DossierState, Opening
from hotline.accountability.vocabulary import DossierStage, InquiryForm, Matter, Opinion
from hotline.refusals import GuardFailed

OPINIONS: Final = {
    DossierStage.TALK: frozenset({Opinion.SETTLE, Opinion.FIRST_FORM, Opinion.VERIFY}),
    DossierStage.VERIFICATION: frozenset(
        {Opinion.SETTLE, Opinion.HOLD, Opinion.FIRST_FORM, Opinion.INVESTIGATE}
    ),
    DossierStage.INVESTIGATION: frozenset({Opinion.SETTLE, Opinion.DECIDE}),
}
"""What each stage may lead to (domain.md §7.3)."""


def _send(state: DossierState, command: SendInquiry, _: DossierContext) -> Iterator[DossierBody]:
    require_subject(state, command.subject)
    require_nothing_pending(state, Matter.CONCLUSION)
    number = len(state.inquiries) + 1
    yield InquirySent(number=number, subject=command.subject, form=command.form, text=command.text)


def _record(state: DossierState, command: RecordInquiry, ctx: DossierContext) -> Iterator[DossierBody]:
    waiting = {entry.number: entry for entry in state.inquiries if entry.answered_at is None}
    if command.inquiry not in waiting:
        raise GuardFailed("unknown_inquiry", "没有待答复的这一谈话函询", field="inquiry")
    if waiting[command.inquiry].form is InquiryForm.TALK:
        require_together(command.officers, state, ctx)
    yield InquiryAnswered(number=command.inquiry, answer=command.answer, officers=command.officers)


def _appoint(state: DossierState, command: AppointTeam, _: DossierContext) -> Iterator[DossierBody]:
    require_team(command.team, state)
    yield TeamAppointed(team=command.team)


def _conclude(state: DossierState, command: SubmitConclusion, ctx: DossierContext) -> Iterator[DossierBody]:
    require_nothing_pending(state, Matter.CONCLUSION)
    if command.opinion not in OPINIONS[state.stage]:
        raise GuardFailed(
            "opinion_not_here", f"{state.stage.label}阶段不能提出“{command.opinion.label}”", field="opinion"
        )
    require_together(command.signers, state, ctx)
    if state.stage is DossierStage.TALK:
        _require_answers(state)
    else:
        require_of_team(command.signers, state)
    yield propose(state, Conclusion(opinion=command.opinion, report=command.report), ctx)


def _require_answers(state: DossierState) -> None:
    if not any(inquiry.answered_at for inquiry in state.inquiries):
        raise GuardFailed("nobody_asked", "尚未谈话或者未收到函询答复")


def _open(state: DossierState, command: OpenInvestigation, ctx: DossierContext) -> Iterator[DossierBody]:
    require_nothing_pending(state, Matter.OPENING)
    require_team(command.team, state)
    yield propose(state, Opening(team=command.team), ctx, command.reason)


RULES: Final = (
    DossierRule(SendInquiry, by=PROPOSERS, when=frozenset({DossierStage.TALK}), decide=_send),
    DossierRule(RecordInquiry, by=PROPOSERS, when=frozenset({DossierStage.TALK}), decide=_record),
    DossierRule(
        AppointTeam,
        by=LEADERS,
        when=frozenset({DossierStage.VERIFICATION, DossierStage.INVESTIGATION}),
        decide=_appoint,
    ),
    DossierRule(SubmitConclusion, by=PROPOSERS, when=frozenset(OPINIONS), decide=_conclude),
    DossierRule(
        OpenInvestigation, by=PROPOSERS, when=frozenset({DossierStage.AWAITING_OPENING}), decide=_open
    ),
)

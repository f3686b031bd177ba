"""Commands on an accountability file (指令): what officers and clocks ask, in the imperative (product.md §2).

A dossier begins with `ClueRegistration`, which is no command on an existing one.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from hotline.accountability.measures import AnyMeasure
from hotline.accountability.state import DecisionDraft, Officer, Subject
from hotline.accountability.vocabulary import (
    Disposal,
    DossierAlarm,
    InquiryForm,
    Opinion,
    PublicationScope,
    Remedy,
    RemedyOutcome,
)
from hotline.case import TextRef
from hotline.identifiers import ClockId, CommandId, UnitCode, UserId
from hotline.model import Message

Number = Annotated[int, Field(ge=1, le=999)]
Several = Annotated[tuple[UserId, ...], Field(min_length=2, max_length=20)]
"""二人以上: officers who act together (政务处分法 art. 42)."""


# ── clue 线索 ───────────────────────────────────────────────────────────────────────────────────


class PlanDisposal(Message):
    """处置方案: propose how the clue is handled, one of four ways."""

    kind: Literal["plan_disposal"] = "plan_disposal"
    disposal: Disposal
    reason: TextRef


class RuleOnProposal(Message):
    """审批: approve what was proposed, at the level whose turn it is, or send it back."""

    kind: Literal["rule_on_proposal"] = "rule_on_proposal"
    proposal: Number
    approved: bool
    opinion: TextRef


class NameSubject(Message):
    """补充被反映人: name a further person or organisation that the matter turns out to concern."""

    kind: Literal["name_subject"] = "name_subject"
    subject: Subject
    reason: TextRef


class RecuseOfficer(Message):
    """办案回避: keep an officer away from this file from now on (政务处分法 art. 47)."""

    kind: Literal["recuse_officer"] = "recuse_officer"
    officer: UserId
    reason: TextRef


# ── inquiry and verification 谈话函询, 初步核实 ─────────────────────────────────────────────────────


class SendInquiry(Message):
    """发出函询, 约定谈话: ask a subject by letter or call them to a talk."""

    kind: Literal["send_inquiry"] = "send_inquiry"
    subject: Number
    form: InquiryForm
    text: TextRef


class RecordInquiry(Message):
    """谈话记录, 函询答复: what was said or answered; a talk is held by two."""

    kind: Literal["record_inquiry"] = "record_inquiry"
    inquiry: Number
    answer: TextRef
    officers: tuple[UserId, ...] = Field(default=(), max_length=20)


class AppointTeam(Message):
    """成立核查组: two or more officers who verify."""

    kind: Literal["appoint_team"] = "appoint_team"
    team: Several


class SubmitConclusion(Message):
    """提出处置意见: report and opinion after a talk, a verification or an investigation, signed by two."""

    kind: Literal["submit_conclusion"] = "submit_conclusion"
    opinion: Opinion
    report: TextRef
    signers: Several


class OpenInvestigation(Message):
    """提请立案: propose to open an investigation, with its team."""

    kind: Literal["open_investigation"] = "open_investigation"
    team: Several
    reason: TextRef


# ── decision 处理 ───────────────────────────────────────────────────────────────────────────────


class ProposeDecision(Message):
    """提出处理建议: one subject, one measure of one family, and whether 容错 applies."""

    kind: Literal["propose_decision"] = "propose_decision"
    draft: DecisionDraft


class HearDefence(Message):
    """听取陈述申辩: facts and grounds were told by two; without a statement the person waived it."""

    kind: Literal["hear_defence"] = "hear_defence"
    decision: Number
    told: TextRef
    statement: TextRef | None = None
    officers: Several


class ReviseDecision(Message):
    """修改处理建议: after the defence was heard it may become lighter, never heavier."""

    kind: Literal["revise_decision"] = "revise_decision"
    decision: Number
    measure: AnyMeasure
    reason: TextRef


class ServeDecision(Message):
    """送达: the decision reaches the person; remedies count from here."""

    kind: Literal["serve_decision"] = "serve_decision"
    decision: Number
    record: TextRef


class ReportExecution(Message):
    """报告执行: the decision is announced and carried out."""

    kind: Literal["report_execution"] = "report_execution"
    decision: Number
    report: TextRef


class AcknowledgeHandover(Message):
    """移送回执: the receiving organ confirms that it has the matter."""

    kind: Literal["acknowledge_handover"] = "acknowledge_handover"
    decision: Number
    receipt: TextRef


class DecideProbation(Message):
    """留党察看期满: restore the member's rights, or extend the probation once to two years."""

    kind: Literal["decide_probation"] = "decide_probation"
    decision: Number
    restored: bool
    reason: TextRef


# ── remedies 救济 ───────────────────────────────────────────────────────────────────────────────


class FileAppeal(Message):
    """申请救济: 复审, 复核 or 申诉; it never suspends the execution."""

    kind: Literal["file_appeal"] = "file_appeal"
    decision: Number
    remedy: Remedy
    text: TextRef


class ExtendAppeal(Message):
    """延长救济期限: once, where the law allows it (公务员申诉, 30 days)."""

    kind: Literal["extend_appeal"] = "extend_appeal"
    decision: Number
    reason: TextRef


class DecideAppeal(Message):
    """救济决定: uphold, lighten or revoke; by somebody who had no part in the decision."""

    kind: Literal["decide_appeal"] = "decide_appeal"
    decision: Number
    outcome: RemedyOutcome
    measure: AnyMeasure | None = None
    reason: TextRef


# ── aftermath 以案促改 ──────────────────────────────────────────────────────────────────────────


class IssueRecommendation(Message):
    """制发纪检监察建议书: propose a recommendation to a unit."""

    kind: Literal["issue_recommendation"] = "issue_recommendation"
    unit: UnitCode
    text: TextRef


class ExtendRecommendation(Message):
    """延长建议书回复期: once, before it has run out."""

    kind: Literal["extend_recommendation"] = "extend_recommendation"
    recommendation: Number
    reason: TextRef


class RecordRecommendationReply(Message):
    """建议书回复: what the unit says it has done."""

    kind: Literal["record_recommendation_reply"] = "record_recommendation_reply"
    recommendation: Number
    reply: TextRef


class RecordFollowUp(Message):
    """建议书回头看: whether it was done indeed; if not, the unit replies again."""

    kind: Literal["record_follow_up"] = "record_follow_up"
    recommendation: Number
    holds: bool
    finding: TextRef


class OrderRectification(Message):
    """以案促改: a task for a unit, with its day."""

    kind: Literal["order_rectification"] = "order_rectification"
    unit: UnitCode
    task: TextRef
    due_on: date


class ConfirmRectification(Message):
    """销号: a task is done, on evidence."""

    kind: Literal["confirm_rectification"] = "confirm_rectification"
    rectification: Number
    evidence: TextRef


class ProposePublication(Message):
    """拟制通报: the desensitised text of a notice about a decision that was made."""

    kind: Literal["propose_publication"] = "propose_publication"
    decision: Number
    scope: PublicationScope
    text: TextRef


class PublishNotice(Message):
    """发布通报: publish what was approved, in just those words."""

    kind: Literal["publish_notice"] = "publish_notice"
    notice: Number


class ProposeClarification(Message):
    """提请澄清: clear the name of somebody who was accused wrongly (政务处分法 art. 53)."""

    kind: Literal["propose_clarification"] = "propose_clarification"
    subject: Number
    scope: PublicationScope
    text: TextRef


class CloseDossier(Message):
    """结案: nothing is left to do but to wait for the end of effects."""

    kind: Literal["close_dossier"] = "close_dossier"
    summary: TextRef


class DossierClockDue(Message):
    """An alarm of a dossier's clock has come."""

    kind: Literal["dossier_clock_due"] = "dossier_clock_due"
    clock_id: ClockId
    alarm: DossierAlarm


DossierCommand = (
    PlanDisposal
    | RuleOnProposal
    | NameSubject
    | RecuseOfficer
    | SendInquiry
    | RecordInquiry
    | AppointTeam
    | SubmitConclusion
    | OpenInvestigation
    | ProposeDecision
    | HearDefence
    | ReviseDecision
    | ServeDecision
    | ReportExecution
    | AcknowledgeHandover
    | DecideProbation
    | FileAppeal
    | ExtendAppeal
    | DecideAppeal
    | IssueRecommendation
    | ExtendRecommendation
    | RecordRecommendationReply
    | RecordFollowUp
    | OrderRectification
    | ConfirmRectification
    | ProposePublication
    | PublishNotice
    | ProposeClarification
    | CloseDossier
    | DossierClockDue
)
AnyDossierCommand = Annotated[DossierCommand, Field(discriminator="kind")]


class DossierEnvelope(Message):
    """A command with who asks and under which id; `expected_version` refuses it if the dossier has moved on."""

    command_id: Annotated[CommandId, Field(min_length=8, max_length=64)]
    officer: Officer
    command: AnyDossierCommand
    expected_version: int | None = None

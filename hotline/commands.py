"""Commands (指令): what people and clocks ask of a case, in the imperative (product.md §2).

Each command is one flat, frozen message with a stable `kind`. Free text arrives as a reference into the
vault; who asks, when and under which command id stands in the envelope, not in the command.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from hotline.case import Actor, Classification, EvidenceRef, Lineage, TextRef
from hotline.identifiers import MEASURE_NO, CaseNo, ClockId, CommandId, MeasureNo, UnitCode, UserId
from hotline.model import Message
from hotline.policy import SharedPolicy
from hotline.vocabulary import (
    AlarmCode,
    Channel,
    ContactOutcome,
    Element,
    EmergencyService,
    ExclusionGround,
    Indicator,
    JointParty,
    RejectReason,
)

OneMeasure = Annotated[MeasureNo, Field(pattern=f"^{MEASURE_NO}$", description="督办编号，如 …-DB01")]
JointActionNo = Annotated[int, Field(ge=1, le=999, description="联动事项序号")]
Satisfaction = Annotated[int, Field(ge=1, le=5, description="满意度：5 非常满意 … 1 非常不满意")]


# ── intake 登记受理 ──────────────────────────────────────────────────────────────────────────────


class RequestDetails(Message):
    """要求补充: send the case back for what is missing."""

    kind: Literal["request_details"] = "request_details"
    missing: tuple[Element, ...] = Field(min_length=1)
    note: TextRef | None = None


class CompleteCase(Message):
    """补充完整: the operator adds what was missing."""

    kind: Literal["complete_case"] = "complete_case"
    note: TextRef
    has_contact: bool = True


class AddFacts(Message):
    """补充事实: the citizen, or an operator for them, adds facts to an open case."""

    kind: Literal["add_facts"] = "add_facts"
    text: TextRef


class ReclassifyCase(Message):
    """重新分类: change what the case is about; the difference is recorded with its reason.

    Type and urgency only until it is dispatched; a unit that turns out to be meant loses the case at once.
    """

    kind: Literal["reclassify_case"] = "reclassify_case"
    classification: Classification
    reason: TextRef


class AnswerDirectly(Message):
    """直接解答: answer at once and close (domain.md §1.6)."""

    kind: Literal["answer_directly"] = "answer_directly"
    answer: TextRef
    knowledge_id: str | None = None


class RejectCase(Message):
    """不予受理: a reason code and the proper route for the citizen (domain.md §1.7, §12 rule 2)."""

    kind: Literal["reject_case"] = "reject_case"
    reason: RejectReason
    advice: TextRef


class TransferEmergency(Message):
    """紧急移送: hand a request of class R1 to 110, 119, 120 or 122 at once (domain.md §12 rule 1)."""

    kind: Literal["transfer_emergency"] = "transfer_emergency"
    service: EmergencyService
    note: TextRef | None = None


class JoinCase(Message):
    """并单: the matter is already in hand as another case; this caller is kept and revisited."""

    kind: Literal["join_case"] = "join_case"
    into: CaseNo
    lead: UnitCode
    lineages: tuple[Lineage, ...] = ()
    reason: TextRef


# ── assignment 分派 ─────────────────────────────────────────────────────────────────────────────


class AssistOrder(Message):
    """One assisting unit of a dispatch and, if fewer than the rule's, its working days."""

    unit: UnitCode
    days: int | None = Field(default=None, ge=1, le=60)


class DispatchCase(Message):
    """派单: name a lead unit and assisting units; the clocks start now (domain.md §12 rules 7, 10)."""

    kind: Literal["dispatch_case"] = "dispatch_case"
    lead: UnitCode
    assists: tuple[AssistOrder, ...] = ()
    lineages: tuple[Lineage, ...] = ()
    advice: TextRef | None = None
    new_facts: TextRef | None = Field(default=None, description="重复诉求仍需单独派单时，说明新的事实和理由")


class SignFor(Message):
    """签收: the unit takes the case in hand."""

    kind: Literal["sign_for"] = "sign_for"


class ReturnCase(Message):
    """退单: the unit disputes its duty, with legal basis and evidence (domain.md §12 rule 11)."""

    kind: Literal["return_case"] = "return_case"
    legal_basis: TextRef
    evidence: tuple[EvidenceRef, ...] = Field(min_length=1)


class RuleOnReturn(Message):
    """退单裁定: uphold the return, or overturn it and give the case back."""

    kind: Literal["rule_on_return"] = "rule_on_return"
    upheld: bool
    reason: TextRef


class CallJointReview(Message):
    """会商: bring the units together before anyone is named."""

    kind: Literal["call_joint_review"] = "call_joint_review"
    participants: tuple[UnitCode, ...] = Field(min_length=1)
    lineages: tuple[Lineage, ...] = ()
    reason: TextRef


class RuleBindingly(Message):
    """审定: name the unit that is responsible; it cannot return the case (domain.md §12 rule 12)."""

    kind: Literal["rule_bindingly"] = "rule_bindingly"
    lead: UnitCode
    assists: tuple[AssistOrder, ...] = ()
    lineages: tuple[Lineage, ...] = ()
    reason: TextRef


# ── rectification 办理整改 ──────────────────────────────────────────────────────────────────────


class LogContact(Message):
    """联系记录: an attempt to contact the citizen, with its evidence."""

    kind: Literal["log_contact"] = "log_contact"
    outcome: ContactOutcome
    at: AwareDatetime
    note: TextRef | None = None
    evidence: EvidenceRef | None = None


class ReportProgress(Message):
    """进展报告: what has been done so far."""

    kind: Literal["report_progress"] = "report_progress"
    text: TextRef


class AssistReply(Message):
    """协办回复: an assisting unit delivers its part to the lead."""

    kind: Literal["assist_reply"] = "assist_reply"
    text: TextRef
    evidence: tuple[EvidenceRef, ...] = ()


class WaiveAssist(Message):
    """免除协办: the hotline records that the lead need not wait for a unit any longer."""

    kind: Literal["waive_assist"] = "waive_assist"
    unit: UnitCode
    reason: TextRef


class RequestExtension(Message):
    """延期申请: before expiry, with a reason (domain.md §12 rule 14)."""

    kind: Literal["request_extension"] = "request_extension"
    days: int = Field(ge=1, le=60, description="工作日")
    reason: TextRef


class DecideExtension(Message):
    """延期审批: by the unit head up to its cap, by the hotline above it, by supervision a second time."""

    kind: Literal["decide_extension"] = "decide_extension"
    approved: bool
    reason: TextRef


class SuspendWithPlan(Message):
    """挂账: cannot be solved yet; an owner, a plan and a next date (domain.md §12 rule 21)."""

    kind: Literal["suspend_with_plan"] = "suspend_with_plan"
    plan: TextRef
    next_on: date
    owner: UserId


class Resume(Message):
    """恢复办理: the obstacle is gone, or the hotline ends the pause."""

    kind: Literal["resume"] = "resume"
    reason: TextRef


class SubmitReply(Message):
    """提交办理结果: the reply with its evidence, citation or explanation, and signer (§12 rule 17)."""

    kind: Literal["submit_reply"] = "submit_reply"
    text: TextRef
    evidence: tuple[EvidenceRef, ...] = ()
    citation: TextRef | None = None
    explanation: TextRef | None = None
    signer: UserId | None = None


class ReviewReply(Message):
    """审核: accept the reply, or return it with an opinion; both opinions are kept (§12 rule 18)."""

    kind: Literal["review_reply"] = "review_reply"
    accepted: bool
    opinion: TextRef | None = None


class RequestTermination(Message):
    """终止办理申请: the matter turned out to belong elsewhere (R2) or to be secret (R5)."""

    kind: Literal["request_termination"] = "request_termination"
    ground: Literal["R2", "R5"]
    reason: TextRef


class DecideTermination(Message):
    """终止办理审批: two levels decide, never the proposer."""

    kind: Literal["decide_termination"] = "decide_termination"
    approved: bool
    reason: TextRef


class ClaimUnreasonable(Message):
    """不合理诉求认定申请: with the material that shows why."""

    kind: Literal["claim_unreasonable"] = "claim_unreasonable"
    reason: TextRef
    evidence: tuple[EvidenceRef, ...] = Field(min_length=1)


class DecideUnreasonable(Message):
    """不合理诉求认定审批: two levels decide, never the proposer (domain.md §12 rule 20)."""

    kind: Literal["decide_unreasonable"] = "decide_unreasonable"
    approved: bool
    reason: TextRef


# ── revisit 回访 ────────────────────────────────────────────────────────────────────────────────


class LogRevisitAttempt(Message):
    """回访尝试: the citizen was not reached."""

    kind: Literal["log_revisit_attempt"] = "log_revisit_attempt"
    outcome: ContactOutcome


class RecordRevisit(Message):
    """回访记录: contacted? solved? truthful? how satisfied? (domain.md §5)."""

    kind: Literal["record_revisit"] = "record_revisit"
    contacted: bool
    solved: bool
    truthful: bool
    satisfaction: Satisfaction
    opinion: TextRef | None = None
    channel: Channel = Channel.PHONE


class SecondRevisit(Message):
    """二次回访: another revisitor asks again, independently, after an unfavourable first result."""

    kind: Literal["second_revisit"] = "second_revisit"
    contacted: bool
    solved: bool
    truthful: bool
    satisfaction: Satisfaction
    opinion: TextRef | None = None


class CitizenRating(Message):
    """诉求人评价: the citizen rates, once, by the public pages or by SMS."""

    kind: Literal["citizen_rating"] = "citizen_rating"
    solved: bool
    satisfaction: Satisfaction
    opinion: TextRef | None = None


# ── closeout 办结归档 ───────────────────────────────────────────────────────────────────────────


class CloseCase(Message):
    """督办结案: supervision closes what reworks could not settle, with its reason."""

    kind: Literal["close_case"] = "close_case"
    reason: TextRef


class ReopenCase(Message):
    """重新办理: new facts or a relapse bring a closed case back."""

    kind: Literal["reopen_case"] = "reopen_case"
    new_facts: TextRef
    relapse: bool = False


class RecordLookBack(Message):
    """回头看: a sample of closed cases is checked again; one that does not hold is reopened."""

    kind: Literal["record_look_back"] = "record_look_back"
    holds: bool
    finding: TextRef


class ArchiveCase(Message):
    """归档: close the file before its window ends."""

    kind: Literal["archive_case"] = "archive_case"


# ── supervision 督办 ────────────────────────────────────────────────────────────────────────────


class Urge(Message):
    """催办: remind a unit that works on the case, in writing."""

    kind: Literal["urge"] = "urge"
    unit: UnitCode
    reason: TextRef


class IssueSupervisionOrder(Message):
    """督办: an order that the head of the unit answers within the policy's limit."""

    kind: Literal["issue_supervision_order"] = "issue_supervision_order"
    unit: UnitCode
    demand: TextRef


class AnswerSupervisionOrder(Message):
    """督办答复: the head of the unit answers an order."""

    kind: Literal["answer_supervision_order"] = "answer_supervision_order"
    number: OneMeasure
    text: TextRef
    evidence: tuple[EvidenceRef, ...] = ()


class ReviewSupervisionAnswer(Message):
    """督办答复审核: accept the answer, or return it with an opinion; the limit then starts again."""

    kind: Literal["review_supervision_answer"] = "review_supervision_answer"
    number: OneMeasure
    accepted: bool
    opinion: TextRef


class IssueCard(Message):
    """亮牌: a yellow or red card to a unit, and to the person named, by hand."""

    kind: Literal["issue_card"] = "issue_card"
    unit: UnitCode
    card: Literal[AlarmCode.YELLOW_CARD, AlarmCode.RED_CARD]
    person: UserId | None = None
    reason: TextRef


class HoldInterview(Message):
    """约谈: the record of an interview with those who answer for a unit."""

    kind: Literal["hold_interview"] = "hold_interview"
    unit: UnitCode
    person: UserId | None = None
    record: TextRef


class CirculateNotice(Message):
    """通报: inside the administration; a public one needs a text without personal data, which another person approves."""

    kind: Literal["circulate_notice"] = "circulate_notice"
    unit: UnitCode
    text: TextRef
    public: bool = False


class ApproveNotice(Message):
    """公开通报审批: another person than its writer approves the desensitised text, or not."""

    kind: Literal["approve_notice"] = "approve_notice"
    number: OneMeasure
    approved: bool
    reason: TextRef


class ListForSupervision(Message):
    """挂牌督办: put the case on the list, with a date; what is published of it another person approves first."""

    kind: Literal["list_for_supervision"] = "list_for_supervision"
    unit: UnitCode
    demand: TextRef
    due_on: date = Field(description="办结期限")
    public_text: TextRef | None = Field(default=None, description="拟公开的文本，须已脱敏")


class EndListing(Message):
    """摘牌: take the case off the list."""

    kind: Literal["end_listing"] = "end_listing"
    number: OneMeasure
    reason: TextRef


class StartJointSupervision(Message):
    """室组地联动: supervise a case together with other parties."""

    kind: Literal["start_joint_supervision"] = "start_joint_supervision"
    plan: TextRef


class AddJointAction(Message):
    """联动分工: give one party its part, with somebody who answers for it and a date."""

    kind: Literal["add_joint_action"] = "add_joint_action"
    party: JointParty
    unit: UnitCode | None = Field(
        default=None, description="承办此单的单位；由纪检监察或者督办人员负责的不填"
    )
    person: UserId = Field(description="责任人账号")
    due_on: date = Field(description="完成期限")
    task: TextRef


class DropJointAction(Message):
    """取消联动分工: a part is not needed any more, or goes to another party."""

    kind: Literal["drop_joint_action"] = "drop_joint_action"
    action: JointActionNo
    reason: TextRef


class ReportJointAction(Message):
    """完成联动分工: who answers for a part reports that it is done."""

    kind: Literal["report_joint_action"] = "report_joint_action"
    action: JointActionNo
    text: TextRef
    evidence: tuple[EvidenceRef, ...] = ()


class CloseJointSupervision(Message):
    """联动办结: close it once, when every part is done."""

    kind: Literal["close_joint_supervision"] = "close_joint_supervision"
    conclusion: TextRef


class TakeInCharge(Message):
    """包案: a leader takes the case into their own charge."""

    kind: Literal["take_in_charge"] = "take_in_charge"
    plan: TextRef


class Instruct(Message):
    """批示: a leader's instruction on the case."""

    kind: Literal["instruct"] = "instruct"
    text: TextRef


class SkipRung(Message):
    """跳级: a supervisor orders, with a reason, that one rung of a clock does not fire (domain.md §12 rule 16)."""

    kind: Literal["skip_rung"] = "skip_rung"
    clock_id: ClockId
    rung: AlarmCode
    reason: TextRef


class AppealRung(Message):
    """申诉: the head of the unit appeals a measure within the policy's days, once."""

    kind: Literal["appeal_rung"] = "appeal_rung"
    number: OneMeasure
    grounds: TextRef


class DecideAppeal(Message):
    """申诉裁定: somebody who did not issue the measure decides; an upheld appeal takes its points back."""

    kind: Literal["decide_appeal"] = "decide_appeal"
    number: OneMeasure
    upheld: bool
    reason: TextRef


# ── scores 考核 ─────────────────────────────────────────────────────────────────────────────────


class ExcludeFromScore(Message):
    """剔除申请: leave the case out of the rates, for a ground and with evidence; of `indicators` none means all."""

    kind: Literal["exclude_from_score"] = "exclude_from_score"
    ground: ExclusionGround
    indicators: tuple[Indicator, ...] = Field(default=(), description="不填表示全部比率指标")
    reason: TextRef
    evidence: tuple[EvidenceRef, ...] = Field(min_length=1)


class DecideExclusion(Message):
    """剔除审批: two levels decide, never whoever asked; from then on the adjusted rates leave the case out."""

    kind: Literal["decide_exclusion"] = "decide_exclusion"
    approved: bool
    reason: TextRef


# ── recusal 回避 ────────────────────────────────────────────────────────────────────────────────


class Recuse(Message):
    """回避: keep a member of staff away from the case, by their own word, by order, or as the caller demands."""

    kind: Literal["recuse"] = "recuse"
    person: UserId
    reason: TextRef


class LiftRecusal(Message):
    """解除回避: supervision finds that there is no reason to stay away, or none any longer."""

    kind: Literal["lift_recusal"] = "lift_recusal"
    person: UserId
    reason: TextRef


# ── the system's own ────────────────────────────────────────────────────────────────────────────


class ObligationDue(Message):
    """An alarm of a clock has come: it is decided like any other command."""

    kind: Literal["obligation_due"] = "obligation_due"
    clock_id: ClockId
    alarm: AlarmCode


class RevisePolicy(Message):
    """规则换版: a published policy or calendar revision reaches a living case (architecture.md §3 e)."""

    kind: Literal["revise_policy"] = "revise_policy"
    policy: SharedPolicy


class AcceptMember(Message):
    """Another case was joined to this one (并单), or one that was now complains about more units."""

    kind: Literal["accept_member"] = "accept_member"
    member: CaseNo
    accused_units: tuple[UnitCode, ...] = ()


class SettleMember(Message):
    """The case this one was joined to has an accepted reply: this caller is revisited on their own."""

    kind: Literal["settle_member"] = "settle_member"
    by: CaseNo
    unit: UnitCode
    reply: TextRef
    accepted_at: datetime
    signer: UserId
    reviewed_by: UserId


class ReleaseMember(Message):
    """The case this one was joined to ended without a reply: this case goes on by itself."""

    kind: Literal["release_member"] = "release_member"
    by: CaseNo


IntakeCommand = (
    RequestDetails
    | CompleteCase
    | AddFacts
    | ReclassifyCase
    | AnswerDirectly
    | RejectCase
    | TransferEmergency
    | JoinCase
)
AssignmentCommand = DispatchCase | SignFor | ReturnCase | RuleOnReturn | CallJointReview | RuleBindingly
RectificationCommand = (
    LogContact
    | ReportProgress
    | AssistReply
    | WaiveAssist
    | RequestExtension
    | DecideExtension
    | SuspendWithPlan
    | Resume
    | SubmitReply
    | ReviewReply
    | RequestTermination
    | DecideTermination
    | ClaimUnreasonable
    | DecideUnreasonable
)
RevisitCommand = LogRevisitAttempt | RecordRevisit | SecondRevisit | CitizenRating
CloseoutCommand = CloseCase | ReopenCase | RecordLookBack | ArchiveCase
SupervisionCommand = (
    Urge
    | IssueSupervisionOrder
    | AnswerSupervisionOrder
    | ReviewSupervisionAnswer
    | IssueCard
    | HoldInterview
    | CirculateNotice
    | ApproveNotice
    | ListForSupervision
    | EndListing
    | StartJointSupervision
    | AddJointAction
    | DropJointAction
    | ReportJointAction
    | CloseJointSupervision
    | TakeInCharge
    | Instruct
    | SkipRung
    | AppealRung
    | DecideAppeal
)
ScoreCommand = ExcludeFromScore | DecideExclusion
RecusalCommand = Recuse | LiftRecusal
SystemCommand = ObligationDue | RevisePolicy | AcceptMember | SettleMember | ReleaseMember

Command = (
    IntakeCommand
    | AssignmentCommand
    | RectificationCommand
    | RevisitCommand
    | CloseoutCommand
    | SupervisionCommand
    | ScoreCommand
    | RecusalCommand
    | SystemCommand
)
AnyCommand = Annotated[Command, Field(discriminator="kind")]


class CommandEnvelope(Message):
    """A command with who asks and under which id; `expected_version` refuses it if the case has moved on.

    Who names `ledger_seen`, the last fact that the ledger had, gets those that follow and writes them there; for who does
    not, they are written before the answer comes.
    """

    command_id: Annotated[CommandId, Field(min_length=8, max_length=64)]
    actor: Actor
    command: AnyCommand
    expected_version: int | None = None
    ledger_seen: int | None = None

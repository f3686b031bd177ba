"""Facts of an accountability file (事实): what was decided, in the past tense; fields are only ever added."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from hotline.accountability.measures import AnyMeasure, Effect
from hotline.accountability.policy import Span
from hotline.accountability.state import (
    ClueRegistration,
    DecisionDraft,
    Hearing,
    Officer,
    Proposal,
    Subject,
)
from hotline.accountability.vocabulary import (
    DossierAlarm,
    DossierClockKind,
    InquiryForm,
    Level,
    Remedy,
    RemedyOutcome,
)
from hotline.case import TextRef
from hotline.identifiers import ClockId, CommandId, DossierNo, UnitCode, UserId
from hotline.model import Record


class ClueRegistered(Record):
    """线索登记: the first fact of every dossier."""

    tag: Literal["clue:registered"] = "clue:registered"
    registration: ClueRegistration


class SubjectNamed(Record):
    """补充被反映人."""

    tag: Literal["clue:subject_named"] = "clue:subject_named"
    subject: Subject
    reason: TextRef


class OfficerRecused(Record):
    """办案回避."""

    tag: Literal["clue:officer_recused"] = "clue:officer_recused"
    person: UserId
    reason: TextRef


class Proposed(Record):
    """送审: a matter waits for approval."""

    tag: Literal["approval:proposed"] = "approval:proposed"
    proposal: Proposal
    reason: TextRef | None = None


class ProposalEndorsed(Record):
    """审批通过一级: one level has approved, and the next one has its turn."""

    tag: Literal["approval:endorsed"] = "approval:endorsed"
    proposal: int
    level: Level
    opinion: TextRef


class ProposalApproved(Record):
    """审批通过: the last level has approved; `effect` is that of a decision."""

    tag: Literal["approval:approved"] = "approval:approved"
    proposal: int
    level: Level
    opinion: TextRef
    effect: Effect | None = None


class ProposalRejected(Record):
    """审批退回."""

    tag: Literal["approval:rejected"] = "approval:rejected"
    proposal: int
    level: Level
    opinion: TextRef


class InquirySent(Record):
    """发出函询, 约定谈话."""

    tag: Literal["inquiry:sent"] = "inquiry:sent"
    number: int
    subject: int
    form: InquiryForm
    text: TextRef


class InquiryAnswered(Record):
    """谈话记录, 函询答复."""

    tag: Literal["inquiry:answered"] = "inquiry:answered"
    number: int
    answer: TextRef
    officers: tuple[UserId, ...] = ()


class TeamAppointed(Record):
    """成立核查组."""

    tag: Literal["verification:team_appointed"] = "verification:team_appointed"
    team: tuple[UserId, ...]


class DecisionProposed(Record):
    """提出处理建议."""

    tag: Literal["decision:proposed"] = "decision:proposed"
    number: int
    draft: DecisionDraft


class DefenceHeard(Record):
    """听取陈述申辩."""

    tag: Literal["decision:defence_heard"] = "decision:defence_heard"
    number: int
    told: TextRef
    hearing: Hearing


class DecisionRevised(Record):
    """修改处理建议: approvals given so far are void, and it is proposed anew as `proposal`."""

    tag: Literal["decision:revised"] = "decision:revised"
    number: int
    proposal: int
    before: AnyMeasure
    after: AnyMeasure
    reason: TextRef


class DecisionServed(Record):
    """送达."""

    tag: Literal["decision:served"] = "decision:served"
    number: int
    record: TextRef


class ExecutionReported(Record):
    """执行完毕."""

    tag: Literal["decision:executed"] = "decision:executed"
    number: int
    report: TextRef


class HandoverAcknowledged(Record):
    """移送回执."""

    tag: Literal["decision:handover_acknowledged"] = "decision:handover_acknowledged"
    number: int
    receipt: TextRef


class ProbationDecided(Record):
    """留党察看期满: rights restored, or probation extended."""

    tag: Literal["decision:probation_decided"] = "decision:probation_decided"
    number: int
    restored: bool
    effect: Effect
    reason: TextRef


class EffectEnded(Record):
    """影响期满: the measure is lifted by itself (政务处分法 art. 26)."""

    tag: Literal["decision:effect_ended"] = "decision:effect_ended"
    number: int


class AppealFiled(Record):
    """申请救济."""

    tag: Literal["remedy:filed"] = "remedy:filed"
    decision: int
    number: int
    remedy: Remedy
    decided_within: Span
    text: TextRef


class AppealExtended(Record):
    """延长救济期限."""

    tag: Literal["remedy:extended"] = "remedy:extended"
    decision: int
    number: int
    decided_within: Span
    reason: TextRef


class AppealDecided(Record):
    """救济决定; `measure` and `effect` are what holds from now on, if it was lightened."""

    tag: Literal["remedy:decided"] = "remedy:decided"
    decision: int
    number: int
    outcome: RemedyOutcome
    measure: AnyMeasure | None = None
    effect: Effect | None = None
    reason: TextRef


class RecommendationExtended(Record):
    """延长建议书回复期."""

    tag: Literal["recommendation:extended"] = "recommendation:extended"
    number: int
    reason: TextRef


class RecommendationReplied(Record):
    """建议书回复."""

    tag: Literal["recommendation:replied"] = "recommendation:replied"
    number: int
    reply: TextRef


class RecommendationFollowedUp(Record):
    """建议书回头看."""

    tag: Literal["recommendation:followed_up"] = "recommendation:followed_up"
    number: int
    holds: bool
    finding: TextRef


class RectificationOrdered(Record):
    """以案促改."""

    tag: Literal["rectification:ordered"] = "rectification:ordered"
    number: int
    unit: UnitCode
    task: TextRef
    due_on: date


class RectificationConfirmed(Record):
    """以案促改销号."""

    tag: Literal["rectification:confirmed"] = "rectification:confirmed"
    number: int
    evidence: TextRef


class NoticePublished(Record):
    """发布通报."""

    tag: Literal["notice:published"] = "notice:published"
    number: int


class DossierClosed(Record):
    """结案."""

    tag: Literal["dossier:closed"] = "dossier:closed"
    summary: TextRef


class DossierArchived(Record):
    """归档: the last effect has ended."""

    tag: Literal["dossier:archived"] = "dossier:archived"


class DossierClockStarted(Record):
    """A limit or a period began to run, with the instant it ends and why."""

    tag: Literal["dossier_clock:started"] = "dossier_clock:started"
    clock_id: ClockId
    clock: DossierClockKind
    due_at: datetime
    because: tuple[str, ...]
    alarms: tuple[tuple[DossierAlarm, datetime], ...]


class DossierClockStopped(Record):
    """A limit was met or no longer applies."""

    tag: Literal["dossier_clock:stopped"] = "dossier_clock:stopped"
    clock_id: ClockId
    clock: DossierClockKind
    late: bool


class DossierClockFired(Record):
    """An alarm came; `due_at` is its true instant."""

    tag: Literal["dossier_clock:fired"] = "dossier_clock:fired"
    clock_id: ClockId
    clock: DossierClockKind
    alarm: DossierAlarm
    due_at: datetime


DossierBody = (
    ClueRegistered
    | SubjectNamed
    | OfficerRecused
    | Proposed
    | ProposalEndorsed
    | ProposalApproved
    | ProposalRejected
    | InquirySent
    | InquiryAnswered
    | TeamAppointed
    | DecisionProposed
    | DefenceHeard
    | DecisionRevised
    | DecisionServed
    | ExecutionReported
    | HandoverAcknowledged
    | ProbationDecided
    | EffectEnded
    | AppealFiled
    | AppealExtended
    | AppealDecided
    | RecommendationExtended
    | RecommendationReplied
    | RecommendationFollowedUp
    | RectificationOrdered
    | RectificationConfirmed
    | NoticePublished
    | DossierClosed
    | DossierArchived
    | DossierClockStarted
    | DossierClockStopped
    | DossierClockFired
)


class DossierFact(Record):
    """A fact in its envelope: which dossier, which number in it, when, who, by which command."""

    dossier_no: DossierNo
    seq: int
    at: datetime
    officer: Officer
    command_id: CommandId
    body: Annotated[DossierBody, Field(discriminator="tag")]

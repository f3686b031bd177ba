"""Facts (事实): what was decided, in the past tense; the ledger of a case is the list of its facts.

A fact's body has a tag of the form `subject:event`; the envelope says which case, which number in it,
when, who and by which command. Facts carry codes and references, never anything personal. Fields are
only ever added, and only with a default: the ledger outlives the code.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from hotline.case import (
    Actor,
    Answer,
    AssistTask,
    Classification,
    EvidenceRef,
    Lineage,
    Registration,
    Schedule,
    TextRef,
)
from hotline.identifiers import CaseNo, ClockId, CommandId, JointNo, MeasureNo, UnitCode, UserId
from hotline.model import Record
from hotline.vocabulary import (
    AlarmCode,
    Channel,
    ClockKind,
    ContactOutcome,
    DeterminationKind,
    Element,
    EmergencyService,
    ExclusionGround,
    Flag,
    Indicator,
    JointParty,
    MeasureKind,
    Outcome,
    RecusalGround,
    RejectReason,
    Status,
    StopReason,
)

# ── intake 登记受理 ──────────────────────────────────────────────────────────────────────────────


class CaseRegistered(Record):
    """登记: the first fact of every case."""

    tag: Literal["intake:registered"] = "intake:registered"
    registration: Registration


class DetailsRequested(Record):
    """要求补充."""

    tag: Literal["intake:details_requested"] = "intake:details_requested"
    missing: tuple[Element, ...]
    note: TextRef | None = None


class CaseCompleted(Record):
    """补充完整."""

    tag: Literal["intake:completed"] = "intake:completed"
    note: TextRef
    has_contact: bool


class DetailsOverdue(Record):
    """补充逾期: nothing came in time, so the hotline decides on what there is."""

    tag: Literal["intake:details_overdue"] = "intake:details_overdue"


class FactsAdded(Record):
    """补充事实."""

    tag: Literal["intake:facts_added"] = "intake:facts_added"
    text: TextRef


class CaseReclassified(Record):
    """重新分类, with what it was before."""

    tag: Literal["intake:reclassified"] = "intake:reclassified"
    before: Classification
    after: Classification
    reason: TextRef


class AnsweredDirectly(Record):
    """直接解答."""

    tag: Literal["intake:answered"] = "intake:answered"
    answer: TextRef
    knowledge_id: str | None = None


class CaseRejected(Record):
    """不予受理."""

    tag: Literal["intake:rejected"] = "intake:rejected"
    reason: RejectReason
    advice: TextRef


class EmergencyTransferred(Record):
    """紧急移送."""

    tag: Literal["intake:transferred"] = "intake:transferred"
    service: EmergencyService
    note: TextRef | None = None


class CaseJoined(Record):
    """并单: this case was joined to another."""

    tag: Literal["intake:joined"] = "intake:joined"
    into: CaseNo
    lead: UnitCode
    lineages: tuple[Lineage, ...] = ()
    reason: TextRef


class MemberAccepted(Record):
    """并单: another case was joined to this one, or a joined one complains about more units now."""

    tag: Literal["intake:member_accepted"] = "intake:member_accepted"
    member: CaseNo
    accused_units: tuple[UnitCode, ...] = ()


class MemberSettled(Record):
    """The reply of the case this one was joined to holds for this caller too."""

    tag: Literal["intake:member_settled"] = "intake:member_settled"
    by: CaseNo
    unit: UnitCode
    reply: TextRef
    accepted_at: datetime
    signer: UserId
    reviewed_by: UserId


class MemberReleased(Record):
    """The case this one was joined to ended without a reply."""

    tag: Literal["intake:member_released"] = "intake:member_released"
    by: CaseNo


# ── assignment 分派 ─────────────────────────────────────────────────────────────────────────────


class CaseDispatched(Record):
    """派单, or 审定 when it is final."""

    tag: Literal["assignment:dispatched"] = "assignment:dispatched"
    number: int
    lead: UnitCode
    assists: tuple[AssistTask, ...] = ()
    return_until: datetime
    final: bool = False
    lineages: tuple[Lineage, ...] = ()
    advice: TextRef | None = None
    new_facts: TextRef | None = None


class CaseWithdrawn(Record):
    """收回: a unit that turned out to be complained about loses the case at once (domain.md §12 rule 6).

    `redispatch` when it was the lead: the case goes back to be dispatched to another.
    """

    tag: Literal["assignment:withdrawn"] = "assignment:withdrawn"
    units: tuple[UnitCode, ...]
    redispatch: bool


class CaseSigned(Record):
    """签收."""

    tag: Literal["assignment:signed"] = "assignment:signed"


class CaseReturned(Record):
    """退单."""

    tag: Literal["assignment:returned"] = "assignment:returned"
    unit: UnitCode
    back_to: Status
    legal_basis: TextRef
    evidence: tuple[EvidenceRef, ...]


class ReturnRuled(Record):
    """退单裁定: the ruling also says whose time the dispute was."""

    tag: Literal["assignment:return_ruled"] = "assignment:return_ruled"
    upheld: bool
    disputed_for: timedelta
    attributed_to: UnitCode
    becomes_final: bool
    reason: TextRef


class JointReviewCalled(Record):
    """会商."""

    tag: Literal["assignment:joint_review_called"] = "assignment:joint_review_called"
    participants: tuple[UnitCode, ...] = ()
    reason: TextRef | None = None


# ── rectification 办理整改 ──────────────────────────────────────────────────────────────────────


class ContactLogged(Record):
    """联系记录."""

    tag: Literal["handling:contacted"] = "handling:contacted"
    outcome: ContactOutcome
    contacted_at: datetime
    note: TextRef | None = None
    evidence: EvidenceRef | None = None


class ProgressReported(Record):
    """进展报告."""

    tag: Literal["handling:progressed"] = "handling:progressed"
    text: TextRef


class AssistReplied(Record):
    """协办回复."""

    tag: Literal["handling:assist_replied"] = "handling:assist_replied"
    unit: UnitCode
    text: TextRef
    evidence: tuple[EvidenceRef, ...] = ()


class AssistWaived(Record):
    """免除协办."""

    tag: Literal["handling:assist_waived"] = "handling:assist_waived"
    unit: UnitCode
    reason: TextRef


class ExtensionRequested(Record):
    """延期申请."""

    tag: Literal["handling:extension_requested"] = "handling:extension_requested"
    number: int
    clock_id: ClockId
    days: int
    reason: TextRef


class ExtensionDecided(Record):
    """延期审批."""

    tag: Literal["handling:extension_decided"] = "handling:extension_decided"
    number: int
    days: int
    approved: bool
    reason: TextRef


class ExtensionLapsed(Record):
    """延期申请失效: the reply came before the decision."""

    tag: Literal["handling:extension_lapsed"] = "handling:extension_lapsed"
    number: int


class CaseSuspended(Record):
    """挂账."""

    tag: Literal["handling:suspended"] = "handling:suspended"
    number: int
    plan: TextRef
    next_on: date
    owner: UserId
    back_to: Status


class CaseResumed(Record):
    """恢复办理."""

    tag: Literal["handling:resumed"] = "handling:resumed"
    back_to: Status
    reason: TextRef


class ReplySubmitted(Record):
    """提交办理结果."""

    tag: Literal["handling:reply_submitted"] = "handling:reply_submitted"
    number: int
    unit: UnitCode
    text: TextRef
    evidence: tuple[EvidenceRef, ...]
    citation: TextRef | None = None
    explanation: TextRef | None = None
    signer: UserId


class ReplyAccepted(Record):
    """审核通过."""

    tag: Literal["review:accepted"] = "review:accepted"
    opinion: TextRef | None = None


class ReplyReturned(Record):
    """审核退回."""

    tag: Literal["review:returned"] = "review:returned"
    opinion: TextRef


class DeterminationRequested(Record):
    """终止办理申请, 不合理诉求认定申请."""

    tag: Literal["determination:requested"] = "determination:requested"
    number: int
    determination: DeterminationKind
    ground: str | None = None
    reason: TextRef
    evidence: tuple[EvidenceRef, ...] = ()


class DeterminationDecided(Record):
    """One level's decision; `settled` when it ends the request."""

    tag: Literal["determination:decided"] = "determination:decided"
    number: int
    determination: DeterminationKind
    level: Literal[1, 2]
    approved: bool
    settled: bool
    reason: TextRef


# ── revisit 回访 ────────────────────────────────────────────────────────────────────────────────


class RevisitAttempted(Record):
    """回访尝试; `exhausted` when it was the last one and the rating window opens."""

    tag: Literal["revisit:attempted"] = "revisit:attempted"
    outcome: ContactOutcome
    exhausted: bool


class RevisitRecorded(Answer):
    """回访记录 by the hotline, or the citizen's own answer to the invitation."""

    tag: Literal["revisit:recorded"] = "revisit:recorded"
    opinion: TextRef | None = None
    channel: Channel = Channel.PHONE


class CitizenRated(Record):
    """诉求人评价 of a case that is already closed."""

    tag: Literal["revisit:rated"] = "revisit:rated"
    solved: bool
    satisfaction: int
    opinion: TextRef | None = None


class ReworkOrdered(Record):
    """重办: a further round, with a shorter clock."""

    tag: Literal["revisit:rework_ordered"] = "revisit:rework_ordered"
    round: int


# ── closeout 办结归档 ───────────────────────────────────────────────────────────────────────────


class CaseClosed(Record):
    """办结, 终止, 不予受理, 移送: the one terminal status of a case and why."""

    tag: Literal["closeout:closed"] = "closeout:closed"
    status: Status
    outcome: Outcome
    reason: TextRef | None = None


class CaseReopened(Record):
    """重新办理."""

    tag: Literal["closeout:reopened"] = "closeout:reopened"
    new_facts: TextRef
    relapse: bool


class LookBackRecorded(Record):
    """回头看."""

    tag: Literal["closeout:looked_back"] = "closeout:looked_back"
    holds: bool
    finding: TextRef


class CaseArchived(Record):
    """归档."""

    tag: Literal["closeout:archived"] = "closeout:archived"


# ── supervision 督办 ────────────────────────────────────────────────────────────────────────────


class MeasureIssued(Record):
    """催办单, 督办单, 黄红牌, 约谈, 通报, 挂牌, 记分: made by a rung or a ruling, or by hand with a text that says why.

    `public_text` is what may be published of it if that is another text than `text`.
    """

    tag: Literal["supervision:issued"] = "supervision:issued"
    number: MeasureNo
    measure: MeasureKind
    rung: AlarmCode | None = None
    unit: UnitCode
    person: UserId | None = None
    clock_id: ClockId | None = None
    unit_points: int = 0
    person_points: int = 0
    appeal_until: datetime
    text: TextRef | None = None
    public: bool = False
    public_text: TextRef | None = None
    due_on: date | None = None


class OrderAnswered(Record):
    """督办答复."""

    tag: Literal["supervision:answered"] = "supervision:answered"
    number: MeasureNo
    text: TextRef
    evidence: tuple[EvidenceRef, ...] = ()


class AnswerReviewed(Record):
    """督办答复审核."""

    tag: Literal["supervision:reviewed"] = "supervision:reviewed"
    number: MeasureNo
    accepted: bool
    opinion: TextRef


class NoticeDecided(Record):
    """公开通报审批: from here on the text may be published, or never."""

    tag: Literal["supervision:notice_decided"] = "supervision:notice_decided"
    number: MeasureNo
    approved: bool
    reason: TextRef


class ListingEnded(Record):
    """摘牌: the case is taken off the list."""

    tag: Literal["supervision:listing_ended"] = "supervision:listing_ended"
    number: MeasureNo
    reason: TextRef


class JointStarted(Record):
    """室组地联动: several parties supervise together."""

    tag: Literal["supervision:joint_started"] = "supervision:joint_started"
    number: JointNo
    plan: TextRef


class JointActionAdded(Record):
    """联动事项: what one party does, who answers for it, and by when."""

    tag: Literal["supervision:joint_action_added"] = "supervision:joint_action_added"
    number: JointNo
    action: int
    party: JointParty
    unit: UnitCode | None = None
    person: UserId
    due_on: date
    task: TextRef


class JointActionDropped(Record):
    """取消联动事项."""

    tag: Literal["supervision:joint_action_dropped"] = "supervision:joint_action_dropped"
    number: JointNo
    action: int
    reason: TextRef


class JointActionDone(Record):
    """完成联动事项."""

    tag: Literal["supervision:joint_action_done"] = "supervision:joint_action_done"
    number: JointNo
    action: int
    text: TextRef
    evidence: tuple[EvidenceRef, ...] = ()


class JointClosed(Record):
    """联动办结: the one closure, after every part was done."""

    tag: Literal["supervision:joint_closed"] = "supervision:joint_closed"
    number: JointNo
    conclusion: TextRef


class TakenInCharge(Record):
    """包案."""

    tag: Literal["supervision:taken_in_charge"] = "supervision:taken_in_charge"
    leader: UserId
    plan: TextRef


class InstructionGiven(Record):
    """批示."""

    tag: Literal["supervision:instructed"] = "supervision:instructed"
    text: TextRef


class RungSkipped(Record):
    """跳级: this rung of this clock will not fire."""

    tag: Literal["supervision:rung_skipped"] = "supervision:rung_skipped"
    clock_id: ClockId
    rung: AlarmCode
    reason: TextRef


class MeasureAppealed(Record):
    """申诉."""

    tag: Literal["supervision:appealed"] = "supervision:appealed"
    number: MeasureNo
    grounds: TextRef


class AppealDecided(Record):
    """申诉裁定; the points are those that an upheld appeal takes back from the unit and the person."""

    tag: Literal["supervision:appeal_decided"] = "supervision:appeal_decided"
    number: MeasureNo
    upheld: bool
    reason: TextRef
    unit_points: int = 0
    person_points: int = 0


# ── scores 考核 ─────────────────────────────────────────────────────────────────────────────────


class ExclusionRequested(Record):
    """剔除申请."""

    tag: Literal["score:exclusion_requested"] = "score:exclusion_requested"
    number: int
    ground: ExclusionGround
    indicators: tuple[Indicator, ...] = ()
    reason: TextRef
    evidence: tuple[EvidenceRef, ...] = ()


class ExclusionDecided(Record):
    """剔除审批: one level's decision; `settled` when it ends the request. `indicators` are those it is about."""

    tag: Literal["score:exclusion_decided"] = "score:exclusion_decided"
    number: int
    indicators: tuple[Indicator, ...] = ()
    level: Literal[1, 2]
    approved: bool
    settled: bool
    reason: TextRef


# ── recusal 回避 ────────────────────────────────────────────────────────────────────────────────


class PersonRecused(Record):
    """回避: from here on this person neither sees nor acts on the case."""

    tag: Literal["recusal:recorded"] = "recusal:recorded"
    person: UserId
    ground: RecusalGround
    reason: TextRef


class RecusalLifted(Record):
    """解除回避."""

    tag: Literal["recusal:lifted"] = "recusal:lifted"
    person: UserId
    reason: TextRef


# ── clocks 时限, flags, policy ──────────────────────────────────────────────────────────────────


class FlagRaised(Record):
    """A mark that stays on the case."""

    tag: Literal["flag:raised"] = "flag:raised"
    flag: Flag


class ClockStarted(Record):
    """起算: who must act, by when, why, and every alarm to come."""

    tag: Literal["clock:started"] = "clock:started"
    clock_id: ClockId
    clock: ClockKind
    holder: UnitCode
    schedule: Schedule


class ClockMoved(Record):
    """An extension, the end of a pause or a policy revision gave the clock another schedule."""

    tag: Literal["clock:moved"] = "clock:moved"
    clock_id: ClockId
    schedule: Schedule
    resumed: bool = False


class ClockHeld(Record):
    """暂停: the clock stands still; what was already due still fires."""

    tag: Literal["clock:held"] = "clock:held"
    clock_id: ClockId


class ClockFired(Record):
    """An alarm: its true instant `due_at`; the envelope says when it was fired.

    `waited_until` is there when another rung had burdened the unit on the same day, and `next_burden_at`
    says from when the next one may.
    """

    tag: Literal["clock:fired"] = "clock:fired"
    clock_id: ClockId
    clock: ClockKind
    holder: UnitCode
    alarm: AlarmCode
    due_at: datetime
    is_due: bool = False
    waited_until: datetime | None = None
    next_burden_at: datetime | None = None


class ClockStopped(Record):
    """止算: in time or late, met or no longer applicable."""

    tag: Literal["clock:stopped"] = "clock:stopped"
    clock_id: ClockId
    clock: ClockKind
    holder: UnitCode
    due_at: datetime
    reason: StopReason
    late: bool


class PolicyRevised(Record):
    """A policy or calendar revision reached the case."""

    tag: Literal["policy:revised"] = "policy:revised"
    policy_revision: str
    calendar_revision: str


Body = (
    CaseRegistered
    | DetailsRequested
    | CaseCompleted
    | DetailsOverdue
    | FactsAdded
    | CaseReclassified
    | AnsweredDirectly
    | CaseRejected
    | EmergencyTransferred
    | CaseJoined
    | MemberAccepted
    | MemberSettled
    | MemberReleased
    | CaseDispatched
    | CaseWithdrawn
    | CaseSigned
    | CaseReturned
    | ReturnRuled
    | JointReviewCalled
    | ContactLogged
    | ProgressReported
    | AssistReplied
    | AssistWaived
    | ExtensionRequested
    | ExtensionDecided
    | ExtensionLapsed
    | CaseSuspended
    | CaseResumed
    | ReplySubmitted
    | ReplyAccepted
    | ReplyReturned
    | DeterminationRequested
    | DeterminationDecided
    | RevisitAttempted
    | RevisitRecorded
    | CitizenRated
    | ReworkOrdered
    | CaseClosed
    | CaseReopened
    | LookBackRecorded
    | CaseArchived
    | MeasureIssued
    | OrderAnswered
    | AnswerReviewed
    | NoticeDecided
    | ListingEnded
    | JointStarted
    | JointActionAdded
    | JointActionDropped
    | JointActionDone
    | JointClosed
    | TakenInCharge
    | InstructionGiven
    | RungSkipped
    | MeasureAppealed
    | AppealDecided
    | ExclusionRequested
    | ExclusionDecided
    | PersonRecused
    | RecusalLifted
    | FlagRaised
    | ClockStarted
    | ClockMoved
    | ClockHeld
    | ClockFired
    | ClockStopped
    | PolicyRevised
)
AnyBody = Annotated[Body, Field(discriminator="tag")]


def references_in(body: Body) -> tuple[CaseNo, ...]:
    """The other cases that a fact names, which not everybody who may see this one may know of."""
    match body:
        case CaseRegistered(registration=entry):
            return (entry.repeat_of,) if entry.repeat_of else ()
        case CaseJoined(into=other) | MemberAccepted(member=other):
            return (other,)
        case MemberSettled(by=other) | MemberReleased(by=other):
            return (other,)
        case _:
            return ()


class Fact(Record):
    """One entry of a case's ledger: `seq` counts from 1 without gaps."""

    case_no: CaseNo
    seq: int = Field(ge=1)
    at: datetime
    actor: Actor
    command_id: CommandId
    body: AnyBody


def named_by(facts: Iterable[Fact]) -> Fact | None:
    """The last of some facts that says what a case is about, if it names a matter: without one nothing is alike."""
    said: tuple[Fact, Classification] | None = None
    for fact in facts:
        match fact.body:
            case CaseRegistered(registration=entry):
                said = fact, entry.classification
            case CaseReclassified(after=after):
                said = fact, after
    return said[0] if said and said[1].category is not None else None

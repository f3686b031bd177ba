"""Facts of a line (台账事实): what was decided, in the past tense; fields are only ever added."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from hotline.case import Actor, EvidenceRef, Lineage, TextRef
from hotline.identifiers import CaseNo, ClockId, CommandId, LineNo, UnitCode
from hotline.model import Record
from hotline.problems.state import LinkedCase, ProblemRegistration
from hotline.problems.vocabulary import ProblemClockKind, ReopenGround


class ProblemOpened(Record):
    """建立台账: the first fact of every line."""

    tag: Literal["problem:opened"] = "problem:opened"
    registration: ProblemRegistration


class CaseLinked(Record):
    """关联工单."""

    tag: Literal["problem:case_linked"] = "problem:case_linked"
    case: LinkedCase


class LinkedCaseMoved(Record):
    """A linked case stands otherwise, or complains about other units (关联工单变化)."""

    tag: Literal["problem:case_moved"] = "problem:case_moved"
    case: LinkedCase


class CaseDetached(Record):
    """剔除工单."""

    tag: Literal["problem:case_detached"] = "problem:case_detached"
    case_no: CaseNo
    reason: TextRef


class RevisitExcused(Record):
    """免予回访."""

    tag: Literal["problem:revisit_excused"] = "problem:revisit_excused"
    case_no: CaseNo
    reason: TextRef


class ProblemLeadAssigned(Record):
    """明确牵头单位."""

    tag: Literal["problem:lead_assigned"] = "problem:lead_assigned"
    lead: UnitCode
    lineages: tuple[Lineage, ...] = ()
    reason: TextRef


class ProblemLeadWithdrawn(Record):
    """撤回牵头单位: a case turns out to complain about it (domain.md §12 rule 6)."""

    tag: Literal["problem:lead_withdrawn"] = "problem:lead_withdrawn"
    lead: UnitCode


class ProblemPlanned(Record):
    """整改方案."""

    tag: Literal["problem:planned"] = "problem:planned"
    plan: TextRef
    milestones: tuple[date, ...]
    clear_on: date


class MilestoneReached(Record):
    """完成节点."""

    tag: Literal["problem:milestone_reached"] = "problem:milestone_reached"
    milestone: int
    note: TextRef
    evidence: tuple[EvidenceRef, ...]


class RectificationReported(Record):
    """整改进展."""

    tag: Literal["problem:progressed"] = "problem:progressed"
    text: TextRef


class ClearanceSubmitted(Record):
    """申请销号."""

    tag: Literal["problem:clearance_submitted"] = "problem:clearance_submitted"
    report: TextRef
    evidence: tuple[EvidenceRef, ...]


class ClearanceAudited(Record):
    """核销审核."""

    tag: Literal["problem:clearance_audited"] = "problem:clearance_audited"
    accepted: bool
    opinion: TextRef
    clear_on: date | None = None


class ProblemCleared(Record):
    """销号: evidence, audit and every revisit are there; the look-back runs from here."""

    tag: Literal["problem:cleared"] = "problem:cleared"
    look_back_until: datetime


class ProblemReopened(Record):
    """反弹重开: the problem came back within the look-back."""

    tag: Literal["problem:reopened"] = "problem:reopened"
    ground: ReopenGround
    case_no: CaseNo


class LookBackPassed(Record):
    """回头看期满."""

    tag: Literal["problem:look_back_passed"] = "problem:look_back_passed"


class ProblemFiled(Record):
    """台账归档: nothing can reopen the line any more."""

    tag: Literal["problem:filed"] = "problem:filed"


class ProblemClockStarted(Record):
    """A limit runs; `because` says in words how its due instant came about."""

    tag: Literal["problem_clock:started"] = "problem_clock:started"
    clock_id: ClockId
    clock: ProblemClockKind
    due_at: datetime
    because: tuple[str, ...] = ()


class ProblemClockStopped(Record):
    """A limit ended, in time or late."""

    tag: Literal["problem_clock:stopped"] = "problem_clock:stopped"
    clock_id: ClockId
    clock: ProblemClockKind
    late: bool


class ProblemClockMissed(Record):
    """逾期: the due instant has passed, and the line climbs to the supervisor's list."""

    tag: Literal["problem_clock:missed"] = "problem_clock:missed"
    clock_id: ClockId
    clock: ProblemClockKind
    due_at: datetime


ProblemBody = (
    ProblemOpened
    | CaseLinked
    | LinkedCaseMoved
    | CaseDetached
    | RevisitExcused
    | ProblemLeadAssigned
    | ProblemLeadWithdrawn
    | ProblemPlanned
    | MilestoneReached
    | RectificationReported
    | ClearanceSubmitted
    | ClearanceAudited
    | ProblemCleared
    | ProblemReopened
    | LookBackPassed
    | ProblemFiled
    | ProblemClockStarted
    | ProblemClockStopped
    | ProblemClockMissed
)


class ProblemFact(Record):
    """A fact in its envelope: which line, which number in it, when, who, by which command."""

    line_no: LineNo
    seq: int
    at: datetime
    actor: Actor
    command_id: CommandId
    body: Annotated[ProblemBody, Field(discriminator="tag")]

"""Commands on a line of the ledger (台账指令): what people, cases and clocks ask, in the imperative."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from hotline.case import Actor, EvidenceRef, Lineage, TextRef
from hotline.identifiers import CaseNo, ClockId, CommandId, UnitCode, UserId
from hotline.model import Message
from hotline.problems.vocabulary import Standing

Evidence = Annotated[tuple[EvidenceRef, ...], Field(min_length=1, max_length=50)]


class NoteCase(Message):
    """关联工单: a case of this matter is there, or stands otherwise than before; `version` is the case's."""

    kind: Literal["note_case"] = "note_case"
    case_no: CaseNo
    registered_at: AwareDatetime
    standing: Standing
    version: int = Field(ge=1)
    accused_units: tuple[UnitCode, ...] = ()
    recused: tuple[UserId, ...] = ()


class DetachCase(Message):
    """剔除工单: a case was linked that is about something else."""

    kind: Literal["detach_case"] = "detach_case"
    case_no: CaseNo
    reason: TextRef


class ExcuseRevisit(Message):
    """免予回访: a case ended without its caller's word and will get none; clearing no longer waits for it."""

    kind: Literal["excuse_revisit"] = "excuse_revisit"
    case_no: CaseNo
    reason: TextRef


class AssignProblemLead(Message):
    """明确牵头单位: name the unit that answers for the problem as a whole."""

    kind: Literal["assign_problem_lead"] = "assign_problem_lead"
    lead: UnitCode
    lineages: tuple[Lineage, ...] = ()
    reason: TextRef


class SubmitProblemPlan(Message):
    """提交整改方案: what will be done, by which dates, and the day by which the line is to be cleared."""

    kind: Literal["submit_problem_plan"] = "submit_problem_plan"
    plan: TextRef
    milestones: tuple[date, ...] = Field(min_length=1, max_length=20)
    clear_on: date


class ReachMilestone(Message):
    """完成节点: a date of the plan is met, with evidence."""

    kind: Literal["reach_milestone"] = "reach_milestone"
    milestone: int = Field(ge=1, le=20)
    note: TextRef
    evidence: Evidence


class ReportRectification(Message):
    """报告整改进展: what has been done so far."""

    kind: Literal["report_rectification"] = "report_rectification"
    text: TextRef


class SubmitClearance(Message):
    """申请销号: the problem is solved; evidence that shows it (domain.md §8, B-12)."""

    kind: Literal["submit_clearance"] = "submit_clearance"
    report: TextRef
    evidence: Evidence


class AuditClearance(Message):
    """核销审核: another person looks at the evidence; if it does not hold, `clear_on` names the new day.

    A line that waits for its callers' word is sent back the same way, when they say that nothing is solved.
    """

    kind: Literal["audit_clearance"] = "audit_clearance"
    accepted: bool
    opinion: TextRef
    clear_on: date | None = None


class ProblemClockDue(Message):
    """A clock of a line has come to its due instant."""

    kind: Literal["problem_clock_due"] = "problem_clock_due"
    clock_id: ClockId


ProblemCommand = (
    NoteCase
    | DetachCase
    | ExcuseRevisit
    | AssignProblemLead
    | SubmitProblemPlan
    | ReachMilestone
    | ReportRectification
    | SubmitClearance
    | AuditClearance
    | ProblemClockDue
)
AnyProblemCommand = Annotated[ProblemCommand, Field(discriminator="kind")]


class ProblemEnvelope(Message):
    """A command with who asks, under which id, and on which version of the line they looked."""

    command_id: CommandId
    actor: Actor
    command: AnyProblemCommand
    expected_version: int | None = None

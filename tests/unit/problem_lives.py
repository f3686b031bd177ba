"""Lives of lines of repeat problems in the pure domain: builders, and `Line`, to which things happen."""

from datetime import date, datetime, timedelta
from typing import Any, Self, TypeVar

from fixtures.cases import DISPATCHER, HANDLER, SUPERVISOR, TEXT, UNIT, UNIT_HEAD

from hotline.calendar import SHANGHAI
from hotline.case import Actor, EvidenceRef, Lineage
from hotline.identifiers import CaseNo, CommandId, LineNo, UnitCode
from hotline.policy import PolicySnapshot
from hotline.problems import commands as c
from hotline.problems.commands import ProblemCommand
from hotline.problems.decide import ProblemContext, decide, register
from hotline.problems.evolve import evolve, replay
from hotline.problems.facts import ProblemFact
from hotline.problems.state import ProblemRegistration, ProblemState
from hotline.problems.vocabulary import Standing
from hotline.refusals import Refusal
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import EvidenceKind
from unit.lives import MONDAY_MORNING, POLICY

LINE = LineNo("CF2026000001")
CASES = tuple(CaseNo(f"26030209000001000{n}") for n in range(1, 10))
DISTRICT = UnitCode("donghu")
Body = TypeVar("Body")


def photo(at: datetime) -> EvidenceRef:
    return EvidenceRef(evidence_id="photo-1", kind=EvidenceKind.HANDLING, made_at=at)


def registration(number: LineNo = LINE, *, at: datetime = MONDAY_MORNING) -> ProblemRegistration:
    return ProblemRegistration(
        line_no=number, opened_at=at, category="noise", area="donghu", policy_revision=POLICY.revision
    )


class Line:
    """One line and everything that was decided about it. It asserts nothing."""

    def __init__(self, number: LineNo = LINE, policy: PolicySnapshot = POLICY) -> None:
        self.now, self.policy, self.version = MONDAY_MORNING, policy, 0
        self.facts: list[ProblemFact] = list(register(registration(number), self.context(SYSTEM_ACTOR)))
        self.state: ProblemState = replay(self.facts)

    def context(self, actor: Actor) -> ProblemContext:
        return ProblemContext(self.now, actor, CommandId("command-1"), self.policy)

    def do(self, command: ProblemCommand, by: Actor) -> tuple[ProblemFact, ...]:
        facts = decide(self.state, command, self.context(by))
        for fact in facts:
            self.state = evolve(self.state, fact)
        self.facts.extend(facts)
        return facts

    def then(self, command: ProblemCommand, by: Actor) -> Self:
        self.do(command, by)
        return self

    def refusal(self, command: ProblemCommand, by: Actor) -> str | None:
        try:
            decide(self.state, command, self.context(by))
        except Refusal as refusal:
            return refusal.code
        return None

    def sleep(self, **span: float) -> Self:
        """Let time pass as with a worker at hand: each clock comes at its own instant."""
        until = self.now + timedelta(**span)
        while (clock := self.state.next_clock) and clock.due_at <= until:
            self.now = max(self.now, clock.due_at)
            self.do(c.ProblemClockDue(clock_id=clock.clock_id), SYSTEM_ACTOR)
        self.now = until
        return self

    def day(self, after: int) -> date:
        return self.now.astimezone(SHANGHAI).date() + timedelta(days=after)

    def note(self, case: CaseNo, standing: Standing = Standing.OPEN, **fields: Any) -> Self:
        """News of a case, at a version that is newer than any before."""
        self.version += 1
        fields = {"registered_at": self.now, "version": self.version, **fields}
        return self.then(c.NoteCase(case_no=case, standing=standing, **fields), SYSTEM_ACTOR)

    def all_of(self, body: type[Body]) -> list[Body]:
        return [fact.body for fact in self.facts if isinstance(fact.body, body)]

    def plan(self, *days: int, clear_after: int = 20) -> c.SubmitProblemPlan:
        return c.SubmitProblemPlan(
            plan=TEXT,
            milestones=tuple(self.day(after) for after in days or (10,)),
            clear_on=self.day(clear_after),
        )

    def reach(self, milestone: int = 1) -> c.ReachMilestone:
        return c.ReachMilestone(milestone=milestone, note=TEXT, evidence=(photo(self.now),))

    def clearance(self) -> c.SubmitClearance:
        return c.SubmitClearance(report=TEXT, evidence=(photo(self.now),))


ACCEPT = c.AuditClearance(accepted=True, opinion=TEXT)


def lead_of(unit: UnitCode = UNIT) -> c.AssignProblemLead:
    return c.AssignProblemLead(lead=unit, lineages=(Lineage(unit=unit, above=(DISTRICT,)),), reason=TEXT)


def opened(number: LineNo = LINE, cases: tuple[CaseNo, ...] = CASES[:3]) -> Line:
    """A line with its three cases."""
    line = Line(number)
    for case in cases:
        line.note(case)
    return line


def led(number: LineNo = LINE, cases: tuple[CaseNo, ...] = CASES[:3]) -> Line:
    return opened(number, cases).then(lead_of(), DISPATCHER)


def planned(number: LineNo = LINE, cases: tuple[CaseNo, ...] = CASES[:3]) -> Line:
    line = led(number, cases)
    return line.then(line.plan(5, 10), UNIT_HEAD)


def submitted(number: LineNo = LINE, cases: tuple[CaseNo, ...] = CASES[:3]) -> Line:
    line = planned(number, cases)
    line.sleep(days=1)
    line.then(line.reach(1), HANDLER).then(line.reach(2), HANDLER)
    return line.then(line.clearance(), UNIT_HEAD)


def audited(number: LineNo = LINE, cases: tuple[CaseNo, ...] = CASES[:3]) -> Line:
    return submitted(number, cases).then(ACCEPT, SUPERVISOR)


def cleared(number: LineNo = LINE, cases: tuple[CaseNo, ...] = CASES[:3]) -> Line:
    line = audited(number, cases)
    for case in cases:
        line.note(case, Standing.SATISFIED)
    return line

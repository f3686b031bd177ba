"""The state of one line in the ledger of repeat problems (台账条目): a frozen value that is the fold of its facts."""

from datetime import date, datetime

from pydantic import AwareDatetime, Field

from hotline.case import Concern, Lineage, TextRef
from hotline.identifiers import CaseNo, ClockId, LineNo, UnitCode, UserId
from hotline.model import Message, Record
from hotline.problems.vocabulary import ProblemClockKind, ProblemStage, Standing


class ProblemRegistration(Message):
    """What a line starts from: the matter and the place, and nothing of the caller."""

    line_no: LineNo
    opened_at: AwareDatetime
    category: str
    area: str | None = None
    policy_revision: str


class LinkedCase(Record):
    """One case of a line: how it stands at which of its versions, and whether its revisit was waived."""

    case_no: CaseNo
    linked_at: datetime
    standing: Standing
    version: int
    accused_units: tuple[UnitCode, ...] = ()
    recused: tuple[UserId, ...] = ()
    excused_by: UserId | None = None

    @property
    def is_settled(self) -> bool:
        """Whether the line may be cleared as far as this case goes."""
        return self.standing is Standing.SATISFIED or (
            self.standing is Standing.UNCONFIRMED and self.excused_by is not None
        )


class Milestone(Record):
    """One date of a plan (整改节点), and when it was reached."""

    number: int
    due_on: date
    reached_at: datetime | None = None


class Plan(Record):
    """The plan in force (整改方案): what will be done, its dates, and the day by which the line is to be cleared."""

    text: TextRef
    milestones: tuple[Milestone, ...]
    clear_on: date
    planned_at: datetime
    planned_by: UserId

    @property
    def open_milestones(self) -> tuple[Milestone, ...]:
        """What has still to be reached."""
        return tuple(milestone for milestone in self.milestones if milestone.reached_at is None)


class ProblemClock(Record):
    """A running obligation of a line: by when, and whether that instant has passed."""

    clock_id: ClockId
    kind: ProblemClockKind
    started_at: datetime
    due_at: datetime
    missed: bool = False


class ProblemState(Record):
    """Everything the rules need to know about one line. `version` is the number of its last fact."""

    line_no: LineNo
    version: int = 0
    stage: ProblemStage
    category: str
    area: str | None = None
    policy_revision: str
    opened_at: datetime
    entered_at: datetime
    entries: int = 1
    round: int = 1
    round_started_at: datetime
    cases: tuple[LinkedCase, ...] = ()
    detached: tuple[CaseNo, ...] = ()
    lead: UnitCode | None = None
    lineages: tuple[Lineage, ...] = ()
    plan: Plan | None = None
    plans: int = 0
    workers: tuple[UserId, ...] = ()
    missed: int = 0
    audits_failed: int = 0
    cleared_at: datetime | None = None
    look_back_until: datetime | None = None
    filed_at: datetime | None = None
    clocks: tuple[ProblemClock, ...] = Field(default=())

    @property
    def accused_units(self) -> tuple[UnitCode, ...]:
        """Every unit that one of the cases complains about."""
        return tuple(dict.fromkeys(unit for case in self.cases for unit in case.accused_units))

    @property
    def concern(self) -> Concern:
        """Whom the line concerns: all that decides who may know of it, as for a case."""
        recused = tuple(dict.fromkeys(person for case in self.cases for person in case.recused))
        return Concern(
            units=(self.lead,) if self.lead else (), accused_units=self.accused_units, recused=recused
        )

    @property
    def unsettled(self) -> tuple[CaseNo, ...]:
        """The cases whose callers have not said that the matter is settled."""
        return tuple(case.case_no for case in self.cases if not case.is_settled)

    @property
    def next_clock(self) -> ProblemClock | None:
        """The obligation that falls due next, of those that have not."""
        waiting = (clock for clock in self.clocks if not clock.missed)
        return min(waiting, key=lambda clock: (clock.due_at, clock.clock_id), default=None)

    @property
    def next_due_at(self) -> datetime | None:
        """The earliest due instant of all that runs, missed or not."""
        return min((clock.due_at for clock in self.clocks), default=None)

    @property
    def is_overdue(self) -> bool:
        """Whether something was missed and is still owed, so that the line stands on the supervisor's list."""
        return any(clock.missed for clock in self.clocks)

    def case(self, number: CaseNo) -> LinkedCase | None:
        """A linked case by its number."""
        return next((case for case in self.cases if case.case_no == number), None)

    def clock(self, clock_id: ClockId) -> ProblemClock | None:
        """A running clock by its id."""
        return next((clock for clock in self.clocks if clock.clock_id == clock_id), None)

"""The state of one case (工单): a frozen value that is the fold of its facts.

Free text and whatever tells who somebody is stay in the vault; the state holds references to them,
codes, instants and counts, so that nothing personal enters Temporal, the ledger or a log.
"""

from datetime import date, datetime, timedelta

from pydantic import AwareDatetime, Field

from hotline.identifiers import CaseNo, ClockId, TextId, UnitCode, UserId
from hotline.model import Message, Record
from hotline.policy import Limit
from hotline.vocabulary import (
    OPEN,
    PHASE_OF,
    AlarmCode,
    Cause,
    Channel,
    ClockKind,
    ContactOutcome,
    DeterminationKind,
    Element,
    EmergencyService,
    EvidenceKind,
    Flag,
    Outcome,
    Phase,
    RequestType,
    Role,
    Status,
    Urgency,
)


class TextRef(Message):
    """A text kept in the vault: its id, a keyed digest that proves it unaltered, its length in characters."""

    text_id: TextId
    digest: str
    chars: int = Field(ge=1)


class EvidenceRef(Message):
    """A piece of evidence (证据): what it shows and when it was made.

    Of an uploaded file (附件) the desk fills in the rest from its row, whatever the sender says; evidence
    without a hash is kept elsewhere, and nobody here has seen it.
    """

    evidence_id: str = Field(min_length=1, max_length=64, pattern=r"^[\w.-]+$")
    kind: EvidenceKind
    made_at: AwareDatetime
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    media_type: str | None = Field(default=None, max_length=100, pattern=r"^[\w.+/-]+$")


class Actor(Message):
    """Who acts: an account, in one role, for one unit (the hotline's own staff have none)."""

    user_id: UserId
    role: Role
    unit: UnitCode | None = None


class Lineage(Message):
    """A unit and the units above it (隶属), the nearest first, as they stood when the unit was named."""

    unit: UnitCode
    above: tuple[UnitCode, ...] = ()

    @property
    def units(self) -> tuple[UnitCode, ...]:
        """The unit and every unit above it."""
        return (self.unit, *self.above)


class Classification(Message):
    """What the request is about, in codes: type, urgency, catalogue entry, area, who is complained about."""

    type: RequestType
    urgency: Urgency = Urgency.NORMAL
    category: str | None = None
    area: str | None = None
    hard: bool = False
    accused_units: tuple[UnitCode, ...] = ()
    emergency: EmergencyService | None = None


class Registration(Message):
    """What a case starts from: everything known at registration, without anything personal."""

    case_no: CaseNo
    registered_at: AwareDatetime
    registered_by: Actor
    channel: Channel
    classification: Classification
    secret: bool = False
    anonymous: bool = False
    has_contact: bool = True
    missing: tuple[Element, ...] = ()
    source_number: str | None = None
    repeat_of: CaseNo | None = None
    occurrence: int = Field(default=1, ge=1)
    policy_revision: str


class AssistTask(Record):
    """One assisting unit (协办) of an assignment and what it delivered."""

    unit: UnitCode
    days: int | None = None
    replied_at: datetime | None = None
    waived_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the lead still waits for this unit."""
        return self.replied_at is None and self.waived_at is None


class Assignment(Record):
    """The dispatch in force (派单): lead unit 主办, assistants 协办, and until when it may be returned."""

    number: int
    lead: UnitCode
    assists: tuple[AssistTask, ...] = ()
    dispatched_at: datetime
    return_until: datetime
    final: bool = False
    signed_at: datetime | None = None
    lineages: tuple[Lineage, ...] = ()

    @property
    def units(self) -> tuple[UnitCode, ...]:
        """The lead unit and every assisting unit."""
        return (self.lead, *(task.unit for task in self.assists))


class UnitReturn(Record):
    """One return (退单) and, once ruled on, whether it was upheld."""

    unit: UnitCode
    returned_at: datetime
    returned_by: UserId
    back_to: Status
    upheld: bool | None = None


class Extension(Record):
    """One request for an extension (延期) of the work clock named by `clock_id`, and its decision."""

    number: int
    clock_id: ClockId
    days: int
    requested_at: datetime
    requested_by: UserId
    approved: bool | None = None
    lapsed: bool = False

    @property
    def is_pending(self) -> bool:
        """Whether somebody still has to decide."""
        return self.approved is None and not self.lapsed


class Suspension(Record):
    """A 挂账: unsolved for now, with an owner, a plan and a next date."""

    number: int
    next_on: date
    suspended_at: datetime
    back_to: Status


class Reply(Record):
    """The unit's reply (办理结果) as it stands for review."""

    unit: UnitCode
    text: TextRef
    submitted_at: datetime
    submitted_by: UserId
    signer: UserId
    evidence: tuple[EvidenceRef, ...]
    cited: bool
    reviewed_by: UserId | None = None
    accepted_at: datetime | None = None


class Determination(Record):
    """A request to end the case by decision; two levels decide (domain.md §4, §12 rule 20)."""

    number: int
    kind: DeterminationKind
    requested_at: datetime
    requested_by: UserId
    first_approved_by: UserId | None = None


class RevisitAttempt(Record):
    """One attempt (回访尝试) to reach the citizen."""

    at: datetime
    by: UserId
    outcome: ContactOutcome


class Answer(Record):
    """What the citizen says of the reply: contacted, solved, truthful, satisfaction 1–5 (domain.md §5)."""

    contacted: bool
    solved: bool
    truthful: bool
    satisfaction: int
    second: bool = False

    @property
    def contradicts_reply(self) -> bool:
        """Whether the citizen says the reply is not true (domain.md §12 rule 19)."""
        return not (self.contacted and self.truthful)

    @property
    def is_favourable(self) -> bool:
        """Whether the case may end on this: solved, truthful and at least basically satisfied."""
        return self.solved and not self.contradicts_reply and self.satisfaction >= 3


class RevisitResult(Answer):
    """An answer with when it was recorded and by whom."""

    at: datetime
    by: UserId


class Alarm(Record):
    """One instant at which a clock speaks; `is_due` marks the one at the due instant itself."""

    code: AlarmCode
    at: datetime
    is_due: bool = False


class Adjustment(Record):
    """One entry of a clock's budget: an extension of so many working days, or a pause that has ended."""

    extended_by: int = 0
    paused_at: datetime | None = None
    resumed_at: datetime | None = None


class Schedule(Record):
    """When a clock is due and what it will announce, computed once and stored with its reasons.

    It follows from a budget (`limit`, counted from `counted_from_at`) and the adjustments to it; it is
    never recomputed by newer code, only replaced by a recorded extension, pause or policy revision.
    """

    limit: Limit
    counted_from_at: datetime
    adjustments: tuple[Adjustment, ...] = ()
    due_at: datetime
    provisional: bool = False
    because: tuple[str, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    algorithm: str
    policy_revision: str
    calendar_revision: str


class Clock(Record):
    """A running obligation (时限): who must act, by when and why, and what it has announced already."""

    clock_id: ClockId
    kind: ClockKind
    holder: UnitCode
    started_at: datetime
    schedule: Schedule
    fired: tuple[AlarmCode, ...] = ()
    held_at: datetime | None = None

    @property
    def due_at(self) -> datetime:
        """The due instant in force."""
        return self.schedule.due_at

    @property
    def next_alarm(self) -> Alarm | None:
        """The alarm that must fire next; while the clock is held, only one that was due before the pause."""
        waiting = (
            alarm
            for alarm in self.schedule.alarms
            if alarm.code not in self.fired and (self.held_at is None or alarm.at <= self.held_at)
        )
        return min(waiting, key=lambda alarm: alarm.at, default=None)


class Holding(Record):
    """One line of the holding ledger (时长台账): a unit, a cause, and how long in all."""

    holder: UnitCode
    cause: Cause
    held_for: timedelta


class Possession(Record):
    """Who holds the case now, why, and since when."""

    holder: UnitCode
    cause: Cause
    since: datetime


class Concern(Record):
    """Whom a case concerns (涉及): all that decides who may know of it (hotline/visibility.py)."""

    units: tuple[UnitCode, ...] = ()
    accused_units: tuple[UnitCode, ...] = ()
    recused: tuple[UserId, ...] = ()


class CaseState(Record):
    """Everything the rules need to know about one case. `version` is the number of its last fact."""

    case_no: CaseNo
    version: int = 0
    status: Status
    outcome: Outcome | None = None
    policy_revision: str
    registered_at: datetime
    registered_by: UserId
    channel: Channel
    classification: Classification
    secret: bool = False
    has_contact: bool = True
    missing: tuple[Element, ...] = ()
    detail_requests: int = 0
    triaged: int = 0
    repeat_of: CaseNo | None = None
    occurrence: int = 1
    joined_to: CaseNo | None = None
    members: tuple[CaseNo, ...] = ()
    accused_by_members: tuple[UnitCode, ...] = ()
    recused: tuple[UserId, ...] = ()

    assignment: Assignment | None = None
    assignments: int = 0
    returns: tuple[UnitReturn, ...] = ()
    joint_reviews: int = 0
    round: int = 0
    round_started_at: datetime | None = None
    contacted: bool = False
    contact_attempts: int = 0
    contacted_by: tuple[UserId, ...] = ()
    extensions: tuple[Extension, ...] = ()
    suspension: Suspension | None = None
    suspensions: int = 0
    determination: Determination | None = None
    determinations: int = 0
    reply: Reply | None = None
    replies: int = 0
    attempts: tuple[RevisitAttempt, ...] = ()
    revisits: tuple[RevisitResult, ...] = ()
    rating: int | None = None
    reopened: int = 0
    replied_to_citizen_at: datetime | None = None
    closed_at: datetime | None = None
    entered_at: datetime
    flags: frozenset[Flag] = frozenset()

    clocks: tuple[Clock, ...] = ()
    possession: Possession | None = None
    holdings: tuple[Holding, ...] = ()

    @property
    def phase(self) -> Phase:
        """The phase that the status belongs to; it follows from the status and is never stored."""
        return PHASE_OF[self.status]

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes the citizen something."""
        return self.status in OPEN

    @property
    def units(self) -> tuple[UnitCode, ...]:
        """The units that act on this case: lead and assistants of the dispatch in force."""
        return self.assignment.units if self.assignment else ()

    @property
    def concern(self) -> Concern:
        """Whom the case concerns now."""
        return Concern(
            units=self.units, accused_units=self.classification.accused_units, recused=self.recused
        )

    @property
    def references(self) -> tuple[CaseNo, ...]:
        """The other cases that this one names, which not everybody who may see it may know of."""
        linked = (self.repeat_of, self.joined_to, *self.members)
        return tuple(number for number in linked if number is not None)

    @property
    def next_alarm(self) -> tuple[Clock, Alarm] | None:
        """The earliest alarm of all clocks, with its clock."""
        waiting = [(alarm, clock) for clock in self.clocks if (alarm := clock.next_alarm)]
        if not waiting:
            return None
        alarm, clock = min(waiting, key=lambda pair: (pair[0].at, pair[1].clock_id, pair[0].code))
        return clock, alarm

    @property
    def next_due_at(self) -> datetime | None:
        """When the next running obligation is due, for receipts and lists."""
        return min((clock.due_at for clock in self.clocks if clock.held_at is None), default=None)

    @property
    def pending_extension(self) -> Extension | None:
        """The extension that somebody still has to decide."""
        return next((extension for extension in self.extensions if extension.is_pending), None)

    def clock(self, clock_id: str) -> Clock | None:
        """The running clock of that id."""
        return next((clock for clock in self.clocks if clock.clock_id == clock_id), None)

"""The state of one case (工单): a frozen value that is the fold of its facts.

Free text and whatever tells who somebody is stay in the vault; the state holds references to them,
codes, instants and counts, so that nothing personal enters Temporal, the ledger or a log.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, Field

from hotline.identifiers import HOTLINE, CaseNo, ClockId, JointNo, MeasureNo, TextId, UnitCode, UserId
from hotline.model import Message, Record
from hotline.policy import Limit
from hotline.vocabulary import (
    BURDENING,
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
    ExclusionGround,
    Flag,
    Indicator,
    JointParty,
    MeasureKind,
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
    signed_by: UserId | None = None
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


class ExclusionRequest(Record):
    """A request to leave the case out of the rates (剔除申请); two levels decide (domain.md §12 rule 20).

    Of `indicators` none means all.
    """

    number: int
    ground: ExclusionGround
    indicators: tuple[Indicator, ...] = ()
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


_LADDER: Final = tuple(AlarmCode)


def _place(code: AlarmCode) -> int:
    return _LADDER.index(code)


class Clock(Record):
    """A running obligation (时限): who must act, by when and why, and what it has announced already."""

    clock_id: ClockId
    kind: ClockKind
    holder: UnitCode
    started_at: datetime
    schedule: Schedule
    fired: tuple[AlarmCode, ...] = ()
    skipped: tuple[AlarmCode, ...] = ()
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
            if self.awaits(alarm) and (self.held_at is None or alarm.at <= self.held_at)
        )
        return min(waiting, key=lambda alarm: alarm.at, default=None)

    def awaits(self, alarm: Alarm) -> bool:
        """Whether an alarm may still fire. A clock climbs: what burdens less than what fired is past, though a later policy may name it (rule 16)."""
        if alarm.code in self.fired or alarm.code in self.skipped:
            return False
        return alarm.code not in BURDENING or all(_place(alarm.code) > _place(code) for code in self.fired)


class Measure(Record):
    """One measure of supervision (督办措施) on a unit, as far as a rule still asks about it.

    An order waits for an answer until one is accepted or it has lapsed, a listing until the case is taken off the
    list; a card or a deduction has its points, and a deduction comes from no rung. Every measure can be appealed
    until `appeal_until`; an appeal that was upheld reverses it. `proposed_by` is who wrote the public text that
    waits for another's approval.
    """

    number: MeasureNo
    kind: MeasureKind
    rung: AlarmCode | None
    unit: UnitCode
    person: UserId | None = None
    issued_at: datetime
    issued_by: UserId
    unit_points: int = 0
    person_points: int = 0
    appeal_until: datetime
    answered_at: datetime | None = None
    answered_by: UserId | None = None
    answers_returned: int = 0
    settled: bool = False
    appealed_at: datetime | None = None
    appealed_by: UserId | None = None
    appeal_upheld: bool | None = None
    proposed_by: UserId | None = None
    due_on: date | None = None

    @property
    def awaits_answer(self) -> bool:
        """Whether the unit owes an answer to this order."""
        return self.is_open_order and self.answered_at is None

    @property
    def is_open_order(self) -> bool:
        """Whether this is an order whose answer has not been accepted, and that still stands."""
        return self.kind is MeasureKind.ORDER and not self.settled

    @property
    def is_open_listing(self) -> bool:
        """Whether the case is on the list (挂牌) because of this, and has not been taken off."""
        return self.kind is MeasureKind.LISTING and not self.settled

    @property
    def is_open_task(self) -> bool:
        """Whether the unit still has to do something, and the measure lapses with its work on the case."""
        return self.is_open_order or self.is_open_listing

    @property
    def appeal_is_pending(self) -> bool:
        """Whether somebody has to decide on an appeal."""
        return self.appealed_at is not None and self.appeal_upheld is None

    def may_be_appealed_at(self, at: datetime) -> bool:
        """Whether the unit may still appeal, which it may once."""
        return self.appealed_at is None and at <= self.appeal_until

    def matters_at(self, at: datetime) -> bool:
        """Whether any rule may still ask about it."""
        waits = self.is_open_task or self.appeal_is_pending or self.proposed_by
        return bool(waits) or self.may_be_appealed_at(at)


class JointAction(Record):
    """One part of a joint supervision (联动事项): which party does it, who answers for it, and by when."""

    action: int
    party: JointParty
    unit: UnitCode | None = None
    person: UserId
    due_on: date
    added_at: datetime
    done_at: datetime | None = None


class JointSupervision(Record):
    """A joint supervision (室组地联动) that has not been closed, with what its parties have to do."""

    number: JointNo
    started_at: datetime
    started_by: UserId
    actions: tuple[JointAction, ...] = ()
    added: int = 0

    def action(self, action: int) -> JointAction | None:
        """The part of that number, if it was not dropped."""
        return next((entry for entry in self.actions if entry.action == action), None)


def burdens(code: AlarmCode, holder: UnitCode) -> bool:
    """Whether a rung burdens a unit; at the hotline's own desks a rung only reminds."""
    return code in BURDENING and holder != HOTLINE


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

    measures: tuple[Measure, ...] = ()
    measures_issued: Mapping[MeasureKind, int] = Field(default_factory=dict)
    in_charge: UserId | None = None
    joint: JointSupervision | None = None
    joints: int = 0
    exclusion: ExclusionRequest | None = None
    exclusions: int = 0
    next_burden_at: datetime | None = None

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
        """The earliest alarm of all clocks, with its clock, at the instant at which it may fire."""
        waiting = [(alarm, clock) for clock in self.clocks if (alarm := self.next_alarm_of(clock))]
        if not waiting:
            return None
        alarm, clock = min(waiting, key=lambda pair: (pair[0].at, pair[1].clock_id, pair[0].code))
        return clock, alarm

    def next_alarm_of(self, clock: Clock) -> Alarm | None:
        """A clock's next alarm at the instant at which it may fire: one rung burdens a unit on one working day.

        A second one of the same day waits for the next; the clock's own schedule keeps the true instant.
        """
        alarm, free_at = clock.next_alarm, self.next_burden_at
        waits = alarm and free_at and alarm.at < free_at and burdens(alarm.code, clock.holder)
        return alarm.model_copy(update={"at": free_at}) if alarm and waits else alarm

    def measure(self, number: str) -> Measure | None:
        """The measure of that number, as long as a rule may ask about it."""
        return next((measure for measure in self.measures if measure.number == number), None)

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

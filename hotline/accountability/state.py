"""The state of an accountability file (案卷): a frozen value that is the fold of its facts.

Names and texts are references into the vault, people are opaque ids; even so nobody outside the discipline
body may learn that a file exists (hotline/accountability/secrecy.py).
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from hotline.accountability.measures import AnyMeasure, Effect
from hotline.accountability.policy import Span
from hotline.accountability.vocabulary import (
    PERIODS,
    ClueSource,
    Disposal,
    DossierAlarm,
    DossierClockKind,
    DossierStage,
    InquiryForm,
    Instrument,
    Level,
    Matter,
    Opinion,
    Organ,
    PublicationScope,
    Remedy,
    RemedyOutcome,
    ToleranceRuling,
)
from hotline.case import TextRef
from hotline.identifiers import CaseNo, ClockId, DossierNo, PersonId, UnitCode, UserId
from hotline.model import Message, Record

Article = Annotated[str, Field(min_length=1, max_length=40)]


class Officer(Message):
    """办案人员: who acts, at which level, for which body.

    `unit` is the unit that somebody belongs to, if any; `supervises` the units of a stationed group 派驻组, or
    None for the discipline body itself, which supervises all.
    """

    user_id: UserId
    level: Level
    unit: UnitCode | None = None
    supervises: tuple[UnitCode, ...] | None = None


class PositionHeld(Message):
    """任职: the position somebody held when it happened, which a later transfer does not change (终身问责)."""

    unit: UnitCode
    title: TextRef
    leads_unit: bool = False


class PersonSubject(Message):
    """被反映人 or 责任人: an opaque id, the position held then, and what decides which family may apply.

    `account` is set if the person has one here, so that the file is kept from them.
    """

    kind: Literal["person"] = "person"
    person: PersonId = Field(min_length=4, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
    position: PositionHeld
    account: UserId | None = None
    party_member: bool = False
    public_official: bool = True
    village_staff: bool = False
    retired: bool = False


class OrganisationSubject(Message):
    """责任单位: a Party organisation or a unit."""

    kind: Literal["organisation"] = "organisation"
    unit: UnitCode


Subject = Annotated[PersonSubject | OrganisationSubject, Field(discriminator="kind")]


def unit_of(subject: PersonSubject | OrganisationSubject) -> UnitCode:
    """The unit that a subject stands for, or belonged to."""
    return subject.position.unit if isinstance(subject, PersonSubject) else subject.unit


class ClueRegistration(Message):
    """线索登记: what a dossier starts from. `cases` are the hotline's cases that it came from.

    `reference` is how those cases speak of the dossier: drawn by lot, so that it tells nobody the number.
    """

    dossier_no: DossierNo
    registered_at: AwareDatetime
    registered_by: Officer
    source: ClueSource
    cases: tuple[CaseNo, ...] = ()
    subjects: tuple[Subject, ...] = Field(min_length=1)
    summary: TextRef
    policy_revision: str
    reference: str = ""


class LegalBasis(Message):
    """处理依据: an instrument and its article, such as 39(1)."""

    instrument: Instrument
    article: Article


class Tolerance(Message):
    """容错: whether the three distinctions 三个区分开来 speak for no, a reduced or an exempted measure, and why."""

    ruling: ToleranceRuling
    reason: TextRef


class DecisionDraft(Message):
    """处理建议: everything that a decision must say (政务处分法 art. 45, domain.md §12 rule 24)."""

    subject: Subject
    facts: TextRef
    bases: tuple[LegalBasis, ...] = Field(min_length=1)
    organ: Organ
    measure: AnyMeasure
    tolerance: Tolerance
    running_until: date | None = None


# ── what is proposed and approved 审批事项 ───────────────────────────────────────────────────────


class Plan(Record):
    """处置方案."""

    matter: Literal[Matter.PLAN] = Matter.PLAN
    disposal: Disposal


class Conclusion(Record):
    """处置意见 with its report."""

    matter: Literal[Matter.CONCLUSION] = Matter.CONCLUSION
    opinion: Opinion
    report: TextRef


class Opening(Record):
    """立案 with the team that is to investigate."""

    matter: Literal[Matter.OPENING] = Matter.OPENING
    team: tuple[UserId, ...]


class Sanctioning(Record):
    """处理决定, by its number in the dossier."""

    matter: Literal[Matter.DECISION] = Matter.DECISION
    decision: int


class Advice(Record):
    """纪检监察建议书 to a unit."""

    matter: Literal[Matter.RECOMMENDATION] = Matter.RECOMMENDATION
    unit: UnitCode
    text: TextRef


class Publicity(Record):
    """通报 of a decision, in the desensitised words that will be read."""

    matter: Literal[Matter.PUBLICATION] = Matter.PUBLICATION
    decision: int
    scope: PublicationScope
    text: TextRef


class Clearing(Record):
    """澄清正名 after an accusation that proved untrue."""

    matter: Literal[Matter.CLARIFICATION] = Matter.CLARIFICATION
    subject: int
    scope: PublicationScope
    text: TextRef


Substance = Annotated[
    Plan | Conclusion | Opening | Sanctioning | Advice | Publicity | Clearing,
    Field(discriminator="matter"),
]


class Endorsement(Record):
    """One step of an approval."""

    level: Level
    by: UserId
    at: datetime


class Proposal(Record):
    """送审: a matter, who proposed it, which levels approve it in turn, and which have."""

    number: int
    substance: Substance
    proposed_by: UserId
    chain: tuple[Level, ...]
    endorsements: tuple[Endorsement, ...] = ()

    @property
    def next_level(self) -> Level:
        """The level whose turn it is."""
        return self.chain[len(self.endorsements)]

    @property
    def signers(self) -> tuple[UserId, ...]:
        """Everybody who has had a part in it."""
        return (self.proposed_by, *(step.by for step in self.endorsements))


# ── what happens in a dossier ───────────────────────────────────────────────────────────────────


class Inquiry(Record):
    """谈话函询: one talk or letter, and the answer."""

    number: int
    form: InquiryForm
    subject: int
    sent_at: datetime
    answered_at: datetime | None = None


class Hearing(Record):
    """听取陈述申辩: the facts and grounds were told, and what was said is kept (政务处分法 art. 43)."""

    measure: AnyMeasure
    heard_at: datetime
    by: tuple[UserId, ...]
    statement: TextRef | None


class Appeal(Record):
    """One remedy that was asked for, and its decision."""

    number: int
    remedy: Remedy
    filed_at: datetime
    decided_within: Span
    outcome: RemedyOutcome | None = None
    decided_at: datetime | None = None


class Decision(Record):
    """处理决定 from proposal to the end of its effect."""

    number: int
    draft: DecisionDraft
    proposed_by: UserId
    hearing: Hearing | None = None
    withdrawn: bool = False
    approved_by: tuple[UserId, ...] = ()
    decided_at: datetime | None = None
    effect: Effect | None = None
    effect_ended_at: datetime | None = None
    probation_extended: bool = False
    served_at: datetime | None = None
    executed_at: datetime | None = None
    acknowledged_at: datetime | None = None
    appeals: tuple[Appeal, ...] = ()
    revoked_at: datetime | None = None

    @property
    def officers(self) -> tuple[UserId, ...]:
        """Everybody who had a part in it, and so may not decide on a remedy against it."""
        return (self.proposed_by, *self.approved_by, *(self.hearing.by if self.hearing else ()))

    @property
    def stands(self) -> bool:
        """Whether it was made and not revoked."""
        return self.decided_at is not None and self.revoked_at is None

    @property
    def pending_appeal(self) -> Appeal | None:
        """The remedy that waits for its decision."""
        return next((appeal for appeal in self.appeals if appeal.decided_at is None), None)

    @property
    def is_running(self) -> bool:
        """Whether its effect will end some day and has not ended yet."""
        return (
            self.stands
            and self.effect is not None
            and self.effect.until_on is not None
            and self.effect_ended_at is None
        )

    def bars_promotion_on(self, day: date) -> bool:
        """影响期内: whether it keeps the person from being put forward for promotion on a day."""
        return self.stands and self.effect is not None and self.effect.covers(day)


class Recommendation(Record):
    """纪检监察建议书: to whom, by when answered, and whether the look-back found it done."""

    number: int
    unit: UnitCode
    asked_at: datetime
    extended: bool = False
    replied_at: datetime | None = None
    look_backs: int = 0
    holds: bool = False


class Rectification(Record):
    """以案促改: what a unit has to put right after the matter, and by which day."""

    number: int
    unit: UnitCode
    ordered_at: datetime
    due_on: date
    done_at: datetime | None = None


class Notice(Record):
    """通报: what was approved for publication, and when it was published."""

    number: int
    decision: int
    scope: PublicationScope
    text: TextRef
    approved_by: tuple[UserId, ...]
    published_at: datetime | None = None


class DossierClock(Record):
    """A running limit or period: what it is, when it is due and why, and what it has announced."""

    clock_id: ClockId
    kind: DossierClockKind
    started_at: datetime
    due_at: datetime
    because: tuple[str, ...]
    alarms: tuple[tuple[DossierAlarm, datetime], ...]
    fired: tuple[DossierAlarm, ...] = ()

    @property
    def is_limit(self) -> bool:
        """Whether somebody can be late for it; a period ends by itself, and something follows."""
        return self.kind not in PERIODS

    @property
    def next_alarm(self) -> tuple[DossierAlarm, datetime] | None:
        """The alarm that must fire next."""
        waiting = [pair for pair in self.alarms if pair[0] not in self.fired]
        return min(waiting, key=lambda pair: pair[1], default=None)


class DossierState(Record):
    """Everything the rules need to know about one accountability file."""

    dossier_no: DossierNo
    version: int = 0
    stage: DossierStage
    policy_revision: str
    registered_at: datetime
    registered_by: UserId
    source: ClueSource
    cases: tuple[CaseNo, ...] = ()
    subjects: tuple[Subject, ...]
    summary: TextRef
    reference: str = ""
    recused: tuple[UserId, ...] = ()
    team: tuple[UserId, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    proposed: int = 0
    inquiries: tuple[Inquiry, ...] = ()
    investigated: bool = False
    decisions: tuple[Decision, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    rectifications: tuple[Rectification, ...] = ()
    notices: tuple[Notice, ...] = ()
    cleared: tuple[int, ...] = ()
    clocks: tuple[DossierClock, ...] = ()
    entered_at: datetime
    entries: int = 1
    closed_at: datetime | None = None

    @property
    def units(self) -> tuple[UnitCode, ...]:
        """The units that the subjects stand for or belonged to."""
        return tuple(dict.fromkeys(unit_of(subject) for subject in self.subjects))

    def proposal(self, matter: Matter) -> Proposal | None:
        """The first matter of a kind that waits for approval."""
        return next((entry for entry in self.proposals if entry.substance.matter is matter), None)

    def clock(self, clock_id: str) -> DossierClock | None:
        """The running clock of that id."""
        return next((clock for clock in self.clocks if clock.clock_id == clock_id), None)

    @property
    def next_alarm(self) -> tuple[DossierClock, DossierAlarm, datetime] | None:
        """The earliest alarm of all clocks, with its clock."""
        waiting = [(clock, *alarm) for clock in self.clocks if (alarm := clock.next_alarm)]
        return min(waiting, key=lambda entry: (entry[2], entry[0].clock_id), default=None)

    @property
    def next_due_at(self) -> datetime | None:
        """When the next limit or period ends."""
        return min((clock.due_at for clock in self.clocks), default=None)

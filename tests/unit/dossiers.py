"""Lives of accountability files in the pure domain: officers, builders, and `Dossier`, to which things happen."""

from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from fixtures.cases import TEXT

from hotline.accountability import commands as c
from hotline.accountability.decide import DossierContext, decide, register
from hotline.accountability.evolve import evolve, replay
from hotline.accountability.facts import DossierFact
from hotline.accountability.measures import (
    AdministrativeDiscipline,
    FirstForm,
    Measure,
    PartyDiscipline,
)
from hotline.accountability.policy import DossierPolicy, default_dossier_policy
from hotline.accountability.rules.base import SYSTEM_OFFICER
from hotline.accountability.state import (
    ClueRegistration,
    Decision,
    DecisionDraft,
    DossierClock,
    DossierState,
    LegalBasis,
    Officer,
    PersonSubject,
    PositionHeld,
    Tolerance,
)
from hotline.accountability.vocabulary import (
    AdministrativeSanction,
    ClueSource,
    Disposal,
    DossierClockKind,
    Family,
    FirstFormMeasure,
    Instrument,
    Level,
    Opinion,
    Organ,
    PartySanction,
    ToleranceRuling,
)
from hotline.identifiers import CommandId, DossierNo, PersonId, UnitCode, UserId
from hotline.refusals import Refusal
from unit.lives import at, shown

POLICY = default_dossier_policy()
NUMBER = DossierNo("WZ2026000001")
UNIT = UnitCode("chengguan")
MONDAY_MORNING = at("2026-03-02 09:00")


def officer(user_id: str, level: Level, **fields: Any) -> Officer:
    return Officer(user_id=UserId(user_id), level=level, **fields)


FIRST = officer("officer-1", Level.OFFICER)
SECOND = officer("officer-2", Level.OFFICER)
TRIER = officer("officer-3", Level.OFFICER)
SECTION = officer("section-1", Level.SECTION)
DEPUTY = officer("deputy-1", Level.DEPUTY)
OTHER_DEPUTY = officer("deputy-2", Level.DEPUTY)
PRINCIPAL = officer("principal-1", Level.PRINCIPAL)
SUPERIOR = officer("superior-1", Level.SUPERIOR)
BY_LEVEL = {Level.SECTION: SECTION, Level.DEPUTY: DEPUTY, Level.PRINCIPAL: PRINCIPAL}
TEAM = (FIRST.user_id, SECOND.user_id)
BOTH = (TRIER.user_id, SECOND.user_id)

PERSON = PersonSubject(
    person=PersonId("p-0001"),
    position=PositionHeld(unit=UNIT, title=TEXT),
    account=UserId("head-1"),
    party_member=True,
)

DEMERIT = AdministrativeDiscipline(sanction=AdministrativeSanction.DEMERIT)
DISMISSAL = AdministrativeDiscipline(sanction=AdministrativeSanction.DISMISSAL)
PARTY_WARNING = PartyDiscipline(sanction=PartySanction.WARNING)
CRITICISM = FirstForm(form=FirstFormMeasure.CRITICISM)

BASIS = {
    Family.FIRST_FORM: Instrument.SANCTIONS_LAW,
    Family.ORGANISATION: Instrument.PARTY_ACCOUNTABILITY,
    Family.LEADING_CADRE: Instrument.PARTY_ACCOUNTABILITY,
    Family.PARTY: Instrument.PARTY_DISCIPLINE,
    Family.ADMINISTRATIVE: Instrument.SANCTIONS_LAW,
    Family.POSTING: Instrument.CADRE_POSTING,
    Family.TRANSFER: Instrument.SUPERVISION_LAW,
}


def draft(measure: Measure = DEMERIT, **fields: Any) -> DecisionDraft:
    """A draft that fits its family in every part; a test changes what it is about."""
    is_state = measure.family in {Family.ADMINISTRATIVE, Family.TRANSFER}
    fitting: dict[str, Any] = {
        "subject": PERSON,
        "facts": TEXT,
        "bases": (LegalBasis(instrument=BASIS[measure.family], article="39(1)"),),
        "organ": Organ.SUPERVISORY if is_state else Organ.PARTY,
        "measure": measure,
        "tolerance": Tolerance(ruling=ToleranceRuling.NONE, reason=TEXT),
    }
    return DecisionDraft(**{**fitting, **fields})


Body = TypeVar("Body")


class Dossier:
    """One accountability file, the time it is there, and everything that happened to it."""

    def __init__(self, policy: DossierPolicy = POLICY, **fields: Any) -> None:
        entry: dict[str, Any] = {
            "dossier_no": NUMBER,
            "registered_at": MONDAY_MORNING,
            "registered_by": FIRST,
            "source": ClueSource.FALSE_CLOSING,
            "subjects": (PERSON,),
            "summary": TEXT,
            "policy_revision": policy.revision,
        }
        registration = ClueRegistration(**{**entry, **fields})
        self.policy = policy
        self.now = registration.registered_at
        self.issued = 0
        self.facts = list(register(registration, self.context(registration.registered_by)))
        self.state: DossierState = replay(self.facts)

    def context(self, by: Officer) -> DossierContext:
        command_id = CommandId(f"command-{self.issued:06}")
        return DossierContext(now=self.now, officer=by, command_id=command_id, policy=self.policy)

    def do(self, command: c.DossierCommand, by: Officer = FIRST) -> tuple[DossierFact, ...]:
        facts = decide(self.state, command, self.context(by))
        self.issued += 1
        for fact in facts:
            self.state = evolve(self.state, fact)
        self.facts.extend(facts)
        return facts

    def then(self, command: c.DossierCommand, by: Officer = FIRST) -> Self:
        self.do(command, by)
        return self

    def refusal(self, command: c.DossierCommand, by: Officer = FIRST) -> str | None:
        try:
            decide(self.state, command, self.context(by))
        except Refusal as refusal:
            return refusal.code
        return None

    def approve(self) -> Self:
        """Let every level approve the last matter that was proposed."""
        proposal = self.state.proposals[-1]
        for level in proposal.chain:
            ruling = c.RuleOnProposal(proposal=proposal.number, approved=True, opinion=TEXT)
            self.do(ruling, BY_LEVEL[level])
        return self

    def sleep_until(self, moment: datetime) -> Self:
        """Let time pass as with a worker at hand: each alarm fires at its own instant."""
        while (waiting := self.state.next_alarm) and waiting[2] <= moment:
            clock, alarm, due_at = waiting
            self.now = max(self.now, due_at)
            self.do(c.DossierClockDue(clock_id=clock.clock_id, alarm=alarm), SYSTEM_OFFICER)
        self.now = max(self.now, moment)
        return self

    def sleep(self, span_for: timedelta) -> Self:
        return self.sleep_until(self.now + span_for)

    def clock(self, kind: DossierClockKind) -> DossierClock:
        return next(clock for clock in self.state.clocks if clock.kind is kind)

    def due(self, kind: DossierClockKind) -> str:
        return shown(self.clock(kind).due_at)

    def kinds(self) -> set[DossierClockKind]:
        return {clock.kind for clock in self.state.clocks}

    def all_of(self, body: type[Body]) -> list[Body]:
        return [fact.body for fact in self.facts if isinstance(fact.body, body)]

    @property
    def decision(self) -> Decision:
        """The last decision."""
        return self.state.decisions[-1]


# ── stages ──────────────────────────────────────────────────────────────────────────────────────


def planned(disposal: Disposal, **fields: Any) -> Dossier:
    life = Dossier(**fields).then(c.PlanDisposal(disposal=disposal, reason=TEXT))
    return life.approve()


def verifying(**fields: Any) -> Dossier:
    return planned(Disposal.VERIFICATION, **fields).then(c.AppointTeam(team=TEAM), DEPUTY)


def concluded(life: Dossier, opinion: Opinion) -> Dossier:
    return life.then(c.SubmitConclusion(opinion=opinion, report=TEXT, signers=TEAM)).approve()


def investigating(**fields: Any) -> Dossier:
    life = concluded(verifying(**fields), Opinion.INVESTIGATE)
    return life.then(c.OpenInvestigation(team=TEAM, reason=TEXT)).approve()


def deciding(**fields: Any) -> Dossier:
    return concluded(investigating(**fields), Opinion.DECIDE)


def proposed(measure: Measure = DEMERIT, life: Dossier | None = None, **fields: Any) -> Dossier:
    return (life or deciding()).then(c.ProposeDecision(draft=draft(measure, **fields)), TRIER)


def heard(measure: Measure = DEMERIT, life: Dossier | None = None, **fields: Any) -> Dossier:
    life = proposed(measure, life, **fields)
    hearing = c.HearDefence(decision=life.decision.number, told=TEXT, statement=TEXT, officers=BOTH)
    return life.then(hearing, TRIER)


def decided(measure: Measure = DEMERIT, life: Dossier | None = None, **fields: Any) -> Dossier:
    return heard(measure, life, **fields).approve()


def served(measure: Measure = DEMERIT, life: Dossier | None = None, **fields: Any) -> Dossier:
    life = decided(measure, life, **fields)
    return life.then(c.ServeDecision(decision=life.decision.number, record=TEXT))


def closed(measure: Measure = DEMERIT, **fields: Any) -> Dossier:
    life = served(measure, **fields)
    life.then(c.ReportExecution(decision=life.decision.number, report=TEXT))
    return life.then(c.CloseDossier(summary=TEXT))

"""追责问责: dossiers from clue to the end of effect, told as lives; every refusal beside its success."""

from datetime import date, timedelta
from typing import Any, get_args

import pytest
from fixtures.cases import TEXT
from pydantic import ValidationError

from hotline.accountability import commands as c
from hotline.accountability import facts as f
from hotline.accountability.actions import awaiting, next_actions
from hotline.accountability.decide import RULES, require_version
from hotline.accountability.evolve import replay
from hotline.accountability.measures import (
    AdministrativeDiscipline,
    FirstForm,
    HandOver,
    LeadingCadreAccountability,
    Measure,
    OrganisationAccountability,
    PartyDiscipline,
    Posting,
    codes_of,
    effect_of,
    is_heavier,
)
from hotline.accountability.policy import Span, months_after, parse_dossier_policy
from hotline.accountability.remedies import remedies_of
from hotline.accountability.rules.base import SYSTEM_OFFICER
from hotline.accountability.state import (
    LegalBasis,
    OrganisationSubject,
    PersonSubject,
    PositionHeld,
    Tolerance,
)
from hotline.accountability.vocabulary import (
    AdministrativeSanction,
    ClueSource,
    Disposal,
    DossierAlarm,
    DossierClockKind,
    DossierStage,
    Family,
    FirstFormMeasure,
    InquiryForm,
    Instrument,
    LeadingCadreMeasure,
    Level,
    Matter,
    Opinion,
    Organ,
    OrganisationMeasure,
    PartySanction,
    PostingMeasure,
    PublicationScope,
    Receiver,
    Remedy,
    RemedyOutcome,
    ToleranceRuling,
)
from hotline.calendar import default_calendar
from hotline.identifiers import (
    UnitCode,
    UserId,
    decision_no,
    dossier_no,
    dossier_workflow_id,
    is_dossier_no,
    recommendation_no,
)
from hotline.refusals import NotPermitted, StaleVersion
from unit.dossiers import (
    BOTH,
    CRITICISM,
    DEMERIT,
    DEPUTY,
    DISMISSAL,
    FIRST,
    NUMBER,
    OTHER_DEPUTY,
    PARTY_WARNING,
    PERSON,
    POLICY,
    PRINCIPAL,
    SECOND,
    SECTION,
    SUPERIOR,
    TEAM,
    TRIER,
    UNIT,
    Dossier,
    closed,
    concluded,
    decided,
    deciding,
    draft,
    heard,
    investigating,
    officer,
    planned,
    proposed,
    served,
    verifying,
)
from unit.lives import at

APPROVED = c.RuleOnProposal(proposal=1, approved=True, opinion=TEXT)
HEARING = c.HearDefence(decision=1, told=TEXT, officers=BOTH)
SERVE = c.ServeDecision(decision=1, record=TEXT)


def plan(disposal: Disposal = Disposal.TALK) -> c.PlanDisposal:
    return c.PlanDisposal(disposal=disposal, reason=TEXT)


def conclusion(opinion: Opinion, signers: tuple[UserId, ...] = TEAM) -> c.SubmitConclusion:
    return c.SubmitConclusion(opinion=opinion, report=TEXT, signers=signers)


def changed(**fields: Any) -> PersonSubject:
    return PERSON.model_copy(update=fields)


# ── numbering and rules ─────────────────────────────────────────────────────────────────────────


def test_numbers_are_derived_from_the_dossiers() -> None:
    number = dossier_no(at("2027-01-01 00:30"), 7)
    assert number == "WZ2027000007"
    assert is_dossier_no(number)
    assert not is_dossier_no("WZ202700007")
    assert decision_no(number, 1) == "WZ2027000007-JD01"
    assert recommendation_no(number, 2) == "WZ2027000007-JY02"
    assert dossier_workflow_id(number) == "accountability:WZ2027000007"


def test_every_command_has_a_rule() -> None:
    assert set(RULES) == set(get_args(c.DossierCommand))


# ── clue, plan and approval ─────────────────────────────────────────────────────────────────────


def test_plan_is_due_in_thirty_days_with_yellow_three_days_before_and_red_after() -> None:
    life = Dossier()
    assert life.due(DossierClockKind.PLAN) == "2026-04-01 18:00"
    life.sleep(timedelta(days=40))
    fired = life.all_of(f.DossierClockFired)
    assert [body.alarm for body in fired] == [DossierAlarm.YELLOW, DossierAlarm.RED]
    assert fired[1].due_at - fired[0].due_at == timedelta(days=3)


@pytest.mark.parametrize(
    ("disposal", "stage"),
    [
        (Disposal.TALK, DossierStage.TALK),
        (Disposal.VERIFICATION, DossierStage.VERIFICATION),
        (Disposal.HOLD, DossierStage.HELD),
        (Disposal.SETTLE, DossierStage.SETTLED),
    ],
)
def test_each_disposal_leads_to_its_stage_once_every_level_approved(
    disposal: Disposal, stage: DossierStage
) -> None:
    life = Dossier().then(plan(disposal))
    assert life.state.proposals[0].chain == (Level.SECTION, Level.DEPUTY)
    assert life.then(APPROVED, SECTION).state.stage is DossierStage.AWAITING_PLAN
    assert life.then(APPROVED, DEPUTY).state.stage is stage


def test_levels_approve_in_their_order() -> None:
    life = Dossier().then(plan())
    assert life.refusal(APPROVED, DEPUTY) == "level_not_next"
    assert life.refusal(APPROVED, FIRST) == "level_not_permitted"
    assert life.refusal(APPROVED, SECTION) is None


def test_proposer_never_approves() -> None:
    life = Dossier().then(plan(), SECTION)
    assert life.refusal(APPROVED, SECTION) == "own_proposal"
    assert life.refusal(APPROVED, officer("section-2", Level.SECTION)) is None


def test_matter_about_a_unit_head_goes_up_to_the_principal() -> None:
    head = changed(position=PositionHeld(unit=UNIT, title=TEXT, leads_unit=True))
    life = Dossier(subjects=(head,)).then(plan())
    assert life.state.proposals[0].chain == (Level.SECTION, Level.DEPUTY, Level.PRINCIPAL)


def test_approval_is_limited_by_level() -> None:
    life = Dossier().then(plan())
    assert life.due(DossierClockKind.APPROVAL) == "2026-03-03 18:00"
    assert life.then(APPROVED, SECTION).due(DossierClockKind.APPROVAL) == "2026-03-04 18:00"


def test_rejected_plan_leaves_the_clue_under_its_first_limit() -> None:
    life = Dossier().then(plan())
    life.then(APPROVED.model_copy(update={"approved": False}), SECTION)
    assert life.state.stage is DossierStage.AWAITING_PLAN
    assert life.due(DossierClockKind.PLAN) == "2026-04-01 18:00"
    assert life.refusal(APPROVED, SECTION) == "unknown_proposal"
    assert life.refusal(plan()) is None


def test_one_plan_is_before_the_approvers_at_a_time() -> None:
    assert Dossier().then(plan()).refusal(plan()) == "proposal_pending"


def test_held_clue_comes_back_for_another_plan() -> None:
    life = planned(Disposal.HOLD)
    assert life.due(DossierClockKind.HELD_REVIEW) == "2026-09-02 18:00"
    life.then(plan(Disposal.VERIFICATION)).approve()
    assert life.state.stage is DossierStage.VERIFICATION


def test_engine_alone_fires_clocks_and_only_in_time() -> None:
    life = Dossier()
    clock = life.clock(DossierClockKind.PLAN)
    due = c.DossierClockDue(clock_id=clock.clock_id, alarm=DossierAlarm.YELLOW)
    assert life.refusal(due, PRINCIPAL) == "level_not_permitted"
    assert life.refusal(due, officer("system", Level.SYSTEM)) == "dossier_alarm_not_due"
    with pytest.raises(StaleVersion):
        require_version(life.state, life.state.version - 1)


# ── secrecy and recusal ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "outsider",
    [
        officer("somebody", Level.PRINCIPAL, unit=UNIT),
        officer("head-1", Level.PRINCIPAL),
        officer("stationed", Level.PRINCIPAL, supervises=(UnitCode("shuiwu"),)),
    ],
    ids=["of the accused unit", "the accused", "stationed elsewhere"],
)
def test_dossier_does_not_exist_for_whom_it_is_kept_from(outsider: Any) -> None:
    life = Dossier()
    stationed = officer("officer-9", Level.OFFICER, supervises=(UNIT,))
    assert life.refusal(plan(), outsider) == "dossier_not_found"
    assert next_actions(life.state, outsider) == ()
    assert life.refusal(plan(), stationed) is None
    assert "plan_disposal" in next_actions(life.state, stationed)


def test_what_is_offered_is_what_there_is_something_to_do_about() -> None:
    life = Dossier()
    assert "rule_on_proposal" not in next_actions(life.state, SECTION)
    life.then(plan())
    assert "plan_disposal" not in next_actions(life.state, FIRST)
    assert "rule_on_proposal" in next_actions(life.state, SECTION)
    assert [one.number for one in awaiting(life.state, SECTION)] == [1]
    assert awaiting(life.state, DEPUTY) == ()
    life.then(APPROVED, SECTION)
    assert awaiting(life.state, SECTION) == ()
    assert [one.number for one in awaiting(life.state, DEPUTY)] == [1]
    ended = served()
    assert "decide_appeal" not in next_actions(ended.state, OTHER_DEPUTY)
    assert "decide_appeal" in next_actions(ended.then(appeal(Remedy.REVIEW)).state, OTHER_DEPUTY)


def test_stationed_group_sees_no_dossier_that_reaches_beyond_its_units() -> None:
    both = (PERSON, OrganisationSubject(unit=UnitCode("shuiwu")))
    life = Dossier(subjects=both)
    assert life.refusal(plan(), officer("o", Level.OFFICER, supervises=(UNIT,))) == "dossier_not_found"


def test_recused_officer_leaves_the_team_and_learns_nothing_more() -> None:
    life = verifying()
    recuse = c.RecuseOfficer(officer=SECOND.user_id, reason=TEXT)
    assert life.refusal(recuse, FIRST) == "recusal_of_another_officer"
    life.then(recuse, DEPUTY)
    assert life.state.team == (FIRST.user_id,)
    assert life.refusal(conclusion(Opinion.SETTLE), SECOND) == "dossier_not_found"
    assert life.refusal(conclusion(Opinion.SETTLE)) == "officer_recused"
    assert life.refusal(c.AppointTeam(team=TEAM), DEPUTY) == "officer_recused"
    assert life.refusal(recuse, DEPUTY) == "officer_recused_before"


def test_further_subject_closes_the_dossier_to_its_unit() -> None:
    life = Dossier()
    insider = officer("o", Level.OFFICER, unit=UnitCode("shuiwu"))
    assert life.refusal(plan(), insider) is None
    name = c.NameSubject(subject=OrganisationSubject(unit=UnitCode("shuiwu")), reason=TEXT)
    life.then(name)
    assert life.refusal(plan(), insider) == "dossier_not_found"
    assert life.refusal(name) == "subject_named_before"


# ── talk and inquiry 谈话函询 ────────────────────────────────────────────────────────────────────


def test_inquiry_by_letter_is_answered_in_fifteen_working_days_and_closed_in_thirty_days() -> None:
    life = planned(Disposal.TALK)
    assert life.due(DossierClockKind.TALK_START) == "2026-03-09 18:00"
    life.then(c.SendInquiry(subject=1, form=InquiryForm.LETTER, text=TEXT))
    assert life.due(DossierClockKind.INQUIRY_ANSWER) == "2026-03-23 18:00"
    life.sleep_until(at("2026-03-20 10:00")).then(c.RecordInquiry(inquiry=1, answer=TEXT))
    assert life.kinds() == {DossierClockKind.TALK_CLOSE}
    assert life.due(DossierClockKind.TALK_CLOSE) == "2026-04-20 18:00"  # the 30th day is a Sunday
    life.then(conclusion(Opinion.SETTLE)).approve()
    assert life.state.stage is DossierStage.SETTLED


def test_talk_is_held_by_two() -> None:
    life = planned(Disposal.TALK).then(c.SendInquiry(subject=1, form=InquiryForm.TALK, text=TEXT))
    record = c.RecordInquiry(inquiry=1, answer=TEXT)
    assert life.refusal(record) == "two_officers"
    alone = record.model_copy(update={"officers": (FIRST.user_id, FIRST.user_id)})
    assert life.refusal(alone) == "two_officers"
    both = record.model_copy(update={"officers": TEAM})
    assert life.refusal(both, TRIER) == "officer_not_present"
    assert life.refusal(both) is None


def test_talk_ends_only_in_what_a_talk_may_end_in_and_after_an_answer() -> None:
    life = planned(Disposal.TALK)
    assert life.refusal(conclusion(Opinion.SETTLE)) == "nobody_asked"
    life.then(c.SendInquiry(subject=1, form=InquiryForm.LETTER, text=TEXT))
    assert life.refusal(c.RecordInquiry(inquiry=2, answer=TEXT)) == "unknown_inquiry"
    assert life.refusal(c.SendInquiry(subject=2, form=InquiryForm.LETTER, text=TEXT)) == "unknown_subject"
    life.then(c.RecordInquiry(inquiry=1, answer=TEXT))
    assert life.refusal(conclusion(Opinion.INVESTIGATE)) == "opinion_not_here"
    life.then(conclusion(Opinion.VERIFY)).approve()
    assert life.state.stage is DossierStage.VERIFICATION


# ── verification and investigation ──────────────────────────────────────────────────────────────


def test_verification_is_done_by_a_team_of_two_in_fifteen_working_days() -> None:
    life = planned(Disposal.VERIFICATION)
    assert life.due(DossierClockKind.VERIFICATION) == "2026-03-23 18:00"
    assert life.refusal(conclusion(Opinion.SETTLE)) == "team_missing"
    twice = (FIRST.user_id, FIRST.user_id)
    assert life.refusal(c.AppointTeam(team=twice), DEPUTY) == "two_officers"
    life.then(c.AppointTeam(team=TEAM), DEPUTY)
    assert life.refusal(conclusion(Opinion.SETTLE, BOTH), TRIER) == "not_of_team"
    assert concluded(life, Opinion.INVESTIGATE).state.stage is DossierStage.AWAITING_OPENING


def test_team_does_not_approve_its_own_work() -> None:
    deputies = (FIRST.user_id, DEPUTY.user_id)
    life = planned(Disposal.VERIFICATION).then(c.AppointTeam(team=deputies), OTHER_DEPUTY)
    life.then(conclusion(Opinion.SETTLE, deputies))
    ruling = APPROVED.model_copy(update={"proposal": life.state.proposals[0].number})
    assert life.refusal(ruling, DEPUTY) == "own_proposal"
    assert life.refusal(ruling, OTHER_DEPUTY) is None


def test_investigation_is_opened_by_deputy_and_principal() -> None:
    life = concluded(verifying(), Opinion.INVESTIGATE)
    life.then(c.OpenInvestigation(team=TEAM, reason=TEXT))
    proposal = life.state.proposal(Matter.OPENING)
    assert proposal is not None
    assert proposal.chain == (Level.DEPUTY, Level.PRINCIPAL)
    assert life.approve().state.stage is DossierStage.INVESTIGATION
    assert life.kinds() == {DossierClockKind.INVESTIGATION}


# ── decision ────────────────────────────────────────────────────────────────────────────────────


def test_no_sanction_without_hearing_the_defence() -> None:
    life = proposed()
    ruling = APPROVED.model_copy(update={"proposal": life.state.proposals[0].number})
    assert life.refusal(ruling, DEPUTY) == "not_heard"
    life.then(HEARING, TRIER)
    assert life.refusal(ruling, DEPUTY) is None
    assert life.refusal(HEARING, TRIER) == "heard_before"


def test_defence_never_aggravates() -> None:
    life = heard()
    heavier = c.ReviseDecision(decision=1, measure=DISMISSAL, reason=TEXT)
    assert life.refusal(heavier, TRIER) == "aggravated_after_defence"
    lighter = AdministrativeDiscipline(sanction=AdministrativeSanction.WARNING)
    before = life.state.proposals[0].number
    life.then(c.ReviseDecision(decision=1, measure=lighter, reason=TEXT), TRIER)
    assert life.decision.draft.measure == lighter
    assert life.state.proposals[0].number > before, "approvals begin anew"
    assert life.approve().decision.stands


def test_defence_does_not_aggravate_by_way_of_a_new_proposal_either() -> None:
    life = heard()
    number = life.state.proposals[0].number
    life.then(c.RuleOnProposal(proposal=number, approved=False, opinion=TEXT), DEPUTY)
    assert life.decision.withdrawn
    assert life.refusal(c.ProposeDecision(draft=draft(DISMISSAL)), TRIER) == "aggravated_after_defence"
    assert life.refusal(c.ProposeDecision(draft=draft(DEMERIT)), TRIER) is None


def test_measure_may_become_heavier_before_anybody_was_heard() -> None:
    life = proposed()
    life.then(c.ReviseDecision(decision=1, measure=DISMISSAL, reason=TEXT), TRIER)
    other_family = c.ReviseDecision(decision=1, measure=PARTY_WARNING, reason=TEXT)
    assert life.refusal(other_family, TRIER) == "family_changed"


def test_first_form_needs_no_investigation_and_no_hearing_and_lower_approval() -> None:
    life = concluded(verifying(), Opinion.FIRST_FORM)
    assert life.refusal(c.ProposeDecision(draft=draft(DEMERIT)), TRIER) == "not_investigated"
    life.then(c.ProposeDecision(draft=draft(CRITICISM)), TRIER)
    assert life.state.proposals[0].chain == (Level.SECTION, Level.DEPUTY)
    assert life.refusal(HEARING, TRIER) == "no_hearing_needed"
    assert life.approve().decision.stands
    assert life.decision.effect is None


ORGANISATION = OrganisationSubject(unit=UNIT)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"subject": changed(retired=True)}, "unknown_subject"),
        ({"tolerance": Tolerance(ruling=ToleranceRuling.EXEMPTED, reason=TEXT)}, "exempted"),
        (
            {"bases": (LegalBasis(instrument=Instrument.PARTY_DISCIPLINE, article="1"),)},
            "basis_of_another_family",
        ),
        ({"organ": Organ.PARTY}, "organ_of_another_family"),
        ({"running_until": date(2025, 1, 1)}, "nothing_running"),
    ],
)
def test_draft_that_does_not_fit_is_refused(fields: dict[str, Any], code: str) -> None:
    life = deciding()
    assert life.refusal(c.ProposeDecision(draft=draft(**fields)), TRIER) == code
    assert life.refusal(c.ProposeDecision(draft=draft()), TRIER) is None


@pytest.mark.parametrize(
    ("subject", "measure", "code"),
    [
        (ORGANISATION, DEMERIT, "not_for_organisations"),
        (PERSON, OrganisationAccountability(form=OrganisationMeasure.CIRCULAR), "not_for_people"),
        (changed(party_member=False), PARTY_WARNING, "not_a_member"),
        (changed(public_official=False), DEMERIT, "not_an_official"),
        (changed(retired=True), DEMERIT, "retired"),
        (changed(retired=True), Posting(form=PostingMeasure.REMOVAL), "retired"),
        (changed(village_staff=True), DISMISSAL, "not_for_village_staff"),
        (changed(village_staff=True), DEMERIT, None),
        (changed(retired=True), PARTY_WARNING, None),
        (ORGANISATION, OrganisationAccountability(form=OrganisationMeasure.CIRCULAR), None),
        (PERSON, HandOver(receiver=Receiver.POLICE), None),
    ],
)
def test_family_is_for_those_whom_its_rules_are_for(subject: Any, measure: Measure, code: str | None) -> None:
    life = deciding(subjects=(subject,))
    assert life.refusal(c.ProposeDecision(draft=draft(measure, subject=subject)), TRIER) == code


def test_same_matter_is_not_sanctioned_twice_in_one_family() -> None:
    life = decided()
    assert life.refusal(c.ProposeDecision(draft=draft(DEMERIT)), TRIER) == "sanctioned_before"
    assert life.refusal(c.ProposeDecision(draft=draft(PARTY_WARNING)), TRIER) is None


@pytest.mark.parametrize("lacking", ["subject", "facts", "bases", "organ", "measure", "tolerance"])
def test_draft_without_one_of_its_parts_is_no_draft(lacking: str) -> None:
    fields = draft().model_dump()
    del fields[lacking]
    with pytest.raises(ValidationError):
        c.ProposeDecision.model_validate({"draft": fields})


def test_measure_of_one_family_cannot_be_read_as_another() -> None:
    with pytest.raises(ValidationError):
        c.ReviseDecision.model_validate(
            {"decision": 1, "reason": TEXT, "measure": {"family": "administrative", "sanction": "probation"}}
        )


# ── periods of effect ───────────────────────────────────────────────────────────────────────────

DAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("sanction", "until"),
    [
        (AdministrativeSanction.WARNING, date(2026, 7, 31)),
        (AdministrativeSanction.DEMERIT, date(2027, 1, 31)),
        (AdministrativeSanction.MAJOR_DEMERIT, date(2027, 7, 31)),
        (AdministrativeSanction.DEMOTION, date(2028, 1, 31)),
        (AdministrativeSanction.DISMISSAL, date(2028, 1, 31)),
        (AdministrativeSanction.EXPULSION, None),
    ],
)
def test_period_of_an_administrative_sanction(sanction: AdministrativeSanction, until: date | None) -> None:
    effect = effect_of(AdministrativeDiscipline(sanction=sanction), DAY, {})
    assert effect is not None
    assert (effect.from_on, effect.until_on) == (DAY, until)


@pytest.mark.parametrize(
    ("sanction", "until"),
    [
        (PartySanction.WARNING, date(2027, 1, 31)),
        (PartySanction.SERIOUS_WARNING, date(2027, 7, 31)),
        (PartySanction.REMOVAL, date(2028, 1, 31)),
        (PartySanction.EXPULSION, date(2031, 1, 31)),
    ],
)
def test_period_of_a_party_sanction(sanction: PartySanction, until: date) -> None:
    effect = effect_of(PartyDiscipline(sanction=sanction), DAY, {})
    assert effect is not None
    assert effect.until_on == until


@pytest.mark.parametrize(
    ("running_until", "months", "until"),
    [
        (date(2026, 3, 31), None, date(2028, 3, 31)),
        (date(2028, 1, 31), None, date(2030, 1, 31)),
        (date(2029, 1, 31), None, date(2030, 1, 31)),
        (date(2025, 1, 31), None, date(2028, 1, 31)),
        (None, 48, date(2030, 1, 31)),
    ],
)
def test_merged_periods_add_up_to_at_most_48_months(
    running_until: date | None, months: int | None, until: date
) -> None:
    measure = AdministrativeDiscipline(
        sanction=AdministrativeSanction.DISMISSAL, acts=2 if months else 1, months=months
    )
    effect = effect_of(measure, DAY, {}, running_until)
    assert effect is not None
    assert effect.until_on == until


@pytest.mark.parametrize(
    "fields",
    [
        {"sanction": "warning", "months": 12},
        {"sanction": "warning", "acts": 2, "months": 5},
        {"sanction": "dismissal", "acts": 3, "months": 49},
        {"sanction": "expulsion", "months": 12},
    ],
)
def test_period_outside_the_law_is_no_measure(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AdministrativeDiscipline.model_validate(fields)


def test_probation_has_a_length_and_nothing_else_has() -> None:
    with pytest.raises(ValidationError):
        PartyDiscipline(sanction=PartySanction.PROBATION)
    with pytest.raises(ValidationError):
        PartyDiscipline(sanction=PartySanction.WARNING, probation_months=12)


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_month_ends_on_the_corresponding_day_or_the_last(day: date, months: int, last: date) -> None:
    assert months_after(day, months) == last


def test_life_of_a_demerit_ends_by_itself_after_twelve_months() -> None:
    life = closed()
    assert life.state.stage is DossierStage.CLOSED
    assert life.due(DossierClockKind.EFFECT) == "2027-03-03 00:00"
    assert life.decision.bars_promotion_on(date(2027, 3, 2))
    assert not life.decision.bars_promotion_on(date(2027, 3, 3))
    assert not life.decision.bars_promotion_on(date(2026, 3, 1))
    life.sleep(timedelta(days=700))
    assert [body.number for body in life.all_of(f.EffectEnded)] == [1]
    assert life.state.stage is DossierStage.ARCHIVED
    assert life.state.next_alarm is None
    assert replay(life.facts) == life.state


def test_expulsion_bars_for_good_and_keeps_no_dossier_open() -> None:
    life = closed(AdministrativeDiscipline(sanction=AdministrativeSanction.EXPULSION))
    assert life.decision.bars_promotion_on(date(2050, 1, 1))
    assert life.sleep(timedelta(days=40)).state.stage is DossierStage.ARCHIVED


def test_probation_goes_on_until_rights_are_restored_and_then_two_years() -> None:
    life = closed(PartyDiscipline(sanction=PartySanction.PROBATION, probation_months=12))
    restore = c.DecideProbation(decision=1, restored=True, reason=TEXT)
    assert life.refusal(restore, PRINCIPAL) == "probation_running"
    life.sleep_until(at("2027-04-05 10:00"))
    assert life.state.stage is DossierStage.CLOSED
    assert life.decision.bars_promotion_on(date(2027, 4, 5)), "nobody has restored anything"
    life.then(restore, PRINCIPAL)
    assert life.decision.effect is not None
    assert life.decision.effect.until_on == date(2029, 4, 5)
    assert life.sleep(timedelta(days=800)).state.stage is DossierStage.ARCHIVED


def test_probation_is_extended_once_to_two_years() -> None:
    life = closed(PartyDiscipline(sanction=PartySanction.PROBATION, probation_months=12))
    extend = c.DecideProbation(decision=1, restored=False, reason=TEXT)
    life.sleep(timedelta(days=400)).then(extend, PRINCIPAL)
    assert life.due(DossierClockKind.PROBATION) == "2028-03-03 00:00"
    life.sleep(timedelta(days=400))
    assert life.refusal(extend, PRINCIPAL) == "probation_extended_before"


def test_periods_without_national_text_come_from_the_policy() -> None:
    admonition = FirstForm(form=FirstFormMeasure.ADMONITION)
    effect = effect_of(admonition, DAY, POLICY.effect_months)
    assert effect is not None
    assert effect.until_on == date(2026, 7, 31)
    combined = LeadingCadreAccountability(
        forms=frozenset({LeadingCadreMeasure.ADMONITION, LeadingCadreMeasure.POSTING})
    )
    assert codes_of(combined) == ("leading_cadre/admonition", "leading_cadre/posting")
    longest = effect_of(combined, DAY, POLICY.effect_months)
    assert longest is not None
    assert longest.until_on == date(2027, 1, 31)


@pytest.mark.parametrize(
    ("measure", "than", "expected"),
    [
        (DISMISSAL, DEMERIT, True),
        (DEMERIT, DEMERIT, False),
        (PARTY_WARNING, DEMERIT, True),
        (CRITICISM, DISMISSAL, False),
        (HandOver(receiver=Receiver.POLICE), HandOver(receiver=Receiver.OTHER), False),
        (
            PartyDiscipline(sanction=PartySanction.PROBATION, probation_months=24),
            PartyDiscipline(sanction=PartySanction.PROBATION, probation_months=12),
            True,
        ),
    ],
)
def test_weight_is_compared_within_a_family_only(measure: Measure, than: Measure, expected: bool) -> None:
    assert is_heavier(measure, than) is expected


# ── execution and handing over ──────────────────────────────────────────────────────────────────


def test_decision_is_served_within_a_month_and_then_carried_out() -> None:
    life = decided()
    assert life.due(DossierClockKind.SERVICE) == "2026-04-02 18:00"
    execute = c.ReportExecution(decision=1, report=TEXT)
    assert life.refusal(execute) == "not_served"
    life.then(SERVE)
    assert life.refusal(SERVE) == "served_before"
    life.then(execute)
    assert life.refusal(execute) == "executed_before"
    assert life.refusal(c.ReportExecution(decision=9, report=TEXT)) == "unknown_number"


def test_party_sanction_is_reported_as_executed_in_six_months() -> None:
    assert decided(PARTY_WARNING).due(DossierClockKind.EXECUTION) == "2026-09-02 18:00"


def test_transfer_to_the_police_waits_for_its_acknowledgement() -> None:
    life = proposed(HandOver(receiver=Receiver.POLICE)).approve()
    acknowledge = c.AcknowledgeHandover(decision=1, receipt=TEXT)
    close = c.CloseDossier(summary=TEXT)
    assert life.due(DossierClockKind.ACKNOWLEDGEMENT) == "2026-03-09 18:00"
    assert life.refusal(SERVE) == "served_before"
    assert life.refusal(close) == "duties_left"
    life.then(acknowledge)
    assert life.refusal(acknowledge) == "no_handover"
    assert life.then(close).state.stage is DossierStage.ARCHIVED


# ── remedies ────────────────────────────────────────────────────────────────────────────────────


def appeal(remedy: Remedy) -> c.FileAppeal:
    return c.FileAppeal(decision=1, remedy=remedy, text=TEXT)


UPHELD = c.DecideAppeal(decision=1, outcome=RemedyOutcome.UPHELD, reason=TEXT)


@pytest.mark.parametrize(
    ("family", "organ", "remedies"),
    [
        (Family.ADMINISTRATIVE, Organ.SUPERVISORY, (Remedy.REVIEW, Remedy.RECHECK)),
        (Family.ADMINISTRATIVE, Organ.APPOINTING, (Remedy.CIVIL_REVIEW, Remedy.CIVIL_APPEAL)),
        (Family.POSTING, Organ.PARTY, (Remedy.CIVIL_REVIEW, Remedy.CIVIL_APPEAL)),
        (Family.PARTY, Organ.PARTY, (Remedy.PARTY_APPEAL,)),
        (Family.LEADING_CADRE, Organ.PARTY, (Remedy.ACCOUNTABILITY_APPEAL,)),
        (Family.FIRST_FORM, Organ.PARTY, ()),
        (Family.TRANSFER, Organ.SUPERVISORY, ()),
    ],
)
def test_remedies_follow_family_and_organ(family: Family, organ: Organ, remedies: Any) -> None:
    assert remedies_of(family, organ) == remedies


def test_review_and_recheck_have_the_limits_of_the_supervision_law() -> None:
    life = served()
    assert life.refusal(appeal(Remedy.RECHECK)) == "remedy_out_of_turn"
    assert life.refusal(appeal(Remedy.PARTY_APPEAL)) == "remedy_not_open"
    life.sleep_until(at("2026-04-02 17:00")).then(appeal(Remedy.REVIEW))
    assert life.due(DossierClockKind.REMEDY) == "2026-05-06 18:00"  # 2 May is a holiday until the 5th
    assert life.refusal(appeal(Remedy.REVIEW)) == "appealed_before"
    life.then(UPHELD, OTHER_DEPUTY).then(appeal(Remedy.RECHECK))
    assert life.due(DossierClockKind.REMEDY) == "2026-06-02 18:00"


def test_recheck_is_decided_by_the_body_above_and_everything_else_by_this_one() -> None:
    life = served().then(appeal(Remedy.REVIEW))
    assert life.refusal(UPHELD, SUPERIOR) == "remedy_of_another_level"
    life.then(UPHELD, OTHER_DEPUTY).then(appeal(Remedy.RECHECK))
    assert life.refusal(UPHELD, officer("principal-2", Level.PRINCIPAL)) == "remedy_of_another_level"
    life.then(UPHELD, SUPERIOR)
    assert life.decision.pending_appeal is None


def test_engine_registers_what_a_ladder_proposes_and_nothing_else() -> None:
    assert (
        Dossier(registered_by=SYSTEM_OFFICER, source=ClueSource.LADDER).state.stage
        is DossierStage.AWAITING_PLAN
    )
    with pytest.raises(NotPermitted):
        Dossier(registered_by=SYSTEM_OFFICER, source=ClueSource.MEDIA)


def test_remedy_after_its_window_is_refused() -> None:
    life = served().sleep_until(at("2026-04-02 18:01"))
    assert life.refusal(appeal(Remedy.REVIEW)) == "remedy_window_closed"


def test_civil_servants_appeal_may_come_directly_and_be_extended_once() -> None:
    life = served(organ=Organ.APPOINTING)
    life.then(appeal(Remedy.CIVIL_APPEAL))
    assert life.due(DossierClockKind.REMEDY) == "2026-05-06 18:00"
    extend = c.ExtendAppeal(decision=1, reason=TEXT)
    life.then(extend, DEPUTY)
    assert life.due(DossierClockKind.REMEDY) == "2026-06-01 18:00"
    assert life.refusal(extend, DEPUTY) == "appeal_not_extendable"


def test_remedy_suspends_nothing_and_is_decided_by_others() -> None:
    life = served()
    until = life.due(DossierClockKind.EFFECT)
    life.then(appeal(Remedy.REVIEW))
    assert life.due(DossierClockKind.EFFECT) == until
    assert life.refusal(UPHELD, DEPUTY) == "original_officer"
    assert life.refusal(UPHELD, OTHER_DEPUTY) is None
    life.then(c.ReportExecution(decision=1, report=TEXT))


def test_remedy_never_ends_heavier_and_a_lighter_measure_counts_from_the_first_day() -> None:
    life = served().then(appeal(Remedy.REVIEW))
    heavier = c.DecideAppeal(decision=1, outcome=RemedyOutcome.REDUCED, measure=DISMISSAL, reason=TEXT)
    assert life.refusal(heavier, OTHER_DEPUTY) == "not_lighter"
    none = heavier.model_copy(update={"measure": None})
    assert life.refusal(none, OTHER_DEPUTY) == "measure_of_reduction"
    warning = AdministrativeDiscipline(sanction=AdministrativeSanction.WARNING)
    life.then(heavier.model_copy(update={"measure": warning}), OTHER_DEPUTY)
    assert life.due(DossierClockKind.EFFECT) == "2026-09-03 00:00"


def test_revoked_decision_has_no_effect_any_more() -> None:
    life = closed().then(appeal(Remedy.REVIEW))
    revoke = c.DecideAppeal(decision=1, outcome=RemedyOutcome.REVOKED, reason=TEXT)
    life.then(revoke, OTHER_DEPUTY)
    assert not life.decision.bars_promotion_on(date(2026, 4, 1))
    assert life.state.stage is DossierStage.ARCHIVED
    assert served().refusal(revoke, OTHER_DEPUTY) == "no_appeal"


def test_closed_dossier_waits_for_the_end_of_the_remedy() -> None:
    life = served(OrganisationAccountability(form=OrganisationMeasure.CIRCULAR), deciding(subjects=(ORGANISATION,)), subject=ORGANISATION)  # fmt: skip
    life.then(c.ReportExecution(decision=1, report=TEXT)).then(c.CloseDossier(summary=TEXT))
    assert life.state.stage is DossierStage.CLOSED
    assert life.sleep(timedelta(days=40)).state.stage is DossierStage.ARCHIVED


# ── aftermath ───────────────────────────────────────────────────────────────────────────────────


def recommended() -> Dossier:
    return deciding().then(c.IssueRecommendation(unit=UNIT, text=TEXT)).approve()


def test_recommendation_is_answered_in_thirty_days_extendable_once_by_fifteen() -> None:
    life = recommended()
    assert life.due(DossierClockKind.RECOMMENDATION_REPLY) == "2026-04-01 18:00"
    extend = c.ExtendRecommendation(recommendation=1, reason=TEXT)
    life.then(extend)
    assert life.due(DossierClockKind.RECOMMENDATION_REPLY) == "2026-04-16 18:00"
    assert life.refusal(extend) == "recommendation_extended_before"
    late = recommended().sleep(timedelta(days=31))
    assert late.refusal(extend) == "recommendation_overdue"


def test_recommendation_is_settled_only_by_a_look_back_that_holds() -> None:
    life = recommended()
    reply = c.RecordRecommendationReply(recommendation=1, reply=TEXT)
    look = c.RecordFollowUp(recommendation=1, holds=False, finding=TEXT)
    assert life.refusal(look) == "nothing_to_follow_up"
    life.then(reply)
    assert life.refusal(reply) == "replied_before"
    assert DossierClockKind.LOOK_BACK in life.kinds()
    life.then(look)
    assert DossierClockKind.RECOMMENDATION_REPLY in life.kinds()
    life.then(reply).then(look.model_copy(update={"holds": True}))
    assert not life.kinds() & {DossierClockKind.LOOK_BACK, DossierClockKind.RECOMMENDATION_REPLY}


def test_rectification_has_its_own_day_and_keeps_the_dossier_open() -> None:
    life = served().then(c.ReportExecution(decision=1, report=TEXT))
    order = c.OrderRectification(unit=UNIT, task=TEXT, due_on=date(2026, 6, 30))
    assert life.refusal(order.model_copy(update={"due_on": date(2026, 3, 2)})) == "due_in_the_past"
    life.then(order)
    assert life.due(DossierClockKind.RECTIFICATION) == "2026-07-01 00:00"
    assert life.refusal(c.CloseDossier(summary=TEXT)) == "duties_left"
    confirm = c.ConfirmRectification(rectification=1, evidence=TEXT)
    life.then(confirm)
    assert life.refusal(confirm) == "rectified_before"
    assert life.refusal(c.CloseDossier(summary=TEXT)) is None


def test_notice_is_published_in_approved_words_by_somebody_else() -> None:
    life = decided()
    propose = c.ProposePublication(decision=1, scope=PublicationScope.PUBLIC, text=TEXT)
    assert life.refusal(propose) == "not_publishable"
    life.then(SERVE).then(propose)
    publish = c.PublishNotice(notice=1)
    assert life.refusal(publish) == "unknown_number"
    life.approve()
    assert DossierClockKind.PUBLICATION in life.kinds()
    life.then(publish)
    assert life.refusal(publish) == "published_before"


def test_name_of_somebody_who_was_accused_wrongly_is_cleared() -> None:
    life = planned(Disposal.SETTLE)
    clear = c.ProposeClarification(subject=1, scope=PublicationScope.INTERNAL, text=TEXT)
    life.then(clear).approve()
    assert life.state.cleared == (1,)
    assert life.refusal(clear) == "cleared_before"
    assert served().refusal(clear) == "held_accountable"
    assert life.then(c.CloseDossier(summary=TEXT)).state.stage is DossierStage.ARCHIVED


def test_dossier_in_hand_always_has_a_clock() -> None:
    lives = (Dossier(), verifying(), investigating(), deciding(), proposed(), served(), recommended())
    assert all(life.state.clocks for life in lives)


# ── policy ──────────────────────────────────────────────────────────────────────────────────────


def test_compressed_policy_runs_a_two_year_effect_in_seconds() -> None:
    fast = POLICY.compressed(1_000_000, "fast/1")
    life = closed(DISMISSAL, life=deciding(policy=fast))
    assert life.clock(DossierClockKind.EFFECT).due_at - life.now < timedelta(seconds=70)
    assert life.sleep(timedelta(seconds=70)).state.stage is DossierStage.ARCHIVED


@pytest.mark.parametrize("text", ["", "5", "5 h", "0 d", "-1 d"])
def test_span_that_cannot_be_read_is_refused(text: str) -> None:
    assert str(Span.of("15 wd").model_dump()) == "15 wd"
    with pytest.raises(ValidationError):
        Span.of(text)


def test_policy_that_lacks_something_is_refused() -> None:
    fields = POLICY.model_dump()
    fields["limits"] = {k: v for k, v in fields["limits"].items() if k != DossierClockKind.PLAN}
    with pytest.raises(ValidationError, match="no limit for plan"):
        type(POLICY).model_validate(fields)
    with pytest.raises(ValidationError):
        parse_dossier_policy('revision = "x"', default_calendar())
    chains = POLICY.model_dump() | {"first_form_chain": ()}
    with pytest.raises(ValidationError, match="at least one level"):
        type(POLICY).model_validate(chains)


def test_number_of_the_dossier_is_the_one_registered() -> None:
    assert Dossier().state.dossier_no == NUMBER

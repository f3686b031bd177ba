"""Statistics of accountability files: which form a measure is of, and what a life counts for."""

from datetime import timedelta

import pytest
from fixtures.cases import TEXT

from hotline.accountability import commands as c
from hotline.accountability import measures as m
from hotline.accountability import vocabulary as v
from hotline.accountability.facts import ProposalApproved, Proposed
from hotline.accountability.state import Conclusion, Opening, OrganisationSubject, Plan
from hotline.accountability.statistics import Count, Countable, Step, Sums, counts_of, form_of, sums_of
from hotline.accountability.vocabulary import Disposal, Figure, Opinion, SupervisionForm
from unit.dossiers import (
    CRITICISM,
    DISMISSAL,
    NUMBER,
    OTHER_DEPUTY,
    PARTY_WARNING,
    PERSON,
    TEAM,
    UNIT,
    Dossier,
    concluded,
    decided,
    draft,
    planned,
    served,
)

FIRST, SECOND, THIRD, FOURTH = SupervisionForm


def counts(life: Dossier) -> list[Count]:
    """What a life counts for, with its steps as the ledger tells them."""
    named = {body.proposal.number: body.proposal.substance for body in life.all_of(Proposed)}
    steps = []
    for fact in life.facts:
        if isinstance(fact.body, ProposalApproved):
            substance = named[fact.body.proposal]
            if isinstance(substance, Plan | Conclusion | Opening):
                steps.append(Step(at=fact.at, substance=substance))
    return list(counts_of(Countable(state=life.state, steps=tuple(steps))))


def of(life: Dossier, figure: Figure) -> list[Count]:
    return [one for one in counts(life) if one.figure is figure]


@pytest.mark.parametrize(
    ("measure", "form"),
    [
        *((m.FirstForm(form=one), FIRST) for one in v.FirstFormMeasure),
        *((m.OrganisationAccountability(form=one), None) for one in v.OrganisationMeasure),
        (m.LeadingCadreAccountability(forms=frozenset({v.LeadingCadreMeasure.ADMONITION})), FIRST),
        (m.LeadingCadreAccountability(forms=frozenset(v.LeadingCadreMeasure)), SECOND),
        (PARTY_WARNING, SECOND),
        (m.PartyDiscipline(sanction=v.PartySanction.SERIOUS_WARNING), SECOND),
        (m.PartyDiscipline(sanction=v.PartySanction.REMOVAL), THIRD),
        (m.PartyDiscipline(sanction=v.PartySanction.PROBATION, probation_months=12), THIRD),
        (m.PartyDiscipline(sanction=v.PartySanction.EXPULSION), THIRD),
        (m.AdministrativeDiscipline(sanction=v.AdministrativeSanction.DEMOTION), SECOND),
        (DISMISSAL, THIRD),
        (m.AdministrativeDiscipline(sanction=v.AdministrativeSanction.EXPULSION), THIRD),
        (m.Posting(form=v.PostingMeasure.REMOVAL), SECOND),
        (m.Posting(form=v.PostingMeasure.DEMOTION), THIRD),
        (m.HandOver(receiver=v.Receiver.POLICE), FOURTH),
        (m.HandOver(receiver=v.Receiver.OTHER), None),
    ],
    ids=lambda one: (
        str(one) if isinstance(one, SupervisionForm | None) else one.family.value
    ),  # a set has no order
)
def test_measure_is_of_one_of_the_four_forms(measure: m.Measure, form: SupervisionForm | None) -> None:
    assert form_of(measure) is form


def test_person_with_two_sanctions_counts_once_in_the_heavier_form() -> None:
    life = decided(PARTY_WARNING)
    life.sleep(timedelta(days=2))
    heavier_at = decided(DISMISSAL, life).now
    [form] = of(life, Figure.FORM)
    assert (form.code, form.at, form.decisions) == ("third", heavier_at, 1)
    assert sums_of(of(life, Figure.FAMILY)) == Sums(files=1, persons=1, organisations=0, decisions=2)


def test_revoked_decision_counts_for_nothing() -> None:
    life = served().then(c.FileAppeal(decision=1, remedy=v.Remedy.REVIEW, text=TEXT))
    assert of(life, Figure.MEASURE)
    life.then(c.DecideAppeal(decision=1, outcome=v.RemedyOutcome.REVOKED, reason=TEXT), OTHER_DEPUTY)
    assert {one.figure for one in counts(life)} == {Figure.SOURCE, Figure.DISPOSAL}


def talked() -> Dossier:
    life = planned(Disposal.TALK, subjects=(PERSON, OrganisationSubject(unit=UNIT)))
    for subject in (1, 2):
        life.then(c.SendInquiry(subject=subject, form=v.InquiryForm.TALK, text=TEXT))
    return life.then(c.RecordInquiry(inquiry=1, answer=TEXT, officers=TEAM))


def test_talk_that_settles_is_of_the_first_form_for_who_was_asked() -> None:
    life = concluded(talked(), Opinion.SETTLE)
    [form] = of(life, Figure.FORM)
    assert (form.code, form.persons, form.at, form.decisions) == ("first", {PERSON.person}, life.now, 0)
    [disposal] = of(life, Figure.DISPOSAL)
    assert (disposal.code, disposal.organisations, disposal.dossier_no) == ("talk", {UNIT}, NUMBER)


def test_talk_that_leads_on_counts_when_it_is_decided() -> None:
    life = concluded(talked(), Opinion.FIRST_FORM)
    assert of(life, Figure.FORM) == []
    life.then(c.ProposeDecision(draft=draft(CRITICISM))).approve()
    [form] = of(life, Figure.FORM)
    assert (form.code, form.decisions) == ("first", 1)

"""What an accountability file tells its cases: that it exists and how far it is, each thing once."""

from datetime import timedelta
from typing import Any

import pytest
from fixtures.cases import TEXT

from hotline.accountability import commands as c
from hotline.accountability.reporting import reports_of
from hotline.accountability.vocabulary import DossierStage, FileEvent, Remedy, RemedyOutcome
from hotline.identifiers import CaseNo
from unit.dossiers import (
    CRITICISM,
    DISMISSAL,
    OTHER_DEPUTY,
    TRIER,
    Dossier,
    decided,
    deciding,
    proposed,
    served,
)

CASES = (CaseNo("260302090000010001"), CaseNo("260302090000010002"))
KNOWN: dict[str, Any] = {"cases": CASES[:1], "reference": "drawn-by-lot"}


def events(life: Dossier) -> list[FileEvent]:
    return [report.event for report in reports_of(life.state)]


def revoked() -> Dossier:
    life = served(life=deciding(**KNOWN))
    life.then(c.FileAppeal(decision=1, remedy=Remedy.REVIEW, text=TEXT))
    ruling = c.DecideAppeal(decision=1, outcome=RemedyOutcome.REVOKED, reason=TEXT)
    return life.then(ruling, OTHER_DEPUTY)


def closed_on(life: Dossier) -> Dossier:
    life.then(c.ReportExecution(decision=1, report=TEXT), TRIER)
    return life.then(c.CloseDossier(summary=TEXT))


@pytest.mark.parametrize(
    ("life", "told"),
    [
        (Dossier(**KNOWN), [FileEvent.OPENED]),
        (decided(life=deciding(**KNOWN)), [FileEvent.OPENED, FileEvent.DECIDED]),
        (
            closed_on(served(DISMISSAL, deciding(**KNOWN))),
            [FileEvent.OPENED, FileEvent.DECIDED, FileEvent.CLOSED],
        ),
    ],
    ids=["registered", "decided", "closed"],
)
def test_file_tells_how_far_it_is(life: Dossier, told: list[FileEvent]) -> None:
    assert events(life) == told


def test_effect_that_ends_after_two_years_is_told_at_its_instant() -> None:
    life = closed_on(served(DISMISSAL, deciding(**KNOWN)))
    before = events(life)
    life.sleep(timedelta(days=760))
    assert life.state.stage is DossierStage.ARCHIVED
    assert events(life) == [*before, FileEvent.EFFECT_ENDED]
    last = reports_of(life.state)[-1]
    assert last.at == life.state.decisions[0].effect_ended_at


def test_measure_without_a_period_ends_no_effect() -> None:
    life = proposed(CRITICISM, deciding(**KNOWN)).approve()
    closed_on(life.then(c.ServeDecision(decision=1, record=TEXT)))
    life.sleep(timedelta(days=800))
    assert FileEvent.EFFECT_ENDED not in events(life)
    assert events(life)[-1] is FileEvent.CLOSED


def test_decision_that_was_revoked_is_told_as_revoked() -> None:
    life = revoked()
    assert events(life) == [FileEvent.OPENED, FileEvent.DECIDED, FileEvent.REVOKED]
    assert reports_of(life.state)[-1].at == life.state.decisions[0].revoked_at


def test_every_case_is_told_and_what_is_told_names_neither_file_nor_person() -> None:
    life = Dossier(cases=CASES, reference="drawn-by-lot")
    reports = reports_of(life.state)
    assert [report.case_no for report in reports] == list(CASES)
    assert set(reports[0].model_dump()) == {"case_no", "reference", "event", "at"}
    assert len({report.report_id for report in reports}) == 1


def test_file_without_a_case_and_one_from_before_references_tell_nothing() -> None:
    assert reports_of(Dossier(reference="drawn-by-lot").state) == ()
    assert reports_of(Dossier(cases=CASES).state) == ()

"""An accountability file reports to its case by signal and outlives it; the case learns it beside its ledger."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from fixtures.cases import (
    OPERATOR,
    TEXT,
    accept,
    contact,
    dispatch,
    envelope,
    registration,
    reply,
    satisfied,
    sign,
)
from fixtures.dossiers import FileOnEngine, MemoryDossiers, MemoryReports
from fixtures.engine import Engine, MemoryLedger
from fixtures.eventually import assert_eventually
from temporalio.client import WorkflowHandle

from hotline.accountability import commands as c
from hotline.accountability.evolve import replay
from hotline.accountability.vocabulary import Disposal, DossierStage, FileEvent
from hotline.commands import AddFacts
from hotline.identifiers import CaseNo, dossier_workflow_id
from workflows.case import CaseWorkflow
from workflows.contracts import CaseEnd
from workflows.file_reports import REPORT


@pytest.fixture
def files() -> MemoryDossiers:
    return MemoryDossiers()


@pytest.fixture
def reports() -> MemoryReports:
    return MemoryReports()


@pytest.fixture
async def city(
    idle_engine: Engine, ledger: MemoryLedger, files: MemoryDossiers, reports: MemoryReports
) -> AsyncIterator[Engine]:
    async with idle_engine.worker([ledger.append, files.append, reports.append]):
        yield idle_engine


async def have_come(reports: MemoryReports, *events: FileEvent) -> None:
    async def holds() -> None:
        assert reports.events() == list(events)

    await assert_eventually(holds)


async def archived(city: Engine, number: CaseNo) -> None:
    await city.send(number, dispatch(), sign())
    now = await city.now(number)
    await city.send(number, contact(now), reply(now), accept(), satisfied())
    await city.fast_forward(number, timedelta(days=16))
    await city.handle(number).result()


async def told_again(
    case: WorkflowHandle[CaseWorkflow, CaseEnd], reports: MemoryReports, times: int = 2
) -> None:
    for _ in range(times):
        await case.signal(REPORT, reports.rows[0])


async def test_file_outlives_its_case_and_its_reports_are_kept_to_the_end_of_the_effect(
    city: Engine, reports: MemoryReports, number: CaseNo
) -> None:
    await city.adopt(registration(number))
    file = FileOnEngine(city, cases=(number,))
    await file.start()
    await have_come(reports, FileEvent.OPENED)
    await archived(city, number)
    await file.dismissed()
    await file.sleep(days=760)
    assert await file.handle.result() is DossierStage.ARCHIVED
    assert reports.events() == [
        FileEvent.OPENED,
        FileEvent.DECIDED,
        FileEvent.CLOSED,
        FileEvent.EFFECT_ENDED,
    ]
    assert {(row.case_no, row.reference) for row in reports.rows} == {(number, file.registration.reference)}
    # The case itself wrote what it heard while it lived, and the file the rest.
    assert reports.writers == ["case", "accountability", "accountability", "accountability"]


async def test_case_that_heard_of_a_file_is_as_it_was(
    city: Engine, ledger: MemoryLedger, reports: MemoryReports, number: CaseNo
) -> None:
    adopted = await city.adopt(registration(number))
    before, facts = await city.state(number), list(ledger.facts[number])
    await FileOnEngine(city, cases=(number,)).start()
    await have_come(reports, FileEvent.OPENED)
    assert (await city.state(number), ledger.facts[number]) == (before, facts)
    told = await city.send(number, envelope(OPERATOR, AddFacts(text=TEXT), expected_version=adopted.version))
    assert told.version == adopted.version + 1


async def test_report_that_comes_twice_and_is_interrupted_is_kept_once(
    idle_engine: Engine,
    ledger: MemoryLedger,
    files: MemoryDossiers,
    reports: MemoryReports,
    number: CaseNo,
) -> None:
    """The answer of the first writing is lost, the worker stops, and the same is told again by the next one."""

    def lose_the_answer() -> None:
        reports.after = lambda: None
        raise ConnectionError

    city, activities = idle_engine, [ledger.append, files.append, reports.append]
    file = FileOnEngine(city, cases=(number,))
    reports.after = lose_the_answer
    async with city.worker(activities):
        await city.adopt(registration(number))
        await file.start()
        await have_come(reports, FileEvent.OPENED)
    await told_again(city.handle(number), reports)
    async with city.worker(activities):
        await told_again(city.handle(number), reports)
        await file.approved(c.PlanDisposal(disposal=Disposal.SETTLE, reason=TEXT))
        await file.send(c.CloseDossier(summary=TEXT))
        await have_come(reports, FileEvent.OPENED, FileEvent.CLOSED)
    assert len(reports.calls) == 3, "one was tried again, and nothing that was known came to be written"


async def test_case_that_continues_as_new_knows_what_it_heard(
    short_city: Engine,
    ledger: MemoryLedger,
    files: MemoryDossiers,
    reports: MemoryReports,
    number: CaseNo,
) -> None:
    async with short_city.worker([ledger.append, files.append, reports.append]):
        await short_city.adopt(registration(number))
        first = (await short_city.handle(number).describe()).run_id
        await FileOnEngine(short_city, cases=(number,)).start()
        await have_come(reports, FileEvent.OPENED)
        for _ in range(12):
            await short_city.send(number, envelope(OPERATOR, AddFacts(text=TEXT)))
        assert (await short_city.handle(number).describe()).run_id != first
        await told_again(short_city.handle(number), reports)
        await short_city.send(number, envelope(OPERATOR, AddFacts(text=TEXT)))
    assert len(reports.calls) == 1


async def test_file_that_began_before_files_reported_tells_all_of_it_at_its_next_step(
    idle_engine: Engine,
    ledger: MemoryLedger,
    files: MemoryDossiers,
    reports: MemoryReports,
    number: CaseNo,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its steps of before are replayed as they were by the release that reports."""
    city, activities = idle_engine, [ledger.append, files.append, reports.append]
    file = FileOnEngine(city, cases=(number,), reports=False)
    with monkeypatch.context() as earlier:
        earlier.setattr("workflows.file_reports.begins_to_report", lambda _: False)
        async with city.worker(activities):
            await city.adopt(registration(number))
            await file.start()
            await file.approved(c.PlanDisposal(disposal=Disposal.VERIFICATION, reason=TEXT))
    assert reports.rows == []
    async with city.worker(activities):
        await file.investigated()
        await have_come(reports, FileEvent.OPENED, FileEvent.DECIDED, FileEvent.CLOSED)
        query = f'WorkflowId="{dossier_workflow_id(file.number)}"'
        assert len([run async for run in city.client.list_workflows(query)]) == 2
    assert replay(files.facts).stage is DossierStage.CLOSED


async def test_case_that_the_engine_does_not_have_yet_loses_no_report(
    city: Engine, reports: MemoryReports, number: CaseNo
) -> None:
    await FileOnEngine(city, cases=(number,)).start()
    await have_come(reports, FileEvent.OPENED)
    assert reports.writers == ["accountability"]

"""What files told cases: written once, changed by nobody, and read by whom the file may be known to."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from store_hands import rows
from unit.dossiers import DEPUTY, FIRST, NUMBER, UNIT, Dossier, officer

from hotline.accountability.reporting import FileReport, reports_of
from hotline.accountability.state import Officer
from hotline.accountability.vocabulary import FileEvent, Level
from hotline.identifiers import CaseNo, UnitCode
from store.dossiers import project
from store.engine import Database
from store.file_reports import append_reports, every_report_to, reports_to
from store.tables.accountability import case_accountability

CASE = CaseNo("260302090000010001")


async def told(database: Database) -> tuple[FileReport, ...]:
    """A file that is in its ledger and has told its case so."""
    life = Dossier(cases=(CASE,), reference="drawn-by-lot")
    reports = reports_of(life.state)
    async with database.write() as session:
        await project(session, NUMBER, life.facts)
        await append_reports(session, reports)
    return reports


async def test_report_that_is_written_again_stays_as_it_was(database: Database) -> None:
    [report] = await told(database)
    other = report.model_copy(update={"event": FileEvent.CLOSED})
    async with database.write() as session:
        await append_reports(session, ())
        await append_reports(session, (report, other, report))
    async with database.read() as session:
        kept = await rows(session, case_accountability)
    assert [row["event"] for row in kept] == ["closed", "opened"]
    assert {row["at"] for row in kept} == {report.at}


@pytest.mark.parametrize(
    ("asking", "numbers"),
    [
        (FIRST, [NUMBER]),
        (DEPUTY, [NUMBER]),
        (officer("stationed", Level.OFFICER, supervises=(UNIT,)), [NUMBER]),
        (officer("elsewhere", Level.OFFICER, supervises=(UnitCode("shuiwu"),)), []),
        (officer("lent", Level.OFFICER, unit=UNIT), []),
        (officer("head-1", Level.OFFICER), []),
    ],
    ids=["officer", "deputy", "stationed", "stationed elsewhere", "of the unit", "whom it is about"],
)
async def test_report_is_read_by_whom_the_file_may_be_known_to(
    database: Database, asking: Officer, numbers: list[str]
) -> None:
    await told(database)
    async with database.read() as session:
        assert [one.dossier_no for one in await reports_to(session, CASE, asking)] == numbers
        assert await reports_to(session, CaseNo("260302090000010002"), asking) == ()


async def test_reports_of_one_instant_are_read_in_the_order_of_a_file(database: Database) -> None:
    [report] = await told(database)
    events = [FileEvent.CLOSED, FileEvent.EFFECT_ENDED, FileEvent.DECIDED]
    async with database.write() as session:
        await append_reports(session, [report.model_copy(update={"event": event}) for event in events])
    async with database.read() as session:
        read = await reports_to(session, CASE, FIRST)
    assert [one.report.event.value for one in read] == ["opened", "decided", "closed", "effect_ended"]


async def test_auditor_reads_that_there_is_a_file_and_not_which(database: Database) -> None:
    reports = await told(database)
    async with database.read() as session:
        read = await every_report_to(session, CASE)
    assert [(one.report, one.dossier_no) for one in read] == [(reports[0], None)]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE case_accountability SET event = 'closed'",
        "DELETE FROM case_accountability",
        "TRUNCATE case_accountability",
    ],
)
async def test_not_even_the_owner_takes_a_report_back(as_owner: Database, change: str) -> None:
    await told(as_owner)
    with pytest.raises(DBAPIError):
        async with as_owner.write() as session:
            await session.execute(text(change))

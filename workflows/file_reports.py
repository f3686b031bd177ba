"""Reports of accountability files to cases (案卷报告): the file's side, which tells, and the case's, which keeps.

Kept beside the case's ledger and state: a fact in it would tell the unit that is looked into, by its number if by
nothing else (docs/adr/0038). Telling twice is telling once, on either side.
"""

from collections.abc import Iterable
from typing import Final

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import FailureError

from hotline.accountability.reporting import FileReport, reports_of
from hotline.accountability.state import DossierState
from hotline.accountability.vocabulary import FileEvent
from hotline.identifiers import workflow_id
from workflows import options
from workflows.contracts import FileReportBatch, FileReportContract
from workflows.outbox import Outbox

REPORT: Final = "report"


def begins_to_report(state: DossierState) -> bool:
    """Whether a run that began before files reported is to make way now for one that does.

    Its history has no reports, so it cannot begin in the middle. The patch is asked for under a name of its own
    at each version: replayed steps answer no, and the first step of this release that is new answers yes, once.
    It may go when no file of before is left.
    """
    has_anything_to_tell = bool(state.reference and state.cases)
    return has_anything_to_tell and workflow.patched(f"reports-to-its-cases/{state.version}")


def outbox_of_reports() -> Outbox[FileReport]:
    """The way to the table. No log line names case or file: nobody there may learn that they belong together."""
    return Outbox(_append, known_as={"what": "file_report"})


async def _append(reports: tuple[FileReport, ...], priority: Priority) -> None:
    await workflow.execute_activity_method(
        FileReportContract.append, FileReportBatch(reports=reports), **options.projection(priority)
    )


class HeardReports:
    """What files have told a case of themselves, each thing once."""

    def __init__(self, heard: Iterable[FileReport] = ()) -> None:
        """Take up what an earlier run heard; all of that is written."""
        self._heard = {report.report_id: report for report in heard}
        self.outbox = outbox_of_reports()

    @property
    def heard(self) -> tuple[FileReport, ...]:
        """Everything that was heard."""
        return tuple(self._heard.values())

    def hear(self, report: FileReport) -> None:
        """Keep a report, and have it written; one that was heard before changes nothing."""
        if report.report_id not in self._heard:
            self._heard[report.report_id] = report
            self.outbox.add((report,))


class ToldReports:
    """What a file has told its cases."""

    def __init__(self, told: Iterable[FileEvent] = ()) -> None:
        """Take up what earlier runs told."""
        self._told = dict.fromkeys(told)
        self.outbox = outbox_of_reports()

    @property
    def told(self) -> tuple[FileEvent, ...]:
        """What every case was told."""
        return tuple(self._told)

    async def tell(self, state: DossierState, priority: Priority) -> None:
        """Tell each case what it does not know yet, and write oneself what one that has gone cannot hear."""
        due = [report for report in reports_of(state) if report.event not in self._told]
        for report in due:
            if not await _heard_by_case(report):
                self.outbox.add((report,))
        await self.outbox.flush(priority)
        self._told |= dict.fromkeys(report.event for report in due)


async def _heard_by_case(report: FileReport) -> bool:
    """Whether the case took the report; one that is archived, or not yet with the engine, has no workflow."""
    try:
        await workflow.get_external_workflow_handle(workflow_id(report.case_no)).signal(REPORT, report)
    except FailureError:
        return False
    return True

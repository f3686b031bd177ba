"""What accountability files told cases (案卷报告), beside the cases' ledgers: written once, read by few.

No row of a case is made from this table, no list joins it and nothing is announced when it grows. It is read with
the officer who asks; an auditor reads that there is a file, and not which.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from hotline.accountability.reporting import FileReport
from hotline.accountability.state import Officer
from hotline.accountability.vocabulary import FileEvent
from hotline.identifiers import CaseNo, DossierNo
from hotline.model import Record
from store.dossiers import visible_to
from store.engine import ReadSession, WriteSession
from store.tables.accountability import case_accountability, dossiers


class ReadReport(Record):
    """A report as it is read: with the number of its file, for whoever may know it."""

    report: FileReport
    dossier_no: DossierNo | None = None


async def append_reports(session: WriteSession, reports: Iterable[FileReport]) -> None:
    """Write what is not there yet, by case, reference and event; what is there stays as it is."""
    rows = [report.model_dump(mode="python") for report in reports]
    if rows:
        await session.execute(insert(case_accountability).values(rows).on_conflict_do_nothing())


async def reports_to(session: ReadSession, case_no: CaseNo, officer: Officer) -> tuple[ReadReport, ...]:
    """What a case was told of the files that an officer may know of, in the order of what happened."""
    wanted = (
        select(case_accountability, dossiers.c.dossier_no)
        .join(dossiers, dossiers.c.reference == case_accountability.c.reference)
        .where(visible_to(officer))
    )
    return await _read(session, wanted, case_no)


async def every_report_to(session: ReadSession, case_no: CaseNo) -> tuple[ReadReport, ...]:
    """What a case was told of any file, for the auditor, who is not told their numbers."""
    return await _read(session, select(case_accountability), case_no)


# Any: a query on the table, with or without the number of the file.
async def _read(session: ReadSession, wanted: Select[Any], case_no: CaseNo) -> tuple[ReadReport, ...]:
    found = await session.execute(wanted.where(case_accountability.c.case_no == case_no))
    read = [
        ReadReport(report=FileReport.model_validate(dict(row)), dossier_no=row.get("dossier_no"))
        for row in found.mappings()
    ]
    return tuple(sorted(read, key=_place))


def _place(read: ReadReport) -> tuple[datetime, int, str]:
    """A decision and the closing may be of one instant; then the one comes before the other."""
    report = read.report
    return report.at, tuple(FileEvent).index(report.event), report.reference

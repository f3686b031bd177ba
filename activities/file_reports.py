"""Write what accountability files tell cases into the table beside the cases' ledgers, in one transaction."""

from temporalio import activity

from store.engine import Database
from store.file_reports import append_reports
from workflows.contracts import FILE_REPORTS_APPEND, FileReportBatch, FileReportContract


class FileReports(FileReportContract):
    """The table of a database."""

    def __init__(self, database: Database) -> None:
        """Take the pool that every activity of this worker shares."""
        self._database = database

    @activity.defn(name=FILE_REPORTS_APPEND)
    async def append(self, batch: FileReportBatch) -> None:
        """Write what is not there yet. Nobody is told that a case moved: it did not."""
        async with self._database.write() as session:
            await append_reports(session, batch.reports)

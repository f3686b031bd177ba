"""Write what a line of the ledger of repeat problems decided into its own ledger and read rows, in one transaction."""

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.projection import LOOKED_AT_WITHIN
from store.engine import Database
from store.failures import LedgerFailure
from store.problems import project
from workflows.contracts import PROBLEM_APPEND, ProblemBatch, ProblemLedgerContract

_log = structlog.get_logger(__name__)


class ProblemLedger(ProblemLedgerContract):
    """The ledger of lines in a database."""

    def __init__(self, database: Database) -> None:
        """Take the pool that every activity of this worker shares."""
        self._database = database

    @activity.defn(name=PROBLEM_APPEND)
    async def append(self, batch: ProblemBatch) -> None:
        """Append the facts; a contradiction is never written over and never dropped."""
        try:
            async with self._database.write() as session:
                await project(session, batch.line_no, batch.facts)
        except LedgerFailure as failure:
            kind = type(failure).__name__
            _log.critical(
                "problem_ledger.contradicts", line_no=batch.line_no, seq=failure.seq, failure_kind=kind
            )
            raise ApplicationError(kind, type=kind, next_retry_delay=LOOKED_AT_WITHIN) from None

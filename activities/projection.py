"""Write what a case decided into the ledger and the read rows (投影), in one transaction.

Idempotent by case number and sequence number: at-least-once delivery becomes exactly-once content.
"""

from datetime import timedelta
from typing import Final

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from store.engine import Database
from store.failures import LedgerFailure
from store.projection import project
from workflows.contracts import PROJECTION_APPEND, ProjectionBatch, ProjectionContract

LOOKED_AT_WITHIN: Final = timedelta(minutes=5)
"""A ledger that contradicts a case is mended by people; asking more often would only fill the log."""

_log = structlog.get_logger(__name__)


class Projection(ProjectionContract):
    """The ledger of a database."""

    def __init__(self, database: Database) -> None:
        """Take the pool that every activity of this worker shares."""
        self._database = database

    @activity.defn(name=PROJECTION_APPEND)
    async def append(self, batch: ProjectionBatch) -> None:
        """Append the facts and bring the read rows up to them.

        A contradiction (another fact under the same number, or a gap) is never written over and never
        dropped: the case stands still and asks again, until somebody has answered the alarm.
        """
        try:
            async with self._database.write() as session:
                await project(session, batch.case_no, batch.facts)
        except LedgerFailure as failure:
            kind = type(failure).__name__
            _log.critical(
                "ledger.contradicts_case", case_no=failure.case_no, seq=failure.seq, failure_kind=kind
            )
            raise ApplicationError(str(failure), type=kind, next_retry_delay=LOOKED_AT_WITHIN) from failure

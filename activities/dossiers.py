"""Write what an accountability file decided into its own ledger and read rows, in one transaction."""

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.projection import LOOKED_AT_WITHIN
from store.dossiers import project
from store.engine import Database
from store.failures import LedgerFailure
from workflows.contracts import DOSSIER_APPEND, DossierBatch, DossierLedgerContract

_log = structlog.get_logger(__name__)


class DossierLedger(DossierLedgerContract):
    """The ledger of dossiers in a database."""

    def __init__(self, database: Database) -> None:
        """Take the pool that every activity of this worker shares."""
        self._database = database

    @activity.defn(name=DOSSIER_APPEND)
    async def append(self, batch: DossierBatch) -> None:
        """Append the facts; a contradiction is never written over and never dropped."""
        try:
            async with self._database.write() as session:
                await project(session, batch.dossier_no, batch.facts)
        except LedgerFailure as failure:
            kind = type(failure).__name__
            # The number stays out of the log: nobody there may learn that the dossier exists.
            _log.critical("dossier_ledger.contradicts", seq=failure.seq, failure_kind=kind)
            raise ApplicationError(kind, type=kind, next_retry_delay=LOOKED_AT_WITHIN) from None

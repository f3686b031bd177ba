"""Write what a case decided into the ledger and the read rows (投影), in one transaction.

Idempotent by case number and sequence number: at-least-once delivery becomes exactly-once content.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from hotline.facts import ClockFired, Fact
from runtime.temporal import RUNG_LATENESS
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
        _measure(batch.facts)


def _measure(facts: Sequence[Fact]) -> None:
    """Count what fired, and how long after its instant; a batch whose answer was lost is counted again."""
    meter = activity.metric_meter()
    fired = meter.create_counter("hotline_rungs_fired", "Rungs of the ladder that fired.")
    lateness = meter.create_histogram_timedelta(RUNG_LATENESS, "From the instant of a rung to its firing.")
    for fact in facts:
        if isinstance(fact.body, ClockFired):
            rung = {"alarm": fact.body.alarm.value}
            fired.add(1, rung)
            lateness.record(max(fact.at - fact.body.due_at, timedelta(0)), rung)

"""Facts on their way to the ledger (台账投影): in order and without gaps, whoever waits for them.

A case hands over facts the moment they are decided; the ledger may lag behind the case but never lead it.
"""

import asyncio
from collections.abc import Iterable

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import ActivityError

from hotline.facts import Fact
from hotline.identifiers import CaseNo
from workflows import options
from workflows.contracts import ProjectionBatch, ProjectionContract


class Outbox:
    """The facts of one case that the ledger does not have yet."""

    def __init__(self, case_no: CaseNo, facts: Iterable[Fact] = ()) -> None:
        """Start with what an earlier run left, which is nothing unless that run was cut short."""
        self._case_no = case_no
        self._facts = list(facts)
        # Handlers interleave: without the lock a handler could send facts 8–9 while another's 5–7 are
        # being retried, and the ledger would see a gap or, after a crash, the wrong order.
        self._sending = asyncio.Lock()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What is still to be written."""
        return tuple(self._facts)

    def add(self, facts: Iterable[Fact]) -> None:
        """Queue newly decided facts."""
        self._facts.extend(facts)

    async def flush(self, priority: Priority) -> None:
        """Return once the ledger has every fact queued so far, one's own and those of others."""
        async with self._sending:
            while self._facts:
                batch = self.facts
                if await self._written(batch, priority):
                    del self._facts[: len(batch)]

    async def _written(self, facts: tuple[Fact, ...], priority: Priority) -> bool:
        try:
            await workflow.execute_activity_method(
                ProjectionContract.append,
                ProjectionBatch(case_no=self._case_no, facts=facts),
                **options.projection(priority),
            )
        except ActivityError as error:
            # Dropping the facts would leave a gap for ever, and failing would end the case: it waits.
            workflow.logger.critical(
                "projection.given_up", extra={"case_no": self._case_no, "seq": facts[0].seq}, exc_info=error
            )
            await workflow.sleep(options.PROJECTION_RESUMES_AFTER)
            return False
        return True

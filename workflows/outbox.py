"""Facts on their way to a ledger (台账投影): in order and without gaps, whoever waits for them.

A case, a dossier or a line hands over facts the moment they are decided; its ledger may lag behind but never lead.
What files report to cases goes the same way into the table beside the cases' ledgers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Generic, TypeVar

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import ActivityError

from workflows import options

Fact = TypeVar("Fact")


class Outbox(Generic[Fact]):
    """The facts of one entity that its ledger does not have yet."""

    def __init__(
        self,
        write: Callable[[tuple[Fact, ...], Priority], Awaitable[None]],
        facts: Iterable[Fact] = (),
        *,
        known_as: Mapping[str, str],
    ) -> None:
        """Start with what an earlier run left; `known_as` is what a log line may say of the entity."""
        self._write = write
        self._facts = list(facts)
        self._known_as = known_as
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
            await self._write(facts, priority)
        except ActivityError as error:
            # Dropping the facts would leave a gap for ever, and failing would end the entity: it waits.
            told = {**self._known_as, "waiting": len(facts)}
            workflow.logger.critical("projection.given_up", extra=told, exc_info=error)
            await workflow.sleep(options.PROJECTION_RESUMES_AFTER)
            return False
        return True

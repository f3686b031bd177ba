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
        self._handed_over: list[Fact] = []
        self._known_as = known_as
        # Handlers interleave: without the lock a handler could send facts 8–9 while another's 5–7 are
        # being retried, and the ledger would see a gap or, after a crash, the wrong order.
        self._sending = asyncio.Lock()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What is still to be written, by whomever."""
        return (*self._handed_over, *self._facts)

    @property
    def own(self) -> tuple[Fact, ...]:
        """What of that was given to nobody."""
        return tuple(self._facts)

    def add(self, facts: Iterable[Fact]) -> None:
        """Queue newly decided facts."""
        self._facts.extend(facts)

    def hand_over(self, is_written: Callable[[Fact], bool]) -> tuple[Fact, ...]:
        """Give what the ledger has not to somebody who writes it there, and forget what it is known to have.

        It is kept until then: whatever is written from here before that is written with it.
        """
        self._handed_over = [fact for fact in self.facts if not is_written(fact)]
        self._facts = []
        return tuple(self._handed_over)

    async def flush(self, priority: Priority, *, everything: bool = False) -> None:
        """Return once the ledger has every fact queued so far, one's own and those of others.

        What was handed over is waited for only if `everything` is, and goes along with the rest otherwise.
        """
        async with self._sending:
            while batch := self.facts if self._facts or everything else ():
                if await self._written(batch, priority):
                    self._forget(batch)

    def _forget(self, written: tuple[Fact, ...]) -> None:
        """By identity: while they were on their way, some may have been handed over and others come."""
        gone = set(map(id, written))
        self._handed_over = [fact for fact in self._handed_over if id(fact) not in gone]
        self._facts = [fact for fact in self._facts if id(fact) not in gone]

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

"""What one case has to tell others (并单联动), tried again while the other is not there yet.

A case may be joined to one that is registered but not yet adopted by the engine. One that stays absent
has finished, and then the rules say what follows.
"""

from collections.abc import Iterable
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import FailureError

from hotline.commands import AcceptMember
from hotline.effects import Effect
from hotline.identifiers import workflow_id
from workflows.contracts import Errand
from workflows.options import ERRAND_ATTEMPTS, ERRAND_FIRST_RETRY

TELL = "tell"


class Errands:
    """The effects of one case that are still to be delivered."""

    def __init__(self, pending: Iterable[Errand] = ()) -> None:
        """Take up what an earlier run left."""
        self._pending = list(pending)

    @property
    def pending(self) -> tuple[Errand, ...]:
        """What is still to be delivered."""
        return tuple(self._pending)

    @property
    def next_at(self) -> datetime | None:
        """When the next delivery is to be tried."""
        return min((errand.not_before for errand in self._pending), default=None)

    def add(self, effects: Iterable[Effect]) -> None:
        """Queue effects for delivery at once."""
        now = workflow.now()
        self._pending.extend(Errand(effect=effect, not_before=now) for effect in effects)

    async def run(self) -> tuple[Effect, ...]:
        """Deliver what is due, in order; give back what cannot be delivered at all."""
        now = workflow.now()
        lost: list[Effect] = []
        for errand in self.pending:
            if errand.not_before > now:
                continue
            delivered = await _delivered(errand.effect)
            self._pending.remove(errand)
            if not delivered:
                lost.extend(self._postponed(errand, now))
        return tuple(lost)

    def _postponed(self, errand: Errand, now: datetime) -> tuple[Effect, ...]:
        attempts = errand.attempts + 1
        # A member joined by itself, so it was adopted; only a master may be on its way to the engine.
        if attempts >= ERRAND_ATTEMPTS or not isinstance(errand.effect.envelope.command, AcceptMember):
            return (errand.effect,)
        later = now + ERRAND_FIRST_RETRY * 2**errand.attempts
        self._pending.append(Errand(effect=errand.effect, attempts=attempts, not_before=later))
        return ()


async def _delivered(effect: Effect) -> bool:
    target = workflow.get_external_workflow_handle(workflow_id(effect.target))
    try:
        await target.signal(TELL, effect.envelope)
    except FailureError:
        workflow.logger.warning(
            "errand.undelivered", extra={"target": effect.target, "kind": effect.envelope.command.kind}
        )
        return False
    return True

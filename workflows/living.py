"""What every run of a long life does alike (长期流程): sleep until something is due, settle, and move on to a new run."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio import workflow
from temporalio.common import Priority

from workflows.outbox import Outbox

MOVE_ON: Final = "move_on"


class Movable:
    """An entity that an operator can ask to look around: one that sleeps for weeks learns of a new release by no task.

    The handler must be there: a signal that nobody handles wakes a run without having it look at what it waits for.
    """

    @workflow.signal(name=MOVE_ON)
    def move_on(self) -> None:
        """Wake; where a new version serves, the run that wakes continues as new there."""


def should_continue_as_new() -> bool:
    """Whether history has grown, or a new release serves new runs: a pinned entity moves to it here."""
    info = workflow.info()
    return info.is_continue_as_new_suggested() or info.is_target_worker_deployment_version_changed()


async def change_or_alarm(wake_at: datetime | None, has_changed: Callable[[], bool]) -> None:
    """Sleep until something was decided, something is due, or a new run is wanted."""
    sleep_for = wake_at - workflow.now() if wake_at else None
    if sleep_for is not None and sleep_for <= timedelta(0):
        return
    try:
        await workflow.wait_condition(
            lambda: has_changed() or should_continue_as_new(), timeout=sleep_for, timeout_summary="clock"
        )
    except TimeoutError:
        return


# Any: whatever the facts are.
async def everything_settled(priority: Priority, *outboxes: Outbox[Any]) -> None:
    """A run that ends with a handler in flight would leave its caller without an answer.

    What was handed over is not waited for: the next run carries it, and the last fact of an entity never is.
    """
    while any(outbox.own for outbox in outboxes) or not workflow.all_handlers_finished():
        for outbox in outboxes:
            await outbox.flush(priority)
        await workflow.wait_condition(workflow.all_handlers_finished)

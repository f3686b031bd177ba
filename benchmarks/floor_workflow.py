"""The least that the engine does for a case: updates that do nothing, each with a regular activity that does nothing."""

from temporalio import workflow
from temporalio.common import VersioningBehavior

from workflows.options import INTERACTIVE, projection

NOTHING = "floor.nothing"


@workflow.defn(name="floor", versioning_behavior=VersioningBehavior.PINNED)
class FloorWorkflow:
    """It ends when it has been updated often enough, as a case ends with its archive."""

    @workflow.init
    def __init__(self, updates: int) -> None:
        self._left = updates

    @workflow.run
    async def run(self, updates: int) -> int:
        await workflow.wait_condition(lambda: self._left == 0 and workflow.all_handlers_finished())
        return updates

    @workflow.update
    async def step(self) -> int:
        await workflow.execute_activity(NOTHING, **projection(INTERACTIVE))
        self._left -= 1
        return self._left

"""A workflow that is nothing but a timer: what Temporal itself makes of many that are due at one instant."""

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import VersioningBehavior


@workflow.defn(name="bare-timer", versioning_behavior=VersioningBehavior.PINNED)
class BareTimerWorkflow:
    """It sleeps until an instant and says when it woke."""

    @workflow.run
    async def run(self, due_at: datetime) -> datetime:
        await workflow.sleep(max(due_at - workflow.now(), timedelta(0)))
        return workflow.now()

"""Workflows that let their input through everywhere the SDK has a place for it."""

from datetime import date, timedelta

from pydantic import BaseModel
from temporalio import activity, workflow
from temporalio.common import RetryPolicy


class Note(BaseModel):
    text: str
    due_on: date


@activity.defn
async def fail_with(note: Note) -> None:
    activity.heartbeat(note.text)
    raise ValueError(note.text)


@workflow.defn
class Leaky:
    """Fails with its input after an activity did."""

    @workflow.run
    async def run(self, note: Note) -> None:
        await workflow.execute_activity(
            fail_with,
            note,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=RetryPolicy(maximum_attempts=1),
            summary=note.text,
        )

    @workflow.update
    async def echo(self, note: Note) -> Note:
        return note

    @workflow.signal
    async def hear(self, note: Note) -> None:
        pass


@workflow.defn
class Buggy:
    """Raises a plain exception, which fails the workflow task and not the workflow."""

    @workflow.run
    async def run(self, note: Note) -> None:
        raise RuntimeError(note.text)

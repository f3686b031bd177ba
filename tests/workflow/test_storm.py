"""Storms 错峰: what thousands of clocks come to queues behind emergencies and behind what people wait for.

Counted, not timed: the priorities that the server was told of each case and of each write.
"""

from datetime import timedelta

from fixtures.cases import dispatch, registration, sign
from fixtures.engine import Engine, MemoryLedger
from temporalio.client import WorkflowHandle

from hotline.identifiers import CaseNo
from hotline.vocabulary import Urgency
from workflows.case import CaseWorkflow
from workflows.contracts import CaseEnd

FIRST, ORDINARY, LAST = 1, 3, 5


async def priorities(handle: WorkflowHandle[CaseWorkflow, CaseEnd]) -> tuple[int, list[int]]:
    """Of the case itself, and of everything that it asked to be written."""
    events = (await handle.fetch_history()).events
    started = events[0].workflow_execution_started_event_attributes.priority.priority_key
    asked = [
        event.activity_task_scheduled_event_attributes.priority.priority_key
        for event in events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    return started, asked


async def test_clocks_of_a_case_come_after_what_people_wait_for(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    await city.adopt(registration(number))
    await city.send(number, dispatch(), sign())
    await city.fast_forward(number, timedelta(days=30))
    started, asked = await priorities(city.handle(number))
    assert started == ORDINARY
    assert asked[:3] == [FIRST] * 3
    assert set(asked[3:]) == {LAST}
    assert len(asked) == len(ledger.calls) > 6


async def test_clocks_of_an_emergency_come_with_what_people_wait_for(city: Engine, number: CaseNo) -> None:
    await city.adopt(registration(number, urgency=Urgency.CRITICAL))
    await city.send(number, dispatch(), sign())
    await city.fast_forward(number, timedelta(days=30))
    started, asked = await priorities(city.handle(number))
    assert (started, set(asked)) == (FIRST, {FIRST})
    assert len(asked) > 6

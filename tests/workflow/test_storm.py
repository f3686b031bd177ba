"""Storms 错峰: what thousands of clocks come to queues behind emergencies and behind what people wait for.

Counted, not timed: the priorities that the server was told of each case and of each write.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from fixtures.cases import DISPATCHER, TEXT, dispatch, envelope, new_number, registration, sign
from fixtures.engine import ANSWER_WITHIN, Engine, MemoryLedger
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.client import WorkflowHandle

from api.gateway import CaseGateway
from hotline.case import Classification
from hotline.commands import ReclassifyCase
from hotline.identifiers import CaseNo, workflow_id
from hotline.vocabulary import RequestType, Urgency
from workflows.case import CaseWorkflow
from workflows.contracts import CaseEnd

FIRST, WAITED_FOR, ORDINARY, LAST = 1, 2, 3, 5


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


async def test_who_waits_for_long_is_put_before_clocks_until_the_answer(
    idle_engine: Engine, ledger: MemoryLedger
) -> None:
    engine, numbers = idle_engine, [new_number() for _ in range(12)]
    async with engine.worker([ledger.append]):
        for each in numbers:
            await engine.adopt(registration(each))
    answered: list[CaseNo] = []

    async def ask(gateway: CaseGateway, number: CaseNo) -> None:
        await gateway.send(number, dispatch())
        answered.append(number)

    asking = [asyncio.create_task(ask(engine.gateway, each)) for each in numbers[:-1]]
    for each in numbers[:-1]:
        await until(engine, each, lambda case: case.HasField("pending_workflow_task"))
    asking.append(asyncio.create_task(ask(impatient(engine), numbers[-1])))
    await until(engine, numbers[-1], lambda case: priority_of(case) == WAITED_FOR)
    async with engine.worker([ledger.append], one_at_a_time=True):
        await asyncio.gather(*asking)
    # The one task that was on its way to the worker when it came may be before it.
    assert numbers[-1] in answered[:2]
    assert len(answered) == len(numbers)
    # Else its own clocks would be before what somebody waits for, from then on.
    await until(engine, numbers[-1], lambda case: priority_of(case) == ORDINARY)
    # Without the signal a task that lives in the memory of a busy worker's queue would stay there (ADR 0059).
    told = [event.event_type for event in (await engine.handle(numbers[-1]).fetch_history()).events]
    assert told.index(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED) < told.index(
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED
    )


async def test_emergency_that_somebody_waits_for_stays_before_all_others(
    idle_engine: Engine, ledger: MemoryLedger
) -> None:
    engine, number = idle_engine, new_number()
    async with engine.worker([ledger.append]):
        await engine.adopt(registration(number, urgency=Urgency.CRITICAL))
    assert await impatient(engine).put_first(workflow_id(number)) is None
    assert priority_of((await engine.handle(number).describe()).raw_description) == FIRST


async def test_case_that_becomes_an_emergency_goes_before_all_others_from_then_on(
    city: Engine, number: CaseNo
) -> None:
    await city.adopt(registration(number))
    critical = Classification(type=RequestType.COMPLAINT, urgency=Urgency.CRITICAL)
    change = envelope(DISPATCHER, ReclassifyCase(classification=critical, reason=TEXT))
    gateway = impatient(city)
    await gateway.put_first(workflow_id(number))
    await city.send(number, change)
    # Somebody else had waited for it meanwhile, whose answer must not put it back.
    await gateway.put_back(workflow_id(number), ORDINARY)
    assert priority_of((await city.handle(number).describe()).raw_description) == FIRST


def impatient(engine: Engine) -> CaseGateway:
    """A gateway whose callers wait for nothing while clocks wake, which they always do."""

    async def always() -> bool:
        return True

    return CaseGateway(
        engine.client,
        engine.queue,
        answer_within=ANSWER_WITHIN,
        are_many_waking=always,
        patient_for=timedelta(milliseconds=1),
    )


def priority_of(case: DescribeWorkflowExecutionResponse) -> int:
    return case.workflow_execution_info.priority.priority_key


async def until(
    engine: Engine, number: CaseNo, is_so: Callable[[DescribeWorkflowExecutionResponse], bool]
) -> None:
    while not is_so((await engine.handle(number).describe()).raw_description):  # noqa: ASYNC110  the server has no event for it
        await asyncio.sleep(0.02)

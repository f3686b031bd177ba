"""A case stays with the workers of its own generation, and moves when it continues as new."""

from fixtures.cases import dispatch, registration, sign
from fixtures.engine import Engine, MemoryLedger
from fixtures.eventually import assert_eventually
from temporalio.api.enums.v1 import EventType

from hotline.identifiers import CaseNo
from hotline.vocabulary import Status


async def builds_of(engine: Engine, number: CaseNo) -> list[str]:
    """Which build completed each task of the current run."""
    history = await engine.handle(number).fetch_history()
    return [
        event.workflow_task_completed_event_attributes.deployment_version.build_id
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    ]


async def test_case_is_served_by_any_worker_of_its_build(
    idle_engine: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    async with idle_engine.worker([ledger.append]):
        await idle_engine.adopt(registration(number))
    async with idle_engine.worker([ledger.append]):
        receipt = await idle_engine.send(number, dispatch())
    assert receipt.status is Status.AWAITING_SIGNATURE
    assert set(await builds_of(idle_engine, number)) == {"1"}


async def test_case_stays_with_its_build_while_that_is_current(
    idle_engine: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    async with (
        idle_engine.worker([ledger.append]),
        idle_engine.worker([ledger.append], build_id="2", current=False),
    ):
        await idle_engine.adopt(registration(number))
        await idle_engine.send(number, dispatch(), sign())
    assert set(await builds_of(idle_engine, number)) == {"1"}


async def test_case_moves_to_the_new_current_build_by_continuing_as_new(
    idle_engine: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    async with idle_engine.worker([ledger.append]):
        await idle_engine.adopt(registration(number))
        first_run = (await idle_engine.handle(number).describe()).run_id
        async with idle_engine.worker([ledger.append], build_id="2"):
            receipt = await idle_engine.send(number, dispatch(), sign())
            assert receipt.status is Status.IN_HAND
            await assert_eventually(lambda: on_build_2(idle_engine, number))
    assert (await idle_engine.handle(number).describe()).run_id != first_run


async def on_build_2(engine: Engine, number: CaseNo) -> None:
    assert set(await builds_of(engine, number)) == {"2"}

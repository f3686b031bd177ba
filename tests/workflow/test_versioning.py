"""A case stays with the workers of its own generation, and moves when it continues as new."""

import uuid
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from fixtures.cases import contact, dispatch, registration, sign
from fixtures.dossiers import FileOnEngine, MemoryDossiers
from fixtures.engine import Engine, MemoryLedger
from fixtures.eventually import assert_eventually
from fixtures.problems import CASES, LineOnEngine, MemoryProblems
from fixtures.rollouts import Town
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle
from temporalio.common import WorkerDeploymentVersion

from hotline.facts import ClockFired
from hotline.identifiers import CaseNo, rollout_id, workflow_id
from hotline.vocabulary import Status
from runtime.deployment import (
    PinnedRun,
    Standing,
    is_newer,
    make_current,
    nudge,
    open_runs,
    take_over,
    versions,
)
from workflows.living import MOVE_ON


async def builds_of(engine: Engine, number: CaseNo) -> list[str]:
    """Which build completed each task of the current run."""
    return await builds_in(engine.handle(number))


# Any: whichever workflow it is.
async def builds_in(handle: WorkflowHandle[Any, Any]) -> list[str]:
    history = await handle.fetch_history()
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


async def current_build(engine: Engine) -> str | None:
    known = await versions(engine.client, engine.version.deployment_name)
    return next((one.build_id for one in known if one.standing is Standing.CURRENT), None)


async def make_build_2_current(engine: Engine) -> None:
    await make_current(engine.client, WorkerDeploymentVersion(engine.version.deployment_name, "2"))


async def woken(engine: Engine) -> list[PinnedRun]:
    """Everything that is open on build 1, after it was told to move on."""
    runs = [run async for run in open_runs(engine.client, engine.version)]
    for run in runs:
        await nudge(engine.client, run, MOVE_ON)
    return runs


async def test_case_that_sleeps_moves_when_it_is_woken_and_each_of_its_clocks_fires_once_there(
    idle_engine: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    async with idle_engine.worker([ledger.append], build_id="2", current=False):
        async with idle_engine.worker([ledger.append]):
            await idle_engine.adopt(registration(number))
            await idle_engine.send(number, dispatch(), sign())
            await make_build_2_current(idle_engine)
            assert set(await builds_of(idle_engine, number)) == {"1"}

            async def left() -> None:
                assert not await woken(idle_engine)

            await assert_eventually(left)
            await assert_eventually(lambda: on_build_2(idle_engine, number))
        await idle_engine.send(number, contact(await idle_engine.now(number)))
        await idle_engine.fast_forward(number, timedelta(days=40))
    fired = [fact.body for fact in ledger.facts[number] if isinstance(fact.body, ClockFired)]
    assert fired
    assert max(Counter((body.clock_id, body.alarm) for body in fired).values()) == 1


async def test_run_that_moved_on_meanwhile_needs_no_waking(
    idle_engine: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    async with idle_engine.worker([ledger.append]):
        await idle_engine.adopt(registration(number))
        await nudge(idle_engine.client, PinnedRun(workflow_id(number), str(uuid.uuid4())), MOVE_ON)


async def test_files_lines_and_rollouts_move_like_cases(idle_engine: Engine) -> None:
    town = Town(cases=1)
    town.stubborn.update(town.waiting)
    activities = [MemoryDossiers().append, MemoryProblems().append, town.page, town.finish]
    file, line, revision = FileOnEngine(idle_engine), LineOnEngine(idle_engine), f"city/{uuid.uuid4().hex}"
    rollout = idle_engine.client.get_workflow_handle(rollout_id(revision))
    moving: tuple[WorkflowHandle[Any, Any], ...] = (file.handle, line.handle, rollout)
    async with AsyncExitStack() as workers:
        await workers.enter_async_context(idle_engine.worker(activities, build_id="2", current=False))
        await workers.enter_async_context(idle_engine.worker(activities))
        await file.start()
        await line.note(CASES[0])
        await idle_engine.gateway.roll_out(revision)

        async def pinned(builds: set[str]) -> None:
            for handle in moving:
                assert set(await builds_in(handle)) == builds

        await assert_eventually(lambda: pinned({"1"}))
        await make_build_2_current(idle_engine)
        assert len(await woken(idle_engine)) == len(moving)
        # A rollout rests between two walks and looks around when it goes on.
        await idle_engine.skipper.fast_forward(rollout, timedelta(minutes=10))
        await assert_eventually(lambda: pinned({"2"}))
        await rollout.terminate()


async def test_worker_takes_over_at_its_first_start_alone_and_from_an_older_generation_alone(
    idle_engine: Engine,
) -> None:
    client, deployment = idle_engine.client, idle_engine.version.deployment_name
    first, second = (WorkerDeploymentVersion(deployment, f"cases-{n}") for n in (1, 2))
    assert await take_over(client, first)
    assert await take_over(client, second)
    assert not await take_over(client, first), "the old worker was restarted beside the new one"
    assert await current_build(idle_engine) == "cases-2"
    await make_current(client, first)
    assert not await take_over(client, second), "an operator went back, and the new worker was restarted"
    assert await current_build(idle_engine) == "cases-1"


@pytest.mark.parametrize(
    ("build_id", "than", "newer"),
    [
        ("cases-2", "cases-1", True),
        ("cases-10", "cases-9", True),
        ("cases-1", "cases-1", False),
        ("cases-1", "cases-2", False),
        ("files-2", "cases-1", False),
        ("blue", "cases-1", False),
        ("cases-2", "blue", False),
    ],
)
def test_generation_is_newer_by_its_number_alone(build_id: str, than: str, *, newer: bool) -> None:
    assert is_newer(build_id, than) is newer

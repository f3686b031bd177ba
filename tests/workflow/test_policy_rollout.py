"""规则换版: every living case is reached once, through stopped workers, lost pages and new runs, and then it ends."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from fixtures.engine import Engine, engine
from fixtures.eventually import assert_eventually
from fixtures.rollouts import Town
from temporalio.client import WorkflowHandle

from hotline.identifiers import CaseNo, rollout_id
from runtime.embedded_temporal import TIME_SKIPPING, EmbeddedTemporal
from runtime.keyring import Keyring
from runtime.ports import free_port
from runtime.temporal import connect
from workflows import options
from workflows.contracts import RolloutEnd
from workflows.policy_rollout import PolicyRolloutWorkflow

SOME_WALKS = options.ROLLOUT_SETTLES_AFTER + 3 * options.ROLLOUT_RESTS_FOR

Handle = WorkflowHandle[PolicyRolloutWorkflow, RolloutEnd]


async def started(city: Engine) -> tuple[str, Handle]:
    revision = f"city/{uuid.uuid4().hex}"
    await city.gateway.roll_out(revision)
    handle = city.skipper.client.get_workflow_handle_for(PolicyRolloutWorkflow.run, rollout_id(revision))
    return revision, handle


async def pass_by(city: Engine, handle: Handle, span_for: timedelta = timedelta(minutes=30)) -> None:
    await city.skipper.fast_forward(handle, span_for)


async def test_every_case_is_reached_once_and_then_it_ends(idle_engine: Engine) -> None:
    town = Town(cases=8)
    async with idle_engine.worker([town.page, town.finish]):
        revision, handle = await started(idle_engine)
        await pass_by(idle_engine, handle)
        assert await handle.result() == RolloutEnd(revision=revision)
    assert town.taken == [CaseNo(f"{n:018}") for n in range(1, 9)]
    assert town.ends == [RolloutEnd(revision=revision)]


async def test_starting_it_again_is_once_even_when_it_has_ended(idle_engine: Engine) -> None:
    town = Town()
    async with idle_engine.worker([town.page, town.finish]):
        revision, handle = await started(idle_engine)
        await idle_engine.gateway.roll_out(revision)
        await pass_by(idle_engine, handle)
        await handle.result()
        await idle_engine.gateway.roll_out(revision)
    assert len(town.ends) == 1


async def test_case_that_starts_under_the_old_policy_meanwhile_is_caught(idle_engine: Engine) -> None:
    town = Town(cases=2)
    async with idle_engine.worker([town.page, town.finish]):
        _, handle = await started(idle_engine)

        async def first_walk_is_over() -> None:
            assert len(town.taken) == 2
            assert town.pages >= 2

        await assert_eventually(first_walk_is_over)
        late = CaseNo(f"{1:017}0")
        town.waiting.append(late)
        await pass_by(idle_engine, handle)
        await handle.result()
    assert late in town.taken


async def test_it_waits_for_cases_on_their_way_and_for_those_that_do_not_answer(idle_engine: Engine) -> None:
    town = Town(cases=4)
    town.awaited, town.stubborn = True, {town.waiting[1]}
    async with idle_engine.worker([town.page, town.finish]):
        _, handle = await started(idle_engine)
        await pass_by(idle_engine, handle, SOME_WALKS)
        assert town.ends == []
        town.awaited = False
        await pass_by(idle_engine, handle, SOME_WALKS)
        assert town.ends == []
        town.stubborn.clear()
        await pass_by(idle_engine, handle)
        await handle.result()
    assert len(town.taken) == len({*town.taken}) == 4


async def test_revision_that_another_overtakes_stops(idle_engine: Engine) -> None:
    town = Town(cases=5)
    town.overtaken = True
    async with idle_engine.worker([town.page, town.finish]):
        revision, handle = await started(idle_engine)
        assert await handle.result() == RolloutEnd(revision=revision, overtaken=True)
    assert town.taken == []


async def test_lost_pages_and_stopped_workers_leave_nobody_out_and_ask_nobody_twice(
    idle_engine: Engine,
) -> None:
    town = Town(cases=12)
    town.faults = 4
    async with idle_engine.worker([town.page, town.finish]):
        _, handle = await started(idle_engine)

        async def some_are_done() -> None:
            assert len(town.taken) >= 3

        await assert_eventually(some_are_done)
    async with idle_engine.worker([town.page, town.finish]):
        await pass_by(idle_engine, handle)
        await handle.result()
    assert sorted(town.taken) == [CaseNo(f"{n:018}") for n in range(1, 13)]


@pytest.fixture
async def forgetful(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    """An engine whose server asks for a new run every few pages."""
    server = EmbeddedTemporal(
        tmp_path_factory.mktemp("short-rollouts"),
        free_port(),
        None,
        dynamic_config={**TIME_SKIPPING, "limit.historyCount.suggestContinueAsNew": 20},
        in_memory=True,
    )
    async with server:
        client = await connect(server.address, server.namespace, Keyring.generate(), identity="test")
        yield engine(client)


async def test_new_run_goes_on_where_the_last_one_stood(forgetful: Engine) -> None:
    town = Town(cases=40)
    async with forgetful.worker([town.page, town.finish]):
        _, handle = await started(forgetful)
        first_run = (await handle.describe()).run_id

        async def all_are_done() -> None:
            assert len(town.taken) == 40

        await assert_eventually(all_are_done)
        assert (await handle.describe()).run_id != first_run
        await pass_by(forgetful, handle)
        await handle.result()
    # A walk in which each run began anew would have asked for many more pages.
    assert town.pages <= 18
    assert len(town.ends) == 1

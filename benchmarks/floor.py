"""The engine's floor (引擎下限): as many updates as a case has, with nothing to decide, to send or to write.

Same server, same client factory (Pydantic's converter and the sealing codec), same versioning, sandbox, cache and pollers as
the worker of cases; a queue, a deployment and a process of its own. `python -m benchmarks.floor FOLDER` is that process.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from typing import Final

from temporalio import activity
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import (
    VersioningBehavior,
    WorkerDeploymentVersion,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.worker import Worker, WorkerDeploymentConfig

from benchmarks.bare_timer import BareTimerWorkflow
from benchmarks.floor_workflow import NOTHING, FloorWorkflow
from benchmarks.load import LifeMaker, Request
from benchmarks.stacks import child
from runtime.deployment import make_current
from runtime.keyring import keyring_of
from runtime.lifecycle import stop_requests
from runtime.settings import Settings
from runtime.stack import connected_settings
from runtime.temporal import connect
from worker import GRACE_FOR, STICKS_FOR, TASKS_AT_ONCE
from workflows.options import ORDINARY
from workflows.sandbox import sandboxed_runner

QUEUE: Final = "floor"
_READY: Final = "ready"


@activity.defn(name=NOTHING)
async def nothing() -> None:
    """Do nothing, as a regular activity."""


def lives_on(client: Client, updates: int) -> LifeMaker:
    """Lives of so many updates, the first of which starts the workflow."""
    numbers = count(1)

    def make() -> Sequence[Request]:
        name = f"floor:{os.getpid()}-{next(numbers)}"

        async def start() -> None:
            beginning = WithStartWorkflowOperation(
                FloorWorkflow.run,
                updates,
                id=name,
                task_queue=QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                priority=ORDINARY,
            )
            await client.execute_update_with_start_workflow(
                FloorWorkflow.step, id="0", start_workflow_operation=beginning
            )

        def step(number: int) -> Request:
            async def go() -> None:
                await client.get_workflow_handle_for(FloorWorkflow.run, name).execute_update(
                    FloorWorkflow.step, id=str(number)
                )

            return go

        return (start, *(step(number) for number in range(1, updates)))

    return make


@contextmanager
def floor_worker(folder: Path) -> Iterator[int]:
    """The worker of the floor, in a process of its own; yields its pid."""
    with child([sys.executable, "-m", "benchmarks.floor", str(folder)]) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == _READY
        yield process.pid


@asynccontextmanager
async def client_of(folder: Path, identity: str) -> AsyncIterator[Client]:
    """A client of a stack's engine, made as every client of ours is."""
    settings = connected_settings(Settings(data_dir=folder, demo_mode=True))
    assert settings.temporal_address is not None
    yield await connect(
        settings.temporal_address, settings.temporal_namespace, keyring_of(settings), identity=identity
    )


async def _serve(folder: Path) -> None:
    settings = Settings(data_dir=folder, demo_mode=True)
    version = WorkerDeploymentVersion("floor", "1")
    async with client_of(folder, f"floor:{os.getpid()}") as client:
        await make_current(client, version)
        worker = Worker(
            client,
            task_queue=QUEUE,
            workflows=[FloorWorkflow, BareTimerWorkflow],
            activities=[nothing],
            workflow_runner=sandboxed_runner(),
            max_cached_workflows=settings.max_cached_workflows,
            max_concurrent_activities=settings.max_concurrent_activities,
            max_concurrent_workflow_tasks=TASKS_AT_ONCE,
            graceful_shutdown_timeout=GRACE_FOR,
            sticky_queue_schedule_to_start_timeout=STICKS_FOR,
            deployment_config=WorkerDeploymentConfig(
                version=version,
                use_worker_versioning=True,
                default_versioning_behavior=VersioningBehavior.PINNED,
            ),
        )
        with stop_requests() as stop:
            async with worker:
                print(_READY, flush=True)
                await stop.wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))

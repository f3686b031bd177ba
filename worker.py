"""The worker (工作进程): takes on the cases of one task queue and writes their facts.

A composition root: settings, client, activities and worker meet here and nowhere else. It waits for its
servers instead of failing without them, and on SIGTERM finishes what is in hand.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from typing import Any, Final, TypeVar

import structlog
import uvloop
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.dossiers import DossierLedger
from activities.file_reports import FileReports
from activities.problems import ProblemLedger
from activities.projection import Projection
from activities.rollout import Rollout, Send
from api.gateway import CaseArchived, CaseGateway, GatewayError
from hotline.commands import CommandEnvelope
from hotline.identifiers import CaseNo
from runtime.deployment import take_over
from runtime.keyring import keyring_of
from runtime.lifecycle import stop_requests
from runtime.logging import configure_logging
from runtime.ports import is_free
from runtime.settings import Settings, load_settings
from runtime.temporal import connect, tls_of
from runtime.tracing import traced
from store.engine import SERVING_TRANSACTION_FOR, Database, PoolSettings
from store.failures import DatabaseUnavailable
from workflows.accountability import AccountabilityWorkflow
from workflows.case import CaseWorkflow
from workflows.generation import GENERATION
from workflows.policy_rollout import PolicyRolloutWorkflow
from workflows.repeat_problem import RepeatProblemWorkflow
from workflows.sandbox import sandboxed_runner

GRACE_FOR: Final = timedelta(seconds=15)
"""Shorter than the twenty seconds that a supervisor waits before it kills."""

STICKS_FOR: Final = timedelta(seconds=5)
"""How long a task waits for the worker that has its case in memory: after a kill, callers wait as long."""

TASKS_AT_ONCE: Final = 16
"""How many cases are decided at once. A process decides one after the other, so what it has taken is what even an emergency queues behind."""

RETRY_FOR: Final = timedelta(seconds=1)

WORKFLOWS: Final = (CaseWorkflow, AccountabilityWorkflow, RepeatProblemWorkflow, PolicyRolloutWorkflow)

_log = structlog.get_logger(__name__)

# Activities of different classes share no type; the SDK checks each against its definition.
Activity = Callable[..., Any]
Answer = TypeVar("Answer")


class StopRequested(Exception):  # noqa: N818  it is a request, not an error
    """The process was asked to stop while it waited for a server."""


def version_of(settings: Settings) -> WorkerDeploymentVersion:
    """The version to which this worker's cases are pinned: the generation of the workflow code.

    Not the version of the release: a new release of the same generation must take the old cases on.
    """
    return WorkerDeploymentVersion(settings.deployment_name, settings.build_id or GENERATION)


def case_worker(
    client: Client,
    task_queue: str,
    activities: Sequence[Activity],
    version: WorkerDeploymentVersion,
    *,
    max_cached_workflows: int = 1000,
    max_concurrent_activities: int = 50,
    max_concurrent_workflow_tasks: int = TASKS_AT_ONCE,
) -> Worker:
    """The worker of cases, as production and tests run it."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=WORKFLOWS,
        activities=activities,
        workflow_runner=sandboxed_runner(),
        max_cached_workflows=max_cached_workflows,
        max_concurrent_activities=max_concurrent_activities,
        max_concurrent_workflow_tasks=max_concurrent_workflow_tasks,
        graceful_shutdown_timeout=GRACE_FOR,
        sticky_queue_schedule_to_start_timeout=STICKS_FOR,
        deployment_config=WorkerDeploymentConfig(
            version=version,
            use_worker_versioning=True,
            default_versioning_behavior=VersioningBehavior.PINNED,
        ),
    )


def activities_of(settings: Settings, client: Client, database: Database) -> list[Activity]:
    """Everything that workflows ask of the world."""
    answer_within = timedelta(seconds=settings.rpc_timeout_seconds)
    rollout = Rollout(
        database, _sender(CaseGateway(client, settings.task_queue, answer_within=answer_within))
    )
    return [
        Projection(database).append,
        DossierLedger(database).append,
        FileReports(database).append,
        ProblemLedger(database).append,
        rollout.page,
        rollout.finish,
    ]


def _sender(gateway: CaseGateway) -> Send:
    """The gateway as activities know it: a case that has ended needs nothing more, one that is away is for later."""

    async def send(case_no: CaseNo, envelope: CommandEnvelope) -> bool:
        try:
            await gateway.send(case_no, envelope)
        except CaseArchived:
            return True
        except GatewayError as error:
            _log.warning("rollout.case_left", case_no=case_no, error_type=type(error).__name__)
            return False
        return True

    return send


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Work until asked to stop, from the moment both servers answer."""
    _require_addresses(settings)
    with suppress(StopRequested):
        async with AsyncExitStack() as stack:
            database = _database(settings)
            stack.push_async_callback(database.close)
            client = await _until_it_answers("temporal", lambda: _connected(settings), stop)
            await _until_it_answers("postgresql", database.ping, stop)
            await _until_it_answers("temporal", lambda: take_over(client, version_of(settings)), stop)
            await stack.enter_async_context(_worker(settings, client, database))
            _log.info("worker.ready", task_queue=settings.task_queue, version=_shown(settings))
            await stop.wait()
            _log.info("worker.stopping")


def _worker(settings: Settings, client: Client, database: Database) -> Worker:
    return case_worker(
        client,
        settings.task_queue,
        activities_of(settings, client, database),
        version_of(settings),
        max_cached_workflows=settings.max_cached_workflows,
        max_concurrent_activities=settings.max_concurrent_activities,
    )


def _shown(settings: Settings) -> str:
    return version_of(settings).to_canonical_string()


async def _until_it_answers(
    what: str, attempt: Callable[[], Awaitable[Answer]], stop: asyncio.Event
) -> Answer:
    """Try until something answers; servers of one stack start in any order."""
    while not stop.is_set():
        try:
            return await attempt()
        # The SDK reports a first connection that fails as a plain RuntimeError.
        except (RPCError, RuntimeError, DatabaseUnavailable) as error:
            _log.warning("worker.waiting", on=what, error_type=type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), RETRY_FOR.total_seconds())
    raise StopRequested


async def _connected(settings: Settings) -> Client:
    assert settings.temporal_address is not None
    return await connect(
        settings.temporal_address,
        settings.temporal_namespace,
        keyring_of(settings),
        identity=f"worker@{socket.gethostname()}:{os.getpid()}",
        tls=tls_of(settings),
        metrics_address=_metrics_address(settings),
    )


def _metrics_address(settings: Settings) -> str | None:
    """Cases matter more than their metrics: with the port taken, the worker works without them."""
    port = settings.worker_metrics_port
    if is_free(port):
        return f"{settings.metrics_host}:{port}"
    _log.warning("worker.metrics_port_taken", port=port)
    return None


def _database(settings: Settings) -> Database:
    assert settings.database_url is not None
    return Database.connect(
        settings.database_url,
        PoolSettings(
            size=settings.database_pool_size,
            transaction_for=SERVING_TRANSACTION_FOR,
            application_name="hotline-worker",
        ),
    )


def _require_addresses(settings: Settings) -> None:
    """The embedded servers' addresses are known to `hotline up`, which hands them to its worker."""
    if settings.database_url is None or settings.temporal_address is None:
        message = "a worker needs HOTLINE_DATABASE_URL and HOTLINE_TEMPORAL_ADDRESS"
        raise ValueError(message)


async def _serve_until_signalled(settings: Settings) -> None:
    with stop_requests() as stop:
        await serve(settings, stop)


def main(settings: Settings | None = None) -> None:
    """Run a worker in this process until SIGTERM or Ctrl-C."""
    settings = settings or load_settings()
    configure_logging(settings, "worker")
    # Beside the default loop it saves a worker a twelfth of its work.
    with traced(settings, "worker"):
        uvloop.run(_serve_until_signalled(settings))


if __name__ == "__main__":
    main()

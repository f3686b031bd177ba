"""Versions of the worker deployment (流程代次的部署): which one new runs go to, and which still has runs.

A run is pinned to the version of the workers that began it. Whoever upgrades has to know which versions are still
needed; the engine's own list says when one is drained, and counting its open runs says what is left until then.
"""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from temporalio.api.deployment.v1 import WorkerDeploymentInfo
from temporalio.api.enums.v1 import WorkerDeploymentVersionStatus as Status
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode

_NUMBERED: Final = re.compile(r"(?P<stem>.*?)(?P<number>\d+)")


class Standing(StrEnum):
    """Where a version stands; the words are the engine's own."""

    CURRENT = "current"
    DRAINING = "draining"
    DRAINED = "drained"
    # Its workers have polled, and no run was ever sent to it.
    INACTIVE = "inactive"


_STANDINGS: Final = {
    Status.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT: Standing.CURRENT,
    # We never ramp; who does by another tool has given it new runs.
    Status.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING: Standing.CURRENT,
    Status.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING: Standing.DRAINING,
    Status.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED: Standing.DRAINED,
}


class Version(NamedTuple):
    """One version as the engine tells of it; `activated` says that it was current before."""

    build_id: str
    standing: Standing
    created_at: datetime
    activated: bool


class PinnedRun(NamedTuple):
    """An open run that only workers of its own version can carry on."""

    workflow: str
    run: str


async def versions(client: Client, deployment: str) -> tuple[Version, ...]:
    """Every version that the engine knows, the oldest first; none before the first worker."""
    request = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=deployment)
    try:
        answer = await client.workflow_service.describe_worker_deployment(request)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return ()
        raise
    return tuple(sorted(_told(answer.worker_deployment_info), key=lambda version: version.created_at))


def _told(deployment: WorkerDeploymentInfo) -> list[Version]:
    return [
        Version(
            build_id=one.deployment_version.build_id,
            standing=_STANDINGS.get(one.status, Standing.INACTIVE),
            created_at=one.create_time.ToDatetime(tzinfo=UTC),
            activated=one.HasField("first_activation_time"),
        )
        for one in deployment.version_summaries
    ]


async def make_current(client: Client, version: WorkerDeploymentVersion) -> None:
    """Have new runs, and those that continue as new, go to this version."""
    await client.workflow_service.set_worker_deployment_current_version(
        SetWorkerDeploymentCurrentVersionRequest(
            namespace=client.namespace,
            deployment_name=version.deployment_name,
            build_id=version.build_id,
            identity=client.identity,
            # A worker starts polling a moment later; waiting for the server to notice would only
            # leave the first case without a version.
            allow_no_pollers=True,
            ignore_missing_task_queues=True,
        )
    )


async def take_over(client: Client, version: WorkerDeploymentVersion) -> bool:
    """Make a worker's version current if it is for the worker to decide, and tell whether it was.

    It is where none is current, and where a newer generation starts for the first time. An old worker that is
    restarted beside a new one would otherwise take the cases back, which carry by then what it cannot read; and a
    newer one would undo what an operator has decided, who went back to the older.
    """
    known = {one.build_id: one for one in await versions(client, version.deployment_name)}
    current = next((one.build_id for one in known.values() if one.standing is Standing.CURRENT), None)
    ours = known.get(version.build_id)
    is_first_start = ours is None or not ours.activated
    if current is not None and not (is_first_start and is_newer(version.build_id, current)):
        return False
    await make_current(client, version)
    return True


def is_newer(build_id: str, than: str) -> bool:
    """Whether both count generations in the same way and this one comes later; of other ids nobody can tell."""
    ours, theirs = _NUMBERED.fullmatch(build_id), _NUMBERED.fullmatch(than)
    if ours is None or theirs is None or ours["stem"] != theirs["stem"]:
        return False
    return int(ours["number"]) > int(theirs["number"])


async def count_open(client: Client, version: WorkerDeploymentVersion, workflow: str) -> int:
    """How many open runs of one type of workflow are pinned to a version."""
    return (await client.count_workflows(f"{_pinned_to(version)} AND WorkflowType='{workflow}'")).count


async def open_runs(client: Client, version: WorkerDeploymentVersion) -> AsyncIterator[PinnedRun]:
    """Every open run that is pinned to a version, page by page."""
    async for run in client.list_workflows(_pinned_to(version)):
        yield PinnedRun(run.id, run.run_id)


def _pinned_to(version: WorkerDeploymentVersion) -> str:
    # The search attribute has a colon where the SDK's canonical form has a dot.
    pinned = f"{version.deployment_name}:{version.build_id}"
    return f"TemporalWorkerDeploymentVersion='{pinned}' AND ExecutionStatus='Running'"


async def nudge(client: Client, run: PinnedRun, signal: str) -> None:
    """Wake a run; one that has ended or moved on meanwhile needs nothing more."""
    try:
        await client.get_workflow_handle(run.workflow, run_id=run.run).signal(signal)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise

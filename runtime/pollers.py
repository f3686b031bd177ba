"""Whether a worker takes tasks, as the engine sees it (工作进程就绪).

The engine is asked rather than the worker: a process that runs is not yet one that serves cases.
"""

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.service import ConnectConfig, RPCError, ServiceClient


async def poller_identities(address: str, namespace: str, task_queue: str) -> list[str]:
    """Who polled the queue for workflow tasks within the last minutes."""
    service = await ServiceClient.connect(ConnectConfig(target_host=address))
    request = DescribeTaskQueueRequest(
        namespace=namespace,
        task_queue=TaskQueue(name=task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    described = await service.workflow_service.describe_task_queue(request)
    return [poller.identity for poller in described.pollers]


async def is_polled_by(pid: int, address: str, namespace: str, task_queue: str) -> bool:
    """Whether the worker with this pid polls; its identity ends with it, and dead ones linger in the list."""
    try:
        identities = await poller_identities(address, namespace, task_queue)
    except (RPCError, RuntimeError):
        # The SDK reports a first connection that fails as a plain RuntimeError.
        return False
    return any(identity.endswith(f":{pid}") or identity.startswith(f"{pid}@") for identity in identities)

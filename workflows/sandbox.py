"""The sandbox in which workflow code runs: what may come in from outside, and nothing by accident.

The domain and the messages are passed through, because loading them anew for every case is slow and makes
two classes of each; the workflow's own module is loaded afresh, with the clock and the dice taken away.
"""

from dataclasses import replace
from typing import Any, Final

from temporalio.converter import StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import Info, SandboxImportNotificationPolicy

PASSED_THROUGH: Final = (
    "hotline",
    "workflows.contracts",
    "workflows.deciding",
    "workflows.desk",
    "workflows.errands",
    "workflows.file_reports",
    "workflows.living",
    "workflows.options",
    "workflows.outbox",
    "workflows.refusing",
)
"""Every module here is free of clocks, randomness and shared mutable state; lint and tests keep it so."""


class _Plain(WorkflowInstance):
    """A workflow in its sandbox, each of whose payloads is sealed alike, whatever command it belongs to.

    The worker asks for the context of a payload up to four times, and the sandbox would be entered for each answer. Our
    codec and converter want none (tests/workflow/test_sandbox.py).
    """

    def __init__(self, inside: WorkflowInstance) -> None:
        self._inside = inside

    # Any, here and below: the types of the bridge are not the SDK's public ones.
    def activate(self, act: Any) -> Any:
        return self._inside.activate(act)

    def get_serialization_context(self, command_info: Any) -> None:
        """None: nothing is sealed in a way of its own."""

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:  # noqa: ARG002  the worker passes it
        """Of nothing: no payload is kept outside the engine."""
        return StorageDriverStoreContext(target=None)

    def get_info(self) -> Info:
        return self._inside.get_info()

    def get_thread_id(self) -> int | None:
        return self._inside.get_thread_id()


class _PlainRunner(SandboxedWorkflowRunner):
    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _Plain(super().create_instance(det))


def sandboxed_runner() -> SandboxedWorkflowRunner:
    """The runner of every worker and replayer. An import that is not on the list is an error at start."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    strict = replace(
        restrictions,
        import_notification_policy=SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT
        | SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH,
    )
    return _PlainRunner(restrictions=strict)

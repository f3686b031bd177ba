"""The sandbox in which workflow code runs: what may come in from outside, and nothing by accident.

The domain and the messages are passed through, because loading them anew for every case is slow and makes
two classes of each; the workflow's own module is loaded afresh, with the clock and the dice taken away.
"""

from dataclasses import replace
from typing import Final

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy

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


def sandboxed_runner() -> SandboxedWorkflowRunner:
    """The runner of every worker and replayer. An import that is not on the list is an error at start."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    strict = replace(
        restrictions,
        import_notification_policy=SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT
        | SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH,
    )
    return SandboxedWorkflowRunner(restrictions=strict)

"""The sandbox lets in what is on its list, and nothing by accident."""

import pytest
from fixtures.engine import Engine
from stray_import import StrayImport
from temporalio.converter import WithSerializationContext
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from runtime.codec import SealingCodec
from workflows.sandbox import sandboxed_runner


async def test_import_that_is_not_on_the_list_stops_the_worker_at_start(idle_engine: Engine) -> None:
    with pytest.raises(RuntimeError) as stopped:
        Worker(
            idle_engine.client,
            task_queue=idle_engine.queue,
            workflows=[StrayImport],
            workflow_runner=sandboxed_runner(),
        )
    assert "store" in str(stopped.value.__cause__)


def test_codec_asks_for_no_context() -> None:
    """With one, `workflows.sandbox` would have to ask inside the sandbox again."""
    assert not issubclass(SealingCodec, WithSerializationContext)


class Inside:
    """A workflow in its sandbox."""

    def activate(self, act: str) -> str:
        return f"{act}, inside"

    def get_serialization_context(self, _: object) -> None:
        raise AssertionError("the sandbox was entered for a context that nobody wants")

    get_external_store_context = get_serialization_context


def test_context_of_a_payload_is_told_outside_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SandboxedWorkflowRunner, "create_instance", lambda *_: Inside())
    instance = sandboxed_runner().create_instance(None)  # type: ignore[arg-type]
    assert instance.activate("a task") == "a task, inside"  # type: ignore[arg-type, comparison-overlap]
    assert instance.get_serialization_context(None) is None  # type: ignore[func-returns-value]
    assert instance.get_external_store_context(None).target is None  # type: ignore[arg-type]

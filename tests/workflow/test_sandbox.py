"""The sandbox lets in what is on its list, and nothing by accident."""

import pytest
from fixtures.engine import Engine
from stray_import import StrayImport
from temporalio.converter import WithSerializationContext
from temporalio.worker import Worker

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

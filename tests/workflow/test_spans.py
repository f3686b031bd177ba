"""Spans of workflows: each is sent once, however often its case is replayed."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fixtures.cases import dispatch, registration, sign
from fixtures.engine import Engine, MemoryLedger, engine
from fixtures.spans import Receiver, flush, receiver, tracing
from fixtures.stack import TemporalForTests
from temporalio.client import HeaderCodecBehavior, WorkflowHistory
from temporalio.worker import Replayer

from hotline.identifiers import CaseNo
from runtime.keyring import Keyring
from runtime.spans import case_spans
from runtime.temporal import connect, data_converter
from workflows.case import CaseWorkflow
from workflows.sandbox import sandboxed_runner

STORED = Path(__file__).parents[1] / "replay" / "histories" / "many_commands.1.json"


@pytest.fixture
def traces() -> Iterator[Receiver]:
    with receiver() as traces, tracing(traces.endpoint):
        yield traces


@pytest.fixture
async def city(
    traces: Receiver, temporal_server: TemporalForTests, ledger: MemoryLedger
) -> AsyncIterator[Engine]:
    """An engine that traces, whose worker replays the case from its first event at every task."""
    client = await connect(
        temporal_server.address, temporal_server.namespace, Keyring.generate(), identity="test"
    )
    city = engine(client)
    async with city.worker([ledger.append]):
        yield city


async def test_each_span_of_a_case_is_sent_once_though_every_task_replays_it(
    city: Engine, traces: Receiver, number: CaseNo
) -> None:
    await city.adopt(registration(number))
    await city.send(number, dispatch(), sign())
    flush()
    ids = [span.id for span in traces.spans]
    assert len(set(ids)) == len(ids)
    assert len(traces.named("HandleUpdate:adopt")) == 1
    handled = traces.named("HandleUpdate:command")
    assert len(handled) == 2
    for span in handled:
        names = [below.name for below in traces.tree_of(span)]
        assert names == [
            "HandleUpdate:command",
            "StartActivity:projection.append",
            "RunActivity:projection.append",
        ]
    assert {span.trace for span in traces.spans} == {span.trace for span in traces.spans if not span.parent}


async def test_a_clock_that_fires_is_a_trace_of_its_own(
    city: Engine, traces: Receiver, number: CaseNo, ledger: MemoryLedger
) -> None:
    await city.adopt(registration(number))
    flush()
    (registered,) = {span.trace for span in traces.spans}
    known = len(ledger.calls)
    await city.fast_forward(number, timedelta(days=3))
    assert len(ledger.calls) > known
    flush()
    fired = [span for span in traces.spans if span.trace != registered]
    assert {span.name for span in fired if not span.parent} == {"StartActivity:projection.append"}
    assert len([span for span in fired if not span.parent]) == len(ledger.calls) - known


async def test_replay_sends_nothing(city: Engine, traces: Receiver, number: CaseNo) -> None:
    """Of a case that was traced, and of one that was not."""
    await city.adopt(registration(number))
    await city.send(number, dispatch())
    lived = await city.handle(number).fetch_history()
    flush()
    before = len(traces.spans)
    assert before
    for converter, history in (
        (city.client.data_converter, lived),
        (
            data_converter(Keyring.generate(), seals=False),
            WorkflowHistory.from_json("case:replayed", STORED.read_text(encoding="utf-8")),
        ),
    ):
        replayer = Replayer(
            workflows=[CaseWorkflow],
            data_converter=converter,
            workflow_runner=sandboxed_runner(),
            header_codec_behavior=HeaderCodecBehavior.CODEC,
            plugins=[case_spans()],
        )
        await replayer.replay_workflow(history)
    flush()
    assert len(traces.spans) == before

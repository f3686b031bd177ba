"""Whether a process traces, where its spans go, and what it says when nobody takes them."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
import structlog
from fixtures.spans import flush, receiver, tracing
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from pydantic import ValidationError

from runtime.logging import configure_logging
from runtime.settings import Settings
from runtime.spans import Gate
from runtime.tracing import is_traced, traced


def test_a_process_without_a_receiver_does_not_trace() -> None:
    with traced(Settings(), "worker"):
        assert not is_traced()


def test_spans_of_a_process_name_its_role() -> None:
    with receiver() as traces:
        with tracing(traces.endpoint + "/", "worker"):
            assert is_traced()
            trace.get_tracer("test").start_span("work").end()
        assert [(span.name, span.service) for span in traces.spans] == [("work", "hotline-worker")]
    assert not is_traced()


def test_a_share_of_nothing_keeps_no_trace() -> None:
    with receiver() as traces:
        with tracing(traces.endpoint, trace_share=0):
            trace.get_tracer("test").start_span("work").end()
            flush()
        assert traces.spans == []


@pytest.mark.parametrize("endpoint", ["collector:4318", "http://", "http://collector:4318/?token=x"])
def test_what_is_no_address_of_a_receiver_is_refused(endpoint: str) -> None:
    with pytest.raises(ValidationError):
        Settings(otlp_endpoint=endpoint)


def test_a_line_leads_to_the_trace_in_which_it_was_written(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    configure_logging(Settings(), "worker")
    try:
        with receiver() as traces, tracing(traces.endpoint):
            with trace.get_tracer("test").start_as_current_span("work"):
                structlog.get_logger().info("within")
            structlog.get_logger().info("outside")
    finally:
        structlog.configure(**before)
    (span,) = traces.spans
    within, outside = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (within["trace_id"], within["span_id"]) == (span.trace, span.id)
    assert "trace_id" not in outside


class Moody(SpanExporter):
    def __init__(self, *answers: bool) -> None:
        self.answers = list(answers)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.SUCCESS if self.answers.pop(0) else SpanExportResult.FAILURE


def test_a_receiver_that_goes_away_is_told_of_once_and_so_is_its_return() -> None:
    gate, batch = Gate(Moody(True, False, False, True, True)), [ReadableSpan("a"), ReadableSpan("b")]
    with structlog.testing.capture_logs() as told:
        for _ in range(5):
            gate.export(batch)
    assert told == [
        {"event": "traces.not_taken", "log_level": "warning"},
        {"event": "traces.taken_again", "lost": 4, "log_level": "info"},
    ]


def test_a_process_that_ends_does_not_go_on_sending_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    now: Any = [100.0]
    monkeypatch.setattr("runtime.spans.time.monotonic", lambda: now[0])
    gate = Gate(Moody(True, True))
    gate.close_soon()
    assert gate.export([]) is SpanExportResult.SUCCESS
    now[0] += 60
    assert gate.export([]) is SpanExportResult.FAILURE

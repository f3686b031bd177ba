"""What becomes a span, and what of it may leave the process (链路追踪的内容).

Libraries write what they please into spans: queries, addresses, the text of an exception. So nothing is trusted to be
harmless because of where it comes from; only what is on one list here is sent.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanLimits
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Status
from temporalio.contrib.opentelemetry import (
    OpenTelemetryInterceptor,
    ReplaySafeTracerProvider,
    create_tracer_provider,
)
from temporalio.plugin import SimplePlugin
from temporalio.worker import (
    ExecuteWorkflowInput,
    WorkflowInterceptorClassInput,
    WorkflowRunner,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

TOLD: Final = frozenset(
    {
        "db.operation.name",
        "db.query.text",
        "db.system.name",
        "error.type",
        "exception.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "temporalActivityID",
        "temporalRunID",
        "temporalUpdateID",
        "temporalWorkflowID",
    }
)
"""The attributes that are sent: names of operations, codes, statements with placeholders, numbers of cases."""

_LONGEST: Final = 4_000
"""Characters of an attribute; a statement that is cut still says which one it is."""

_ANSWER_WITHIN: Final = timedelta(seconds=3)
_FLUSH_FOR: Final = timedelta(seconds=2)
"""How long a process that was asked to stop begins new batches: with the last answer, five seconds that a supervisor waits for."""

_log = structlog.get_logger(__name__)


class Gate(SpanExporter):
    """Lets through what is told of a span, and says once when the receiver goes away and when it is back."""

    def __init__(self, beyond: SpanExporter) -> None:
        """Stand before an exporter."""
        self._beyond = beyond
        self._lost = 0
        self._closes_at = float("inf")

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch; one that nobody takes is lost, and the next one is tried all the same."""
        if time.monotonic() > self._closes_at:
            return SpanExportResult.FAILURE
        result = self._beyond.export([_told(span) for span in spans])
        self._note(len(spans), taken=result is SpanExportResult.SUCCESS)
        return result

    def close_soon(self) -> None:
        """Begin no more batches after a short while."""
        self._closes_at = time.monotonic() + _FLUSH_FOR.total_seconds()

    def shutdown(self) -> None:
        """Let go of the connection."""
        self._beyond.shutdown()

    def _note(self, spans: int, *, taken: bool) -> None:
        if not taken:
            if not self._lost:
                _log.warning("traces.not_taken")
            self._lost += spans
        elif self._lost:
            _log.info("traces.taken_again", lost=self._lost)
            self._lost = 0


def _told(span: ReadableSpan) -> ReadableSpan:
    """The span without what is not on the list: texts of errors, stacks, and attributes of any other name."""
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_listed(span.attributes),
        events=[Event(event.name, _listed(event.attributes), event.timestamp) for event in span.events],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


# Any: the values of attributes, whatever a library says.
def _listed(attributes: Any) -> dict[str, Any]:
    return {name: value for name, value in (attributes or {}).items() if name in TOLD}


@contextmanager
def sent_spans(endpoint: str, role: str, share: float) -> Iterator[ReplaySafeTracerProvider]:
    """Send spans meanwhile, behind the backs of those who make them: a queue that is full loses the oldest."""
    # What they would say at each try, the gate says once.
    logging.getLogger("opentelemetry.exporter").setLevel(logging.CRITICAL)
    address = f"{endpoint.rstrip('/')}/v1/traces"
    gate = Gate(OTLPSpanExporter(endpoint=address, timeout=_ANSWER_WITHIN.total_seconds()))
    provider = create_tracer_provider(
        sampler=ParentBased(TraceIdRatioBased(share)),
        resource=Resource.create({SERVICE_NAME: f"hotline-{role}"}),
        shutdown_on_exit=False,
        span_limits=SpanLimits(max_attribute_length=_LONGEST),
    )
    provider.add_span_processor(BatchSpanProcessor(gate))
    try:
        yield provider
    finally:
        gate.close_soon()
        provider.shutdown()


class _Interceptor(OpenTelemetryInterceptor):
    """Spans of updates, signals, queries and activities, each once however often its workflow is replayed.

    A run has none. A case lives for weeks: nothing of such a span is known before it ends, and every clock that
    fires would be a part of the call that once registered the case.
    """

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002  the name is the SDK's
    ) -> Any:  # the SDK keeps the type to itself
        """The SDK's own, with a run that is passed on as it is."""
        handlers = super().workflow_interceptor_class(input)

        class Handlers(handlers):  # type: ignore[misc,valid-type]  # the SDK makes the class anew for each worker
            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002  as above
                return await self.next.execute_workflow(input)

        return Handlers


def _with_passage(runner: WorkflowRunner | None) -> WorkflowRunner:
    """The tracer is one for the whole process, so workflow code must not load another."""
    assert isinstance(runner, SandboxedWorkflowRunner)
    return replace(runner, restrictions=runner.restrictions.with_passthrough_modules("opentelemetry"))


def case_spans() -> SimplePlugin:
    """What clients, workers and replayers of a traced process add to themselves."""
    return SimplePlugin(
        "hotline.spans",
        interceptors=[_Interceptor(add_temporal_spans=True)],
        workflow_runner=_with_passage,
    )

"""Traces (链路追踪): one tree of spans from a request through the update and the activity down to each statement.

Whoever makes a span (api/tracing.py, runtime/temporal.py, store/statements.py) asks OpenTelemetry's own interface,
which makes none in a process that was not told here where to send them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace

from runtime.settings import Settings


@contextmanager
def traced(settings: Settings, role: str) -> Iterator[None]:
    """Send the spans of this process to the receiver of the settings meanwhile, if they name one."""
    if settings.otlp_endpoint is None:
        yield
        return
    # A third of a second of imports, which a process without traces does not pay for.
    from runtime.spans import sent_spans  # noqa: PLC0415

    with sent_spans(settings.otlp_endpoint, role, settings.trace_share) as provider:
        trace.set_tracer_provider(provider)
        yield


def is_traced() -> bool:
    """Whether this process was told where to send its spans."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)

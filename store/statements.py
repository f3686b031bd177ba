"""Spans of SQL statements (语句链路): text with placeholders, never a parameter.

A statement outside a trace has none: what keepers look for every second would bury what people did.
"""

from typing import Any, Final

from opentelemetry import trace
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, ExceptionContext

_TOLD: Final = 1000
"""Characters of a statement that are told: enough to know it by, and what a case's facts come to is one of seven thousand."""


def trace_statements(engine: Engine) -> None:
    """Have each statement of an engine make a span, if this process traces."""
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return
    statements = _Statements(trace.get_tracer(__name__))
    event.listen(engine, "before_cursor_execute", statements.begin)
    event.listen(engine, "after_cursor_execute", statements.end)
    event.listen(engine, "handle_error", statements.fail)


class _Statements:
    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer

    # Any: cursor and parameters, which are not looked at, and a context, which is there to keep things in.
    def begin(
        self,
        _connection: Connection,
        _cursor: Any,
        statement: str,
        _parameters: Any,
        context: Any,
        _executemany: bool,
    ) -> None:
        if not trace.get_current_span().is_recording():
            return
        operation = statement.split(maxsplit=1)[0].upper()
        attributes = {
            "db.system.name": "postgresql",
            "db.operation.name": operation,
            "db.query.text": statement[:_TOLD],
        }
        context.hotline_span = self._tracer.start_span(
            operation, kind=trace.SpanKind.CLIENT, attributes=attributes
        )

    # Any: as above.
    def end(
        self,
        _connection: Connection,
        _cursor: Any,
        _statement: str,
        _parameters: Any,
        context: Any,
        _executemany: bool,
    ) -> None:
        if span := _span_of(context):
            span.end()

    def fail(self, failure: ExceptionContext) -> None:
        """The driver quotes values in its messages; its code says what happened as well."""
        if span := _span_of(failure.execution_context):
            error = failure.original_exception
            span.set_attribute("error.type", getattr(error, "sqlstate", None) or type(error).__name__)
            span.set_status(trace.StatusCode.ERROR)
            span.end()


# Any: as above.
def _span_of(context: Any) -> trace.Span | None:
    return getattr(context, "hotline_span", None)

"""One JSON line per event on stderr, from our code and every library alike (结构化日志).

Logs are kept and copied more freely than the vault, so what could carry a citizen's data is taken
out here, behind every call that forgot to; inside workflows use ``workflow.logger``, which is
silent on replay, and everywhere else ``structlog.get_logger()``.
"""

import logging
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import orjson
import structlog
from opentelemetry import trace
from structlog.typing import EventDict, Processor, WrappedLogger
from temporalio import activity, workflow

from runtime.settings import Settings

REDACTED: Final = "[redacted]"

_PERSONAL_WORDS: Final = frozenset(
    [
        "address",
        "answer",
        "body",
        "caller",
        "citizen",
        "complainant",
        "contact",
        "content",
        "description",
        "email",
        "mobile",
        "name",
        "password",
        "phone",
        "plaintext",
        "remark",
        "reply",
        "reporter",
        "secret",
        "telephone",
        "text",
        "title",
        "token",
    ]
)
# Names of things, not of people.
_HARMLESS_KEYS: Final = frozenset(
    [
        "activity_name",
        "content_length",
        "content_type",
        "file_name",
        "metric_name",
        "query_name",
        "server_address",
        "signal_name",
        "task_name",
        "temporal_address",
        "thread_name",
        "token_kind",
        "update_name",
        "workflow_name",
    ]
)
# As Temporal names them, and as we do.
_TEMPORAL_FIELDS: Final = MappingProxyType(
    {
        "workflow_id": "workflow_id",
        "workflow_type": "workflow_type",
        "run_id": "run_id",
        "workflow_run_id": "run_id",
        "update_id": "update_id",
        "update_name": "update_name",
        "activity_id": "activity_id",
        "activity_type": "activity_type",
        "attempt": "attempt",
    }
)
_OUR_PACKAGES: Final = frozenset(
    {"hotline", "workflows", "activities", "store", "runtime", "api", "worker", "cli"}
)
# They write addresses with query strings, or a line for every request beside ours.
_TALKATIVE: Final = ("httpx", "httpcore", "uvicorn.access", "asyncio")


class _Handler(logging.Handler):
    """Writes to the file, else to whatever stderr is at the moment; ours, so that it can be replaced alone."""

    def __init__(self, file: Path | None) -> None:
        super().__init__()
        self._file = file

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
        except Exception as error:  # noqa: BLE001  whatever a renderer meets, the line's arguments stay inside
            line = _json(
                {"event": "logging.failed", "error_type": type(error).__name__, "logger": record.name}
            )
        # On a full disk the line is lost; what it tells of is not to fail for it.
        with suppress(OSError):
            self._write(f"{line}\n")

    def _write(self, line: str) -> None:
        if self._file is None:
            sys.stderr.write(line)
            return
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(line)


def configure_logging(settings: Settings, role: str, file: Path | None = None) -> None:
    """Route structlog and stdlib logging through one chain; `role` says which process speaks.

    A file instead of stderr is for commands whose terminal shows something else.
    """
    shared = _shared_processors(role)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    _install(_Handler(file), _formatter(shared, settings.log_format), settings.log_level)
    # The fields say which workflow speaks; in the message they would be said twice and unsearchably.
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False


def _shared_processors(role: str) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        drop_doubled_message,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _Role(role),
        lift_temporal_fields,
        name_the_trace,
        describe_exception,
    ]


def _formatter(shared: list[Processor], log_format: str) -> logging.Formatter:
    renderer: Processor = structlog.processors.JSONRenderer(serializer=_json)
    if log_format == "console":
        renderer = structlog.dev.ConsoleRenderer(timestamp_key="at")
    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[remove_meta, redact_personal_data, renderer],
    )


def _install(handler: _Handler, formatter: logging.Formatter, level: str) -> None:
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [other for other in root.handlers if not isinstance(other, _Handler)] + [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def _json(event: Any, **_: Any) -> str:  # Any: the signature is structlog's
    return orjson.dumps(event, default=str).decode()


class _Role:
    def __init__(self, role: str) -> None:
        self._role = role

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["role"] = self._role
        return event


def drop_doubled_message(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A handler of others that formats first leaves its text on the record, where it looks like a field."""
    if "_record" in event:
        event.pop("message", None)
    return event


def lift_temporal_fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Turn the dictionaries that Temporal's loggers attach into fields one can search for."""
    for key in ("temporal_workflow", "temporal_activity"):
        details = event.pop(key, None)
        if isinstance(details, Mapping):
            event.update(
                {field: details[field] for field in _TEMPORAL_FIELDS if details.get(field) is not None}
            )
    return event


def name_the_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Say to which trace a line belongs, if that trace is kept: the line leads to all that happened around it."""
    spoken_in = trace.get_current_span().get_span_context()
    if spoken_in.trace_flags.sampled:
        event["trace_id"] = trace.format_trace_id(spoken_in.trace_id)
        event["span_id"] = trace.format_span_id(spoken_in.span_id)
    return event


def describe_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace ``exc_info`` by types and places; libraries quote their input in messages, so we do not."""
    error = _raised(event.pop("exc_info", None))
    if error is not None:
        event["exception"] = "\n".join(_described(error))
    return event


def _raised(exc_info: Any) -> BaseException | None:  # Any: logging accepts True, a tuple or an exception
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if isinstance(exc_info[1], BaseException) else None
    return sys.exc_info()[1] if exc_info else None


def _described(error: BaseException) -> list[str]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = [*_described(cause), "then"] if cause is not None else []
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    return [*before, _headline(error), *places]


def _headline(error: BaseException) -> str:
    kind = type(error)
    # Our own messages carry no personal data by rule; those of the system name files and ports.
    is_safe = kind.__module__.partition(".")[0] in _OUR_PACKAGES or isinstance(error, OSError)
    return f"{kind.__qualname__}: {error}" if is_safe else kind.__qualname__


def redact_personal_data(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: _harmless(key, value) for key, value in event.items()}


def is_personal(key: str) -> bool:
    """Whether a field of that name could hold a citizen's data (or a secret)."""
    return key not in _HARMLESS_KEYS and not _PERSONAL_WORDS.isdisjoint(key.lower().split("_"))


def _harmless(key: str, value: Any) -> Any:  # Any: whatever a caller logged
    if is_personal(key):
        return REDACTED
    if isinstance(value, Mapping):
        return {str(inner): _harmless(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_harmless("", item) for item in value]
    if isinstance(value, str | int | float | datetime | date | time | timedelta | UUID | Enum | Path | None):
        return value
    # A model or row would be written with all it holds.
    return f"<{type(value).__name__}>"

"""Metrics (监控指标): one listening port of a process for Prometheus, apart from what people use.

What a worker measures goes through the engine's own meter (runtime/temporal.py); the API's is here.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from prometheus_client import start_http_server

_log = structlog.get_logger(__name__)


@contextmanager
def metrics_served(host: str, port: int) -> Iterator[None]:
    """Answer Prometheus meanwhile. A port that is taken costs the metrics, never the service."""
    try:
        server, thread = start_http_server(port, addr=host)
    except OSError:
        _log.warning("metrics.port_taken", port=port)
        yield
        return
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

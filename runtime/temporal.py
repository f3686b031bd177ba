"""The one client factory (Temporal 客户端): API, worker, tests and replayer speak to Temporal the same way.

A client with another converter would write payloads that the others cannot read, or read them in the clear.
"""

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Final

from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client, HeaderCodecBehavior, KeepAliveConfig, Plugin, TLSConfig
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.service import RPCError, RPCStatusCode

from runtime.codec import SealingCodec
from runtime.keyring import Keyring
from runtime.settings import Settings
from runtime.tracing import is_traced

RUNG_LATENESS: Final = "hotline_rung_lateness"
LATENESS_SECONDS: Final = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600)
"""From an emergency's second to an outage of an hour."""

HEARTBEAT_FOR: Final = timedelta(seconds=2)
"""How often a worker tells the engine that it lives. People who wait for an answer learn within seconds that nobody works."""


KEEP_ALIVE: Final = KeepAliveConfig(interval_millis=15_000, timeout_millis=5_000)
"""A connection that a firewall forgot is given up after 20 s instead of the SDK's 45: until then every command is a 503.

The server drops who asks more often than every ten seconds.
"""


def data_converter(keyring: Keyring, namespace: str = "default", *, seals: bool = True) -> DataConverter:
    """Return the converter of every client, worker and replayer of one namespace.

    Failures carry their message and stack as a payload: otherwise both would bypass the codec in the clear.
    """
    return DataConverter(
        payload_converter_class=PydanticPayloadConverter,
        payload_codec=SealingCodec(keyring, namespace, seals=seals),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def tls_of(settings: Settings) -> TLSConfig | bool:
    """How the settings say that the server is spoken to: in the clear, or by TLS with or without a certificate of one's own."""
    if not settings.temporal_tls:
        return False
    return TLSConfig(
        server_root_ca_cert=_read(settings.temporal_ca_file),
        client_cert=_read(settings.temporal_cert_file),
        client_private_key=_read(settings.temporal_key_file),
        domain=settings.temporal_server_name,
    )


def _read(file: Path | None) -> bytes | None:
    return None if file is None else file.read_bytes()


async def connect(
    address: str,
    namespace: str,
    keyring: Keyring,
    *,
    identity: str,
    lazy: bool = False,
    seals: bool = True,
    tls: bool | TLSConfig = False,
    metrics_address: str | None = None,
) -> Client:
    """Connect, or promise to on first use when lazy, so that the API can start while Temporal is down."""
    return await Client.connect(
        address,
        namespace=namespace,
        data_converter=data_converter(keyring, namespace, seals=seals),
        # A header says to which trace a call belongs; sealed like all else, it tells the server nothing.
        header_codec_behavior=HeaderCodecBehavior.CODEC,
        identity=identity,
        lazy=lazy,
        tls=tls,
        keep_alive_config=KEEP_ALIVE,
        runtime=_runtime(metrics_address),
        plugins=_plugins(),
    )


def _plugins() -> list[Plugin]:
    """Spans, in a process that traces; workers take them over from their client."""
    if not is_traced():
        return []
    # Loaded already by whoever made this a process that traces.
    from runtime.spans import case_spans  # noqa: PLC0415

    return [case_spans()]


async def ensure_namespace(client: Client, *, retention_for: timedelta) -> None:
    """Register the client's namespace unless it exists; of two processes that start at once, one registers."""
    retention = Duration()
    retention.FromTimedelta(retention_for)
    request = RegisterNamespaceRequest(
        namespace=client.namespace, workflow_execution_retention_period=retention
    )
    try:
        await client.workflow_service.register_namespace(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise


@cache
def _runtime(metrics_address: str | None) -> Runtime:
    """Return this process's runtime; each one owns a thread pool and, with metrics, a listening port."""
    if metrics_address is None:
        return Runtime(telemetry=TelemetryConfig(), worker_heartbeat_interval=HEARTBEAT_FOR)
    metrics = PrometheusConfig(
        bind_address=metrics_address,
        counters_total_suffix=True,
        unit_suffix=True,
        durations_as_seconds=True,
        histogram_bucket_overrides={RUNG_LATENESS: LATENESS_SECONDS},
    )
    return Runtime(telemetry=TelemetryConfig(metrics=metrics), worker_heartbeat_interval=HEARTBEAT_FOR)

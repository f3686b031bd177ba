"""A gateway for commands that ask the engine themselves (命令行网关)."""

from datetime import timedelta

from api.gateway import CaseGateway
from runtime.keyring import keyring_of
from runtime.settings import Settings
from runtime.temporal import connect


async def connected_gateway(settings: Settings) -> CaseGateway:
    """A gateway to the engine of a stack; it connects on first use."""
    assert settings.temporal_address is not None
    client = await connect(
        settings.temporal_address,
        settings.temporal_namespace,
        keyring_of(settings),
        identity="hotline-cli",
        lazy=True,
    )
    return CaseGateway(
        client, settings.task_queue, answer_within=timedelta(seconds=settings.rpc_timeout_seconds)
    )

"""A client and a gateway for commands that ask the engine themselves (命令行网关)."""

import atexit
import time
from datetime import timedelta
from functools import cache
from typing import Final

from temporalio.client import Client

from api.gateway import CaseGateway
from runtime.keyring import keyring_of
from runtime.settings import Settings
from runtime.temporal import connect, tls_of

_LETS_GO_FOR: Final = 0.05


async def engine_client(settings: Settings, *, lazy: bool = False) -> Client:
    """A client of the engine of a stack; a lazy one connects on first use."""
    assert settings.temporal_address is not None
    _leave_in_peace()
    return await connect(
        settings.temporal_address,
        settings.temporal_namespace,
        keyring_of(settings),
        identity="hotline-cli",
        lazy=lazy,
        tls=tls_of(settings),
    )


@cache
def _leave_in_peace() -> None:
    """A command ends with its last answer, while the SDK's thread that brought it may still hold it.

    Then the interpreter aborts, after everything was done, with an exit code that says otherwise.
    """
    atexit.register(time.sleep, _LETS_GO_FOR)


def gateway_over(client: Client, settings: Settings) -> CaseGateway:
    """The gateway of a stack over a client of its engine."""
    return CaseGateway(
        client, settings.task_queue, answer_within=timedelta(seconds=settings.rpc_timeout_seconds)
    )


async def connected_gateway(settings: Settings) -> CaseGateway:
    """A gateway to the engine of a stack; it connects on first use."""
    return gateway_over(await engine_client(settings, lazy=True), settings)

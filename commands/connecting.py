"""From a data folder or an address to the API (连接): what `import` and `simulate` share.

The stack's file is read anew whenever the API stops answering, because a stack that was killed and
started again may listen on another port.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import httpx
import typer

from commands.client import HotlineApi, Patience
from commands.options import chosen_settings
from runtime.stack import StackNotRunningError, find_stack

ApiUrl = Annotated[
    str | None, typer.Option("--api-url", help="API to use instead of the one that runs on the data folder.")
]
PatienceMinutes = Annotated[
    float, typer.Option("--patience", min=0, help="Minutes to wait for an API that does not answer.")
]
DEFAULT_PATIENCE: Final = 30.0

_ANSWER_WITHIN: Final = httpx.Timeout(60.0, connect=5.0)


def data_folder(data_dir: Path | None) -> Path:
    """The folder that is meant."""
    return chosen_settings(data_dir).data_dir


def url_finder(data_dir: Path, api_url: str | None) -> Callable[[], str]:
    """How to find the API again and again. Raises StackNotRunningError if it cannot be found at first."""
    known = api_url or find_stack(data_dir).api_url

    def find() -> str:
        nonlocal known
        if api_url is None:
            # A stack that was there before may be back any moment; who waits for it decides for how long.
            with suppress(StackNotRunningError):
                known = find_stack(data_dir).api_url
        return known

    return find


@asynccontextmanager
async def connected(
    find_url: Callable[[], str], *, patience: float, connections: int
) -> AsyncIterator[HotlineApi]:
    """A client of the API; the environment's proxies are for the outside world, not for our own stack."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    async with httpx.AsyncClient(timeout=_ANSWER_WITHIN, limits=limits, trust_env=False) as http:
        yield HotlineApi(http, find_url, Patience(give_up_after_for=timedelta(minutes=patience)))

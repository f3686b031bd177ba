"""Callers (呼叫方): people at other machines, so whoever stands in for them here costs this one as little as can be.

The client of our own commands (commands/client.py) takes 1.7 ms of core for a request, a twentieth of what a life takes in all.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import orjson

from commands.client import PREFIX, Form
from runtime.stack import find_stack

_PATIENCE: Final = aiohttp.ClientTimeout(total=120)


class NotDoneError(RuntimeError):
    """The API did something else than it was asked to; nothing is repeated here."""


class Callers:
    """Any number of people with a connection each."""

    def __init__(self, http: aiohttp.ClientSession, api_url: str) -> None:
        self._http = http
        self._base = api_url + PREFIX

    # Any: a receipt, whatever the operation.
    async def post(self, token: str, path: str, form: Form, *, key: str) -> Any:
        """Ask once, and return the answer."""
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": key,
            "Content-Type": "application/json",
        }
        async with self._http.post(self._base + path, data=orjson.dumps(form), headers=headers) as answer:
            body = await answer.read()
        if not answer.ok:
            raise NotDoneError(f"{answer.status} {body.decode()[:200]}")
        return orjson.loads(body)


@asynccontextmanager
async def callers_of(folder: Path) -> AsyncIterator[Callers]:
    """Those who ask the API of a stack."""
    async with aiohttp.ClientSession(timeout=_PATIENCE, connector=aiohttp.TCPConnector(limit=0)) as http:
        yield Callers(http, find_stack(folder).api_url)

"""Callers (呼叫方): people at other machines, so whoever stands in for them here costs this one as little as can be.

The client of our own commands (commands/client.py) takes 1.7 ms of core for a request, a twentieth of what a life takes in all.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

import aiohttp
import orjson

from commands.client import LATER, PREFIX, Form, Patience
from runtime.stack import find_stack

_PATIENCE: Final = aiohttp.ClientTimeout(total=120)


class NotDoneError(RuntimeError):
    """The API did something else than it was asked to."""


class Callers:
    """Any number of people with a connection each, who come again when they are asked to; `retries` counts how often, and why."""

    def __init__(self, http: aiohttp.ClientSession, api_url: str) -> None:
        self._http = http
        self._base = api_url + PREFIX
        self._patience = Patience()
        self.retries = Counter[str]()

    # Any: a receipt, whatever the operation.
    async def post(self, token: str, path: str, form: Form, *, key: str) -> Any:
        """Ask until there is an answer, with the same key every time, and return it."""
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": key,
            "Content-Type": "application/json",
        }
        for tries in count(1):
            async with self._http.post(self._base + path, data=orjson.dumps(form), headers=headers) as answer:
                body = await answer.read()
            if answer.status not in LATER:
                break
            self.retries[_reason(answer.status, body)] += 1
            await asyncio.sleep(self._patience.pause_for(tries).total_seconds())
        if not answer.ok:
            raise NotDoneError(f"{answer.status} {body.decode()[:200]}")
        return orjson.loads(body)


def _reason(status: int, body: bytes) -> str:
    """Status and code of a problem; a proxy or a full queue may answer without a document."""
    try:
        return f"{status} {orjson.loads(body)['code']}"
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return str(status)


@asynccontextmanager
async def callers_of(folder: Path) -> AsyncIterator[Callers]:
    """Those who ask the API of a stack."""
    async with aiohttp.ClientSession(timeout=_PATIENCE, connector=aiohttp.TCPConnector(limit=0)) as http:
        yield Callers(http, find_stack(folder).api_url)

"""What tests of pages do over and over: a browser at a whole office, entered as somebody of the demonstration."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from api_hands import Office, new_key

ORIGIN = "http://hotline.test"
PART = {"HX-Request": "true"}


class Pages:
    """A browser without script: it asks for pages and sends their forms."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._token = ""

    async def get(self, path: str, headers: Mapping[str, str] = {}, /, **query: Any) -> httpx.Response:
        answer = await self._http.get(path, params=query or None, headers=dict(headers))
        if found := re.search(r'"X-CSRF-Token": "([0-9a-f]+)"', answer.text):
            self._token = found[1]
        return answer

    async def post(self, path: str, headers: Mapping[str, str] = {}, /, **fields: Any) -> httpx.Response:
        own = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": self._token}
        return await self._http.post(path, data=fields, headers=own | dict(headers))

    async def file(self, number: str, kind: str, at: str = "dialog", /, **fields: Any) -> httpx.Response:
        """Send a command's form from its place on a page."""
        headers = PART | {"HX-Target": at}
        return await self.post(
            f"/cases/{number}/commands/{kind}", headers, **({"key": new_key(), "version": ""} | fields)
        )


@asynccontextmanager
async def browsing(office: Office, user: str | None = None) -> AsyncIterator[Pages]:
    """A browser at the office; without a user it is a citizen's."""
    transport = httpx.ASGITransport(office.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, timeout=60) as http:
        pages = Pages(http)
        if user is not None:
            entered = await pages.post("/login/demo", user_id=user)
            assert entered.status_code == 303, entered.text
            await pages.get("/notices")
        yield pages

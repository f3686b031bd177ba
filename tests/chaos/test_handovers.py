"""An API that is killed between a case's answer and its writing leaves nothing behind, though nobody asks again.

In one process, and sooner: tests/api/test_api_handovers.py.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from fixtures.books import assert_books_hold
from fixtures.city import City, running_city
from fixtures.proof import until

from commands.accounts import FILE

COMPLAINT = {"channel": "phone", "type": "complaint", "title": "路灯不亮", "content": "晚上看不清路。"}
ADDED = {"text": "在南门"}
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_WAITS = "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
_WRITTEN = "SELECT count(*) FROM facts WHERE case_no = $1 AND tag = 'intake:facts_added'"


class Operator:
    """Asks once, and leaves it at that when the answer does not come."""

    def __init__(self, city: City) -> None:
        token = json.loads((city.data_dir / FILE).read_text())["operator1"]["token"]
        self._headers = {"Authorization": f"Bearer {token}"}
        self._at = f"{city.address}/api/v1"

    # An answer is of as many forms as there are operations.
    async def post(self, path: str, form: object, *, key: str) -> dict[str, Any]:
        headers = self._headers | {"Idempotency-Key": key}
        async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
            answer = await http.post(self._at + path, json=form, headers=headers)
        answered: dict[str, Any] = answer.raise_for_status().json()
        return answered


@pytest.mark.chaos
@pytest.mark.timeout(300)
async def test_api_that_dies_between_an_answer_and_its_writing_leaves_nothing_behind(tmp_path: Path) -> None:
    with running_city(tmp_path / "city") as city:
        operator = Operator(city)
        number = (await operator.post("/cases", COMPLAINT, key="a-call-of-today"))["case_no"]
        commands = f"/cases/{number}/commands/add_facts"
        books = await asyncpg.connect(city.database_url, ssl=False)
        async with books.transaction():
            await books.execute(_LOCK, number)
            asking = asyncio.create_task(operator.post(commands, ADDED, key="added-by-telephone"))
            await until(lambda: books.fetchval(_WAITS), within=4)
            killing = asyncio.create_task(asyncio.to_thread(city.kill, "api"))
            with pytest.raises(httpx.TransportError):
                await asking
        await killing
        await until(lambda: _is(books, 1, _WRITTEN, number), within=60)
        await until(lambda: _is(books, 0, "SELECT count(*) FROM handovers"), within=60)
        again = await operator.post(commands, ADDED, key="added-by-telephone")
        assert again["version"] == await books.fetchval(
            "SELECT count(*) FROM facts WHERE case_no = $1", number
        )
        assert await _is(books, 1, _WRITTEN, number)
        await books.close()
        await asyncio.to_thread(assert_books_hold, city, 1)


async def _is(books: asyncpg.Connection, wanted: int, question: str, *asked: str) -> bool:
    return bool(await books.fetchval(question, *asked) == wanted)

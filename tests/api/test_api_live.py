"""The live stream: each change of a case reaches who may see it, and who missed some is told to read again."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from api_gate import exposed
from api_hands import HANDLER, OTHER_UNIT, UNIT, Office, served

from api.parts import PREFIX
from hotline.roles import SYSTEM_ACTOR
from hotline.visibility import Viewer
from runtime.settings import Settings
from store.live import CaseChange, Missed

PATIENCE_SECONDS = 20


class Event(NamedTuple):
    name: str
    data: dict[str, Any]


@pytest_asyncio.fixture(scope="module")
async def broadcaster(api_settings: Settings, tokens: dict[str, str]) -> AsyncIterator[Office]:
    async with served(api_settings, tokens) as office:
        yield office


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    name = ""
    async for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield Event(name, json.loads(value))


class Listener:
    def __init__(self, events: AsyncIterator[Event]) -> None:
        self._events = events

    async def next(self) -> Event:
        return await asyncio.wait_for(anext(self._events), PATIENCE_SECONDS)

    async def next_case(self) -> dict[str, Any]:
        """The next change of a case; a new stream may ask for a reload, and news in one's inbox come when they come."""
        while (event := await self.next()).name != "case":
            assert event.name in {"reload", "inbox"}
        return event.data


@asynccontextmanager
async def listening(office: Office, user: str) -> AsyncIterator[Listener]:
    headers = {"Authorization": f"Bearer {office.tokens[user]}"}
    async with office.http.stream("GET", "/api/v1/live", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        listener = Listener(_events(answer.aiter_lines()))
        assert (await listener.next()).name == "ready"
        yield listener


async def test_a_change_is_told_as_soon_as_it_can_be_read(office: Office, broadcaster: Office) -> None:
    number = await office("operator1").new_case()
    async with listening(broadcaster, "operator1") as operator:
        receipt = (
            await office("dispatcher1").command(number, "dispatch_case", {"lead": UNIT, "advice": "请核查"})
        ).json()
        while (told := await operator.next_case())["case_no"] != number:
            pass
    assert told["version"] == receipt["version"]
    assert told["status"] == "awaiting_signature"
    # Which units are concerned is for the server to know.
    assert set(told) == {"case_no", "version", "status", "secret"}


async def test_a_unit_hears_of_its_own_cases_only(office: Office, broadcaster: Office) -> None:
    accusing = await office("operator1").new_case(accused_units=[UNIT])
    own, foreign = [await office("operator1").new_case() for _ in range(2)]
    async with listening(broadcaster, HANDLER) as handler:
        for number, lead in ((accusing, OTHER_UNIT), (foreign, OTHER_UNIT), (own, UNIT)):
            done = await office("dispatcher1").command(number, "dispatch_case", {"lead": lead})
            assert done.status_code == 200
        while (heard := (await handler.next_case())["case_no"]) != own:
            assert heard not in {accusing, foreign}


async def test_a_stream_ends_with_the_token_that_opened_it(
    office: Office, broadcaster: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.routers.live._ASK_AGAIN_AFTER", timedelta(0))
    owner = office("operator2")
    made = await owner.post("/tokens", {"name": "大屏", "scopes": ["read"], "days": 1})
    screen = replace(broadcaster, tokens={"screen": made.json()["token"]})
    (line,) = [line for line in (await owner.get("/tokens")).json()["items"] if line["name"] == "大屏"]
    async with listening(screen, "screen") as listener:
        heard = await owner.new_case()
        while (await listener.next_case())["case_no"] != heard:
            pass
        gone = await owner.http.delete(
            f"{PREFIX}/tokens/{line['token_id']}", headers={"Authorization": f"Bearer {owner.token}"}
        )
        assert gone.status_code == 204
        unheard = await owner.new_case()
        told = []
        with suppress(StopAsyncIteration):
            while True:
                told.append((await listener.next_case())["case_no"])
    assert unheard not in told


async def test_changes_that_went_by_unheard_ask_for_a_reload(
    api_settings: Settings, tokens: dict[str, str], office: Office
) -> None:
    number = await office("operator1").new_case()
    async with (
        exposed(api_settings) as gates,
        served(gates.settings, tokens) as cut_off,
        listening(cut_off, "operator1") as operator,
    ):
        await office("dispatcher1").command(number, "dispatch_case", {"lead": UNIT})
        assert (await operator.next_case())["case_no"] == number
        await gates.database.shut()
        await office(HANDLER).command(number, "sign_for")
        await gates.database.open()
        assert (await operator.next()).name == "reload"


async def test_who_cannot_keep_up_is_told_to_reload(office: Office) -> None:
    change = CaseChange.model_validate({"case_no": "1", "version": 1, "status": "received", "units": ()})
    live = office.services.live
    async with live.subscribe(Viewer(actor=SYSTEM_ACTOR)) as slow:
        for version in range(1, 400):
            live.tell(change.model_copy(update={"version": version}))
        first, second = await anext(slow), await anext(slow)
    assert isinstance(first, Missed)
    assert isinstance(second, CaseChange)
    assert second.version > 256


async def test_the_stream_needs_a_token(broadcaster: Office) -> None:
    answer = await broadcaster.http.get("/api/v1/live")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")

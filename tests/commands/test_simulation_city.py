"""The city on the API in miniature: every case ends, once, whatever happens to requests and to the city."""

import asyncio
from dataclasses import replace

import httpx
import pytest
from fake_api import FakeApi, accounts
from town import UNITS

from commands.client import HotlineApi
from commands.simulation.complaints import complaint
from commands.simulation.routing import fitting_units
from commands.simulation.running import Order, run_city
from commands.simulation.tally import Tally
from hotline.vocabulary import CLOSED
from store.intake_request import IntakeRequest

SPEED = 400_000.0
ORDER = Order(cases=12, open_ones=False, again=False, seed="7", speed=SPEED, concurrency=6, is_brisk=True)


async def live(fake: FakeApi, order: Order = ORDER) -> Tally:
    tally = Tally()
    async with httpx.AsyncClient(transport=httpx.MockTransport(fake.answer)) as http:
        api = HotlineApi(http, lambda: "http://fake")
        tally.retries, tally.requests = api.retries, api.requests
        await run_city(order, api, accounts(), tally)
    return tally


async def test_every_registered_case_is_led_to_its_end() -> None:
    fake = FakeApi(speed=SPEED)
    tally = await live(fake)
    assert tally.summary()["ended"] == tally.registered == len(fake.papers) == 12
    assert all(paper.state.status in CLOSED for paper in fake.papers.values())
    assert sum(tally.outcomes.values()) == 12
    assert not tally.stuck


async def test_a_command_whose_answer_was_lost_is_done_once() -> None:
    fake = FakeApi(speed=SPEED, trouble=("", "", *("lost", "away", "") * 15))
    tally = await live(fake, replace(ORDER, cases=6))
    assert fake.applied == tally.commands.total()
    assert tally.retries["ReadError"] == tally.retries["engine_unavailable"] == 15
    assert len(fake.papers) == tally.ended == 6


async def test_a_city_that_was_stopped_goes_on_where_its_cases_are() -> None:
    fake = FakeApi(speed=SPEED, busy_after=25)
    first = asyncio.create_task(live(fake))
    await fake.is_busy.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert any(paper.state.status not in CLOSED for paper in fake.papers.values())
    second = await live(fake)
    third = await live(fake, replace(ORDER, cases=0, open_ones=True, again=True))
    assert len(fake.papers) == 12
    assert second.registered < 12
    assert third.total == 0
    assert all(paper.state.status in CLOSED for paper in fake.papers.values())


async def test_until_closed_takes_up_what_others_left_open() -> None:
    fake = FakeApi(speed=SPEED)
    api = HotlineApi(httpx.AsyncClient(transport=httpx.MockTransport(fake.answer)), lambda: "http://fake")
    for index in range(5):
        await api.register("operator-0", complaint("9", index).form, key=f"key-{index:06}")
    tally = await live(fake, replace(ORDER, cases=0, open_ones=True, again=True))
    assert (tally.registered, tally.ended) == (0, 5)
    assert all(paper.state.status in CLOSED for paper in fake.papers.values())


def test_complaints_are_valid_invented_and_the_same_for_a_seed() -> None:
    forms = [complaint("7", index).form for index in range(300)]
    assert forms == [complaint("7", index).form for index in range(300)]
    assert forms != [complaint("8", index).form for index in range(300)]
    for form in forms:
        request = IntakeRequest.model_validate(form)
        assert request.caller_phone
        assert request.caller_phone.startswith("555-01")
    assert any("emergency" in form for form in forms)
    assert len({form["caller_phone"] for form in forms}) < 300, "somebody calls again"


def test_a_subject_goes_to_those_whose_duty_it_names() -> None:
    assert fitting_units("望江路路灯不亮", UNITS) == ("U1",)
    assert fitting_units("小区停水没有通知", UNITS) == ("U3",)
    assert fitting_units("无从归类", UNITS) == ()

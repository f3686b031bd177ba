"""What Prometheus is told: where the whole system stands, how long people wait, and nothing of any case or person."""

from datetime import timedelta

import httpx
import pytest
from api_hands import Office
from fixtures.eventually import assert_eventually
from prometheus_client import REGISTRY, generate_latest
from sqlalchemy import insert

from api.watching import MetricsKeeper
from api.wellbeing import parts
from hotline.vocabulary import OPEN
from runtime.metrics import metrics_served
from runtime.ports import LOOPBACK, free_port
from store.tables.tallies import tally_due
from store.tallies import MARKED_AT_MOST, keep_from_counting


def told(name: str, **labels: str) -> float:
    found = REGISTRY.get_sample_value(name, labels)
    assert found is not None, (name, labels)
    return found


async def look(office: Office, later: timedelta = timedelta(0)) -> None:
    await MetricsKeeper(office.services.database).look(office.services.now() + later)


async def test_open_cases_are_told_by_status_and_every_status_is_told(office: Office) -> None:
    await look(office)
    case = await office("operator1").case(await office("operator1").new_case())
    labels = {"status": case["status"], "phase": case["phase"]}
    before = told("hotline_open_cases", **labels)
    await look(office)
    assert told("hotline_open_cases", **labels) == before + 1
    families = {family.name: family for family in REGISTRY.collect()}
    assert {sample.labels["status"] for sample in families["hotline_open_cases"].samples} == set(OPEN)


async def test_what_waits_too_long_is_told_with_its_age(office: Office) -> None:
    await office("operator1").new_case()
    await look(office, timedelta(days=400))
    assert told("hotline_waiting", what="rung") >= 1
    assert told("hotline_waiting_oldest_seconds", what="rung") > timedelta(days=300).total_seconds()
    assert told("hotline_overdue_cases") >= 1
    await look(office)
    assert told("hotline_waiting", what="adoption") == 0
    assert told("hotline_waiting_oldest_seconds", what="adoption") == 0


async def test_what_boards_have_not_counted_yet_is_told_and_is_for_attention(office: Office) -> None:
    async def state() -> str:
        (part,) = (one for one in (await parts(office.services)).items if one.part == "tallies")
        return part.state

    async def nothing_waits() -> None:
        await look(office)
        assert (told("hotline_waiting", what="tally"), await state()) == (0, "well")

    marks = [{"case_no": f"{number:018}"} for number in range(MARKED_AT_MOST + 1)]
    database = office.services.database
    async with database.write() as held:
        await keep_from_counting(held)
        async with database.write() as session:
            await session.execute(insert(tally_due), marks)
        await look(office)
        assert told("hotline_waiting", what="tally") > MARKED_AT_MOST
        assert await state() == "attention"
    await assert_eventually(nothing_waits)


async def test_requests_are_told_by_route_and_never_by_address(office: Office) -> None:
    labels = {"method": "GET", "route": "/api/v1/cases/{case_no}", "status": "4xx"}
    await office("operator1").get("/cases/202601010000000000")
    assert told("hotline_http_answer_seconds_count", **labels) >= 1
    assert "202601010000000000" not in generate_latest().decode()


def test_metrics_have_a_port_of_their_own_and_a_taken_one_costs_nothing_else() -> None:
    port = free_port()
    with metrics_served(LOOPBACK, port):
        page = httpx.get(f"http://{LOOPBACK}:{port}/metrics", trust_env=False).text
        with metrics_served(LOOPBACK, port):
            pass
    assert "hotline_http_answer_seconds" in page
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{LOOPBACK}:{port}/metrics", trust_env=False)

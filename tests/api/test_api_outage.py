"""With the engine or PostgreSQL away: what still works, what says 503, and how it goes on afterwards."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from api_gate import Gate, exposed
from api_hands import UNIT, Office, advance, new_key, opened, problem
from api_premises import WORKER, Premises, manned, migrated
from fixtures.eventually import assert_eventually
from fixtures.stack import PostgresForTests, TemporalForTests

from api import sight
from api.gateway import CaseGateway, EngineFault
from api.relay import Relay
from hotline.case import CaseState
from hotline.identifiers import CaseNo


@dataclass
class Away:
    """An office whose way to each server can be shut."""

    office: Office
    database: Gate
    engine: Gate


@pytest_asyncio.fixture(scope="module")
async def elsewhere(
    postgres: PostgresForTests, temporal_server: TemporalForTests, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Premises]:
    """Apart from the other tests, whose relay would take on what is left lying here."""
    fresh = await postgres.create_database(prepared_by=migrated)
    async with manned(fresh, temporal_server, tmp_path_factory.mktemp("elsewhere")) as premises:
        yield premises


@pytest_asyncio.fixture
async def away(elsewhere: Premises) -> AsyncIterator[Away]:
    async with exposed(elsewhere.settings) as gates, opened(gates.settings, elsewhere.tokens) as office:
        yield Away(office, gates.database, gates.engine)


def may_be_tried_again(answer: httpx.Response, code: str) -> None:
    problem(answer, 503, code)
    assert int(answer.headers["retry-after"]) > 0


async def test_with_the_engine_away_the_caller_has_a_number_and_the_case_is_adopted_later_once(
    away: Away,
) -> None:
    await away.engine.shut()
    key = new_key()
    answer = await away.office("operator1").register(key=key)
    receipt = answer.json()
    assert answer.status_code == 201
    assert (receipt["adopted"], receipt["version"], receipt["status"]) == (False, None, "received")
    number = receipt["case_no"]

    # Staff are told to wait; a unit is told nothing.
    for page in ("", "/facts", "/hands", "/supervision"):
        may_be_tried_again(await away.office("operator1").get(f"/cases/{number}{page}"), "case_not_adopted")
    rejected = await away.office("dispatcher1").command(
        number, "dispatch_case", {"lead": UNIT, "advice": "核查"}
    )
    may_be_tried_again(rejected, "case_not_adopted")
    problem(await away.office(f"handler-{UNIT}").get(f"/cases/{number}"), 404, "case_not_found")
    code = {"X-Retrieval-Code": receipt["retrieval_code"]}
    public = await away.office.http.get(f"/api/v1/public/cases/{number}", headers=code)
    may_be_tried_again(public, "case_not_adopted")
    ready = (await away.office.http.get("/health/ready")).json()
    assert (ready["ready"], ready["database"], ready["engine"], ready["unadopted"]) == (False, True, False, 1)

    await away.engine.open()

    async def is_adopted() -> None:
        again = (await away.office("operator1").register(key=key)).json()
        assert again["adopted"]

    await assert_eventually(is_adopted)
    assert (await away.office("operator1").tags(number)) == ["intake:registered", "clock:started"]
    assert (await away.office.http.get("/health/ready")).json()["unadopted"] == 0


async def test_a_case_that_is_adopted_between_two_looks_is_seen(
    away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await away.office("operator1").new_case()
    look, missed = sight.state_of, iter([None])

    async def late(*asked: Any) -> CaseState | None:
        return next(missed, await look(*asked))

    monkeypatch.setattr(sight, "state_of", late)
    assert (await away.office("operator1").case(number))["case_no"] == number
    assert next(missed, "was used") == "was used"


async def test_a_command_meets_the_engine_again_under_its_key(away: Away) -> None:
    number = await away.office("operator1").new_case()
    key = new_key()
    dispatch = {"lead": UNIT, "advice": "请现场核查"}
    await away.engine.shut()
    answer = await away.office("dispatcher1").command(number, "dispatch_case", dispatch, key=key)
    may_be_tried_again(answer, "engine_unavailable")
    assert (await away.office("dispatcher1").case(number))["status"] == "received"
    await away.engine.open()

    async def is_done() -> None:
        again = await away.office("dispatcher1").command(number, "dispatch_case", dispatch, key=key)
        assert again.status_code == 200

    await assert_eventually(is_done)
    assert (await away.office("dispatcher1").tags(number)).count("assignment:dispatched") == 1


async def test_request_and_relays_race_to_one_case(office: Office) -> None:
    services = office.services
    relays = [Relay(services.database, services.books, interval=timedelta(hours=1)) for _ in range(3)]
    key = new_key()
    sweeps = asyncio.gather(*(relay.sweep() for relay in relays for _ in range(3)))
    answers = await asyncio.gather(*(office("operator1").register(key=key) for _ in range(4)))
    await sweeps
    assert len({answer.json()["case_no"] for answer in answers}) == 1
    assert all(answer.json()["adopted"] for answer in answers)
    number = answers[0].json()["case_no"]
    assert (await office("operator1").tags(number)) == ["intake:registered", "clock:started"]


async def test_with_postgresql_away_everything_says_when_to_come_back(away: Away) -> None:
    number = await away.office("operator1").new_case()
    await away.database.shut()
    operator = away.office("operator1")
    for answer in (
        await operator.register(),
        await operator.get("/cases"),
        await operator.get(f"/cases/{number}"),
        await operator.get(f"/cases/{number}/facts"),
        await operator.command(number, "add_facts", {"text": "今晚仍有噪音"}),
        await operator.post("/bulk/add_facts", {"items": [{"case_no": number, "form": {"text": "噪音"}}]}),
        await operator.get("/me"),
        await away.office.nobody.post("/public/cases", {"title": "路灯不亮", "content": "三盏路灯不亮"}),
    ):
        may_be_tried_again(answer, "database_unavailable")
    answer = await away.office.http.get("/health/ready")
    assert answer.status_code == 503
    ready = answer.json()
    assert (ready["ready"], ready["database"], ready["engine"]) == (False, False, True)
    assert (await away.office.http.get("/health/live")).status_code == 200

    await away.database.open()
    assert (await operator.get(f"/cases/{number}")).status_code == 200


async def test_readiness_names_the_worker_that_serves(office: Office) -> None:
    answer = await office.http.get("/health/ready")
    ready = answer.json()
    assert answer.status_code == 200
    assert (ready["ready"], ready["database"], ready["engine"]) == (True, True, True)
    assert ready["workers"] == [WORKER]


async def test_a_fault_of_the_engine_is_a_500_that_says_nothing_and_is_logged(
    office: Office, monkeypatch: pytest.MonkeyPatch, log_file: Path
) -> None:
    number = CaseNo(await office("operator1").new_case())

    async def at_fault(*_: object) -> None:
        raise EngineFault(number)

    monkeypatch.setattr(CaseGateway, "send", at_fault)
    answer = await office("dispatcher1").command(number, "dispatch_case", {"lead": UNIT})
    problem(answer, 500, "internal_error")
    assert set(answer.json()) == {"type", "title", "status", "code"}
    row = await office("dispatcher1").post(
        "/bulk/dispatch_case", {"items": [{"case_no": number, "form": {"lead": UNIT}}]}
    )
    assert row.json()["results"][0]["problem"]["code"] == "internal_error"
    assert _logged(log_file).count('"error_type":"EngineFault"') == 2


def _logged(log_file: Path) -> str:
    return log_file.read_text(encoding="utf-8")


async def test_a_case_goes_on_where_it_was_after_both_were_away(away: Away) -> None:
    number = await away.office("operator1").new_case()
    await advance(away.office, number, until="dispatch_case")
    await away.engine.shut()
    await away.database.shut()
    may_be_tried_again(
        await away.office(f"handler-{UNIT}").command(number, "sign_for"), "database_unavailable"
    )
    await away.database.open()
    await away.engine.open()

    async def is_signed() -> None:
        answer = await away.office(f"handler-{UNIT}").command(number, "sign_for", key="sign-once-more")
        assert answer.status_code == 200

    await assert_eventually(is_signed)
    assert (await away.office("operator1").case(number))["status"] == "in_hand"

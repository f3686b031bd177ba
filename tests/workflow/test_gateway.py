"""What the gateway knows of the engine itself."""

from datetime import timedelta

import pytest
from fixtures.cases import registration
from fixtures.engine import Engine, MemoryLedger
from fixtures.eventually import assert_eventually

from api.gateway import CaseGateway, EngineUnavailable
from hotline.identifiers import CaseNo
from runtime.keyring import Keyring
from runtime.temporal import connect


@pytest.fixture
async def nowhere() -> CaseGateway:
    client = await connect("127.0.0.1:1", "default", Keyring.generate(), identity="test", lazy=True)
    return CaseGateway(client, "nobody", answer_within=timedelta(seconds=2))


async def test_worker_that_lives_is_named(city: Engine) -> None:
    async def named() -> None:
        assert [worker.identity for worker in await city.gateway.workers()] == [city.client.identity]

    await assert_eventually(named)


async def test_queue_without_a_worker_has_none(idle_engine: Engine) -> None:
    assert await idle_engine.gateway.workers() == ()


async def test_engine_that_answers_is_serving(city: Engine, nowhere: CaseGateway) -> None:
    assert await city.gateway.is_serving()
    assert not await nowhere.is_serving()


async def test_engine_that_is_away_is_unavailable_for_everything(
    nowhere: CaseGateway, city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    with pytest.raises(EngineUnavailable):
        await nowhere.adopt(registration(number), city.policy)
    with pytest.raises(EngineUnavailable):
        await nowhere.state(number)
    with pytest.raises(EngineUnavailable):
        await nowhere.workers()

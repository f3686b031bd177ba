"""What the gateway knows of the engine itself."""

from datetime import UTC, datetime, timedelta

import pytest
from fixtures.cases import registration
from fixtures.engine import Engine, MemoryLedger
from fixtures.eventually import assert_eventually
from temporalio.api.deployment.v1 import WorkerDeploymentVersion
from temporalio.api.enums.v1 import WorkerStatus
from temporalio.api.worker.v1 import WorkerHeartbeat
from temporalio.api.workflowservice.v1 import RecordWorkerHeartbeatRequest

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


async def test_worker_that_died_is_not_kept_alive_by_another_of_its_name(
    city: Engine, number: CaseNo
) -> None:
    died_at = datetime.now(UTC) - timedelta(minutes=1)
    last = WorkerHeartbeat(
        worker_instance_key=f"died-{number}",
        worker_identity=city.client.identity,
        task_queue=city.queue,
        deployment_version=WorkerDeploymentVersion(build_id="before"),
        status=WorkerStatus.WORKER_STATUS_RUNNING,
    )
    last.heartbeat_time.FromDatetime(died_at)
    request = RecordWorkerHeartbeatRequest(
        namespace=city.client.namespace, identity=city.client.identity, worker_heartbeat=[last]
    )
    await city.client.workflow_service.record_worker_heartbeat(request)

    async def living_is_seen() -> None:
        assert city.version.build_id in [worker.version for worker in await city.gateway.workers()]

    await assert_eventually(living_is_seen)
    for _ in range(3):
        assert [worker.version for worker in await city.gateway.workers()] == [city.version.build_id]


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

"""What was registered while the engine was away reaches it, once, with facts in the real ledger."""

import asyncio
import secrets
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from fixtures.cases import OPERATOR, dispatch, sign
from fixtures.engine import Engine
from fixtures.eventually import assert_eventually
from fixtures.stack import Database as Addresses
from fixtures.stack import PostgresForTests
from sqlalchemy import func, select
from sqlalchemy.sql.functions import FunctionElement

from activities.projection import Projection
from api.bookkeeping import Bookkeeper
from api.gateway import CaseGateway
from api.relay import Relay, ServersAway
from hotline.evolve import replay
from hotline.identifiers import CaseNo
from hotline.policy import default_policy
from hotline.vocabulary import Channel, RequestType, Status
from runtime.keyring import Keyring
from runtime.temporal import connect
from store.engine import Database
from store.intake import IntakeRequest, Submission, register, registration_of, unadopted
from store.ledger import facts_of, verify_chain
from store.migrate import migrate
from store.policies import ensure_default

KEYRING = Keyring.generate()


async def _migrated(addresses: Addresses) -> None:
    await migrate(addresses.owner_url)


def _some_rows() -> FunctionElement[int]:
    return func.generate_series(1, 1 + secrets.randbelow(9_000))


@pytest.fixture
async def database(postgres: PostgresForTests) -> AsyncIterator[Database]:
    addresses = await postgres.create_database(_migrated)
    database = Database.connect(addresses.url)
    async with database.write() as session:
        await ensure_default(session, at=datetime.now(UTC))
        # A number is a second and a count: two quick tests on one engine would otherwise have the same case.
        await session.execute(select(func.nextval("case_sequence")).select_from(_some_rows()))
    yield database
    await database.close()


@pytest.fixture
async def city(idle_engine: Engine, database: Database) -> AsyncIterator[Engine]:
    async with idle_engine.worker([Projection(database).append]):
        yield idle_engine


@pytest.fixture
def relay(database: Database, city: Engine) -> Relay:
    return Relay(database, Bookkeeper(database, city.gateway), interval=timedelta(milliseconds=50))


async def registered(database: Database) -> CaseNo:
    request = IntakeRequest(
        channel=Channel.PHONE,
        type=RequestType.COMPLAINT,
        title="噪音",
        content="夜间施工噪音扰民",
        caller_name="张某",
        caller_phone="13800000000",
        address="某路 1 号",
    )
    submission = Submission(
        actor=OPERATOR, key=uuid.uuid4().hex, at=datetime.now(UTC), policy=default_policy()
    )
    async with database.write() as session:
        return (await register(session, KEYRING, request, submission)).case_no


async def waiting(database: Database) -> list[CaseNo]:
    async with database.read() as session:
        return [case.case_no for case in await unadopted(session, older_than=datetime.now(UTC))]


async def test_registered_cases_are_adopted_with_their_facts(
    database: Database, city: Engine, relay: Relay
) -> None:
    numbers = [await registered(database) for _ in range(5)]
    assert await relay.sweep() == 5
    assert await waiting(database) == []
    for number in numbers:
        async with database.read() as session:
            facts = await facts_of(session, number)
        assert replay(facts) == await city.state(number)


async def test_facts_of_a_registration_that_nobody_brought_are_brought_by_the_relay(
    database: Database, city: Engine, relay: Relay
) -> None:
    number = await registered(database)
    async with database.read() as session:
        registration = await registration_of(session, number)
    assert registration is not None
    lost = await city.gateway.adopt(registration, city.policy, ledger_seen=0)
    assert [fact.body.tag for fact in lost.facts] == ["intake:registered", "clock:started"]
    assert await waiting(database) == [number]
    await relay.sweep()
    async with database.read() as session:
        assert await facts_of(session, number) == lost.facts
    assert await waiting(database) == []


async def test_two_relays_and_a_caller_racing_adopt_each_case_once(
    database: Database, city: Engine, relay: Relay
) -> None:
    numbers = [await registered(database) for _ in range(4)]
    other = Relay(database, Bookkeeper(database, city.gateway), interval=timedelta(milliseconds=50))
    await asyncio.gather(relay.sweep(), other.sweep(), relay.sweep())
    for number in numbers:
        async with database.read() as session:
            facts = await facts_of(session, number)
        assert [fact.body.tag for fact in facts].count("intake:registered") == 1


async def test_relay_that_is_nudged_looks_at_once(database: Database, city: Engine) -> None:
    async with Relay(database, Bookkeeper(database, city.gateway), interval=timedelta(hours=1)) as relay:
        await registered(database)
        relay.nudge()

        async def nothing_waits() -> None:
            assert await waiting(database) == []

        await assert_eventually(nothing_waits)


async def test_cases_registered_without_an_engine_wait_and_are_adopted_on_its_return(
    database: Database, city: Engine, relay: Relay
) -> None:
    nowhere = await connect("127.0.0.1:1", "default", KEYRING, identity="test", lazy=True)
    without = Relay(
        database,
        Bookkeeper(database, CaseGateway(nowhere, city.queue, answer_within=timedelta(seconds=2))),
        interval=timedelta(milliseconds=50),
    )
    number = await registered(database)
    with pytest.raises(ServersAway):
        await without.sweep()
    assert await waiting(database) == [number]
    await relay.sweep()
    assert await waiting(database) == []


async def test_ledger_of_a_case_is_gapless_and_chained(
    database: Database, city: Engine, relay: Relay
) -> None:
    number = await registered(database)
    await relay.sweep()
    receipt = await city.send(number, dispatch(), sign())
    async with database.read() as session:
        facts = await facts_of(session, number)
        assert await verify_chain(session, number) is None
    assert [fact.seq for fact in facts] == list(range(1, receipt.version + 1))
    assert replay(facts).status is Status.IN_HAND

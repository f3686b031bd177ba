"""A connection to Temporal that went bad does not hold a caller for ever, and a command that it swallowed is done once."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from fixtures.cases import dispatch, envelope, registration, sign
from fixtures.engine import Engine, MemoryLedger
from fixtures.eventually import assert_eventually
from fixtures.stack import TemporalForTests
from fixtures.toxic import Link, link_to
from temporalio.client import Client

from api.gateway import CaseGateway, EngineUnavailable
from hotline.commands import SignFor
from hotline.identifiers import CaseNo
from hotline.vocabulary import Status


@pytest.fixture
async def link(temporal_server: TemporalForTests) -> AsyncIterator[Link]:
    async with link_to(int(temporal_server.address.rpartition(":")[2])) as link:
        yield link


@pytest.fixture
async def near(city: Engine, link: Link) -> CaseGateway:
    """The gateway of a host whose network to the engine is the link."""
    client = await Client.connect(
        str(link), namespace=city.client.namespace, data_converter=city.client.data_converter
    )
    return CaseGateway(client, city.queue, answer_within=timedelta(milliseconds=500))


FAULTS: dict[str, Callable[[Link], None]] = {
    "silent": Link.stall,
    "cut": Link.cut,
    "broken off in mid-word": lambda link: link.cut_after(300),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_command_over_a_broken_link_is_unavailable_and_done_once_when_it_is_repeated(
    near: CaseGateway, city: Engine, ledger: MemoryLedger, link: Link, number: CaseNo, fault: str
) -> None:
    await city.adopt(registration(number))
    await city.send(number, dispatch())
    signing = envelope(sign().actor, SignFor())
    assert await near.is_serving()
    FAULTS[fault](link)
    with pytest.raises(EngineUnavailable):
        await near.send(number, signing)
    link.heal()

    async def repeated() -> None:
        try:
            receipt = await near.send(number, signing)
        except EngineUnavailable as error:
            raise AssertionError from error
        assert receipt.status is Status.IN_HAND

    await assert_eventually(repeated)
    assert ledger.tags(number).count("assignment:signed") == 1

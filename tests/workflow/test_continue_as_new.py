"""A case that continues as new is the same case: state, receipts, clocks and the order of its facts."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from fixtures.cases import (
    OPERATOR,
    TEXT,
    accept,
    contact,
    dispatch,
    envelope,
    registration,
    reply,
    satisfied,
    sign,
)
from fixtures.engine import Engine, MemoryLedger

from hotline.commands import AddFacts, CommandEnvelope
from hotline.evolve import replay
from hotline.identifiers import CaseNo
from hotline.refusals import KeyReused
from hotline.vocabulary import ClockKind, Status


@pytest.fixture
async def city(short_city: Engine, ledger: MemoryLedger) -> AsyncIterator[Engine]:
    async with short_city.worker([ledger.append]):
        yield short_city


async def run_of(city: Engine, number: CaseNo) -> str:
    return (await city.handle(number).describe()).run_id


def add_facts() -> CommandEnvelope:
    return envelope(OPERATOR, AddFacts(text=TEXT))


async def test_new_run_keeps_state_receipts_and_ledger(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    await city.adopt(registration(number))
    first_run = await run_of(city, number)
    order = dispatch()
    receipt = await city.send(number, order)
    runs = {first_run}
    for _ in range(16):
        await city.send(number, add_facts())
        runs.add(await run_of(city, number))
    assert len(runs) >= 3
    assert await city.send(number, order) == receipt
    with pytest.raises(KeyReused):
        await city.send(number, add_facts().model_copy(update={"command_id": order.command_id}))
    assert replay(ledger.facts[number]) == await city.state(number)
    assert ledger.tags(number).count("assignment:dispatched") == 1


async def test_clocks_go_on_in_the_new_run_and_fire_once(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    await city.adopt(registration(number))
    await city.send(number, dispatch(), sign(), *(add_facts() for _ in range(10)))
    due_at = (await city.state(number)).next_due_at
    await city.fast_forward(number, timedelta(days=30))
    fired = [fact.body for fact in ledger.facts[number] if fact.body.tag == "clock:fired"]
    handling = [body for body in fired if body.clock is ClockKind.HANDLING]
    assert [body.due_at for body in handling if body.is_due] == [due_at]
    assert len({(body.clock_id, body.alarm) for body in fired}) == len(fired)


async def test_life_across_runs_ends_in_the_archive(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    await city.adopt(registration(number))
    await city.send(number, *(add_facts() for _ in range(10)), dispatch(), sign())
    now = await city.now(number)
    await city.send(number, contact(now), reply(now), accept(), satisfied())
    await city.fast_forward(number, timedelta(days=16))
    assert (await city.handle(number).result()).status is Status.ARCHIVED
    assert [fact.seq for fact in ledger.facts[number]] == list(range(1, len(ledger.facts[number]) + 1))

"""The life of a case on the real server, fifteen days and more in seconds."""

from contextlib import suppress
from datetime import timedelta

import pytest
from fixtures.cases import accept, contact, dispatch, registration, reply, satisfied, sign
from fixtures.engine import Engine, MemoryLedger

from api.gateway import CaseArchived
from hotline.evolve import replay
from hotline.facts import CaseRegistered
from hotline.identifiers import CaseNo
from hotline.vocabulary import Outcome, Status
from workflows.contracts import state_digest


async def live(city: Engine, number: CaseNo) -> None:
    """From registration to 办结."""
    await city.adopt(registration(number))
    await city.send(number, dispatch(), sign())
    await city.fast_forward(number, timedelta(hours=1))
    now = await city.now(number)
    await city.send(number, contact(now), reply(now), accept(), satisfied())


async def test_adopted_case_has_its_registration_in_the_ledger(city: Engine, ledger: MemoryLedger) -> None:
    what = registration()
    receipt = await city.adopt(what)
    assert receipt.status is Status.RECEIVED
    assert receipt.version == len(ledger.facts[what.case_no])
    assert ledger.tags(what.case_no)[0] == "intake:registered"


async def test_adopting_again_finds_the_same_case(city: Engine, ledger: MemoryLedger) -> None:
    what = registration()
    first = await city.adopt(what)
    await city.send(what.case_no, dispatch())
    assert await city.adopt(what) == first
    assert ledger.tags(what.case_no).count("intake:registered") == 1


async def test_case_runs_from_registration_to_the_archive(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    await live(city, number)
    assert (await city.state(number)).status is Status.COMPLETED
    await city.fast_forward(number, timedelta(days=16))
    end = await city.handle(number).result()
    assert end.status is Status.ARCHIVED
    assert end.outcome is Outcome.SATISFIED
    assert end.version == len(ledger.facts[number])
    assert "closeout:archived" in ledger.tags(number)


async def test_archive_is_due_fifteen_days_after_the_end_and_not_before(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    await live(city, number)
    await city.fast_forward(number, timedelta(days=14, hours=23))
    assert (await city.state(number)).status is Status.COMPLETED
    await city.fast_forward(number, timedelta(hours=2))
    await city.handle(number).result()
    fired = next(fact for fact in ledger.facts[number] if fact.body.tag == "closeout:archived")
    closed = next(fact for fact in ledger.facts[number] if fact.body.tag == "closeout:closed")
    assert timedelta(days=15) <= fired.at - closed.at < timedelta(days=15, minutes=1)


async def test_ledger_of_a_life_folds_to_the_state_of_the_workflow(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    await live(city, number)
    assert replay(ledger.facts[number]) == await city.state(number)


async def test_finished_workflow_leaves_the_digest_of_its_last_state(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    await live(city, number)
    assert await city.gateway.end(number) is None
    await city.fast_forward(number, timedelta(days=16))
    await city.handle(number).result()
    end = await city.gateway.end(number)
    assert end is not None
    assert end.state_digest == state_digest(replay(ledger.facts[number]))
    assert end.state_digest != state_digest(replay(ledger.facts[number][:-1]))


async def test_archived_case_takes_no_command_and_is_not_started_again(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    await live(city, number)
    await city.fast_forward(number, timedelta(days=16))
    with pytest.raises(CaseArchived):
        await city.send(number, dispatch())
    first = ledger.facts[number][0].body
    assert isinstance(first, CaseRegistered)
    with suppress(CaseArchived):
        await city.adopt(first.registration)
    assert (await city.handle(number).describe()).close_time is not None
    assert ledger.tags(number).count("intake:registered") == 1

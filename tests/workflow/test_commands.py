"""Commands are decided once, in order, and refused without a trace."""

import asyncio
from datetime import timedelta

import pytest
from fixtures.cases import OPERATOR, dispatch, envelope, new_number, registration, sign
from fixtures.engine import Engine, MemoryLedger
from temporalio.exceptions import ApplicationError

from api.gateway import CaseGateway, CaseNotAdopted, EngineUnavailable
from hotline.commands import RequestDetails, SignFor
from hotline.identifiers import CaseNo
from hotline.refusals import KeyReused, NotPermitted, StaleVersion, WrongStatus
from hotline.vocabulary import Element, Status
from workflows.contracts import Receipt


@pytest.fixture
async def adopted(city: Engine, number: CaseNo) -> CaseNo:
    await city.adopt(registration(number))
    return number


async def test_receipt_says_where_the_case_stands(
    city: Engine, ledger: MemoryLedger, adopted: CaseNo
) -> None:
    order = dispatch()
    receipt = await city.send(adopted, order)
    assert receipt.command_id == order.command_id
    assert receipt.status is Status.AWAITING_SIGNATURE
    assert receipt.version == len(ledger.facts[adopted])
    assert receipt.next_due_at == (await city.state(adopted)).next_due_at


async def test_same_command_twice_is_decided_once(
    city: Engine, ledger: MemoryLedger, adopted: CaseNo
) -> None:
    order = dispatch()
    assert await city.send(adopted, order) == await city.send(adopted, order)
    assert ledger.tags(adopted).count("assignment:dispatched") == 1


async def test_same_id_for_another_command_is_refused(city: Engine, adopted: CaseNo) -> None:
    order = dispatch()
    await city.send(adopted, order)
    other = envelope(OPERATOR, RequestDetails(missing=(Element.PLACE,)), command_id=order.command_id)
    with pytest.raises(KeyReused):
        await city.send(adopted, other)


async def test_of_five_commands_at_once_one_is_accepted(
    city: Engine, ledger: MemoryLedger, adopted: CaseNo
) -> None:
    outcomes = await asyncio.gather(
        *(city.send(adopted, dispatch()) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Receipt) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, WrongStatus) for outcome in outcomes) == 4
    assert ledger.tags(adopted).count("assignment:dispatched") == 1


async def test_refused_command_leaves_no_event_in_history(city: Engine, adopted: CaseNo) -> None:
    await city.send(adopted, dispatch())
    before = await city.history_length(adopted)
    with pytest.raises(WrongStatus):
        await city.send(adopted, dispatch())
    assert await city.history_length(adopted) == before


async def test_refusal_arrives_with_all_its_parts(city: Engine, adopted: CaseNo) -> None:
    with pytest.raises(NotPermitted) as refused:
        await city.send(adopted, envelope(OPERATOR, SignFor()))
    assert refused.value.code == "role_not_permitted"
    assert refused.value.message
    await city.send(adopted, dispatch())
    with pytest.raises(WrongStatus) as refused_by_status:
        await city.send(adopted, dispatch())
    assert refused_by_status.value.rule


async def test_command_on_an_outdated_view_is_refused(city: Engine, adopted: CaseNo) -> None:
    seen = await city.send(adopted, dispatch())
    await city.send(adopted, sign())
    late = sign().model_copy(update={"expected_version": seen.version})
    with pytest.raises(StaleVersion) as refused:
        await city.send(adopted, late)
    assert refused.value.field == "expected_version"


async def test_unknown_case_is_told_from_a_finished_one(city: Engine) -> None:
    with pytest.raises(CaseNotAdopted):
        await city.send(new_number(), dispatch())


async def test_command_waits_for_the_ledger_and_no_longer(
    city: Engine, ledger: MemoryLedger, adopted: CaseNo
) -> None:
    """The database is away for three attempts: the caller waits, and the facts arrive once."""
    outage = iter([True] * 3)

    def away() -> None:
        if next(outage, False):
            raise ApplicationError("PostgreSQL is away")

    ledger.before = away
    await city.send(adopted, dispatch(), sign())
    assert ledger.tags(adopted).count("assignment:signed") == 1


async def test_facts_written_twice_by_a_dying_worker_are_in_the_ledger_once(
    city: Engine, ledger: MemoryLedger, adopted: CaseNo
) -> None:
    """The worker dies after the write and before it could say so: the activity runs again."""
    deaths = iter([True, False])

    def die() -> None:
        if next(deaths, False):
            raise ApplicationError("died after the write")

    ledger.after = die
    await city.send(adopted, dispatch())
    assert ledger.calls[-1] == ledger.calls[-2]
    assert ledger.tags(adopted).count("assignment:dispatched") == 1


async def test_without_a_worker_the_engine_is_unavailable_and_the_command_is_not_lost(
    idle_engine: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    impatient = CaseGateway(
        idle_engine.skipper.client, idle_engine.queue, answer_within=timedelta(milliseconds=500)
    )
    what = registration(number)
    with pytest.raises(EngineUnavailable):
        await impatient.adopt(what, idle_engine.policy)
    async with idle_engine.worker([ledger.append]):
        assert (await idle_engine.adopt(what)).status is Status.RECEIVED
    assert ledger.tags(number).count("intake:registered") == 1

"""The life of a case on the real server, fifteen days and more in seconds."""

from datetime import timedelta

from fixtures.cases import accept, contact, dispatch, registration, reply, satisfied, sign
from fixtures.engine import Engine, MemoryLedger

from hotline.vocabulary import Outcome, Status


async def test_adopted_case_has_its_registration_in_the_ledger(city: Engine, ledger: MemoryLedger) -> None:
    what = registration()
    receipt = await city.adopt(what)
    assert receipt.status is Status.RECEIVED
    assert receipt.version == len(ledger.facts[what.case_no])
    assert ledger.tags(what.case_no)[0] == "intake:registered"


async def test_case_runs_from_registration_to_the_archive(city: Engine, ledger: MemoryLedger) -> None:
    number = registration().case_no
    await city.adopt(registration(number))
    await city.send(number, dispatch(), sign())
    assert await city.fast_forward(number, timedelta(hours=1))
    now = await city.now(number)
    receipt = await city.send(number, contact(now), reply(now), accept(), satisfied())
    assert receipt.status is Status.COMPLETED
    await city.fast_forward(number, timedelta(days=16))
    end = await city.handle(number).result()
    assert end.status is Status.ARCHIVED
    assert end.outcome is Outcome.SATISFIED
    assert ledger.tags(number)[-1] == "clock:stopped"

"""Joined cases (并单): what one case decides reaches the other, once."""

from datetime import timedelta

import pytest
from fixtures.cases import (
    REVIEWER,
    SUPERVISOR,
    TEXT,
    UNIT_HEAD,
    accept,
    contact,
    dispatch,
    envelope,
    join,
    new_number,
    registration,
    reply,
    satisfied,
    sign,
)
from fixtures.engine import Engine, MemoryLedger
from fixtures.eventually import assert_eventually

from hotline.commands import DecideTermination, RequestTermination
from hotline.identifiers import CaseNo
from hotline.vocabulary import Status


@pytest.fixture
def master() -> CaseNo:
    return new_number()


@pytest.fixture
async def joined(city: Engine, ledger: MemoryLedger, master: CaseNo, number: CaseNo) -> CaseNo:
    """Case `number`, joined to `master`, which a unit has in hand."""
    await city.adopt(registration(master))
    await city.send(master, dispatch(), sign())
    await city.adopt(registration(number))
    await city.send(number, join(master))
    await has_fact(ledger, master, "intake:member_accepted")
    return number


async def has_fact(ledger: MemoryLedger, number: CaseNo, tag: str) -> None:
    async def holds() -> None:
        assert tag in ledger.tags(number)

    await assert_eventually(holds)


async def answer(city: Engine, number: CaseNo) -> None:
    now = await city.now(number)
    await city.send(number, contact(now), reply(now), accept())


async def test_accepted_reply_of_the_master_settles_its_member(
    city: Engine, ledger: MemoryLedger, master: CaseNo, joined: CaseNo
) -> None:
    await answer(city, master)
    await has_fact(ledger, joined, "intake:member_settled")
    assert (await city.state(joined)).status is Status.AWAITING_REVISIT
    await city.send(master, satisfied())
    assert ledger.tags(joined).count("intake:member_settled") == 1
    assert "intake:member_released" not in ledger.tags(joined)


async def test_master_that_ends_without_a_reply_releases_its_member(
    city: Engine, ledger: MemoryLedger, master: CaseNo, joined: CaseNo
) -> None:
    await city.send(
        master,
        envelope(UNIT_HEAD, RequestTermination(ground="R2", reason=TEXT)),
        envelope(REVIEWER, DecideTermination(approved=True, reason=TEXT)),
        envelope(SUPERVISOR, DecideTermination(approved=True, reason=TEXT)),
    )
    await has_fact(ledger, joined, "intake:member_released")


async def test_case_joined_to_an_answered_one_is_settled_at_once(
    city: Engine, ledger: MemoryLedger, master: CaseNo, number: CaseNo
) -> None:
    await city.adopt(registration(master))
    await city.send(master, dispatch(), sign())
    await answer(city, master)
    await city.adopt(registration(number))
    await city.send(number, join(master))
    await has_fact(ledger, number, "intake:member_settled")


async def test_case_joined_to_one_that_the_engine_adopts_later_is_accepted_then(
    city: Engine, ledger: MemoryLedger, master: CaseNo, number: CaseNo
) -> None:
    await city.adopt(registration(number))
    await city.send(number, join(master))
    await city.adopt(registration(master))
    await city.fast_forward(number, timedelta(minutes=1))
    await has_fact(ledger, master, "intake:member_accepted")


async def test_case_joined_to_one_that_has_gone_goes_on_by_itself(
    city: Engine, ledger: MemoryLedger, master: CaseNo, number: CaseNo
) -> None:
    await city.adopt(registration(number))
    await city.send(number, join(master))
    await city.fast_forward(number, timedelta(minutes=10))
    await has_fact(ledger, number, "intake:member_released")

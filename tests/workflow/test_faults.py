"""Faults seen in comparable systems (docs/testing.md), as far as no other test is about them: here they do not happen."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from fixtures.cases import dispatch, envelope, registration, sign
from fixtures.engine import Engine, MemoryLedger
from temporalio.exceptions import ApplicationError

from api.gateway import CaseGateway, EngineUnavailable
from hotline.case import CaseState
from hotline.commands import SignFor
from hotline.evolve import evolve
from hotline.facts import ClockFired, Fact
from hotline.identifiers import CaseNo
from hotline.vocabulary import ClockKind, Status


async def test_write_that_fails_for_good_ends_neither_the_case_nor_its_later_clocks(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    """Elsewhere three quick tries and an unhandled failure ended the workflow and every timer with it."""
    await city.adopt(registration(number))
    await city.send(number, dispatch(), sign())
    alarms = (await city.state(number)).clocks[0].schedule.alarms
    faults = iter([ApplicationError("away"), ApplicationError("refused", non_retryable=True)])

    def fail() -> None:
        if fault := next(faults, None):
            raise fault

    ledger.before = fail
    await city.fast_forward(number, timedelta(days=60))
    fired = [fact.body for fact in ledger.facts[number] if isinstance(fact.body, ClockFired)]
    of_handling = [body.alarm for body in fired if body.clock is ClockKind.HANDLING]
    assert next(faults, None) is None
    assert of_handling == [alarm.code for alarm in alarms]
    assert set(Counter((body.clock_id, body.alarm) for body in fired).values()) == {1}


async def test_bug_in_a_handler_does_not_hang_its_caller_and_the_command_is_done_once_it_is_mended(
    city: Engine, ledger: MemoryLedger, number: CaseNo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere a plain exception in a handler made the server try the task for ever, and the caller wait as long."""
    await city.adopt(registration(number))
    await city.send(number, dispatch())
    faults = iter([ZeroDivisionError])

    def stumbling(state: CaseState | None, fact: Fact) -> CaseState:
        for fault in faults:
            raise fault
        return evolve(state, fact)

    monkeypatch.setattr("workflows.desk.evolve", stumbling)
    signing = envelope(sign().actor, SignFor())
    impatient = CaseGateway(city.skipper.client, city.queue, answer_within=timedelta(milliseconds=300))
    with suppress(EngineUnavailable):  # The task may be tried again before patience ends.
        await impatient.send(number, signing)
    assert next(faults, None) is None
    receipt = await city.gateway.send(number, signing)
    assert receipt.status is Status.IN_HAND
    assert ledger.tags(number).count("assignment:signed") == 1

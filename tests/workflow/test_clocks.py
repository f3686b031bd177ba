"""Every alarm fires once, carries its true instant, and survives whatever happens to the worker."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from fixtures.cases import (
    HANDLER,
    SUPERVISOR,
    TEXT,
    UNIT_HEAD,
    contact,
    dispatch,
    envelope,
    registration,
    sign,
)
from fixtures.engine import Engine, MemoryLedger

from hotline.commands import DecideExtension, RequestExtension, Resume, SuspendWithPlan
from hotline.facts import ClockFired, Fact
from hotline.identifiers import CaseNo
from hotline.vocabulary import ClockKind, Status, Urgency


def fired(
    ledger: MemoryLedger, number: CaseNo, kind: ClockKind | None = None
) -> list[tuple[Fact, ClockFired]]:
    return [
        (fact, fact.body)
        for fact in ledger.facts[number]
        if isinstance(fact.body, ClockFired) and kind in {None, fact.body.clock}
    ]


def rungs(ledger: MemoryLedger, number: CaseNo) -> Counter[tuple[str, str]]:
    return Counter((body.clock_id, body.alarm) for _, body in fired(ledger, number))


async def test_ladder_of_an_overdue_case_fires_every_rung_once_in_order(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    await city.adopt(registration(number))
    await city.send(number, dispatch(), sign())
    schedule = (await city.state(number)).clocks[0].schedule
    await city.fast_forward(number, timedelta(days=60))
    instants = [(body.alarm, body.due_at) for _, body in fired(ledger, number, ClockKind.HANDLING)]
    assert instants == [(alarm.code, alarm.at) for alarm in schedule.alarms]
    assert set(rungs(ledger, number).values()) == {1}


async def test_alarm_fires_within_the_spread_after_its_true_instant_and_never_before(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    await city.adopt(registration(number))
    await city.send(number, dispatch(), sign())
    await city.fast_forward(number, timedelta(days=30))
    late_for = [fact.at - body.due_at for fact, body in fired(ledger, number)]
    assert late_for
    assert all(
        timedelta(0) <= late < city.policy.spread_over.span_for + timedelta(seconds=5) for late in late_for
    )


async def test_emergency_is_never_spread(city: Engine, ledger: MemoryLedger, number: CaseNo) -> None:
    await city.adopt(registration(number, urgency=Urgency.CRITICAL))
    await city.fast_forward(number, timedelta(minutes=11))
    late_for = [fact.at - body.due_at for fact, body in fired(ledger, number, ClockKind.DISPATCH)]
    assert late_for
    assert all(timedelta(0) <= late < timedelta(seconds=5) for late in late_for)


async def test_alarms_fire_once_across_restarts_of_the_worker(
    idle_engine: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    async with idle_engine.worker([ledger.append]):
        await idle_engine.adopt(registration(number))
        await idle_engine.send(number, dispatch(), sign())
    for _ in range(4):
        async with idle_engine.worker([ledger.append]):
            await idle_engine.fast_forward(number, timedelta(days=3))
    assert len(fired(ledger, number, ClockKind.HANDLING)) >= 3
    assert set(rungs(ledger, number).values()) == {1}


async def test_alarms_that_came_while_nobody_worked_fire_on_return_with_their_true_instants(
    idle_engine: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    """The relay adopts a case late: everything that should have rung since rings now, in order."""
    registered_at = datetime.now(UTC) - timedelta(days=1)
    await_dispatch = registration(number, registered_at=registered_at, urgency=Urgency.CRITICAL)
    async with idle_engine.worker([ledger.append]):
        await idle_engine.adopt(await_dispatch)
        await idle_engine.send(number, dispatch())
    alarms = fired(ledger, number, ClockKind.DISPATCH)
    assert [body.due_at - registered_at for _, body in alarms] == [
        timedelta(minutes=7, seconds=30),
        timedelta(minutes=10),
    ]
    assert all(fact.at - registered_at >= timedelta(days=1) for fact, _ in alarms)


async def test_held_clock_does_not_fire_and_resumes_with_what_was_left(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    await city.adopt(registration(number))
    await city.send(number, dispatch(), sign())
    await city.send(number, contact(await city.now(number)))
    before = next(clock for clock in (await city.state(number)).clocks if clock.kind is ClockKind.HANDLING)
    next_on = (await city.now(number) + timedelta(days=60)).date()
    plan = SuspendWithPlan(plan=TEXT, next_on=next_on, owner=HANDLER.user_id)
    await city.send(number, envelope(UNIT_HEAD, plan))
    await city.fast_forward(number, timedelta(days=20))
    assert fired(ledger, number, ClockKind.HANDLING) == []
    await city.send(number, envelope(SUPERVISOR, Resume(reason=TEXT)))
    after = (await city.state(number)).clock(before.clock_id)
    assert after is not None
    assert after.due_at >= before.due_at + timedelta(days=18)
    await city.fast_forward(number, timedelta(days=20))
    assert [body.due_at for _, body in fired(ledger, number, ClockKind.HANDLING) if body.is_due] == [
        after.due_at
    ]


async def test_extension_moves_the_alarm(city: Engine, ledger: MemoryLedger, number: CaseNo) -> None:
    await city.adopt(registration(number))
    await city.send(number, dispatch(), sign())
    before = (await city.state(number)).next_due_at
    assert before is not None
    await city.send(
        number,
        envelope(HANDLER, RequestExtension(days=5, reason=TEXT)),
        envelope(UNIT_HEAD, DecideExtension(approved=True, reason=TEXT)),
    )
    after = (await city.state(number)).next_due_at
    assert after is not None
    assert after > before
    await city.fast_forward(number, timedelta(days=40))
    due = [body.due_at for _, body in fired(ledger, number, ClockKind.HANDLING) if body.is_due]
    assert due == [after]


async def test_clock_that_is_met_in_time_never_fires(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    await city.adopt(registration(number))
    receipt = await city.send(number, dispatch(), sign())
    assert receipt.status is Status.IN_HAND
    await city.fast_forward(number, timedelta(days=20))
    assert fired(ledger, number, ClockKind.SIGNATURE) == []
    assert fired(ledger, number, ClockKind.DISPATCH) == []

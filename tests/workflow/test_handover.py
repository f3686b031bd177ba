"""Who says what they have seen of the ledger gets the facts, and writes them; whatever becomes of them, the ledger gets all."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from fixtures.cases import (
    ADMINISTRATOR,
    OPERATOR,
    TEXT,
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
from temporalio.exceptions import ApplicationError

from hotline.commands import AddFacts, ArchiveCase, CommandEnvelope
from hotline.evolve import replay
from hotline.facts import Fact
from hotline.identifiers import CaseNo
from hotline.refusals import NotPermitted
from hotline.spread import wake_at
from hotline.vocabulary import Status
from workflows.contracts import Answer, ProjectionBatch


class Clerk:
    """Somebody who writes what a case answers, or dies before."""

    def __init__(self, city: Engine, ledger: MemoryLedger, number: CaseNo) -> None:
        self.city, self.ledger, self.number = city, ledger, number

    @property
    def seen(self) -> int:
        return len(self.ledger.facts[self.number])

    async def adopt(self) -> Answer:
        return await self.city.gateway.adopt(registration(self.number), self.city.policy, ledger_seen=0)

    async def ask(self, asked: CommandEnvelope) -> Answer:
        return await self.city.gateway.send(self.number, asked.model_copy(update={"ledger_seen": self.seen}))

    async def write(self, answer: Answer) -> None:
        await self.ledger.append(ProjectionBatch(case_no=self.number, facts=answer.facts))
        self.ledger.calls.pop()

    async def do(self, *asked: CommandEnvelope) -> None:
        for one in asked:
            await self.write(await self.ask(one))


@pytest.fixture
def clerk(city: Engine, ledger: MemoryLedger, number: CaseNo) -> Clerk:
    return Clerk(city, ledger, number)


def tags(facts: tuple[Fact, ...]) -> list[str]:
    return [fact.body.tag for fact in facts]


async def activities_of(city: Engine, number: CaseNo) -> int:
    events = [event async for event in city.handle(number).fetch_history_events()]
    return sum(event.HasField("activity_task_scheduled_event_attributes") for event in events)


async def test_registration_and_commands_come_with_their_facts_and_cost_no_activity(
    city: Engine, ledger: MemoryLedger, clerk: Clerk
) -> None:
    adopted = await clerk.adopt()
    assert tags(adopted.facts) == ["intake:registered", "clock:started"]
    assert ledger.facts[clerk.number] == []
    await clerk.write(adopted)
    dispatched = await clerk.ask(dispatch())
    assert [fact.seq for fact in dispatched.facts] == list(range(3, dispatched.version + 1))
    await clerk.write(dispatched)
    await clerk.do(sign())
    assert await activities_of(city, clerk.number) == 0
    assert replay(ledger.facts[clerk.number]) == await city.state(clerk.number)


async def test_who_says_nothing_of_the_ledger_gets_no_facts_and_finds_them_written(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    assert (await city.gateway.adopt(registration(number), city.policy)).facts == ()
    answer = await city.gateway.send(number, dispatch())
    assert answer.facts == ()
    assert answer.version == len(ledger.facts[number])


async def test_what_was_not_brought_comes_again_with_the_next_answer(
    ledger: MemoryLedger, clerk: Clerk
) -> None:
    lost = await clerk.adopt()
    dispatched = await clerk.ask(dispatch())
    assert dispatched.facts[: len(lost.facts)] == lost.facts
    await clerk.write(dispatched)
    assert len(ledger.facts[clerk.number]) == dispatched.version


async def test_same_command_asked_again_brings_the_same_facts(ledger: MemoryLedger, clerk: Clerk) -> None:
    await clerk.write(await clerk.adopt())
    order = dispatch()
    first, second = await clerk.ask(order), await clerk.ask(order)
    assert first == second
    await clerk.write(first)
    await clerk.write(second)
    assert ledger.tags(clerk.number).count("assignment:dispatched") == 1


async def test_refused_command_brings_nothing_and_leaves_the_rest_to_be_brought(
    ledger: MemoryLedger, clerk: Clerk
) -> None:
    adopted = await clerk.adopt()
    with pytest.raises(NotPermitted):
        await clerk.ask(sign())
    await clerk.write(adopted)
    assert tags(tuple(ledger.facts[clerk.number])) == tags(adopted.facts)


async def test_case_that_is_asked_to_writes_what_nobody_brought_and_has_nothing_more_to_write_then(
    city: Engine, ledger: MemoryLedger, clerk: Clerk
) -> None:
    await clerk.adopt()
    await clerk.ask(dispatch())
    await city.gateway.catch_up(clerk.number)
    assert replay(ledger.facts[clerk.number]) == await city.state(clerk.number)
    written = len(ledger.calls)
    await city.gateway.catch_up(clerk.number)
    assert len(ledger.calls) == written == 1


async def test_alarm_writes_what_nobody_brought_before_what_it_comes_to(
    city: Engine, ledger: MemoryLedger, clerk: Clerk
) -> None:
    await clerk.write(await clerk.adopt())
    await clerk.do(dispatch())
    await clerk.ask(sign())
    await city.fast_forward(clerk.number, timedelta(days=30))
    assert "clock:fired" in ledger.tags(clerk.number)
    assert replay(ledger.facts[clerk.number]) == await city.state(clerk.number)


async def test_alarm_that_fires_before_a_command_is_written_by_the_worker_which_measures_it(
    city: Engine, ledger: MemoryLedger, clerk: Clerk
) -> None:
    await clerk.write(await clerk.adopt())
    await clerk.do(dispatch(), sign())
    state = await city.state(clerk.number)
    due, wakes = state.clocks[0].schedule.alarms[0].at, wake_at(state, city.policy, set())
    assert wakes is not None
    await city.fast_forward(clerk.number, due + (wakes - due) / 2 - await city.now(clerk.number))
    assert "clock:fired" not in ledger.tags(clerk.number)
    added = await clerk.ask(envelope(OPERATOR, AddFacts(text=TEXT)))
    assert added.facts == ()
    assert ledger.tags(clerk.number)[-2:] == ["clock:fired", "intake:facts_added"]
    assert len(ledger.facts[clerk.number]) == added.version


async def test_who_comes_while_the_case_itself_tries_to_write_brings_those_facts_too(
    city: Engine, ledger: MemoryLedger, clerk: Clerk
) -> None:
    await clerk.write(await clerk.adopt())
    await clerk.do(dispatch())
    tried = asyncio.Event()

    def fail() -> None:
        tried.set()
        message = "away"
        raise ApplicationError(message)

    ledger.before = fail
    signing = asyncio.create_task(city.send(clerk.number, sign()))
    await asyncio.wait_for(tried.wait(), 10)
    added = await clerk.ask(envelope(OPERATOR, AddFacts(text=TEXT)))
    assert "assignment:signed" in tags(added.facts)
    ledger.before = lambda: None
    await clerk.write(added)
    await signing
    assert replay(ledger.facts[clerk.number]) == await city.state(clerk.number)


async def test_end_comes_only_when_the_ledger_has_everything(
    city: Engine, ledger: MemoryLedger, clerk: Clerk
) -> None:
    await clerk.write(await clerk.adopt())
    await clerk.do(dispatch(), sign())
    now = await city.now(clerk.number)
    await clerk.do(contact(now), reply(now), accept())
    await clerk.ask(satisfied())
    last = await clerk.ask(envelope(ADMINISTRATOR, ArchiveCase()))
    assert (last.facts, last.status) == ((), Status.ARCHIVED)
    assert (
        len(ledger.facts[clerk.number]) == last.version == (await city.handle(clerk.number).result()).version
    )
    await city.gateway.catch_up(clerk.number)


async def test_other_cases_hear_only_of_what_the_ledger_has(
    city: Engine, ledger: MemoryLedger, clerk: Clerk
) -> None:
    master = new_number()
    await city.adopt(registration(master))
    await city.send(master, dispatch(), sign())
    await clerk.write(await clerk.adopt())
    joined = await clerk.ask(join(master))
    assert joined.facts == ()
    assert joined.version == len(ledger.facts[clerk.number])


class TestAcrossRuns:
    @pytest.fixture
    async def city(self, short_city: Engine, ledger: MemoryLedger) -> AsyncIterator[Engine]:
        async with short_city.worker([ledger.append]):
            yield short_city

    async def test_a_new_run_writes_what_nobody_brought_to_the_former_one(
        self, city: Engine, ledger: MemoryLedger, clerk: Clerk
    ) -> None:
        await clerk.adopt()
        first = (await city.handle(clerk.number).describe()).run_id
        asked = [envelope(OPERATOR, AddFacts(text=TEXT)) for _ in range(25)]
        for one in asked:
            await clerk.ask(one)
        assert (await city.handle(clerk.number).describe()).run_id != first
        again = await clerk.ask(asked[0])
        assert again.command_id == asked[0].command_id
        await city.gateway.catch_up(clerk.number)
        assert replay(ledger.facts[clerk.number]) == await city.state(clerk.number)

    async def test_who_says_nothing_finds_written_what_others_were_given(
        self, city: Engine, ledger: MemoryLedger, clerk: Clerk
    ) -> None:
        """A command of an earlier run that is asked again: nothing new is decided, and the answer still stands for the ledger."""
        await clerk.adopt()
        asked = [envelope(OPERATOR, AddFacts(text=TEXT)) for _ in range(25)]
        for one in asked:
            await clerk.ask(one)
        await city.gateway.catch_up(clerk.number)
        await clerk.ask(envelope(OPERATOR, AddFacts(text=TEXT)))
        state = await city.state(clerk.number)
        assert len(ledger.facts[clerk.number]) < state.version
        assert (await city.gateway.send(clerk.number, asked[0])).facts == ()
        assert replay(ledger.facts[clerk.number]) == state

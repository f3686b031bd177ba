"""What the engine has lost goes on from its ledger, as if nothing had been lost."""

from datetime import UTC, datetime, timedelta

import pytest
from fixtures.cases import dispatch, join, new_number, registration, sign
from fixtures.engine import Engine, MemoryLedger
from fixtures.eventually import assert_eventually
from unit import dossiers, lives, problem_lives

from hotline.evolve import replay
from hotline.facts import ClockFired
from hotline.identifiers import (
    CaseNo,
    DossierNo,
    LineNo,
    dossier_workflow_id,
    line_workflow_id,
    workflow_id,
)
from hotline.refusals import WrongStatus
from hotline.vocabulary import Urgency
from workflows.recalling import effects_in, recalled_case, recalled_dossier, recalled_line


async def _recall(city: Engine, ledger: MemoryLedger, number: CaseNo, facts: int | None = None) -> None:
    """Take a case up as its ledger has it, or had it after so many facts."""
    book = ledger.facts[number][:facts]
    await city.gateway.take_up(recalled_case(book, city.policy, at=datetime.now(UTC)))


@pytest.mark.parametrize(("urgency", "priority"), [(Urgency.NORMAL, 5), (Urgency.CRITICAL, 1)])
async def test_of_what_was_lost_emergencies_go_before_all_others(
    city: Engine, ledger: MemoryLedger, number: CaseNo, urgency: Urgency, priority: int
) -> None:
    await city.adopt(registration(number, urgency=urgency))
    await _recall(city, ledger, number)
    told = (await city.handle(number).describe()).raw_description
    assert told.workflow_execution_info.priority.priority_key == priority


async def test_lost_case_goes_on_with_its_clocks_and_does_no_command_twice(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    await city.adopt(registration(number))
    order, signature = dispatch(), sign()
    given = await city.send(number, order, signature)
    before = await city.state(number)
    await city.handle(number).terminate()
    assert await city.gateway.living_version(workflow_id(number)) is None

    await _recall(city, ledger, number)
    assert await city.state(number) == before
    again = await city.send(number, signature)
    assert (again.version, again.status, again.next_due_at) == (
        given.version,
        given.status,
        given.next_due_at,
    )
    with pytest.raises(WrongStatus):
        await city.send(number, sign())
    assert ledger.tags(number).count("assignment:signed") == 1

    known = len(ledger.facts[number])
    await city.fast_forward(number, timedelta(days=30))
    fired = [
        (fact.body.clock_id, fact.body.alarm)
        for fact in ledger.facts[number][known:]
        if isinstance(fact.body, ClockFired)
    ]
    assert len(fired) == len(set(fired)) > 2


async def test_an_engine_with_an_older_state_gives_way_to_the_ledger(
    city: Engine, ledger: MemoryLedger, number: CaseNo
) -> None:
    await city.adopt(registration(number))
    await city.send(number, dispatch(), sign())
    whole = len(ledger.facts[number])
    await _recall(city, ledger, number, facts=1)
    assert await city.gateway.living_version(workflow_id(number)) == 1
    await _recall(city, ledger, number)
    assert await city.gateway.living_version(workflow_id(number)) == whole
    assert await city.state(number) == replay(ledger.facts[number])


async def test_what_was_still_to_be_told_is_told(city: Engine, ledger: MemoryLedger) -> None:
    master, member = new_number(), new_number()
    await city.adopt(registration(member))
    await city.send(member, join(master))
    await city.handle(member).terminate()
    await city.adopt(registration(master))
    await city.send(master, dispatch())

    untold = tuple(effects_in(ledger.facts[member]))
    assert [one.target for one in untold] == [master]
    recalled = recalled_case(ledger.facts[member], city.policy, at=datetime.now(UTC), untold=untold)
    await city.gateway.take_up(recalled)

    async def master_knows() -> None:
        assert (await city.state(master)).members == (member,)

    await assert_eventually(master_knows)


async def test_lost_file_and_lost_line_go_on_where_their_ledgers_leave_them(city: Engine) -> None:
    some = new_number()[-6:]
    file = dossiers.investigating(
        dossier_no=DossierNo(f"WZ2026{some}"), registered_at=datetime.now(UTC) - timedelta(days=2)
    )
    line = problem_lives.audited(LineNo(f"CF2026{some}"))
    await city.gateway.take_up(recalled_dossier(file.facts, dossiers.POLICY))
    await city.gateway.take_up(recalled_line(line.facts, line.policy))
    assert await city.gateway.dossier_state(file.state.dossier_no) == file.state
    assert await city.gateway.living_version(dossier_workflow_id(file.state.dossier_no)) == file.state.version
    # Its limits ended long ago, and their alarms fire at once.
    version = await city.gateway.living_version(line_workflow_id(line.state.line_no))
    assert version is not None
    assert version >= line.state.version


def test_every_kind_of_entity_is_recalled_as_its_ledger_leaves_it() -> None:
    life, line, file = lives.awaiting_revisit(), problem_lives.cleared(), dossiers.closed()
    case = recalled_case(life.facts, life.policy, at=life.now).carried
    told = recalled_line(line.facts, line.policy).carried
    looked_into = recalled_dossier(file.facts, dossiers.POLICY).carried
    assert case is not None
    assert told is not None
    assert looked_into is not None
    assert (case.state, case.decided_at) == (life.state, life.facts[-1].at)
    assert told.state == line.state
    assert looked_into.state == file.state
    assert [one.command_id for one in case.receipts] == list(
        dict.fromkeys(fact.command_id for fact in life.facts)
    )

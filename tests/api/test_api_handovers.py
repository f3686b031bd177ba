"""Commands whose facts the API brings to the ledger: none is left behind, whoever dies on the way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from api_hands import HANDLER, Office, advance, opened, problem
from fixtures.cases import OPERATOR, envelope
from temporalio.client import Client

from api.bookkeeping import MARGIN_FOR, Bookkeeper, Expected
from api.gateway import CaseGateway, EngineFault
from api.handover_keeper import AGAIN_AFTER, HandoverKeeper
from api.sight import EVERY_CASE
from api.wellbeing import STUCK_AFTER, parts
from hotline.case import CaseState
from hotline.commands import CommandEnvelope, RequestDetails
from hotline.identifiers import CaseNo, workflow_id
from hotline.refusals import WrongStatus
from hotline.vocabulary import Element
from store.cases import state_of
from store.engine import Database
from store.handovers import Handover, left_behind
from store.ledger import facts_of

LATER = timedelta(minutes=1)
"""By then whoever waits has given up."""

_NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
async def number(office: Office) -> CaseNo:
    return CaseNo(await office("operator1").new_case())


@pytest.fixture
def keeper(office: Office) -> HandoverKeeper:
    return HandoverKeeper(office.services.database, office.services.gateway)


def asked() -> CommandEnvelope:
    return envelope(OPERATOR, RequestDetails(missing=(Element.PLACE,)))


async def expected(office: Office, number: CaseNo, command: CommandEnvelope) -> Expected:
    seen = await state(office, number)
    async with office.services.database.write() as session:
        return await office.services.books.expect(session, seen, command.command_id)


async def left(office: Office, number: CaseNo, *, after: timedelta = LATER) -> list[Handover]:
    async with office.services.database.read() as session:
        found = await left_behind(session, datetime.now(UTC) + after, limit=1000)
    return [handover for handover in found if handover.case_no == number]


async def tags(office: Office, number: CaseNo) -> list[str]:
    async with office.services.database.read() as session:
        return [fact.body.tag for fact in await facts_of(session, number)]


async def state(office: Office, number: CaseNo) -> CaseState:
    async with office.services.database.read() as session:
        found = await state_of(session, EVERY_CASE, number)
    assert found is not None
    return found


async def died_before_writing(office: Office, number: CaseNo) -> Handover:
    """What a process leaves that is killed between the engine's answer and its own transaction."""
    command = asked()
    noted = await expected(office, number, command)
    said = command.model_copy(update={"ledger_seen": noted.seen.version})
    answer = await office.services.gateway.send(number, said)
    assert [fact.body.tag for fact in answer.facts][:1] == ["intake:details_requested"]
    return noted.handover


async def test_command_leaves_its_facts_and_no_note(office: Office, number: CaseNo) -> None:
    receipt = await advance(office, number, until="sign_for")
    assert len(await tags(office, number)) == receipt["version"]
    assert await left(office, number) == []


async def test_refused_command_leaves_no_note_either(office: Office, number: CaseNo) -> None:
    await advance(office, number, until="sign_for")
    before = await tags(office, number)
    problem(await office(HANDLER).command(number, "sign_for", {}), 409, "wrong_status")
    assert await left(office, number) == []
    assert await tags(office, number) == before


async def test_facts_that_nobody_brought_are_written_once_the_caller_must_have_given_up(
    office: Office, number: CaseNo, keeper: HandoverKeeper
) -> None:
    handover = await died_before_writing(office, number)
    before = await tags(office, number)
    assert "intake:details_requested" not in before
    longest = office.services.gateway.answer_within + MARGIN_FOR
    await keeper.keep(handover.since + longest - timedelta(seconds=1))
    assert await tags(office, number) == before
    await keeper.keep(handover.since + longest)
    assert (await tags(office, number)).count("intake:details_requested") == 1
    assert await left(office, number) == []


async def test_the_next_command_brings_them_too(
    office: Office, number: CaseNo, keeper: HandoverKeeper
) -> None:
    await died_before_writing(office, number)
    added = await office("operator1").command(number, "add_facts", {"text": "在南门"})
    assert added.status_code == 200
    written = await tags(office, number)
    assert written.count("intake:details_requested") == 1
    assert len(written) == added.json()["version"]
    await keeper.keep(datetime.now(UTC) + LATER)
    assert await tags(office, number) == written


async def test_note_of_a_command_that_never_reached_the_case_is_seen_to_as_well(
    office: Office, number: CaseNo, keeper: HandoverKeeper
) -> None:
    before = await tags(office, number)
    await expected(office, number, asked())
    await keeper.keep(datetime.now(UTC) + LATER)
    assert await left(office, number) == []
    assert await tags(office, number) == before


async def test_note_of_a_case_that_has_ended_is_seen_to(office: Office, keeper: HandoverKeeper) -> None:
    number = CaseNo(await office("operator1").new_case())
    await advance(office, number, until="record_revisit")
    assert (await office("administrator1").command(number, "archive_case", {})).status_code == 200
    await expected(office, number, asked())
    await keeper.keep(datetime.now(UTC) + LATER)
    assert await left(office, number) == []


async def test_case_that_cannot_write_keeps_nobody_else_waiting_and_is_asked_again(
    office: Office, number: CaseNo, monkeypatch: pytest.MonkeyPatch, keeper: HandoverKeeper
) -> None:
    faulty = CaseNo(await office("operator1").new_case())
    for one in (faulty, number):
        await died_before_writing(office, one)
    catch_up = CaseGateway.catch_up

    async def stumbling(gateway: CaseGateway, case_no: CaseNo) -> None:
        if case_no == faulty:
            raise EngineFault(case_no)
        await catch_up(gateway, case_no)

    monkeypatch.setattr(CaseGateway, "catch_up", stumbling)
    now = datetime.now(UTC) + LATER
    await keeper.keep(now)
    assert "intake:details_requested" in await tags(office, number)
    assert await left(office, faulty, after=LATER) == []
    assert len(await left(office, faulty, after=LATER + AGAIN_AFTER)) == 1
    monkeypatch.undo()
    await keeper.keep(now + AGAIN_AFTER)
    assert (await tags(office, faulty)).count("intake:details_requested") == 1
    assert await left(office, faulty, after=timedelta(days=1)) == []


async def test_what_cannot_be_written_here_the_case_writes_before_the_caller_is_told(
    office: Office, number: CaseNo, keeper: HandoverKeeper
) -> None:
    command = asked()
    noted = await expected(office, number, command)
    books = Bookkeeper(Database.connect(_NOWHERE), office.services.gateway)
    receipt = await books.send(noted, command)
    assert len(await tags(office, number)) == receipt.version
    await keeper.keep(datetime.now(UTC) + LATER)
    assert await left(office, number) == []


async def test_where_no_way_back_is_given_up_a_case_writes_by_itself(
    office: Office, number: CaseNo, tokens: dict[str, str]
) -> None:
    """`HOTLINE_FACTS_IN_ANSWERS=false`: histories that a release without handovers can replay (docs/upgrade.md)."""
    await advance(office, number, until="sign_for")
    assert await written_by_itself(office, number) == 0
    settings = office.settings.model_copy(update={"facts_in_answers": False})
    async with opened(settings, tokens) as careful:
        another = CaseNo(await careful("operator1").new_case())
        receipt = await advance(careful, another, until="sign_for")
    assert len(await tags(office, another)) == receipt["version"]
    assert await left(office, another) == []
    assert await written_by_itself(office, another) >= 2


async def written_by_itself(office: Office, number: CaseNo) -> int:
    """How often a case wrote facts by an activity of its own."""
    settings = office.settings
    assert settings.temporal_address is not None
    client = await Client.connect(settings.temporal_address, namespace=settings.temporal_namespace)
    events = client.get_workflow_handle(workflow_id(number)).fetch_history_events()
    return len(
        [event async for event in events if event.HasField("activity_task_scheduled_event_attributes")]
    )


async def test_refusal_is_told_though_its_note_cannot_be_removed(
    office: Office, number: CaseNo, keeper: HandoverKeeper
) -> None:
    await advance(office, number, until="dispatch_case")
    command = asked()
    noted = await expected(office, number, command)
    books = Bookkeeper(Database.connect(_NOWHERE), office.services.gateway)
    with pytest.raises(WrongStatus):
        await books.send(noted, command)
    assert len(await left(office, number)) == 1
    await keeper.keep(datetime.now(UTC) + LATER)
    assert await left(office, number) == []


async def test_a_note_that_stays_is_a_fault_of_the_system(
    office: Office, number: CaseNo, keeper: HandoverKeeper
) -> None:
    async def state(later_by: timedelta) -> str:
        services = replace(office.services, clock=lambda: datetime.now(UTC) + later_by)
        (part,) = (one for one in (await parts(services)).items if one.part == "handovers")
        return part.state

    await expected(office, number, asked())
    assert await state(timedelta(0)) == "well"
    assert await state(STUCK_AFTER + timedelta(seconds=1)) == "down"
    await keeper.keep(datetime.now(UTC) + LATER)
    assert await state(STUCK_AFTER + timedelta(seconds=1)) == "well"

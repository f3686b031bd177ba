"""What the ledgers know of everything that has not ended."""

from datetime import timedelta

from unit import lives
from unit.lives import HANDLER

from hotline.commands import CommandEnvelope, SignFor
from hotline.effects import Effect
from hotline.identifiers import CaseNo, CommandId
from store.engine import Database
from store.projection import project
from store.recalling import CASES, DOSSIERS, LINES, told_among, unfinished

FIRST, SECOND, ENDED = (CaseNo(f"26030209000001000{n}") for n in (1, 2, 3))


def effect(target: CaseNo, command_id: str) -> Effect:
    command = CommandEnvelope(command_id=CommandId(command_id), actor=HANDLER, command=SignFor())
    return Effect(target=target, envelope=command)


async def test_what_has_not_ended_is_found_page_by_page(database: Database) -> None:
    ended = lives.completed(case_no=ENDED).sleep(timedelta(days=15))
    async with database.write() as session:
        for life in (lives.in_hand(case_no=FIRST), lives.dispatched(case_no=SECOND), ended):
            await project(session, life.state.case_no, life.facts)
    async with database.read() as session:
        page = await unfinished(session, CASES, after="", limit=1)
        assert [*page, *await unfinished(session, CASES, after=page[-1], limit=10)] == [FIRST, SECOND]
        assert await unfinished(session, DOSSIERS, after="", limit=10) == []
        assert await unfinished(session, LINES, after="", limit=10) == []


async def test_nobody_is_told_what_they_decided_on_or_what_comes_after_their_end(database: Database) -> None:
    life, ended = lives.in_hand(case_no=FIRST), lives.completed(case_no=ENDED).sleep(timedelta(days=15))
    async with database.write() as session:
        for one in (life, ended):
            await project(session, one.state.case_no, one.facts)
    done = life.facts[-1].command_id
    effects = [
        effect(FIRST, done),
        effect(FIRST, "another-1"),
        effect(SECOND, done),
        effect(ENDED, "too-late"),
    ]
    async with database.read() as session:
        assert await told_among(session, effects) == {(FIRST, done), (ENDED, "too-late")}
        assert await told_among(session, []) == frozenset()

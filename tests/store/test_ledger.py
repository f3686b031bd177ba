"""The ledger only grows, never twice and never with a hole, and its chain shows every later change."""

from typing import Any

import pytest
from fixtures.ledger import append
from sqlalchemy import text
from unit.lives import Life, contacted, registered

from hotline.facts import CaseRegistered
from hotline.proof.chain import GENESIS, entry_hash
from store.engine import Database
from store.failures import LedgerConflict, LedgerGap
from store.ledger import books_of, facts_of, numbers_in_ledger, verify_chain


@pytest.fixture
def life() -> Life:
    return contacted()


async def _append(database: Database, life: Life, *, start: int = 0, end: int | None = None) -> int:
    async with database.write() as session:
        return await append(session, life.state.case_no, life.facts[start:end])


async def _break(as_owner: Database, statement: str) -> None:
    """Do what only somebody with the owner's password can do."""
    async with as_owner.write() as session:
        await session.execute(text("ALTER TABLE facts DISABLE TRIGGER USER"))
        await session.execute(text(statement))


async def test_facts_come_back_as_they_were(database: Database, life: Life) -> None:
    await _append(database, life)
    async with database.read() as session:
        assert list(await facts_of(session, life.state.case_no)) == life.facts


async def test_facts_are_read_in_pages(database: Database, life: Life) -> None:
    await _append(database, life)
    async with database.read() as session:
        page = await facts_of(session, life.state.case_no, after=2, limit=3)
    assert [fact.seq for fact in page] == [3, 4, 5]


async def test_appending_again_in_any_overlap_adds_only_what_is_new(database: Database, life: Life) -> None:
    assert await _append(database, life, end=3) == 3
    assert await _append(database, life, end=3) == 0
    assert await _append(database, life, start=1, end=5) == 2
    assert await _append(database, life) == len(life.facts) - 5
    async with database.read() as session:
        assert list(await facts_of(session, life.state.case_no)) == life.facts
        assert await verify_chain(session, life.state.case_no) is None


async def test_another_fact_under_a_taken_number_is_an_alarm(database: Database, life: Life) -> None:
    await _append(database, life)
    other = [*life.facts[:2], life.facts[2].model_copy(update={"command_id": "another"}), *life.facts[3:]]
    with pytest.raises(LedgerConflict) as alarm:
        async with database.write() as session:
            await append(session, life.state.case_no, other)
    assert (alarm.value.case_no, alarm.value.seq) == (life.state.case_no, 3)
    async with database.read() as session:
        assert list(await facts_of(session, life.state.case_no)) == life.facts


async def test_facts_without_those_before_them_are_refused(database: Database, life: Life) -> None:
    await _append(database, life, end=2)
    with pytest.raises(LedgerGap):
        await _append(database, life, start=3)
    with pytest.raises(LedgerGap):
        async with database.write() as session:
            await append(session, life.state.case_no, [life.facts[2], life.facts[4]])
    assert await _append(database, life, start=2) == len(life.facts) - 2


async def test_facts_of_another_case_are_refused(database: Database, life: Life) -> None:
    with pytest.raises(ValueError, match=life.state.case_no):
        async with database.write() as session:
            await append(session, registered(case_no="260302090000019999").state.case_no, life.facts)


async def test_field_that_is_newer_than_the_entry_is_no_conflict(
    database: Database, as_owner: Database, life: Life
) -> None:
    """A retry may be sent by a release that knows more fields than the one that wrote the entry."""
    first = life.facts[0]
    assert isinstance(first.body, CaseRegistered)
    body = first.body.model_dump(mode="json")
    del body["registration"]["anonymous"]
    content: dict[str, Any] = {
        "case_no": first.case_no,
        "seq": 1,
        "at": first.at.isoformat(timespec="microseconds"),
        "actor": [first.actor.user_id, first.actor.role.value, first.actor.unit],
        "command_id": first.command_id,
        "body": body,
    }
    await _append(database, life, end=1)
    await _break(as_owner, "UPDATE facts SET body = body #- '{registration,anonymous}'")
    async with as_owner.write() as session:
        old_hash = entry_hash(GENESIS, content)
        await session.execute(text("UPDATE facts SET hash = :hash").bindparams(hash=old_hash))
    assert await _append(database, life) == len(life.facts) - 1
    async with database.read() as session:
        assert await verify_chain(session, life.state.case_no) is None


@pytest.mark.parametrize(
    ("change", "seq", "problem"),
    [
        ("UPDATE facts SET actor_id = 'x' WHERE seq = 3", 3, "content"),
        ("UPDATE facts SET body = body || '{\"note\": 1}' WHERE seq = 3", 3, "content"),
        ("UPDATE facts SET at = at + interval '1 microsecond' WHERE seq = 3", 3, "content"),
        ("UPDATE facts SET tag = 'x:y' WHERE seq = 3", 3, "content"),
        ("DELETE FROM facts WHERE seq = 3", 4, "missing"),
        ("UPDATE facts SET prev_hash = hash WHERE seq = 3", 3, "chained"),
        ("UPDATE facts SET hash = prev_hash WHERE seq = 3", 3, "content"),
    ],
)
async def test_every_later_change_breaks_the_chain(
    database: Database, as_owner: Database, life: Life, change: str, seq: int, problem: str
) -> None:
    await _append(database, life)
    await _break(as_owner, change)
    async with database.read() as session:
        broken = await verify_chain(session, life.state.case_no)
        book = (await books_of(session, [life.state.case_no]))[life.state.case_no]
    assert broken is not None
    assert broken.seq == seq
    assert problem in broken.problem
    assert book.chain_break == broken


async def test_ledgers_are_walked_by_number(database: Database) -> None:
    lives = [registered(case_no=f"26030209000001000{n}") for n in range(5)]
    for life in lives:
        await _append(database, life)
    async with database.read() as session:
        assert await numbers_in_ledger(session, limit=2) == (lives[0].state.case_no, lives[1].state.case_no)
        rest = await numbers_in_ledger(session, after=lives[2].state.case_no)
    assert rest == (lives[3].state.case_no, lives[4].state.case_no)

"""Files and lines of repeat problems stand under the day's anchor, and an old fact of theirs is rewritten by nobody."""

from datetime import timedelta

import pytest
from anchor_hands import DAY, MIDNIGHT, anchor_days, tamper
from fixtures.cases import TEXT
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from store_hands import rows
from unit import problem_lives
from unit.dossiers import Dossier

from hotline.accountability import commands as c
from hotline.accountability.vocabulary import Disposal
from hotline.identifiers import CommandId, DossierNo
from hotline.vocabulary import TrailEvent
from runtime.signing import SigningKeys
from store import anchored_books as module
from store import dossiers, problems
from store.anchor_audit import AnchorFault, anchor_faults
from store.anchors import anchors_between
from store.engine import Database
from store.tables.anchors import anchor_books
from store.trail import TrailFilters, entries

KEYS = SigningKeys.generate()


async def bring(database: Database, *lives: Dossier | problem_lives.Line) -> None:
    async with database.write() as session:
        for life in lives:
            if isinstance(life, Dossier):
                await dossiers.project(session, life.state.dossier_no, life.facts)
            else:
                await problems.project(session, life.state.line_no, life.facts)


async def faults(database: Database) -> list[AnchorFault]:
    async with database.read(snapshot=True) as session:
        return [fault async for fault in anchor_faults(session, KEYS.verify)]


async def covered(database: Database) -> list[tuple[int, str, int]]:
    async with database.read() as session:
        kept = await rows(session, anchor_books)
    return [(row["number"], row["entity"], row["seq"]) for row in kept]


async def grown(database: Database) -> tuple[Dossier, problem_lives.Line]:
    """A file and a line from Monday; the file grew again on Wednesday, and each day has its anchor."""
    file, line = Dossier(), problem_lives.opened()
    await bring(database, file, line)
    await anchor_days(database, KEYS, MIDNIGHT)
    file.now = MIDNIGHT + DAY + timedelta(hours=10)
    file.then(c.PlanDisposal(disposal=Disposal.TALK, reason=TEXT))
    await bring(database, file)
    await anchor_days(database, KEYS, MIDNIGHT + 2 * DAY)
    return file, line


async def test_anchor_covers_each_file_and_line_that_grew_since_the_one_before(database: Database) -> None:
    file, line = await grown(database)
    first = len([fact for fact in file.facts if fact.at < MIDNIGHT])
    assert await covered(database) == [
        (1, file.state.dossier_no, first),
        (1, line.state.line_no, line.state.version),
        (3, file.state.dossier_no, file.state.version),
    ]
    assert await faults(database) == []


async def test_root_is_an_entry_of_the_trail_that_the_anchor_signs(database: Database) -> None:
    await grown(database)
    async with database.read() as session:
        signed = {anchor.number: anchor.trail.seq for anchor in await anchors_between(session, 1)}
        told = await entries(session, TrailFilters(event=TrailEvent.BOOKS_ANCHORED))
    assert {int(line.subject or 0): line.seq for line in told} == {1: signed[1], 3: signed[3]}
    assert all(set(line.detail) == {"root"} for line in told), "nobody is told how many files there are"


async def test_long_ledgers_are_anchored_in_pages(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    numbers = [DossierNo(f"WZ202600000{count}") for count in range(1, 6)]
    await bring(database, *(Dossier(dossier_no=number) for number in numbers))
    await anchor_days(database, KEYS, MIDNIGHT)
    assert [entity for _, entity, _ in await covered(database)] == numbers
    assert await faults(database) == []


async def test_old_fact_that_was_rewritten_with_its_whole_chain_is_found(
    database: Database, as_owner: Database
) -> None:
    file, line = await grown(database)
    forged = [fact.model_copy(update={"command_id": CommandId("forged-command")}) for fact in file.facts]
    await tamper(as_owner, "dossier_facts", "DELETE FROM dossier_facts")
    async with as_owner.write() as session:
        await dossiers.LEDGER.append(session, file.state.dossier_no, forged)
        assert await dossiers.verify_chain(session, file.state.dossier_no) is None
    assert {(fault.number, fault.dossier_no) for fault in await faults(database)} == {
        (1, file.state.dossier_no),
        (3, file.state.dossier_no),
    }
    await tamper(as_owner, "problem_facts", "DELETE FROM problem_facts")
    assert (1, line.state.line_no) in {(fault.number, fault.line_no) for fault in await faults(database)}


@pytest.mark.parametrize(
    ("table", "damage"),
    [
        ("anchor_books", "DELETE FROM anchor_books"),
        ("anchor_books", "DELETE FROM anchor_books WHERE entity LIKE 'WZ%'"),
        ("anchor_books", "UPDATE anchor_books SET hash = '\\x00'"),
        ("anchor_books", "INSERT INTO anchor_books VALUES (2, 'dossier', 'WZ2026000009', 1, '\\x00')"),
        ("trail", "UPDATE trail SET detail = '{}' WHERE event = 'books:anchored'"),
    ],
)
async def test_damage_to_what_was_signed_is_found(
    database: Database, as_owner: Database, table: str, damage: str
) -> None:
    await grown(database)
    await tamper(as_owner, table, damage)
    assert "its files and lines are not those that were signed" in {
        fault.problem for fault in await faults(database)
    }


@pytest.mark.parametrize("change", ["UPDATE {} SET number = 9", "DELETE FROM {}", "TRUNCATE {}"])
async def test_not_even_the_owner_takes_a_leaf_back(as_owner: Database, change: str) -> None:
    await grown(as_owner)
    with pytest.raises(DBAPIError):
        async with as_owner.write() as session:
            await session.execute(text(change.format("anchor_books")))

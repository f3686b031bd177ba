"""A day has one anchor, whoever tries; together the anchors cover every fact; and nobody changes one."""

import asyncio
from datetime import date, timedelta

import pytest
from anchor_hands import DAY, MIDNIGHT, OTHERS, anchor_days, fill
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from store_hands import bring
from unit import lives

from hotline.proof.anchors import Leaf
from hotline.proof.chain import GENESIS
from hotline.proof.merkle import EMPTY, is_included, root_of
from hotline.vocabulary import TrailEvent
from runtime.signing import SigningKeys
from store import anchors as anchors_module
from store.anchors import anchor_next, anchor_now, anchors_between, leaves_of, leaves_of_case, path_of
from store.engine import Database
from store.trail import TrailEntry, TrailFilters, entries, record


@pytest.fixture(scope="module")
def keys() -> SigningKeys:
    return SigningKeys.generate()


async def test_anchor_is_over_the_last_fact_of_every_case_that_grew(
    database: Database, keys: SigningKeys
) -> None:
    life = await fill(database, keys)
    async with database.read() as session:
        monday, tuesday, wednesday = await anchors_between(session, 1)
        covered = await leaves_of_case(session, lives.NUMBER)
        monday_leaves = [leaf async for leaf in leaves_of(session, 1)]
    assert [anchor.day for anchor in (monday, tuesday, wednesday)] == [
        date(2026, 3, day) for day in (2, 3, 4)
    ]
    assert [anchor.cases for anchor in (monday, tuesday, wednesday)] == [len(OTHERS) + 1, 0, 1]
    assert monday.root == root_of(leaf.content for leaf in monday_leaves)
    assert tuesday.root == EMPTY
    assert [number for number, _ in covered] == [1, 3]
    assert sum(anchor.facts for anchor in (monday, wednesday)) == covered[-1][1].seq + sum(
        leaf.seq for leaf in monday_leaves if leaf.case_no != lives.NUMBER
    )
    # What happened on Thursday is under no anchor yet.
    assert covered[-1][1].seq < life.state.version


async def test_anchors_are_chained_and_signed(database: Database, keys: SigningKeys) -> None:
    await fill(database, keys)
    async with database.read() as session:
        found = await anchors_between(session, 1)
    prev_hash = GENESIS
    for number, anchor in enumerate(found, start=1):
        assert anchor.problem(number, prev_hash, keys.verify) is None
        assert anchor.problem(number, prev_hash, SigningKeys.generate().verify) is not None
        prev_hash = anchor.hash
    moved = found[1].model_copy(update={"made_at": found[1].made_at + timedelta(microseconds=1)})
    assert moved.problem(2, found[0].hash, keys.verify) == "its content is not what was hashed"


async def test_every_leaf_has_a_path_to_the_root(
    database: Database, keys: SigningKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchors_module, "PAGE", 3)
    await fill(database, keys)
    async with database.read() as session:
        (first, *_) = await anchors_between(session, 1)
        for case_no in (*OTHERS, lives.NUMBER):
            (_, leaf) = (await leaves_of_case(session, case_no))[0]
            index, path = await path_of(session, 1, case_no)
            place = {"index": index, "size": first.cases, "path": path, "root": first.root}
            assert is_included(leaf.content, **place)
            assert not is_included(Leaf(case_no, leaf.seq, GENESIS).content, **place)


async def test_processes_that_try_at_once_make_one_anchor(database: Database, keys: SigningKeys) -> None:
    await bring(database, lives.contacted())
    made = await asyncio.gather(*(anchor_days(database, keys, MIDNIGHT) for _ in range(4)))
    assert sum(len(found) for found in made) == 1
    assert await anchor_days(database, keys, MIDNIGHT + DAY - timedelta(seconds=1)) == []


async def test_days_that_were_missed_are_anchored_each_with_its_own_facts(
    database: Database, keys: SigningKeys
) -> None:
    life = lives.contacted()
    await bring(database, life)
    await anchor_days(database, keys, MIDNIGHT)
    life.then(lives.reply(life.now), lives.HANDLER, after=DAY)
    tuesday = life.state.version
    life.then(lives.accepted(), lives.REVIEWER, after=DAY)
    await bring(database, life)
    made = await anchor_days(database, keys, MIDNIGHT + 3 * DAY)
    assert [anchor.day.day for anchor in made] == [3, 4, 5]
    async with database.read() as session:
        covered = [(number, leaf.seq) for number, leaf in await leaves_of_case(session, lives.NUMBER)]
    assert covered[1:] == [(2, tuesday), (3, life.state.version)]


async def test_fact_that_was_written_late_is_under_the_next_anchor(
    database: Database, keys: SigningKeys
) -> None:
    life = lives.contacted()
    await bring(database, life)
    await anchor_days(database, keys, MIDNIGHT)
    known = life.state.version
    life.then(lives.reply(life.now), lives.HANDLER)
    await bring(database, life)
    await anchor_days(database, keys, MIDNIGHT + DAY)
    async with database.read() as session:
        covered = [leaf.seq for _, leaf in await leaves_of_case(session, lives.NUMBER)]
    assert covered == [known, life.state.version]


async def test_what_may_still_be_on_its_way_is_waited_for(database: Database, keys: SigningKeys) -> None:
    grace = timedelta(minutes=10)
    for now, day in ((MIDNIGHT + grace - timedelta(seconds=1), 1), (MIDNIGHT + grace, 2)):
        async with database.write() as session:
            anchor = await anchor_next(session, keys, now=now, grace=grace)
        assert anchor is not None
        assert anchor.day == date(2026, 3, day)


async def test_day_that_is_closed_early_leaves_its_rest_to_the_next(
    database: Database, keys: SigningKeys
) -> None:
    life = lives.contacted()
    await bring(database, life)
    noon, monday = lives.at("2026-03-02 12:00"), date(2026, 3, 2)
    async with database.write() as session:
        early = await anchor_now(session, keys, monday, now=noon)
    async with database.write() as session:
        assert await anchor_now(session, keys, monday, now=noon) is None
    assert early is not None
    life.wait_until(noon).then(lives.reply(noon), lives.HANDLER)
    await bring(database, life)
    (rest,) = await anchor_days(database, keys, MIDNIGHT + DAY)
    assert (early.facts + rest.facts, rest.day) == (life.state.version, date(2026, 3, 3))


async def test_anchor_takes_down_the_trail_and_is_in_it(database: Database, keys: SigningKeys) -> None:
    async with database.write() as session:
        await record(session, TrailEntry(at=MIDNIGHT, event=TrailEvent.SIGNED_IN, actor=lives.HANDLER))
    (anchor,) = await anchor_days(database, keys, MIDNIGHT)
    async with database.read() as session:
        (line,) = await entries(session, TrailFilters(event=TrailEvent.LEDGER_ANCHORED))
    assert anchor.trail.seq == 1
    assert (line.seq, line.subject, line.detail["hash"]) == (2, "1", anchor.hash.hex())


@pytest.mark.parametrize("table", ["anchors", "anchor_leaves"])
@pytest.mark.parametrize("change", ["UPDATE {} SET number = 9", "DELETE FROM {}", "TRUNCATE {}"])
async def test_neither_application_nor_owner_changes_an_anchor(
    database: Database, as_owner: Database, keys: SigningKeys, table: str, change: str
) -> None:
    await bring(database, lives.contacted())
    await anchor_days(database, keys, MIDNIGHT)
    for who, state in ((database, "42501"), (as_owner, "23001")):
        with pytest.raises(DBAPIError) as refused:
            async with who.write() as session:
                await session.execute(text(change.format(table)))
        assert getattr(refused.value.orig, "sqlstate", None) == state

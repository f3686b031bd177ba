"""A case as of any instant is what it was then: the fold of the facts that had been decided."""

from datetime import timedelta

import pytest
from store_hands import bring, read_rows
from unit import lives

from hotline.evolve import replay
from hotline.holding import holdings_at, owner_of
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import StopReason
from store.engine import Database
from store.past import PastCase, case_at
from store.scope import visible_to

EVERY_CASE = visible_to(SYSTEM_ACTOR)


async def _at(database: Database, at: lives.datetime) -> PastCase | None:
    async with database.read() as session:
        return await case_at(session, EVERY_CASE, lives.NUMBER, at)


async def test_every_past_instant_has_the_state_owner_and_clocks_that_it_had(database: Database) -> None:
    life = lives.completed()
    await bring(database, life)
    for instant in sorted({fact.at for fact in life.facts}):
        past = await _at(database, instant)
        known = replay([fact for fact in life.facts if fact.at <= instant])
        assert past is not None
        assert past.state == known
        assert owner_of(past.state) == owner_of(known)
        running = {row.clock_id for row in past.clocks if row.stopped_at is None}
        assert running == {clock.clock_id for clock in known.clocks}
        assert holdings_at(past.state, instant) == holdings_at(known, instant)


async def test_last_instant_is_the_present(database: Database) -> None:
    life = lives.completed()
    await bring(database, life)
    _, clocks, *_ = await read_rows(database)
    past = await _at(database, life.now)
    assert past is not None
    assert {row.clock_id: row.stop_reason for row in past.clocks} == {
        row["clock_id"]: row["stop_reason"] and StopReason(row["stop_reason"]) for row in clocks
    }


async def test_before_its_registration_there_is_no_case(database: Database) -> None:
    await bring(database, lives.completed())
    assert await _at(database, lives.MONDAY_MORNING - timedelta(microseconds=1)) is None
    assert await _at(database, lives.MONDAY_MORNING) is not None


@pytest.mark.parametrize(
    ("actor", "sees"), [(lives.HANDLER, True), (lives.handler_of(lives.OTHER_UNIT), False)]
)
async def test_past_is_shown_to_who_may_see_the_present(
    database: Database, actor: lives.Actor, sees: bool
) -> None:
    life = lives.in_hand()
    await bring(database, life)
    async with database.read() as session:
        # At registration nobody but the hotline saw it; who has it in hand now may look back.
        past = await case_at(session, visible_to(actor), lives.NUMBER, lives.MONDAY_MORNING)
    assert (past is not None) is sees

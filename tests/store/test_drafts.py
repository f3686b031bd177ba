"""Drafts and the cases they would reach: two people whatever the code does, and nobody's simulation."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from store_hands import NOW, bring
from unit import lives

from hotline.commands import RevisePolicy
from hotline.identifiers import CaseNo, UserId
from hotline.refusals import StaleVersion
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import Role
from store.drafts import Draft, DraftId, add_draft, draft_of, publish_draft
from store.engine import Database
from store.living import living_states
from store.policies import active, ensure_default, publish
from store.scope import visible_to
from store.tables.reference import policy_drafts

SECOND = lives.person("administrator-2", Role.ADMINISTRATOR)
ALL = visible_to(SYSTEM_ACTOR)


def number(n: int) -> CaseNo:
    return CaseNo(f"26030209000001{n:04}")


def draft(name: str, revision: str) -> Draft:
    return Draft(
        draft_id=DraftId(name),
        base="default/3",
        policy=lives.POLICY.model_copy(update={"revision": revision}),
        drafted_at=NOW,
        drafted_by=lives.ADMINISTRATOR.user_id,
    )


async def put(database: Database, *wanted: Draft) -> None:
    async with database.write() as session:
        await ensure_default(session, at=NOW)
    for one in wanted:
        async with database.write() as session:
            await add_draft(session, one, by=lives.ADMINISTRATOR, address=None)


async def _publish(database: Database, name: str) -> Draft | None:
    async with database.write() as session:
        return await publish_draft(
            session, DraftId(name), by=SECOND, at=NOW + timedelta(hours=1), address=None
        )


async def test_of_two_drafts_published_at_once_one_comes_into_force(database: Database) -> None:
    await put(database, draft("a", "city/a"), draft("b", "city/b"))
    answers = await asyncio.gather(_publish(database, "a"), _publish(database, "b"), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [type(error) for error in refused] == [StaleVersion]
    async with database.read() as session:
        in_force = await active(session)
    (published,) = (answer for answer in answers if isinstance(answer, Draft))
    assert in_force == published.policy


async def test_database_itself_refuses_one_person_in_both_parts(database: Database) -> None:
    await put(database, draft("a", "city/a"))
    alone = {"published_at": NOW, "published_by": UserId(lives.ADMINISTRATOR.user_id)}
    with pytest.raises(IntegrityError, match="two_people"):
        async with database.write() as session:
            await session.execute(update(policy_drafts).values(alone))
    async with database.read() as session:
        kept = await draft_of(session, "a")
    assert kept == draft("a", "city/a")


async def test_living_cases_are_read_in_pages_without_archives_and_simulations(database: Database) -> None:
    compressed = lives.POLICY.compressed(60, "default/3@x60")
    await put(database)
    async with database.write() as session:
        await publish(session, compressed, by=UserId("system"), at=NOW, activate=False)
    simulated = lives.in_hand(case_no=number(2))
    simulated.then(RevisePolicy(policy=compressed), lives.ADMINISTRATOR)
    archived = lives.completed(case_no=number(3)).sleep(timedelta(days=16))
    for life in (lives.in_hand(case_no=number(1)), simulated, archived, lives.completed(case_no=number(4))):
        await bring(database, life)
    async with database.read() as session:
        first = await living_states(session, ALL, revision="city/a", after=None, limit=1)
        rest = await living_states(session, ALL, revision="city/a", after=first[0].case_no)
        under_it = await living_states(session, ALL, revision="default/3", after=None)
    assert [state.case_no for state in (*first, *rest)] == [number(1), number(4)]
    assert under_it == ()

"""Screening in the database: each hit once whatever happens, in the scope of who asks, decided and looked at again."""

import asyncio
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError
from store_hands import NOW, bring
from unit import lives
from unit.lives import POLICY, REVISITOR, TEXT, UNTRUE, Life, person

from api.screener import ScreeningKeeper
from hotline.case import Actor
from hotline.identifiers import CaseNo, DossierNo, HitNo
from hotline.oversight import ScreeningRules
from hotline.refusals import NotPermitted, WrongStatus
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import HitRuling, HitState, Role, ScreeningTest
from store.engine import Database
from store.policies import ensure_default, publish
from store.projection import rebuild
from store.scope import visible_to
from store.screening import (
    HitQuestion,
    HitRow,
    Verdict,
    hit_of,
    list_hits,
    lock_hit,
    rule_on_hit,
    rulings_of,
    screen_cases,
    sum_hits,
    sweep,
    waiting_since,
)
from store.tables.reference import users
from store.tables.screening import screening_hits, screening_queue
from store.trail import TrailFilters, entries

ALL = visible_to(SYSTEM_ACTOR)
OFFICER = person("officer-1", Role.DISCIPLINE)
SECOND_OFFICER = person("officer-2", Role.DISCIPLINE)
SINCE, UNTIL = NOW - timedelta(days=365), NOW + timedelta(days=365)


def untrue(case_no: CaseNo = lives.NUMBER) -> Life:
    """Two rules speak: the citizen says the reply is not true, and rates it lowest."""
    return lives.awaiting_revisit(case_no=case_no).then(UNTRUE, REVISITOR)


@pytest_asyncio.fixture
async def keeper(database: Database) -> ScreeningKeeper:
    async with database.write() as session:
        await ensure_default(session, at=NOW)
    keeper = ScreeningKeeper(database)
    await keeper.keep(NOW)
    return keeper


async def hits(database: Database, **asked: object) -> list[HitRow]:
    async with database.read() as session:
        return list(await list_hits(session, ALL, HitQuestion.model_validate(asked)))


async def decide(
    database: Database, number: HitNo, ruling: HitRuling, by: Actor = OFFICER, **fields: object
) -> None:
    verdict = Verdict.model_validate({"ruling": ruling, "at": NOW, "reason": TEXT, **fields})
    async with database.write() as session:
        await lock_hit(session, number)
        hit = await hit_of(session, ALL, number)
        assert hit is not None
        await rule_on_hit(session, hit, verdict, by=by, address=None)


# ── finding ─────────────────────────────────────────────────────────────────────────────────────


async def test_case_is_found_at_the_next_look_and_only_once(
    database: Database, keeper: ScreeningKeeper
) -> None:
    number = await bring(database, untrue())
    assert await keeper.keep(NOW) == 2
    found = await hits(database, case_no=number)
    assert {(hit.hit_no, hit.test, hit.state) for hit in found} == {
        (f"{number}-SC01", ScreeningTest.FALSE_CLOSING, HitState.PENDING),
        (f"{number}-SC02", ScreeningTest.LOW_RATING, HitState.PENDING),
    }
    assert {hit.revision for hit in found} == {POLICY.revision}
    assert await keeper.keep(NOW) == 0
    async with database.write() as session:
        await rebuild(session, number)
        await session.execute(insert(screening_queue).values(case_no=number, seq=1, since=NOW))
    assert await keeper.keep(NOW) == 0
    assert await hits(database) == found


async def test_what_happens_later_in_the_case_adds_to_what_was_found(
    database: Database, keeper: ScreeningKeeper
) -> None:
    life = untrue()
    await bring(database, life)
    await keeper.keep(NOW)
    lives.next_round(life, UNTRUE)
    await bring(database, life)
    assert await keeper.keep(NOW) == 3
    assert [hit.round for hit in await hits(database, rule="false_closing")] == ["2", "1"]
    assert [hit.round for hit in await hits(database, rule="reworked_often")] == ["3"]


async def test_reader_that_dies_loses_nothing_and_doubles_nothing(
    database: Database, keeper: ScreeningKeeper
) -> None:
    number = await bring(database, untrue())

    async def dies_after_reading() -> None:
        async with database.write() as session:
            assert await screen_cases(session, [number], POLICY, at=NOW)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await dies_after_reading()
    assert await hits(database) == []
    assert await keeper.keep(NOW) == 2


async def test_readers_at_once_find_what_one_finds(database: Database, keeper: ScreeningKeeper) -> None:
    numbers = [CaseNo(f"26030209000001{n:04d}") for n in range(6)]
    for number in numbers:
        await bring(database, untrue(number))
    others = [ScreeningKeeper(database) for _ in range(3)]
    await asyncio.gather(*(each.keep(NOW) for each in (keeper, *others)))
    await keeper.keep(NOW)
    assert len(await hits(database)) == 2 * len(numbers)
    async with database.read() as session:
        assert await waiting_since(session) == (0, None)


async def test_case_that_cannot_be_read_does_not_keep_others_waiting(
    database: Database, keeper: ScreeningKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = await bring(database, untrue(CaseNo("260302080000010001")))
    await bring(database, untrue())

    async def read(session: object, case_nos: list[CaseNo], *args: object, **how: datetime) -> object:
        if broken in case_nos:
            raise ValueError(broken)
        return await screen_cases(session, case_nos, *args, **how)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr("api.screener.screen_cases", read)
    assert [await keeper.keep(UNTIL), await keeper.keep(UNTIL)] == [2, 0]
    async with database.read() as session:
        assert await waiting_since(session) == (1, UNTIL)


async def test_new_rules_are_laid_against_every_living_case_once(
    database: Database, keeper: ScreeningKeeper
) -> None:
    life = lives.awaiting_revisit(lives.classified(category="canteen")).then(lives.FAVOURABLE, REVISITOR)
    number = await bring(database, life)
    assert await keeper.keep(NOW) == 0
    rule = {"code": "canteen", "label": "校园餐", "test": "matter", "categories": ["canteen"]}
    revised = POLICY.model_copy(
        update={"revision": "city/9", "screening": ScreeningRules.model_validate({"rules": [rule]})}
    )
    async with database.write() as session:
        await publish(session, revised, by=SYSTEM_ACTOR.user_id, at=NOW)
    assert await keeper.keep(NOW) == 1
    [hit] = await hits(database, rule="canteen")
    assert (hit.case_no, hit.revision, hit.round) == (number, "city/9", "0")
    async with database.write() as session:
        assert await sweep(session, revised.screens, "city/10", at=NOW) == 0, "the same rules again"


# ── who sees it, and what is asked ──────────────────────────────────────────────────────────────


async def test_list_answers_by_state_rule_and_unit_in_pages(
    database: Database, keeper: ScreeningKeeper
) -> None:
    number = await bring(database, untrue())
    other = await bring(database, untrue(CaseNo("260302090000010002")))
    await keeper.keep(NOW)
    await decide(database, HitNo(f"{number}-SC01"), HitRuling.DISMISSED)
    assert {hit.hit_no for hit in await hits(database, state="dismissed")} == {f"{number}-SC01"}
    assert len(await hits(database, state="pending")) == 3
    assert {hit.case_no for hit in await hits(database, rule="low_rating")} == {number, other}
    assert len(await hits(database, unit=lives.UNIT)) == 4
    assert await hits(database, unit=lives.OTHER_UNIT) == []
    found, before = [], None
    while True:
        async with database.read() as session:
            page = await list_hits(session, ALL, HitQuestion(), before=before, limit=3)
        if not page:
            break
        found += [hit.hit_no for hit in page]
        before = page[-1].found_at, page[-1].hit_no
    assert found == sorted(found, reverse=True)
    assert len(found) == 4


async def test_hit_is_kept_from_an_officer_who_is_recused(
    database: Database, as_owner: Database, keeper: ScreeningKeeper
) -> None:
    async with as_owner.write() as session:
        account = {"role": "discipline", "active": True, "demo": False}
        for user in (OFFICER.user_id, SECOND_OFFICER.user_id):
            await session.execute(insert(users).values(user_id=user, display_name="干部", **account))
    life = untrue()
    number = await bring(database, life)
    await keeper.keep(NOW)
    async with as_owner.write() as session:
        await session.execute(text(f"UPDATE cases SET recused = ARRAY['{OFFICER.user_id}']"))
    async with database.read() as session:
        for officer, seen in ((OFFICER, 0), (SECOND_OFFICER, 2), (lives.UNIT_HEAD, 2)):
            scope = visible_to(officer)
            assert len(await list_hits(session, scope, HitQuestion())) == seen
            assert bool(await hit_of(session, scope, HitNo(f"{number}-SC01"))) is bool(seen)
            assert len(await sum_hits(session, scope, since=SINCE, until=UNTIL)) == seen


async def test_statistics_tell_shares_and_the_age_of_the_oldest(
    database: Database, keeper: ScreeningKeeper
) -> None:
    for n in range(3):
        number = await bring(database, untrue(CaseNo(f"26030209000001{n:04d}")))
        await keeper.keep(NOW + timedelta(hours=n))
    await decide(database, HitNo(f"{number}-SC01"), HitRuling.CLUE, dossier_no=DossierNo("WZ2026000001"))
    async with database.read() as session:
        lines = {line.rule: line for line in await sum_hits(session, ALL, since=SINCE, until=UNTIL)}
    false = lines["false_closing"]
    assert (false.hits, false.pending, false.clues, false.dismissed) == (3, 2, 1, 0)
    assert false.oldest_pending_at == NOW
    async with database.read() as session:
        later = await sum_hits(session, ALL, since=NOW + timedelta(minutes=1), until=UNTIL)
    assert {line.hits for line in later} == {2}


# ── decisions ───────────────────────────────────────────────────────────────────────────────────


@pytest_asyncio.fixture
async def hit(database: Database, keeper: ScreeningKeeper) -> HitNo:
    number = await bring(database, untrue())
    await keeper.keep(NOW)
    return HitNo(f"{number}-SC01")


async def test_dismissed_hit_is_reopened_by_another_officer_and_everything_stays(
    database: Database, hit: HitNo
) -> None:
    await decide(database, hit, HitRuling.DISMISSED)
    with pytest.raises(NotPermitted) as refused:
        await decide(database, hit, HitRuling.REOPENED)
    assert refused.value.code == "own_ruling"
    await decide(database, hit, HitRuling.REOPENED, SECOND_OFFICER)
    assert [row.hit_no for row in await hits(database, state="pending", rule="false_closing")] == [hit]
    await decide(database, hit, HitRuling.DISMISSED, SECOND_OFFICER)
    async with database.read() as session:
        kept = await rulings_of(session, hit)
        told = await entries(session, TrailFilters(case_no=CaseNo(hit[:18])))
    assert [(line.number, line.ruling, line.ruled_by) for line in kept] == [
        (1, HitRuling.DISMISSED, OFFICER.user_id),
        (2, HitRuling.REOPENED, SECOND_OFFICER.user_id),
        (3, HitRuling.DISMISSED, SECOND_OFFICER.user_id),
    ]
    assert [(line.subject, line.detail["ruling"]) for line in reversed(told)] == [
        (hit, "dismissed"),
        (hit, "reopened"),
        (hit, "dismissed"),
    ]


@pytest.mark.parametrize("first", [HitRuling.DISMISSED, HitRuling.CLUE])
async def test_decided_hit_is_not_decided_again(database: Database, hit: HitNo, first: HitRuling) -> None:
    dossier = {"dossier_no": "WZ2026000001"}
    await decide(database, hit, first, **(dossier if first is HitRuling.CLUE else {}))
    for again in (HitRuling.DISMISSED, HitRuling.CLUE):
        with pytest.raises(WrongStatus):
            await decide(database, hit, again, SECOND_OFFICER, **dossier)


async def test_pending_hit_has_nothing_to_reopen(database: Database, hit: HitNo) -> None:
    with pytest.raises(WrongStatus):
        await decide(database, hit, HitRuling.REOPENED)


async def test_officers_at_once_decide_once(database: Database, hit: HitNo) -> None:
    done = await asyncio.gather(
        decide(database, hit, HitRuling.DISMISSED),
        decide(database, hit, HitRuling.DISMISSED, SECOND_OFFICER),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in done) == ["NoneType", "WrongStatus"]


@pytest.mark.parametrize("table", ["screening_hits", "screening_rulings"])
async def test_not_even_the_owner_changes_what_was_found_or_decided(
    database: Database, as_owner: Database, hit: HitNo, table: str
) -> None:
    await decide(database, hit, HitRuling.DISMISSED)
    with pytest.raises(DBAPIError):
        async with as_owner.write() as session:
            await session.execute(text(f"DELETE FROM {table}"))
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(screening_hits)) == 2

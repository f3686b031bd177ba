"""The knowledge base: every version stays, nobody overwrites another, and words of two characters are found by index."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from store_hands import NOW, bring, plan_of
from unit import lives

from hotline.case import Actor
from hotline.commands import AnswerDirectly
from hotline.identifiers import CommandId, KnowledgeNo, UnitCode, UserId
from hotline.knowledge import LONGEST_FOR, Knowledge
from hotline.refusals import GuardFailed, KeyReused, NotPermitted, Refusal, StaleVersion, WrongStatus
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import KnowledgeAct, Role
from store import knowledge
from store.accounts import Unit, put_units
from store.administration import By
from store.engine import Database
from store.knowledge import Entry, KnowledgeFilters, Upkeep
from store.scope import visible_to
from store.search import Search
from store.tables.knowledge import knowledge as entries
from store.trail import TrailFilters
from store.trail import entries as trail_entries

TODAY = date(2026, 3, 2)
CARD = Knowledge(
    title="社会保障卡丢失怎样补办",
    answer="持身份证到合作银行网点补办，也可以拨打 027-12345678 咨询。",
    category="人社/社保卡",
    unit=UnitCode("U150"),
    valid_until=TODAY + timedelta(days=30),
)
HEAD = Actor(user_id=UserId("head-U150"), role=Role.UNIT_HEAD, unit=UnitCode("U150"))
STRANGER = Actor(user_id=UserId("head-U120"), role=Role.UNIT_HEAD, unit=UnitCode("U120"))
ADMINISTRATOR = Actor(user_id=UserId("administrator1"), role=Role.ADMINISTRATOR)


@pytest_asyncio.fixture
async def base(database: Database) -> Database:
    async with database.write() as session:
        await put_units(
            session,
            [Unit(code=UnitCode(code), name=code, level="city") for code in ("U120", "U150")],
        )
    return database


def by(actor: Actor = HEAD, days: int = 0) -> By:
    return By(actor, NOW + timedelta(days=days))


async def write(base: Database, key: str, said: Knowledge = CARD, who: By | None = None) -> Entry:
    async with base.write() as session:
        return await knowledge.write_entry(session, said, by=who or by(), command_id=CommandId(key))


async def revise(
    base: Database, number: KnowledgeNo, key: str, seen: int | None, **said: Any
) -> Entry | None:
    async with base.write() as session:
        return await knowledge.revise_entry(
            session,
            number,
            CARD.model_copy(update=said),
            by=by(days=1),
            command_id=CommandId(key),
            seen=seen,
        )


async def listed(base: Database, **asked: Any) -> list[str]:
    async with base.read() as session:
        found = await knowledge.list_entries(session, KnowledgeFilters(**asked), now=NOW)
    return [entry.title for entry, _ in found]


async def answers(
    base: Database, text: str, category: str | None = None, area: str | None = None
) -> list[str]:
    async with base.read() as session:
        found = await knowledge.answers_to(session, text, category=category, area=area, limit=3)
    return [entry.title for entry in found]


async def test_every_version_stays_as_it_was(base: Database) -> None:
    made = await write(base, "a")
    revised = await revise(base, made.number, "b", 1, answer="改为在政务服务中心补办")
    assert revised is not None
    async with base.write() as session:
        confirmed = await knowledge.confirm_entry(
            session,
            made.number,
            TODAY + timedelta(days=90),
            by=by(ADMINISTRATOR, 2),
            command_id=CommandId("c"),
            seen=2,
        )
        withdrawn = await knowledge.withdraw_entry(
            session, made.number, by=by(days=3), command_id=CommandId("d"), seen=3
        )
    assert confirmed is not None
    assert withdrawn is not None
    assert (confirmed.answer, withdrawn.withdrawn_at) == (revised.answer, NOW + timedelta(days=3))
    async with base.read() as session:
        versions = await knowledge.revisions_of(session, made.number)
        told = await trail_entries(session, TrailFilters())
    assert [(one.version, one.act, one.by) for one in versions] == [
        (4, KnowledgeAct.WITHDRAWN, "head-U150"),
        (3, KnowledgeAct.CONFIRMED, "administrator1"),
        (2, KnowledgeAct.REVISED, "head-U150"),
        (1, KnowledgeAct.WRITTEN, "head-U150"),
    ]
    assert versions[-1].answer == CARD.answer
    assert [line.detail["act"] for line in reversed(told)] == ["written", "revised", "confirmed", "withdrawn"]
    assert await listed(base) == []
    assert await listed(base, withdrawn=True) == [CARD.title]
    with pytest.raises(WrongStatus):
        await revise(base, made.number, "e", None, title="另一个")


async def test_versions_cannot_be_changed_by_anybody(as_owner: Database) -> None:
    async with as_owner.write() as session:
        await put_units(session, [Unit(code=UnitCode("U150"), name="U150", level="city")])
    await write(as_owner, "a")
    with pytest.raises(DBAPIError) as refused:
        async with as_owner.write() as session:
            await session.execute(text("UPDATE knowledge_revisions SET answer = ''"))
    assert getattr(refused.value.orig, "sqlstate", None) == "23001"


async def test_of_two_who_revise_at_once_the_second_is_told_who_was_first(base: Database) -> None:
    made = await write(base, "a")
    both = (revise(base, made.number, key, 1, title=f"改为 {key}") for key in ("b", "c"))
    done = await asyncio.gather(*both, return_exceptions=True)
    (refused,) = [one for one in done if isinstance(one, BaseException)]
    assert isinstance(refused, StaleVersion)
    assert (refused.code, "head-U150" in refused.message) == ("knowledge_moved_on", True)


async def test_same_key_does_the_same_once_and_nothing_else(base: Database) -> None:
    first, again = [await write(base, "a") for _ in range(2)]
    assert first == again
    revised = await revise(base, first.number, "b", 1, title="新标题")
    assert await revise(base, first.number, "b", 1, title="新标题") == revised
    for wrong in (
        write(base, "a", CARD.model_copy(update={"title": "别的"})),
        revise(base, first.number, "a", 1),
    ):
        with pytest.raises(KeyReused):
            await wrong
    assert await write(base, "a") == first, "as it was answered then"


async def refusal_of(base: Database, said: Knowledge, who: By) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await write(base, "x", said, who)
    return refused.value


@pytest.mark.parametrize(
    ("said", "who", "refusal", "field"),
    [
        ({}, STRANGER, NotPermitted("knowledge_of_another_unit", ""), "unit"),
        ({"unit": "U999"}, ADMINISTRATOR, GuardFailed("unit_unknown", ""), "unit"),
        ({"valid_until": TODAY - timedelta(days=1)}, HEAD, GuardFailed("validity_passed", ""), "valid_until"),
        (
            {"valid_until": TODAY + LONGEST_FOR + timedelta(days=1)},
            HEAD,
            GuardFailed("validity_too_long", ""),
            "valid_until",
        ),
        ({"answer": "请打 138 0013 8000"}, HEAD, GuardFailed("number_of_a_person", ""), "answer"),
        ({"title": "110101199003078811 的补贴"}, HEAD, GuardFailed("number_of_a_person", ""), "title"),
    ],
)
async def test_what_does_not_do_is_refused_by_field_and_rule(
    base: Database, said: dict[str, Any], who: Actor, refusal: Refusal, field: str
) -> None:
    found = await refusal_of(base, CARD.model_copy(update=said), by(who))
    assert (type(found), found.code, found.field) == (type(refusal), refusal.code, field)
    async with base.read() as session:
        assert (await session.execute(select(entries))).all() == []


async def test_confirming_to_an_earlier_day_is_refused(base: Database) -> None:
    made = await write(base, "a")
    async with base.write() as session:
        with pytest.raises(GuardFailed, match="晚于"):
            await knowledge.confirm_entry(
                session, made.number, CARD.valid_until, by=by(), command_id=CommandId("b"), seen=1
            )


async def test_two_characters_are_found_and_what_matches_best_comes_first(base: Database) -> None:
    lamp = CARD.model_copy(
        update={"title": "路灯不亮由谁维修", "answer": "与社保卡无关。", "category": "城管/路灯"}
    )
    await write(base, "a", lamp)
    await write(base, "b")
    assert await listed(base, search=Search.parse("路灯")) == [lamp.title]
    assert await listed(base, search=Search.parse("社保卡")) == [CARD.title, lamp.title]
    assert await listed(base, search=Search.parse("补办 身份证")) == [CARD.title]
    assert await listed(base, search=Search.parse("补亮")) == []
    assert await listed(base, search=Search.parse("失怎样补")) == [CARD.title]
    assert await listed(base, category="城管/路灯") == [lamp.title]


async def test_an_entry_of_the_chosen_matter_comes_before_a_better_match(base: Database) -> None:
    lamp = CARD.model_copy(update={"title": "路灯不亮由谁维修", "category": "城管/路灯", "area": "东湖"})
    await write(base, "a", lamp)
    await write(base, "b")
    assert await answers(base, "社保卡丢失了") == [CARD.title]
    assert await answers(base, "社保卡丢失了", "城管/路灯") == [lamp.title, CARD.title]
    assert await answers(base, "社保卡丢失了", "城管/路灯", "西山") == [CARD.title]
    assert await answers(base, "今天天气很好") == []
    assert await answers(base, "") == []


async def test_pages_follow_each_other_with_and_without_words(base: Database) -> None:
    for place in range(5):
        await write(base, f"k{place}", CARD.model_copy(update={"title": f"社保卡 {place}"}), by(days=place))
    for search in (None, Search.parse("社保")):
        seen: list[str] = []
        after = None
        while True:
            async with base.read() as session:
                filters = KnowledgeFilters(search=search)
                page = await knowledge.list_entries(session, filters, now=NOW, after=after, limit=2)
            seen += [entry.number for entry, _ in page]
            if len(page) < 2:
                break
            last, rank = page[-1]
            after = (rank, last.updated_at, last.number)
        assert len(seen) == len(set(seen)) == 5


async def test_upkeep_counts_what_each_unit_lets_grow_old(base: Database) -> None:
    await write(base, "a", CARD.model_copy(update={"valid_until": TODAY}))
    await write(base, "b", CARD.model_copy(update={"unit": UnitCode("U120")}), by(STRANGER, days=-1))
    await write(base, "c", who=by(days=-10))
    later = NOW + timedelta(days=1)
    async with base.read() as session:
        lines = await knowledge.upkeep(session, now=later)
    assert lines == (
        Upkeep(unit=UnitCode("U120"), entries=1, stale=0, updated=1),
        Upkeep(unit=UnitCode("U150"), entries=2, stale=1, updated=1),
    )


async def test_cases_that_were_answered_are_counted_with_the_version_that_was_told(base: Database) -> None:
    made = await write(base, "a", who=by(days=-3))
    answer = AnswerDirectly(answer=lives.TEXT, knowledge_id=made.number)
    number = await bring(base, lives.registered().then(answer, lives.OPERATOR))
    await revise(base, made.number, "b", 1, title="新标题")
    async with base.read() as session:
        assert await knowledge.answered_with(session, made.number) == 1
        (case,) = await knowledge.cases_answered(session, visible_to(SYSTEM_ACTOR), made.number, limit=5)
    assert (case.case_no, case.version) == (number, 1)


async def test_words_are_found_by_index(base: Database, as_owner: Database) -> None:
    await write(base, "a")
    async with as_owner.write() as session:
        columns = ", ".join(column.name for column in entries.c)
        chosen = ", ".join(
            {"number": "'K-9' || lpad(n::text, 6, '0')", "words": "to_tsvector('simple', n::text)"}.get(
                column.name, column.name
            )
            for column in entries.c
        )
        await session.execute(
            text(
                f"INSERT INTO knowledge ({columns}) SELECT {chosen} FROM knowledge, generate_series(1, 5000) n"
            )
        )
        await session.execute(text("ANALYZE knowledge"))
    condition = knowledge._conditions(KnowledgeFilters(search=Search.parse("社保")), TODAY)
    async with base.read() as session:
        assert "knowledge_words" in await plan_of(session, select(entries.c.number).where(*condition))

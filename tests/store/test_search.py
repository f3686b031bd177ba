"""Two-character words are found by the index, whatever stands between the characters, and nothing else is."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from store_hands import NOW, adopt, complaint, multiply_cases, plan_of, submission, take_in

from hotline.identifiers import CaseNo
from hotline.refusals import GuardFailed
from hotline.roles import SYSTEM_ACTOR
from runtime.keyring import Keyring
from store import listing
from store.cases import CaseFilters, list_cases, visible_to
from store.engine import Database
from store.search import Search, normal_text, tokens_of
from store.tables.casework import cases

ALL = visible_to(SYSTEM_ACTOR)


async def _take_in(database: Database, keyring: Keyring, texts: Iterable[tuple[str, str]]) -> list[CaseNo]:
    numbers = []
    for number, (title, content) in enumerate(texts):
        receipt = await take_in(
            database,
            keyring,
            complaint(title=title, content=content, caller_phone=None, anonymous=True),
            submission(f"key-{number}", at=NOW + timedelta(seconds=number)),
        )
        await adopt(database, receipt)
        numbers.append(receipt.case_no)
    return numbers


async def _found(
    database: Database, keyring: Keyring, words: str, *, cursor: str | None = None, limit: int = 50
) -> listing.CasePage:
    async with database.read() as session:
        return await list_cases(
            session, ALL, CaseFilters(text=words), now=NOW, cipher=keyring, cursor=cursor, limit=limit
        )


async def test_two_characters_are_found_and_their_neighbours_are_not(
    database: Database, keyring: Keyring
) -> None:
    noise, _, spaced, split = await _take_in(
        database,
        keyring,
        [
            ("夜间噪音", "工地施工"),
            ("音乐噪声", "广场舞"),
            ("噪 音，扰民", "ＫＴＶ营业到凌晨"),
            ("噪", "音"),
        ],
    )
    found = await _found(database, keyring, "噪音")
    assert [row.case_no for row in found.rows] == [spaced, noise]
    assert [row.case_no for row in (await _found(database, keyring, "ktv 扰民")).rows] == [spaced]
    assert [row.case_no for row in (await _found(database, keyring, "噪音扰")).rows] == [spaced]
    assert (await _found(database, keyring, "施工 扰民")).rows == ()
    assert split not in [row.case_no for row in found.rows]


async def test_pairs_in_another_order_are_candidates_but_no_hits(
    database: Database, keyring: Keyring
) -> None:
    """路灯不亮 and 不亮路灯 share pairs; only the words themselves decide."""
    wanted, other = await _take_in(
        database, keyring, [("路灯坏", "小区路灯不亮"), ("灯不亮路", "小区，路灯；灯不")]
    )
    search = Search.parse("路灯不亮")
    async with database.read() as session:
        candidates = await session.execute(select(cases.c.case_no).where(search.condition(keyring)))
        assert set(candidates.scalars()) == {wanted, other}
    assert [row.case_no for row in (await _found(database, keyring, "路灯不亮")).rows] == [wanted]


async def test_pages_of_a_search_follow_each_other(
    database: Database, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = await _take_in(
        database, keyring, [(f"噪音第{n}次" if n % 2 else "灯不亮路", "小区，路灯；噪声") for n in range(9)]
    )
    monkeypatch.setattr(listing, "_CANDIDATES", 2)
    first = await _found(database, keyring, "噪音", limit=3)
    rest = await _found(database, keyring, "噪音", cursor=first.next_cursor, limit=3)
    assert [row.case_no for row in (*first.rows, *rest.rows)] == numbers[7::-2]
    assert rest.next_cursor is None


async def test_search_that_opens_too_much_goes_on_from_its_cursor(
    database: Database, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoy = ("灯不亮路", "小区，路灯；灯不")
    numbers = await _take_in(database, keyring, [("路灯不亮", "请修")] + [decoy] * 6)
    monkeypatch.setattr(listing, "_CANDIDATES", 2)
    monkeypatch.setattr(listing, "_EXAMINED_AT_MOST", 4)
    first = await _found(database, keyring, "路灯不亮")
    assert first.rows == ()
    assert first.next_cursor is not None
    rest = await _found(database, keyring, "路灯不亮", cursor=first.next_cursor)
    assert [row.case_no for row in rest.rows] == [numbers[0]]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("噪", "search_too_short"),
        (" ， ", "search_too_short"),
        ("", "search_too_short"),
        ("噪音 扰", "search_too_short"),
        ("噪" * 201, "search_too_long"),
    ],
)
def test_what_cannot_be_searched_is_refused(words: str, code: str) -> None:
    with pytest.raises(GuardFailed) as refused:
        Search.parse(words)
    assert (refused.value.code, refused.value.field) == (code, "text")
    assert "噪" not in str(refused.value)


def test_width_case_and_punctuation_do_not_count() -> None:
    assert normal_text("  Ｋtv，  12345\n热线！\x00") == "ktv12345热线"


def test_tokens_are_keyed(keyring: Keyring) -> None:
    assert tokens_of(keyring, ["噪音噪音"]) == tokens_of(keyring, ["噪音", "音噪"])
    assert tokens_of(keyring, ["噪音"]) != tokens_of(Keyring.generate(), ["噪音"])


async def test_two_characters_are_found_by_the_index(
    database: Database, as_owner: Database, keyring: Keyring
) -> None:
    (wanted,) = await _take_in(database, keyring, [("夜间噪音", "工地施工")])
    await multiply_cases(as_owner, 20_000)
    async with as_owner.write() as session:
        await session.execute(
            text(
                "INSERT INTO search_entries SELECT lpad(n::text, 18, '0'), (SELECT array_agg((n * 7919 + k * 104729)::bigint)"
                " FROM generate_series(1, 40) k) FROM generate_series(1, 20000) n"
            )
        )
        await session.execute(text("ANALYZE search_entries"))
    query = select(cases.c.case_no).where(Search.parse("噪音").condition(keyring))
    query = query.order_by(cases.c.registered_at.desc(), cases.c.case_no.desc()).limit(100)
    async with database.read() as session:
        plan = await plan_of(session, query)
        found = (await session.execute(query)).scalars().all()
    assert "search_entries_tokens" in plan
    assert "Seq Scan on search_entries" not in plan
    assert found == [wanted]

"""Lists: every filter narrows, pages neither repeat nor leave out, and search finds two characters exactly."""

import asyncio
import base64
import json
from typing import Any

import pytest
import pytest_asyncio
from api_hands import OTHER_UNIT, UNIT, Office, Person, problem
from fixtures.eventually import assert_eventually

from store.vault import caller_hash

PHONE = "13611112222"


@pytest_asyncio.fixture(scope="module")
async def cases(office: Office) -> dict[str, str]:
    """One caller's cases, each in another place of its life."""
    operator, dispatcher = office("operator1"), office("dispatcher1")
    kinds: dict[str, dict[str, Any]] = {
        "received": {"title": "夜间施工噪音扰民", "category": "noise"},
        "dispatched": {"type": "report", "title": "违章搭建", "content": "楼顶违章搭建，有噪也有音。"},
        "answered": {
            "type": "consult",
            "title": "居住证怎么办",
            "content": "请问居住证在哪里办理？",
            "area": "donghu",
        },
        "overdue": {
            "title": "垃圾无人清运",
            "urgency": "urgent",
            "content": "小区门口垃圾堆了三天，坏圾桶无人换，噪声不大。",
        },
    }
    numbers = {name: await operator.new_case(caller_phone=PHONE, **fields) for name, fields in kinds.items()}
    await dispatcher.command(numbers["dispatched"], "dispatch_case", {"lead": OTHER_UNIT})
    await operator.command(numbers["answered"], "answer_directly", {"answer": "可在市民服务中心办理"})
    administrator = office("administrator1")
    revision = (await administrator.post("/policies/compressed", {"speed": 1_000_000})).json()["revision"]
    await administrator.command(numbers["overdue"], "revise_policy", {"revision": revision})

    async def is_late() -> None:
        fired = [fact for fact in await operator.facts(numbers["overdue"]) if fact["tag"] == "clock:fired"]
        assert any(fact["body"]["is_due"] for fact in fired)

    await assert_eventually(is_late)
    return numbers


async def found(person: Person, **filters: Any) -> list[str]:
    answer = await person.get("/cases", **filters)
    assert answer.status_code == 200, answer.text
    return [row["case_no"] for row in answer.json()["items"]]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, {"received", "dispatched", "answered", "overdue"}),
        ({"status": "received"}, {"received", "overdue"}),
        ({"status": ["completed", "awaiting_signature"]}, {"dispatched", "answered"}),
        ({"phase": "assignment"}, {"dispatched"}),
        ({"phase": "closeout"}, {"answered"}),
        ({"type": "report"}, {"dispatched"}),
        ({"unit": OTHER_UNIT}, {"dispatched"}),
        ({"unit": UNIT}, set()),
        ({"lead": OTHER_UNIT}, {"dispatched"}),
        ({"category": "noise"}, {"received"}),
        ({"area": "donghu"}, {"answered"}),
        ({"urgency": "urgent"}, {"overdue"}),
        ({"open": True}, {"received", "dispatched", "overdue"}),
        ({"open": False}, {"answered"}),
        ({"overdue": True}, {"overdue"}),
        ({"overdue": False}, {"received", "dispatched", "answered"}),
        ({"due_before": "2199-01-01T00:00:00Z"}, {"received", "dispatched", "answered", "overdue"}),
        ({"due_before": "1999-01-01T00:00:00Z"}, set()),
        ({"order": "due", "open": True}, {"received", "dispatched", "overdue"}),
        ({"text": "噪音"}, {"received"}),
        ({"text": "居住证"}, {"answered"}),
        ({"text": "居住证 办理"}, {"answered"}),
        ({"text": "居住证 垃圾"}, set()),
        ({"text": "垃圾 圾桶"}, {"overdue"}),
        ({"text": "垃圾桶"}, set()),  # Both of its pairs occur, the word does not.
        ({"text": "王小明"}, set()),
        ({"type": "complaint", "overdue": False, "text": "施工"}, {"received"}),
    ],
)
async def test_a_filter_leaves_just_what_fits(
    office: Office, cases: dict[str, str], filters: dict[str, Any], expected: set[str]
) -> None:
    known_as = (await office("operator1").case(cases["received"]))["caller"]["hash"]
    numbers = await found(office("auditor1"), caller_hash=known_as, limit=200, **filters)
    assert set(numbers) == {cases[name] for name in expected}
    assert len(numbers) == len(expected)


async def test_whoever_asks_what_comes_due_sees_the_first_first(
    office: Office, cases: dict[str, str]
) -> None:
    known_as = (await office("operator1").case(cases["received"]))["caller"]["hash"]
    asked = {"caller_hash": known_as, "due_before": "2199-01-01T00:00:00Z"}
    unsaid = await found(office("auditor1"), **asked)
    assert unsaid == await found(office("auditor1"), **asked, order="due")
    assert unsaid != await found(office("auditor1"), **asked, order="newest")


async def test_a_line_says_what_a_list_must_show(office: Office, cases: dict[str, str]) -> None:
    known_as = caller_hash(office.keyring, PHONE)
    rows = (await office("auditor1").get("/cases", caller_hash=known_as)).json()["items"]
    by_number = {row["case_no"]: row for row in rows}
    line = by_number[cases["dispatched"]]
    assert (line["title"], line["status_label"], line["type_label"], line["lead_unit"]) == (
        "违章搭建",
        "待签收",
        "举报",
        OTHER_UNIT,
    )
    assert by_number[cases["overdue"]]["overdue"]
    assert not line["overdue"]


async def test_search_meets_neither_neighbours_nor_parts_of_a_word(
    office: Office, cases: dict[str, str]
) -> None:
    """噪 and 音 stand apart in one text and 噪声 in another: the pair alone is what was asked for."""
    numbers = await found(office("auditor1"), text="噪音", limit=200)
    assert cases["received"] in numbers
    assert not {cases["dispatched"], cases["overdue"]} & set(numbers)


@pytest.mark.parametrize("text", ["噪", "噪音 扰", "，。", " "])
async def test_a_word_that_is_too_short_is_refused(office: Office, text: str) -> None:
    answer = await office("auditor1").get("/cases", text=text)
    assert problem(answer, 422, "search_too_short")["field"] == "text"


@pytest.mark.parametrize("order", ["newest", "oldest", "due"])
async def test_pages_neither_repeat_nor_leave_out_while_cases_come_in(office: Office, order: str) -> None:
    phone = {"newest": "13511110001", "due": "13511110002", "oldest": "13511110003"}[order]
    operator, known_as = office("operator1"), caller_hash(office.keyring, phone)
    before = [await operator.new_case(caller_phone=phone) for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = ""
    later: list[str] = []
    while cursor is not None:
        page = {"caller_hash": known_as, "order": order, "limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = (await office("auditor1").get("/cases", **page)).json()
        seen += [row["case_no"] for row in answer["items"]]
        cursor = answer["next_cursor"]
        if len(later) < 2:
            later.append(await operator.new_case(caller_phone=phone))
    assert len(seen) == len(set(seen))
    assert set(before) <= set(seen)
    if order == "newest":
        assert seen == sorted(before, reverse=True)  # Newcomers stand before the first page.
    else:
        assert seen == [*before, *later]


async def test_a_search_is_read_in_pages_too(office: Office) -> None:
    title = "蓝色共享单车乱停乱放"
    numbers = [await office("operator1").new_case(title=title) for _ in range(3)]
    first = (await office("auditor1").get("/cases", text="单车乱停", limit=2)).json()
    rest = (
        await office("auditor1").get("/cases", text="单车乱停", limit=2, cursor=first["next_cursor"])
    ).json()
    assert [row["case_no"] for row in first["items"] + rest["items"]] == sorted(numbers, reverse=True)
    assert rest["next_cursor"] is None


async def test_a_cursor_is_for_its_own_order_only(office: Office, cases: dict[str, str]) -> None:
    cursor = (await office("auditor1").get("/cases", limit=1)).json()["next_cursor"]
    refused = await office("auditor1").get("/cases", limit=1, order="due", cursor=cursor)
    assert problem(refused, 422, "bad_cursor")["field"] == "cursor"


FORGED = [
    base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
    for place in (
        ["newest", "2026-11-20T08:00:00Z", "26112010000001000\x00"],
        ["newest", "0001-01-01T00:00:00+14:00", "261120100000010001"],
    )
]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "WyJuZXdlc3QiXQ==", "噪音", "=" * 400, *FORGED])
async def test_a_cursor_that_nobody_gave_out_is_refused(office: Office, cursor: str) -> None:
    refused = await office("auditor1").get("/cases", cursor=cursor)
    assert problem(refused, 422, "bad_cursor")["field"] == "cursor"


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 0},
        {"limit": 1001},
        {"status": "unknown"},
        {"order": "sideways"},
        {"caller_hash": "13611112222"},
        {"due_before": "2026-11-20"},
        {"due_before": "0001-01-01T00:00:00+14:00"},
        {"unit": "a\x00b"},
    ],
)
async def test_a_filter_that_means_nothing_is_named(office: Office, wrong: dict[str, Any]) -> None:
    refused = await office("auditor1").get("/cases", **wrong)
    assert problem(refused, 422, "invalid_input")["field"].partition(".")[0] == next(iter(wrong))


async def test_a_page_has_what_was_asked_for_and_no_more(office: Office, cases: dict[str, str]) -> None:
    answers = await asyncio.gather(*(office("auditor1").get("/cases", limit=limit) for limit in (1, 2, 3)))
    assert [len(answer.json()["items"]) for answer in answers] == [1, 2, 3]

"""Registering by plain requests: duplicates to join, a suggested unit, an answer at once, and the emergency stop."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from api_hands import Office, advance, new_key
from page_hands import PART, Pages, browsing

from console.app import add_console

CALL = {"channel": "phone", "type": "complaint", "urgency": "normal"}


@pytest_asyncio.fixture(scope="module")
async def operator(office: Office) -> AsyncIterator[Pages]:
    add_console(office.app)
    async with browsing(office, "operator1") as pages:
        yield pages


def number_of(page: httpx.Response) -> str:
    assert page.status_code == 200, page.text
    found = re.search(r'id="case-no">(\d{18})<', page.text)
    assert found is not None
    return found[1]


async def alike(office: Office, **draft: str) -> list[dict[str, object]]:
    answer = await office("operator1").post("/intake/similar", draft)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, object]] = answer.json()["items"]
    return items


async def test_open_cases_in_the_same_words_are_found_and_others_are_not(office: Office) -> None:
    number = await office("operator1").new_case(
        title="翠竹里三号楼电梯困人",
        content="翠竹里三号楼二单元电梯昨晚再次困人，物业不维修。",
        caller_phone="13911110001",
    )
    near = await alike(office, title="电梯困人", content="翠竹里三号楼电梯又困人了，物业没人来。")
    assert [line["case_no"] for line in near][:1] == [number]
    assert (near[0]["same_caller"], near[0]["joinable"]) == (False, False)
    far = await alike(office, title="公交车不到站", content="十二路公交早高峰甩站，请增加班次。")
    assert number not in [line["case_no"] for line in far]
    assert await alike(office, title="电") == []


async def test_own_open_cases_of_a_caller_come_first_and_closed_ones_not(office: Office) -> None:
    phone = "13911110002"
    closed, still_open = [
        await office("operator1").new_case(caller_phone=phone, title="井盖破损", content="路口井盖破损")
        for _ in "12"
    ]
    answered = await office("operator1").command(closed, "answer_directly", {"answer": "已派人更换"})
    assert answered.status_code == 200
    found = await alike(office, caller_phone="139 1111 0002")
    assert [(line["case_no"], line["same_caller"]) for line in found] == [(still_open, True)]


async def test_secret_case_is_told_to_the_hotline_alone(office: Office) -> None:
    words = {"title": "举报某店短斤缺两", "content": "百汇市场七号摊位长期短斤缺两"}
    number = await office("operator1").new_case(**words, secret=True, caller_phone="13911110003")
    assert number in [line["case_no"] for line in await alike(office, **words)]
    other = (
        await office("administrator1").post("/intake/similar", words | {"caller_phone": "13911110003"})
    ).json()
    assert number not in [line["case_no"] for line in other["items"]]


async def test_chosen_duplicate_is_joined_as_soon_as_the_call_is_registered(
    office: Office, operator: Pages
) -> None:
    words = {"title": "沿江步道路灯成片不亮", "content": "沿江步道从码头到桥头的路灯成片不亮。"}
    master = await office("operator1").new_case(**words, caller_phone="13911110004")
    await advance(office, master, until="sign_for")
    panel = await operator.post("/intake/similar", PART, **words, caller_phone="13911110005")
    assert f'name="join_into" value="{master}"' in panel.text
    page = await operator.post("/intake", **CALL, **words, key=new_key(), join_into=master)
    case = await office("operator1").case(number_of(page))
    assert case["joined_to"] == master
    assert 'id="done">办理中<' in page.text


async def test_join_that_is_refused_leaves_the_call_registered_and_says_why(
    office: Office, operator: Pages
) -> None:
    unassigned = await office("operator1").new_case()
    page = await operator.post(
        "/intake",
        **CALL,
        title="噪音",
        content="噪音",
        caller_phone="13911110008",
        key=new_key(),
        join_into=unassigned,
    )
    assert "要并入的工单不在办理之中" in page.text
    case = await office("operator1").case(number_of(page))
    assert (case["status"], case["joined_to"]) == ("received", None)


async def test_answer_given_on_the_phone_closes_the_case_once(office: Office, operator: Pages) -> None:
    form = CALL | {
        "type": "consult",
        "title": "社保转移",
        "content": "怎样办理",
        "answer": "在市民中心二楼办理",
    }
    key = new_key()
    pages = [await operator.post("/intake", **form, key=key) for _ in range(2)]
    assert len({number_of(page) for page in pages}) == 1
    assert all('id="done">办结<' in page.text for page in pages)
    tags = await office("operator1").tags(number_of(pages[0]))
    assert tags.count("intake:answered") == 1


@pytest.mark.parametrize("typed", [{}, {"title": "厨房着火", "content": "三楼冒烟", "urgency": "normal"}])
async def test_emergency_is_transferred_at_once_with_what_was_typed_so_far(
    office: Office, operator: Pages, typed: dict[str, str]
) -> None:
    fields = {"channel": "phone", "type": "help", "caller_phone": "13911110006"} | typed
    page = await operator.post("/intake/emergency", **fields, key=new_key(), emergency_to="119")
    case = await office("operator1").case(number_of(page))
    assert (case["status"], case["urgency"]) == ("transferred", "critical")
    assert case["title"] == typed.get("title", "紧急移送消防 119")
    nowhere = await operator.post("/intake/emergency", **fields, key=new_key(), emergency_to="114")
    assert nowhere.status_code == 422


async def test_form_that_is_refused_keeps_the_answer_and_the_chosen_case(operator: Pages) -> None:
    page = await operator.post(
        "/intake", **CALL, title="噪音", answer="已答复", join_into="2" * 18, key=new_key()
    )
    assert page.status_code == 422
    assert ">已答复</textarea>" in page.text
    assert f'name="join_into" value="{"2" * 18}"' in page.text


async def test_caller_panel_tells_the_last_satisfaction_and_the_suggestion_its_basis(
    office: Office, operator: Pages
) -> None:
    phone = "13911110007"
    number = await office("operator1").new_case(caller_phone=phone)
    await advance(office, number, until="record_revisit")
    panel = await operator.post("/intake/caller", PART, caller_phone=phone)
    assert "上次满意度：<strong>非常满意</strong>" in panel.text
    assert "首次来电" in (await operator.post("/intake/caller", PART, caller_phone="13911119999")).text
    few = await operator.get("/intake/suggestion", PART, category="城管-占道-没有先例")
    assert "没有建议" in few.text
    assert "填写事项分类" in (await operator.get("/intake/suggestion", PART)).text


async def test_who_does_not_register_learns_of_no_similar_case(office: Office) -> None:
    refused = await office("handler-U120").post("/intake/similar", {"title": "电梯困人"})
    assert refused.status_code == 403

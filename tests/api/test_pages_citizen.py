"""The citizens' pages by plain requests: submit, follow, add facts, rate, and what is published."""

import re
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio
from api_hands import Office, advance, new_key
from page_hands import Pages, browsing

from console.app import add_console


class Receipt(NamedTuple):
    number: str
    code: str

    @property
    def typed(self) -> dict[str, str]:
        return {"number": self.number, "code": self.code}


@pytest_asyncio.fixture(scope="module")
async def citizen(office: Office) -> AsyncIterator[Pages]:
    add_console(office.app)
    async with browsing(office) as pages:
        yield pages


@pytest_asyncio.fixture(scope="module")
async def receipt(citizen: Pages) -> Receipt:
    return await submitted(citizen)


async def submitted(citizen: Pages, **fields: str) -> Receipt:
    form = {"type": "complaint", "title": "路灯不亮", "content": "青石镇主街路灯三天不亮。"}
    page = await citizen.post("/public", **form | {"phone": "13812345678", "key": new_key()} | fields)
    assert page.status_code == 200, page.text
    number = re.search(r'id="case-no">(\d{18})<', page.text)
    code = re.search(r'id="code">(\w{6})<', page.text)
    assert number is not None
    assert code is not None
    return Receipt(number[1], code[1])


async def test_a_complaint_gets_a_number_and_a_code_and_a_repeat_gets_the_same(citizen: Pages) -> None:
    key = new_key()
    first = await submitted(citizen, key=key)
    assert await submitted(citizen, key=key) == first


@pytest.mark.parametrize(("field", "typed"), [("title", ""), ("content", ""), ("phone", "十二三")])
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    citizen: Pages, field: str, typed: str
) -> None:
    form = {"type": "help", "title": "路灯不亮", "content": "三天了", "address": "青石镇主街"}
    page = await citizen.post("/public", **form | {field: typed, "key": new_key()})
    assert page.status_code == 422
    assert re.findall(r'id="f-([a-z]+)-error"', page.text) == [field]
    assert 'value="青石镇主街"' in page.text


async def test_a_case_is_followed_in_plain_words_with_its_promise_explained(
    office: Office, citizen: Pages, receipt: Receipt
) -> None:
    page = await citizen.post("/public/follow", **receipt.typed)
    assert "您的诉求：待受理" in page.text
    assert "派给承办单位后开始计算" in page.text
    await advance(office, receipt.number, until="sign_for")
    spaced = {"number": f"{receipt.number[:6]} {receipt.number[6:]}", "code": receipt.code.lower()}
    page = await citizen.post("/public/follow", **spaced)
    for words in ("办理中", "市城市管理局", "承办单位已签收", "5 个工作日", "补充事实"):
        assert words in page.text
    assert "请您评价" not in page.text
    assert "dispatcher1" not in page.text


@pytest.mark.parametrize(
    "typed",
    [{"code": "AAAAAA"}, {"number": "2" * 18}, {"number": "abc"}, {"code": "A"}],
    ids=["wrong code", "unknown number", "no number", "no code"],
)
async def test_a_wrong_code_and_an_unknown_number_look_the_same(
    citizen: Pages, receipt: Receipt, typed: dict[str, str]
) -> None:
    page = await citizen.post("/public/follow", **receipt.typed | typed)
    assert (page.status_code, "编号或者提取码不正确" in page.text) == (404, True)
    acted = await citizen.post(
        "/public/follow/facts", text="仍然不亮", key=new_key(), **receipt.typed | typed
    )
    assert acted.status_code == 404


async def test_facts_are_added_once_and_an_empty_form_stays(
    office: Office, citizen: Pages, receipt: Receipt
) -> None:
    empty = await citizen.post("/public/follow/facts", text="", key=new_key(), **receipt.typed)
    assert (empty.status_code, "此项必填" in empty.text) == (422, True)
    form = {"text": "昨晚又灭了两盏", "key": new_key()} | receipt.typed
    for page in [await citizen.post("/public/follow/facts", **form) for _ in range(2)]:
        assert (page.status_code, "已收到您补充的事实" in page.text) == (200, True)
    tags = await office("dispatcher1").tags(receipt.number)
    assert tags.count("intake:facts_added") == 1


async def test_a_citizen_reads_the_answer_rates_it_and_closes_the_case(
    office: Office, citizen: Pages
) -> None:
    receipt = await submitted(citizen)
    await advance(office, receipt.number, until="review_reply")
    page = await citizen.post("/public/follow", **receipt.typed)
    assert "已责令停止夜间施工并处罚" in page.text
    unsaid = await citizen.post("/public/follow/rating", solved="true", key=new_key(), **receipt.typed)
    assert (unsaid.status_code, 'id="f-satisfaction-error"' in unsaid.text) == (422, True)
    rating = {"solved": "true", "satisfaction": "4", "opinion": "处理及时", "key": new_key()}
    page = await citizen.post("/public/follow/rating", **rating | receipt.typed)
    assert "感谢您的评价" in page.text
    assert "您的诉求：办结" in page.text
    again = await citizen.post("/public/follow/rating", **rating | {"key": new_key()} | receipt.typed)
    assert (again.status_code, "已经评价过" in again.text) == (422, True)


async def test_what_is_published_is_read_without_an_account(citizen: Pages) -> None:
    for path, words in (
        ("/public/supervision?kind=listing", "督办公开"),
        ("/public/circulars", "问责通报"),
        ("/public", "我要反映"),
    ):
        page = await citizen.get(path)
        assert (page.status_code, words in page.text) == (200, True)
        assert "style=" not in page.text
    assert (await citizen.get("/public/supervision?kind=everything")).status_code == 422


async def test_following_is_limited_as_the_operation_is(office: Office, citizen: Pages) -> None:
    settings = office.services.settings
    before = settings.public_follow_limit
    object.__setattr__(settings, "public_follow_limit", "1/minute")
    try:
        pages = [await citizen.post("/public/follow", number="4" * 18, code="AAAAAA") for _ in range(3)]
    finally:
        object.__setattr__(settings, "public_follow_limit", before)
    assert pages[-1].status_code == 429
    assert "retry-after" in pages[-1].headers


async def test_a_form_of_another_site_is_refused(citizen: Pages) -> None:
    elsewhere = {"Origin": "https://elsewhere.test", "Sec-Fetch-Site": "cross-site"}
    page = await citizen.post("/public", elsewhere, title="路灯不亮", content="三天了", type="help")
    assert page.status_code == 403

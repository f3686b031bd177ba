"""The pages of the knowledge base by plain requests: found, kept by its unit, and told at the intake."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest_asyncio
from api_hands import Office, new_key
from page_hands import PART, Pages, browsing

from console.app import add_console

UNIT = "U150"
HEAD = f"head-{UNIT}"
DIALOG = PART | {"HX-Target": "dialog"}


@pytest_asyncio.fixture(scope="module")
async def head(office: Office) -> AsyncIterator[Pages]:
    add_console(office.app)
    async with browsing(office, HEAD) as pages:
        yield pages


@pytest_asyncio.fixture
async def operator(office: Office, head: Pages) -> AsyncIterator[Pages]:
    async with browsing(office, "operator1") as pages:
        yield pages


def form(**fields: str) -> dict[str, str]:
    usual = {
        "title": f"失业登记怎样办 {new_key()[:6]}",
        "answer": "持身份证到街道便民服务中心登记。\n也可以网上办理。",
        "category": "人社/失业",
        "unit": UNIT,
        "valid_until": "2027-06-30",
        "key": new_key(),
    }
    return usual | fields


async def written(head: Pages, **fields: str) -> str:
    answer = await head.post("/knowledge/new", DIALOG, **form(**fields))
    assert answer.status_code == 200, answer.text
    return answer.headers["HX-Redirect"]


def fields_in(page: httpx.Response) -> set[str]:
    return set(re.findall(r'<(?:input|textarea|select)[^>]* name="([a-z_]+)"', page.text))


async def test_unit_writes_revises_confirms_and_withdraws_on_its_page(head: Pages, operator: Pages) -> None:
    asked = await head.get("/knowledge/new", DIALOG)
    assert fields_in(asked) >= {"title", "answer", "category", "area", "unit", "valid_until"}
    assert "市公安局" not in asked.text, "another unit's entries are not offered"
    path = await written(head)
    page = await head.get(path)
    assert "修订知识" in page.text
    assert "修订知识" not in (await operator.get(path)).text
    revision = form(version="1", answer="改为在政务服务中心登记")
    assert "修订知识：已办理" in (await head.post(f"{path}/revise", DIALOG, **revision)).text
    confirmed = await head.post(
        f"{path}/confirm", DIALOG, valid_until="2027-09-30", version="2", key=new_key()
    )
    assert "确认有效：已办理" in confirmed.text
    part = await head.get(path, PART)
    assert part.text.count('id="v') == 3
    assert "2027-09-30" in part.text
    assert "不再供登记时查找" in (await head.get(f"{path}/withdraw", DIALOG)).text
    assert (await head.post(f"{path}/withdraw", DIALOG, version="3", key=new_key())).status_code == 200
    gone = await head.get(path)
    assert "已下架" in gone.text
    assert "修订知识" not in gone.text


async def test_who_was_overtaken_is_told_by_whom_and_keeps_what_they_typed(head: Pages) -> None:
    path = await written(head)
    assert (await head.post(f"{path}/revise", DIALOG, **form(version="1"))).status_code == 200
    late = await head.post(f"{path}/revise", DIALOG, **form(version="1", answer="我的口径"))
    assert late.status_code == 409
    assert f"{HEAD} 修订" in late.text
    assert ">我的口径</textarea>" in late.text
    assert 'name="version" value="2"' in late.text


async def test_number_of_a_person_is_refused_beside_its_field(head: Pages) -> None:
    refused = await head.post("/knowledge/new", DIALOG, **form(answer="请打 13800138000"))
    assert refused.status_code == 422
    assert re.search(r'id="f-answer-error">[^<]*手机号码', refused.text)


async def test_list_marks_what_is_stale_and_counts_lead_to_what_they_count(operator: Pages) -> None:
    page = await operator.get("/knowledge")
    assert 'href="/knowledge?unit=U140&amp;stale=true"' in page.text
    assert "编写知识" not in page.text
    stale = await operator.get("/knowledge", unit="U140", stale="true")
    assert "K-000008" in stale.text
    assert "K-000007" not in stale.text
    assert '<span class="badge bg-yellow-lt">待更新</span>' in stale.text
    found = await operator.get("/knowledge", PART, text="路灯")
    assert "K-000004" in found.text
    since = re.search(r'href="(/knowledge\?unit=U120&amp;updated_since=[^"]+)"', page.text)
    assert since is not None
    assert (await operator.get(since[1].replace("&amp;", "&"))).status_code == 200


async def test_intake_shows_what_answers_and_what_is_told_leads_to_its_version(
    office: Office, operator: Pages, head: Pages
) -> None:
    panel = await operator.post("/intake/knowledge", PART, title="社保卡丢了怎样补办", category="人社/社")
    assert panel.text.index('data-answers="K-000001"') > 0
    assert 'data-key="Alt+K"' in panel.text
    assert "自动查找" in (await operator.post("/intake/knowledge", PART)).text
    assert "没有相近" in (await operator.post("/intake/knowledge", PART, title="云彩")).text

    path = await written(head)
    entry = path.removeprefix("/knowledge/")
    call = {
        "channel": "phone",
        "type": "consult",
        "urgency": "normal",
        "title": "失业登记",
        "content": "怎样办",
    }
    page = await operator.post("/intake", **call, key=new_key(), answer="持身份证登记", knowledge_id=entry)
    assert 'id="done">办结<' in page.text
    found = re.search(r'id="case-no">(\d{18})<', page.text)
    assert found is not None
    await head.post(f"{path}/revise", DIALOG, **form(version="1", answer="口径已改"))
    case = await operator.get(f"/cases/{found[1]}")
    link = re.search(rf'href="({path}\?at=[^"]+)"', case.text)
    assert link is not None
    then = await operator.get(link[1].replace("&amp;", "&"))
    assert "当时的版本：第 1 版" in then.text
    assert found[1] in then.text


async def test_unknown_number_is_told_beside_the_registered_case(operator: Pages) -> None:
    call = {
        "channel": "phone",
        "type": "consult",
        "urgency": "normal",
        "title": "失业登记",
        "content": "怎样办",
    }
    page = await operator.post(
        "/intake", **call, key=new_key(), answer="持身份证登记", knowledge_id="K-999999"
    )
    assert "知识库没有这个编号的知识" in page.text
    assert "工单已经登记" in page.text

"""The catalogue's page by plain requests: kept by administrators, and offered where a case is taken down."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest_asyncio
from api_hands import Office, new_key
from page_hands import PART, Pages, browsing

from console.app import add_console

DIALOG = PART | {"HX-Target": "dialog"}
PAGE = "/admin/catalogue"


@pytest_asyncio.fixture(scope="module")
async def administrator(office: Office) -> AsyncIterator[Pages]:
    add_console(office.app)
    async with browsing(office, "administrator1") as pages:
        yield pages


async def test_matter_is_added_changed_and_retired(office: Office, administrator: Pages) -> None:
    category = f"交通/{new_key()[:6]}"
    asked = await administrator.get(f"{PAGE}/add", DIALOG, category=category)
    assert f'value="{category}"' in asked.text
    done = await administrator.post(
        f"{PAGE}/add", DIALOG, category=category, note="公交线路", lead="U120", active="true", key=new_key()
    )
    assert "列入目录：已办理" in done.text
    async with browsing(office, "operator1") as operator:
        form = await operator.get("/intake")
        assert 'list="f-category-list"' in form.text
        assert f'<option value="{category}">公交线路</option>' in form.text
        suggested = await operator.get("/intake/suggestion", PART, category=category)
        assert "事项目录的默认主办单位" in suggested.text
        assert "%" not in re.sub("<[^>]*>", "", suggested.text)
    change = f"{PAGE}/change?{urlencode({'category': category})}"
    assert "公交线路" in (await administrator.get(change, DIALOG)).text
    # A box that is not ticked is not sent: the matter is retired.
    retired = await administrator.post(change, DIALOG, note="公交线路", lead="U120", key=new_key())
    assert "变更事项：已办理" in retired.text
    row = (await administrator.get(PAGE, PART)).text.partition(category)[2].partition("</tr>")[0]
    assert "已停用" in row
    async with browsing(office, "dispatcher1") as dispatcher:
        assert category not in (await dispatcher.get("/intake")).text
        assert "列入目录</button>" not in (await dispatcher.get(PAGE)).text


async def test_matter_that_nobody_keeps_is_not_to_be_changed(administrator: Pages) -> None:
    unknown = await administrator.get(f"{PAGE}/change", DIALOG, category="没有/这一项")
    assert unknown.status_code == 404
    refused = await administrator.post(f"{PAGE}/add", DIALOG, category="有 空格", key=new_key())
    assert refused.status_code == 422
    assert 'id="f-category-error"' in refused.text

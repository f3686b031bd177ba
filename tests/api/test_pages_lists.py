"""The pages of lists by plain requests: views and columns, what is shown of many rows, and where an export leads."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from api_doors import Browser, Doors
from starlette.datastructures import QueryParams

from console.app import add_console
from console.asked import Asked
from console.views import PRESETS, presets_of
from hotline.roles import STAFF
from hotline.vocabulary import Role


@pytest.fixture(scope="module")
def pages(doors: Doors) -> Doors:
    """The office with its console, as `hotline api` serves both."""
    add_console(doors.office.app)
    return doors


async def shown(browser: Browser, path: str, **headers: str) -> str:
    answer = await browser.http.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


async def posted(browser: Browser, path: str, page: str, **fields: str | list[str]) -> httpx.Response:
    token = re.search(r'"X-CSRF-Token": "([0-9a-f]+)"', page)
    assert token is not None
    headers = {"Origin": browser.origin, "Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
    return await browser.http.post(path, data={"csrf_token": token[1], **fields}, headers=headers)


def heads(page: str) -> list[str]:
    return re.findall(r'name="columns" value="([a-z_]+)" checked', page)


async def test_columns_that_were_chosen_stay_chosen_in_this_browser(pages: Doors) -> None:
    browser = await pages.signed_in(Role.DISPATCHER)
    assert heads(await shown(browser, "/cases")) == [
        "status",
        "type",
        "owner_unit",
        "registered_at",
        "next_due_at",
    ]
    await shown(browser, "/cases?columns=area&columns=status")
    assert heads(await shown(browser, "/cases?phase=intake")) == ["status", "area"]
    other = await pages.signed_in(Role.DISPATCHER)
    assert "area" not in heads(await shown(other, "/cases"))


async def test_view_is_saved_with_filters_order_and_columns_and_opened_by_its_tab(pages: Doors) -> None:
    browser = await pages.signed_in(Role.SUPERVISOR)
    page = await shown(browser, "/cases?status=rework&status=in_hand&order=due&columns=round")
    form = page[page.index('hx-post="/views"') :]
    hidden: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([a-z]+)" value="([a-z_]+)">', form):
        hidden.setdefault(name, []).append(value)
    answer = await posted(browser, "/views", page, name="重办", **hidden)
    assert answer.status_code == 204
    asked = parse_qs(urlsplit(answer.headers["hx-redirect"]).query)
    assert {name: asked[name] for name in hidden} == {
        "status": ["rework", "in_hand"],
        "order": ["due"],
        "columns": ["round"],
    }
    opened = await shown(browser, answer.headers["hx-redirect"])
    assert re.search(r'aria-current="true">[^/]*<svg[^>]*>.*?</svg> 重办</a>', opened)
    assert heads(opened) == ["round"]
    assert heads(await shown(browser, "/cases")) == ["round"]  # Chosen before it was saved.

    gone = await posted(browser, f"/views/{asked['view'][0]}/delete", opened)
    assert gone.headers["location"] == "/cases"
    assert "重办</a>" not in (await shown(browser, "/cases")).replace("退回重办</a>", "")


async def test_view_without_a_name_says_what_is_missing(pages: Doors) -> None:
    browser = await pages.signed_in(Role.SUPERVISOR)
    answer = await posted(browser, "/views", await shown(browser, "/cases"), name=" ")
    assert (answer.status_code, "请填写名称" in answer.text) == (422, True)


async def test_search_is_not_put_into_the_form_of_a_view(pages: Doors) -> None:
    browser = await pages.signed_in(Role.OPERATOR)
    page = await shown(browser, "/cases?text=王小明&phase=intake")
    form = page[page.index('hx-post="/views"') :]
    assert 'name="phase" value="intake"' in form
    assert "王小明" not in form
    assert "检索词可能涉及个人信息" in form


async def test_export_leads_to_what_is_seen(pages: Doors) -> None:
    browser = await pages.signed_in(Role.DISPATCHER)
    page = await shown(browser, "/cases?phase=intake&columns=area&limit=250")
    (link, *_) = re.findall(r'href="(/api/v1/cases/export\?[^"]+)"', page)
    answer = await browser.http.get(link.replace("&amp;", "&"))
    assert answer.status_code == 200
    asked = parse_qs(urlsplit(link.replace("&amp;", "&")).query)
    assert asked == {"phase": ["intake"], "columns": ["case_no", "title", "area"], "format": ["xlsx"]}


@pytest.mark.parametrize("role", sorted(STAFF))
async def test_each_role_has_views_to_begin_with_and_each_of_them_opens(pages: Doors, role: Role) -> None:
    unit = "U120" if role in {Role.HANDLER, Role.UNIT_HEAD} else None
    browser = await pages.signed_in(role, unit)
    for preset in presets_of(role):
        page = await shown(browser, f"/cases?{preset.query}")
        assert re.search(f'aria-current="true">{preset.name}</a>', page), preset.name


def test_views_to_begin_with_have_different_filters() -> None:
    assert len({preset.query for preset in PRESETS}) == len(PRESETS)


def test_address_of_a_list_changes_only_what_is_changed() -> None:
    asked = Asked(QueryParams("status=a&status=b&order=due&cursor=x&limit=250&view=v&columns=c"))
    assert asked.but(order=None) == "status=a&status=b&view=v&columns=c"
    assert asked.but(limit=450) == "status=a&status=b&order=due&view=v&columns=c&limit=450"
    assert asked.asks_for({"order": "due", "status": ["b", "a"]})
    assert not asked.asks_for({"order": "due"})

"""Pages of supervision by plain requests: boards whose numbers lead to lists, and charts that run nothing inline."""

import html
import json
import re
from urllib.parse import urlsplit

import httpx
import pytest
from api_doors import Browser, Doors

from console.app import create_console
from hotline.vocabulary import Role


@pytest.fixture(scope="module")
def pages(doors: Doors) -> Doors:
    """The office with its console, as `hotline api` serves both."""
    doors.office.app.mount("/", create_console(doors.office.app.state))
    return doors


async def asked(browser: Browser, path: str, **headers: str) -> httpx.Response:
    return await browser.http.get(path, headers=headers)


def charts_of(page: str) -> list[dict[str, object]]:
    return [json.loads(html.unescape(found)) for found in re.findall(r"data-chart='([^']*)'", page)]


def links_of(page: str, start: str) -> set[str]:
    return {html.unescape(link) for link in re.findall(r'href="([^"]*)"', page) if link.startswith(start)}


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.LEADER], ids=lambda role: role.value)
async def test_board_is_where_supervision_lands_and_each_number_on_it_leads_to_a_list(
    pages: Doors, role: Role
) -> None:
    browser = await pages.signed_in(role)
    assert (await asked(browser, "/")).headers["location"] == "/board"
    page = (await asked(browser, "/board")).text
    assert len(charts_of(page)) == 3
    lists = links_of(page, "/cases?")
    assert {"open=true", "overdue=true&order=due", "status=suspended"} <= {
        urlsplit(link).query for link in lists
    }
    for link in lists:
        assert (await asked(browser, link)).status_code == 200, link


async def test_part_of_a_board_is_a_part(pages: Doors) -> None:
    browser = await pages.signed_in(Role.SUPERVISOR)
    for path in ("/board", "/timers"):
        part = await asked(browser, path, **{"HX-Request": "true"})
        assert (part.status_code, "<html" in part.text) == (200, False)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/timers/alarms?state=missed", "应触发而未触发的提醒"),
        ("/timers/alarms?hours=8&alarm=urge", "将要触发的提醒"),
        ("/timers/still?status=suspended", "停表的时限"),
        ("/timers/fired?unit=U120", "已触发的提醒"),
    ],
)
async def test_lists_behind_the_timer_board_say_that_they_are_empty(
    pages: Doors, path: str, said: str
) -> None:
    page = await asked(await pages.signed_in(Role.SUPERVISOR), path)
    assert (page.status_code, said in page.text, "没有符合条件的提醒" in page.text) == (200, True, True)


async def test_pages_with_charts_load_our_own_files_and_carry_no_style_of_their_own(pages: Doors) -> None:
    browser = await pages.signed_in(Role.SUPERVISOR)
    page = (await asked(browser, "/board")).text
    scripts = re.findall(r'<script src="([^"]+)"', page)
    assert any(name.startswith("/static/vendor/echarts.js") for name in scripts)
    assert all(name.startswith("/static/") for name in scripts)
    assert not re.search(r"<script(?![^>]*src=)|\son[a-z]+=|style=", page)
    elsewhere = (await asked(browser, "/cases")).text
    assert "echarts" not in elsewhere

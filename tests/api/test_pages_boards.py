"""Pages of supervision by plain requests: boards whose numbers lead to lists, and charts that run nothing inline."""

import html
import json
import re
from urllib.parse import urlsplit

import httpx
import pytest
from api_doors import Browser, Doors

from console.app import add_console
from hotline.vocabulary import Role


@pytest.fixture(scope="module")
def pages(doors: Doors) -> Doors:
    """The office with its console, as `hotline api` serves both."""
    add_console(doors.office.app)
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
        ("/timers/alarms?state=missed&unit=U321", "应触发而未触发的提醒"),
        ("/timers/alarms?hours=8&alarm=urge&unit=U321", "将要触发的提醒"),
        ("/timers/still?status=suspended&unit=U321", "停表的时限"),
        ("/timers/fired?unit=U321", "已触发的提醒"),
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


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/holdings?open=true", "时长台账"),
        ("/holdings?registered_from=2026-11-01&registered_to=2026-11-30&open=false", "时长台账"),
        ("/holdings?registered_from=2026-01-05&open=false", 'value="2026-04-07"'),
        ("/holdings/cases?holder=U120&cause=handling", "没有符合条件的工单"),
        ("/measures/orders?unit=U120&state=awaits_answer", "没有符合条件的督办措施"),
        ("/measures/points?by=person", "没有记分"),
        ("/proposals?state=pending", "没有联动提请"),
        ("/mass?unsettled=false", "没有聚集预警"),
        ("/problems?uncleared=true&unit=U120", "没有符合条件的台账"),
        ("/rates?indicator=on-time-rate", "各单位按期办结率"),
        ("/rates/2026-10", "本月还没有计入的工单"),
        ("/rates/2026-10/trend?indicator=satisfaction-rate", "data-chart"),
        ("/rates/2026-10/rows?indicator=resolution-rate&counted=excluded", "没有符合条件的计数行"),
    ],
)
async def test_pages_of_supervision_open_and_say_what_there_is_not(
    pages: Doors, path: str, said: str
) -> None:
    page = await asked(await pages.signed_in(Role.SUPERVISOR), path)
    assert (page.status_code, said in page.text) == (200, True), page.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/problems/CF2026999999", 404),
        ("/mass/999999", 404),
        ("/rates/2026-13", 422),
        ("/holdings?registered_from=2025-01-01&registered_to=2026-01-01&open=false", 422),
        ("/rates/2026-10/verify", 404),
    ],
)
async def test_what_is_not_there_is_said_on_a_page(pages: Doors, path: str, status: int) -> None:
    page = await asked(await pages.signed_in(Role.SUPERVISOR), path)
    assert (page.status_code, "<html" in page.text) == (status, True)


async def test_forms_of_supervision_name_what_is_missing_and_keep_what_was_typed(pages: Doors) -> None:
    browser = await pages.signed_in(Role.SUPERVISOR)
    token = re.search(r'"X-CSRF-Token": "([0-9a-f]+)"', (await asked(browser, "/board")).text)
    assert token is not None
    headers = {"Origin": browser.origin, "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": token[1]}

    async def sent(path: str, **fields: str) -> httpx.Response:
        return await browser.http.post(path, data=fields, headers=headers | {"HX-Request": "true"})

    empty = await asked(browser, "/proposals/LD202611-U120-red_cards/take-up", **{"HX-Request": "true"})
    assert (empty.status_code, "督办编号" in empty.text) == (200, True)
    typed = await sent("/proposals/LD202611-U120-red_cards/take-up", reason="已约谈单位负责人", key="k" * 32)
    assert (typed.status_code, "已约谈单位负责人" in typed.text) == (422, True)
    assert re.findall(r'id="f-([a-z_]+)-error"', typed.text) == ["measure"]
    gone = await sent("/proposals/LD202611-U120-red_cards/decline", reason="已督促修复", key="k" * 32)
    assert (gone.status_code, "没有找到该提请" in gone.text) == (404, True)
    burst = await sent("/mass/999999/settle", ground="unrelated", key="k" * 32)
    assert (burst.status_code, "没有找到该聚集预警" in burst.text) == (404, True)


async def test_auditor_reads_supervision_and_is_offered_nothing_to_do(pages: Doors) -> None:
    browser = await pages.signed_in(Role.AUDITOR)
    assert (await asked(browser, "/proposals")).status_code == 200
    refused = await asked(browser, "/proposals/LD202611-U120-red_cards/decline")
    assert (refused.status_code, "不能执行此操作" in refused.text) == (403, True)


async def test_rates_of_a_month_lead_to_their_rows(pages: Doors) -> None:
    browser = await pages.signed_in(Role.LEADER)
    page = (await asked(browser, "/rates/2026-10")).text
    rows = links_of(page, "/rates/2026-10/rows")
    assert {"indicator=response-rate", "indicator=resolution-rate", "indicator=satisfaction-rate"} <= {
        urlsplit(link).query for link in rows
    }

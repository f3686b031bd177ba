"""Those who run the hotline at a real browser: accounts, units, a policy by two people, the trail, and a worker that hangs."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fixtures.city import City
from playwright.sync_api import Page, expect

from browser.browser_hands import DESKTOP, PHONE, Desk

Seat = Callable[..., Desk]


def fill_in(page: Page, opener: str, **fields: str) -> None:
    """Open a sheet by its button, fill it in and send it."""
    page.get_by_role("button", name=opener, exact=True).click()
    sheet = page.locator("#dialog form")
    sheet.wait_for()
    for name, value in fields.items():
        field = sheet.locator(f'[name="{name}"]')
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    sheet.locator(".sheet-foot .btn-primary").click()


def test_unit_and_account_are_made_and_the_account_is_found(seat: Seat) -> None:
    page = seat().enter("administrator1")
    expect(page.get_by_role("heading", name="系统状况")).to_be_visible()
    page.goto(page.url.replace("/admin/health", "/admin/units"))
    fill_in(page, "新建单位", code="U330", name="南岭区人民政府", level="district")
    expect(page.locator("#unit-U330")).to_contain_text("南岭区人民政府")
    page.goto(page.url.replace("/admin/units", "/admin/users"))
    fill_in(page, "新建账号", user_id="zhao.min", display_name="赵敏", role="handler", unit="U330")
    expect(page.locator("#secret")).to_have_text(re.compile(r"^[a-z0-9]{4}(-[a-z0-9]{4}){3}$"))
    page.get_by_role("button", name="我已抄下").click()
    page.get_by_role("link", name="zhao.min").click()
    expect(page.locator(".datagrid")).to_contain_text("南岭区人民政府")


def test_policy_is_drafted_by_one_and_published_by_another(seat: Seat) -> None:
    one, other = seat(), seat(PHONE)
    page = one.enter("administrator1")
    one.open("/admin/policy/new")
    text = page.locator("#toml").input_value()
    page.locator("#toml").fill(text.replace('rework = "3 wd"', 'rework = "2 wd"', 1))
    page.get_by_role("button", name="检查并保存草案").click()
    expect(page.locator(".diff")).to_contain_text("3 个工作日")
    expect(page.locator("#dry-run")).to_contain_text("在办工单")
    expect(page.get_by_role("button", name="发布")).to_have_count(0)

    reviewer = other.enter("administrator2")
    other.open(page.url.removeprefix(one.home))
    reviewer.get_by_role("button", name="发布", exact=True).click()
    reviewer.locator("#dialog .btn-primary").click()
    reviewer.wait_for_url("**/admin/policy/rollouts/**")
    expect(reviewer.locator("#rollout")).to_contain_text("已换版")


def test_auditor_finds_who_did_what_and_has_the_chain_checked(seat: Seat) -> None:
    desk = seat()
    page = desk.enter("auditor1")
    page.locator("#q-event").select_option("session:signed_in")
    page.locator("#q").fill("auditor1")
    page.get_by_role("button", name="筛选").click()
    expect(page.locator(".trail tbody tr").first).to_contain_text("登录")
    page.get_by_role("button", name="核对哈希链").click()
    expect(page.locator("#verdict")).to_contain_text("审计日志完整")


@contextmanager
def hanging(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_every_page_says_that_nobody_serves_and_stops_when_somebody_does(seat: Seat, city: City) -> None:
    desk = seat(DESKTOP)
    page = desk.enter("operator1")
    warning = page.locator("#unattended")
    expect(warning).to_be_empty(timeout=20_000)
    page.locator("#f-title").fill("路灯不亮")
    worker = city.pid_of("worker")
    assert worker is not None
    with hanging(worker):
        expect(warning).to_contain_text("无人值守", timeout=40_000)
        assert desk.serious_faults() == []
    expect(warning).to_be_empty(timeout=20_000)
    expect(page.locator("#f-title")).to_have_value("路灯不亮")

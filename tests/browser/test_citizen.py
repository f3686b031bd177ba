"""A citizen with a phone: submits, follows with number and code, reads the answer and rates it."""

from collections.abc import Callable

from fixtures.city import City
from playwright.sync_api import Page, expect

from browser.browser_hands import PHONE, Desk

Seat = Callable[..., Desk]


def followed(page: Page, home: str, number: str, code: str) -> None:
    page.goto(home + "/public/follow")
    page.get_by_label("工单编号").fill(number)
    page.get_by_label("提取码").fill(code)
    page.get_by_role("button", name="查询").click()
    page.locator(".citizen-steps").wait_for()


def test_a_citizen_submits_follows_and_rates_on_a_phone(seat: Seat, city: City) -> None:
    citizen = seat(PHONE)
    page = citizen.open("/public")
    page.get_by_label("标题").fill("公园长椅损坏")
    page.get_by_label("诉求内容").fill("人民公园东门长椅断裂，有钉子露出。")
    page.get_by_label("联系电话").fill("13812340099")
    page.get_by_role("button", name="提交").click()
    number, code = page.locator("#case-no").inner_text(), page.locator("#code").inner_text()
    assert citizen.serious_faults() == []

    followed(page, city.address, number, code)
    expect(page.locator("h1")).to_contain_text("待受理")
    page.locator("#f-text").fill("又有一处长椅断了")
    page.get_by_role("button", name="提交补充").click()
    expect(page.get_by_role("status")).to_contain_text("已收到您补充的事实")

    desk = seat()
    desk.enter("operator1")
    desk.open(f"/cases/{number}")
    desk.act("直接解答", answer="园林部门已更换两处长椅。")
    followed(page, city.address, number, code)
    expect(page.locator(".citizen-answer")).to_contain_text("园林部门已更换两处长椅")
    assert citizen.serious_faults() == []
    page.locator("label", has_text="是").first.click()
    page.locator('label[for="f-satisfaction-4"]').click()
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_role("status")).to_contain_text("感谢您的评价")
    expect(page.get_by_role("button", name="提交评价")).to_have_count(0)

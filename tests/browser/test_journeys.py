"""A day's work in a real browser: from a call to its end, two people on one case, and what a bad moment leaves."""

import os
import re
import signal
from collections.abc import Callable
from io import BytesIO

from fixtures.city import City
from PIL import Image
from playwright.sync_api import expect

from browser.browser_hands import PHONE, Desk

Seat = Callable[..., Desk]


def registered(desk: Desk, title: str = "夜间施工噪音扰民") -> str:
    """Register a call with the keyboard alone; returns the number."""
    page = desk.enter("operator1")
    page.keyboard.type("13812345678")
    page.keyboard.press("Tab")
    page.keyboard.type("王小明")
    for _ in range(2):  # Past the channel: it is a telephone call.
        page.keyboard.press("Tab")
    page.keyboard.type(title)
    page.keyboard.press("Tab")
    page.keyboard.type("滨江花园旁工地凌晨一点仍在施工，影响老人休息。")
    page.get_by_text("期限 5 个工作日").wait_for()
    page.keyboard.press("Control+Enter")
    number = page.locator("#case-no").inner_text()
    assert re.fullmatch(r"\d{18}", number)
    return number


def picture() -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (8, 8), "green").save(drawn, "PNG")
    return drawn.getvalue()


def test_a_call_goes_all_the_way_through_the_console(seat: Seat) -> None:
    number = registered(seat())
    case = f"/cases/{number}"

    dispatcher = seat()
    dispatcher.enter("dispatcher1")
    dispatcher.open(case)
    dispatcher.act("派单", lead="U120", advice="请现场核查")
    expect(dispatcher.page.locator(".case-head")).to_contain_text("待签收")

    unit = seat(PHONE)
    page = unit.enter("handler-U120")
    expect(page.locator(".bell")).to_be_visible()
    unit.open("/notices").get_by_role("link", name=number).first.click()
    unit.act("签收")
    unit.act("联系记录", outcome="reached", note="已电话了解情况")
    page.locator("#attach-file").set_input_files(
        {"name": "整改.png", "mimeType": "image/png", "buffer": picture()}
    )
    page.locator("#attach select").select_option("handling")
    page.locator("#attach button").click()
    page.get_by_text("附件已保存").wait_for()
    evidence = page.locator('a[href*="/evidence/ev-"]').get_attribute("href")
    assert evidence is not None
    unit.act(
        "提交办理结果",
        text="已责令停止夜间施工并处罚，将持续巡查。",
        evidence=evidence.rpartition("/")[2],
        citation="《噪声污染防治法》第四十三条",
        signer="head-U120",
    )

    reviewer = seat()
    reviewer.enter("dispatcher2")
    reviewer.open(case)
    reviewer.act("审核", accepted="true", opinion="事实清楚")

    revisitor = seat()
    revisitor.enter("revisitor1")
    revisitor.open(case)
    revisitor.act(
        "回访记录", contacted="true", solved="true", truthful="true", satisfaction="5", opinion="处理及时"
    )
    expect(revisitor.page.locator(".case-head")).to_contain_text("办结")
    for term in ("登记", "派单", "签收", "联系诉求人", "提交办理结果", "审核通过", "回访", "办结"):
        expect(revisitor.page.locator(".timeline-list")).to_contain_text(term)


def test_what_somebody_else_does_is_seen_without_reloading_and_nothing_typed_is_lost(seat: Seat) -> None:
    number = registered(seat(), "两个人同时办理")
    one, other = seat(), seat()
    for desk, user in ((one, "dispatcher1"), (other, "dispatcher2")):
        desk.enter(user)
        desk.open(f"/cases/{number}")
    one.page.get_by_role("button", name="派单", exact=True).click()
    one.page.locator('#dialog [name="lead"]').select_option("U130")
    one.page.locator('#dialog [name="advice"]').fill("已电话沟通，请尽快到场")

    other.act("派单", lead="U120")

    expect(one.page.locator(".case-head")).to_contain_text("待签收")
    expect(one.page.locator('#dialog [name="advice"]')).to_have_value("已电话沟通，请尽快到场")
    one.page.locator("#dialog button.btn-primary").click()
    expect(one.page.locator("#dialog [role=alert]").first).to_be_visible()
    expect(one.page.locator("#dialog")).to_contain_text("dispatcher2 派单")
    expect(one.page.locator('#dialog [name="advice"]')).to_have_value("已电话沟通，请尽快到场")


def test_draft_survives_a_reload_and_goes_once_it_is_registered(seat: Seat) -> None:
    desk = seat()
    page = desk.enter("operator2")
    page.locator("#f-title").fill("路灯不亮")
    page.locator("#f-content").fill("青石镇主街路灯三天不亮。")
    page.reload()
    expect(page.locator("#f-title")).to_have_value("路灯不亮")
    expect(page.locator("#f-content")).to_have_value("青石镇主街路灯三天不亮。")
    page.locator("#f-content").press("Control+Enter")
    page.locator("#case-no").wait_for()
    page.get_by_role("link", name="登记下一件").click()
    expect(page.locator("#f-title")).to_have_value("")


def test_session_that_ends_in_mid_form_keeps_what_was_typed(seat: Seat) -> None:
    desk = seat()
    page = desk.enter("operator1")
    page.locator("#f-title").fill("水管爆裂")
    desk.context.clear_cookies()
    page.locator("#f-content").fill("小区门口水管爆裂。")
    expect(page.locator("#ended")).to_be_visible()
    page.locator("#f-content").press("Control+Enter")
    page.wait_for_url("**/login**")
    page.click('button[value="operator1"]')
    expect(page.locator("#f-title")).to_have_value("水管爆裂")
    expect(page.locator("#f-content")).to_have_value("小区门口水管爆裂。")


def test_keyboard_finds_walks_and_explains(seat: Seat) -> None:
    desk = seat()
    page = desk.enter("dispatcher1")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/cases")
    page.keyboard.press("j")
    page.keyboard.press("j")
    number = page.locator("a.row-link").nth(1).locator(".number").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{number}")
    page.keyboard.press("/")
    page.keyboard.type("噪音")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases?text=*")
    expect(page.locator("a.row-link").first).to_contain_text("噪音")


def test_outage_is_said_and_passes(seat: Seat, city: City) -> None:
    desk = seat()
    page = desk.enter("supervisor1")
    expect(page.locator("#outage")).to_be_hidden()
    api = city.pid_of("api")
    assert api is not None
    os.kill(api, signal.SIGKILL)
    expect(page.locator("#outage")).to_be_visible()
    expect(page.locator("#outage")).to_be_hidden(timeout=90_000)
    page.reload()
    expect(page.locator("#board")).to_be_visible()

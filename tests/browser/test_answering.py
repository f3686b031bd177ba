"""The operator answers at once from the knowledge base, by the keyboard, while the call is taken down."""

from collections.abc import Callable

from playwright.sync_api import expect

from browser.browser_hands import Desk

Seat = Callable[..., Desk]


def test_operator_picks_an_entry_by_the_keyboard_and_the_case_leads_to_it(seat: Seat) -> None:
    desk = seat()
    page = desk.enter("operator1")
    page.locator("#f-title").fill("社保卡丢了怎样补办")
    page.locator("#f-content").fill("老人的社会保障卡丢失，问怎样补办。")
    picks = page.locator("[data-answers]")
    expect(picks.first).to_contain_text("K-000001")
    page.keyboard.press("Alt+k")
    expect(picks.first).to_be_focused()
    page.keyboard.press("Enter")
    answer = page.locator("#answer")
    expect(answer).to_be_focused()
    expect(answer).to_have_value(picks.first.locator(".knowledge-text").inner_text())
    expect(page.locator("#knowledge_id")).to_have_value("K-000001")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#done")).to_have_text("办结")
    page.get_by_role("link", name="查看工单").click()
    page.get_by_role("link", name="知识库 K-000001").click()
    expect(page.locator("h1")).to_have_text("社会保障卡丢失怎样补办")
    expect(page.locator("#entry")).to_contain_text("据此答复的工单")


def test_what_was_typed_stays_before_what_is_chosen(seat: Seat) -> None:
    page = seat().enter("operator2")
    page.locator("#f-title").fill("路灯不亮由谁维修")
    picks = page.locator("[data-answers]")
    expect(picks.first).to_contain_text("K-000004")
    page.keyboard.press("Alt+a")
    page.keyboard.type("您好，")
    picks.first.click()
    told = page.locator("#answer").input_value()
    assert told.startswith("您好，\n")
    assert "照明中心" in told
    picks.first.click()
    expect(page.locator("#answer")).to_have_value(told)
    page.locator("#answer").fill("")
    page.locator("#f-category").fill("人社/社保卡")
    page.locator("#f-category").press("Tab")
    expect(picks.first).to_contain_text("K-000001")
    picks.nth(1).click()
    picks.first.click()
    expect(page.locator("#knowledge_id")).to_have_value("K-000001")
    assert "照明中心" not in page.locator("#answer").input_value()

"""A revisitor's call: the script on the page, a citizen whose problem is not solved, and the rework that follows."""

from collections.abc import Callable

from playwright.sync_api import expect

from browser.browser_hands import Colleagues, Desk

Seat = Callable[..., Desk]


def test_a_revisit_that_finds_nothing_solved_sends_the_case_back(seat: Seat, others: Colleagues) -> None:
    number = others.answered(title="路面坑洼", caller_phone="13812340088")
    desk = seat()
    page = desk.enter("revisitor1")
    page.wait_for_url("**/revisits")
    page.get_by_role("link", name=number).click()
    page.get_by_role("button", name="占线").click()
    page.get_by_text("回访尝试：已办理").wait_for()
    expect(page.get_by_text("两次回访之间须有间隔")).to_be_visible()

    form = page.locator("#desk-record_revisit")
    for field, value in (("contacted", "true"), ("solved", "false"), ("truthful", "true")):
        form.locator(f'label[for="f-{field}-{value}"]').click()
    form.locator('[name="opinion"]').fill("下雨后仍然积水")
    form.locator('[name="opinion"]').press("Control+Enter")
    expect(form.locator('[name="satisfaction"]:invalid').first).to_be_attached()
    form.locator('label[for="f-satisfaction-2"]').click()
    assert desk.serious_faults() == []
    form.get_by_role("button", name="登记回访结果").click()
    expect(page.locator(".case-head")).to_contain_text("退回重办")
    expect(page.locator("#revisit")).to_contain_text("下雨后仍然积水")
    assert desk.serious_faults() == []

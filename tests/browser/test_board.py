"""A supervisor's day in a real browser: from a number of the board to the case and back, while the number moves by itself."""

from collections.abc import Callable

from fixtures.city import City, eventually
from playwright.sync_api import expect

from browser.browser_hands import Desk

Seat = Callable[..., Desk]


def register(desk: Desk, title: str) -> str:
    page = desk.open("/intake")
    page.locator("#f-caller_phone").fill("13812345678")
    page.locator("#f-title").fill(title)
    page.locator("#f-content").fill("滨江花园旁工地凌晨一点仍在施工，影响老人休息。")
    page.locator("#f-content").press("Control+Enter")
    return page.locator("#case-no").inner_text()


def await_case(desk: Desk, number: str) -> None:
    """Open the page of a case until the engine has taken it on."""

    def is_taken_on() -> bool:
        return desk.open(f"/cases/{number}").locator(".actions button").first.is_visible()

    eventually(is_taken_on)


def test_supervisor_goes_from_a_number_to_the_case_and_urges_while_the_board_moves(
    seat: Seat, city: City
) -> None:
    operator = seat()
    operator.enter("operator1")
    number = register(operator, "督办总览上的一件")
    dispatcher = seat()
    dispatcher.enter("dispatcher1")
    await_case(dispatcher, number)
    dispatcher.act("派单", lead="U120", advice="请现场核查")

    supervisor = seat()
    page = supervisor.enter("supervisor1")
    expect(page).to_have_url(city.address + "/board")
    expect(page.locator("figure.chart canvas")).to_have_count(3)
    is_open = page.locator(".figure-count").first
    before = int(is_open.inner_text())

    register(operator, "看板打开之后登记的一件")
    expect(is_open).to_have_text(str(before + 1))
    expect(page.locator("figure.chart canvas")).to_have_count(3)

    row = page.get_by_role("row").filter(has_text="市城市管理局").first
    row.get_by_role("link").first.click()
    page.locator("a.row-link").filter(has_text=number).click()
    page.wait_for_selector("#case")
    supervisor.act("催办", unit="U120", reason="请抓紧核查")
    supervisor.open("/measures/urges")
    expect(page.locator("#rows")).to_contain_text(number)

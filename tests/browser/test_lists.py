"""A dispatcher's and a unit's lists in a real browser: views, columns, exports, many at once, the inbox on a phone, paper."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
from fixtures.city import City
from playwright.sync_api import Route, expect
from python_calamine import CalamineWorkbook

from browser.browser_hands import PHONE, Colleagues, Desk
from runtime.stack import find_stack

Seat = Callable[..., Desk]
MATTER, MANY = "测试/列表旅程", "测试/千行列表"
IDS = "rows => rows.map(row => row.id)"
LIKE_THIS = """
    INSERT INTO cases SELECT (jsonb_populate_record(one, jsonb_build_object(
        'case_no', '2601010800' || lpad(n::text, 8, '0'),
        'registered_at', one.registered_at - make_interval(mins => n)
    ))).* FROM cases AS one, generate_series(1, $2) AS n WHERE one.case_no = $1
"""


def test_dispatcher_keeps_a_view_takes_it_away_and_dispatches_many_at_once(
    seat: Seat, others: Colleagues, tmp_path: Path
) -> None:
    titles = ("路灯不亮一", "路灯不亮二", "路灯不亮三")
    numbers = [others.register(title=title, category=MATTER, anonymous=True) for title in titles]
    desk = seat()
    desk.enter("dispatcher1")
    expect(desk.page.locator(".tabs [aria-current]")).to_contain_text("待派遣")
    keep_a_view_and_export_it(desk, numbers, tmp_path)
    dispatch_several(desk, others, numbers)
    sign_on_the_phone(seat(PHONE), numbers[0])


def keep_a_view_and_export_it(desk: Desk, numbers: list[str], folder: Path) -> None:
    page = desk.open(f"/cases?category={MATTER}&order=oldest")
    page.get_by_text("列", exact=True).click()
    page.get_by_label("事项分类").check()
    page.get_by_role("button", name="应用").click()
    page.get_by_role("button", name="保存视图").click()
    page.get_by_label("名称").fill("路灯")
    page.locator("#save-view .btn-primary").click()
    expect(page.locator(".tabs [aria-current]")).to_contain_text("路灯")
    expect(page.locator("th", has_text="事项分类")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(3)

    page.get_by_text("导出", exact=True).click()
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Excel (XLSX)").click()
    file = folder / downloaded.value.suggested_filename
    downloaded.value.save_as(file)
    head, *rows = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    assert "事项分类" in head
    assert [row[0] for row in rows] == numbers


def dispatch_several(desk: Desk, others: Colleagues, numbers: list[str]) -> None:
    """One of those that were ticked was dispatched by somebody else in the meantime."""
    page = desk.page
    page.keyboard.press("Escape")
    page.locator("a.row-link").first.focus()
    page.keyboard.press("x")
    page.locator(f"#pick-{numbers[1]}").check()
    expect(page.locator("#picked")).to_have_text("2")
    others.act("dispatcher2", numbers[2], "dispatch_case", lead="U130")
    expect(page.locator(f"#row-{numbers[2]}")).to_contain_text("待签收")
    expect(page.locator("#picked")).to_have_text("2")  # A live update leaves what is ticked.
    page.get_by_role("button", name="批量办理").click()
    page.get_by_role("button", name=re.compile("^派单")).click()
    for number in numbers[:2]:
        page.locator(f'[name="lead.{number}"]').select_option("U120")
    assert desk.serious_faults() == []
    others.act("dispatcher2", numbers[1], "dispatch_case", lead="U130")
    page.locator("form[action='/bulk/dispatch_case'] .btn-primary").click()
    expect(page.get_by_role("status").first).to_contain_text("1 件已办理 · 1 件未办理")
    expect(page.locator("tr.is-refused")).to_contain_text(numbers[1])
    expect(page.locator("tr.is-refused .refusal")).not_to_be_empty()


def sign_on_the_phone(unit: Desk, number: str) -> None:
    """From the inbox, by one tap; then the file on paper. The list hears of it before the answer comes."""
    page = unit.enter("handler-U120")
    page.locator(".tabs a", has_text="待签收").click()
    row = page.locator(f"#row-{number}")
    expect(row).to_contain_text("还剩")
    waiting = page.locator(".tabs [aria-current] .badge")
    before = int(waiting.inner_text())

    def answer_late(route: Route) -> None:
        answer = route.fetch()
        expect(waiting).to_have_text(str(before - 1))
        route.fulfill(response=answer)

    page.route("**/commands/sign_for", answer_late)
    row.get_by_role("button", name="签收").click()
    page.get_by_text("签收：已办理").wait_for()
    expect(row).to_have_count(0)
    page.locator(".tabs a", has_text="办理中").click()
    expect(page.locator(f"#row-{number}")).to_contain_text("提交办理结果")

    page = unit.open(f"/cases/{number}/print")
    expect(page.locator(".paper")).to_contain_text("工单办理档案")
    expect(page.locator(".paper")).to_contain_text(number)
    expect(page.locator(".paper")).to_contain_text("签收 · 1 个工作日")
    assert unit.serious_faults() == []


def test_list_of_a_thousand_rows_grows_as_a_whole_and_goes_on_by_its_cursor(
    seat: Seat, others: Colleagues, city: City
) -> None:
    number = others.register(category=MANY, anonymous=True)
    others.act("operator1", number, "answer_directly", answer="已通知养护单位。")
    # A loop of its own: the browser's runs in this thread.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(multiply(city, number, 1_049))).result()
    desk = seat()
    desk.enter("dispatcher1")
    page = desk.open(f"/cases?category={MANY}&order=oldest")
    rows = page.locator("tr[id^=row-]")
    for count in (50, 250, 450, 650, 850):
        expect(rows).to_have_count(count)
        page.locator("[data-more]").click()
    expect(rows).to_have_count(1000)
    seen = rows.evaluate_all(IDS)

    page.get_by_role("link", name="从此处继续").click()
    expect(rows).to_have_count(50)
    seen += rows.evaluate_all(IDS)
    assert len(set(seen)) == len(seen) == 1050
    expect(page.get_by_role("link", name="从此处继续")).to_have_count(0)


async def multiply(city: City, number: str, times: int) -> None:
    """More rows like that of a closed case, as lists read them."""
    connection = await asyncpg.connect(
        find_stack(city.data_dir).database_url.replace("+asyncpg", ""), ssl=False
    )
    try:
        await connection.execute(LIKE_THIS, number, times)
    finally:
        await connection.close()

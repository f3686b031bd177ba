"""The console's pages by plain requests: who gets in, where everybody lands, what is refused and how it is said."""

import re

import httpx
import pytest
from api_doors import Browser, Doors

from console.app import add_console
from console.menu import HOME, menu_of
from console.rendering import assets
from hotline.vocabulary import Role

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def pages(doors: Doors) -> Doors:
    """The office with its console, as `hotline api` serves both."""
    add_console(doors.office.app)
    return doors


async def asked(browser: Browser, path: str, **headers: str) -> httpx.Response:
    return await browser.http.get(path, headers=headers)


async def sent(browser: Browser, path: str, **fields: str) -> httpx.Response:
    headers = {"Origin": browser.origin, "Sec-Fetch-Site": "same-origin"}
    return await browser.http.post(path, data=fields, headers=headers)


async def as_demo(pages: Doors, user: str) -> Browser:
    browser = pages.browser()
    with pages.settings(demo_mode=True):
        answer = await sent(browser, "/login/demo", user_id=user)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    return browser


def token_of(page: str) -> str:
    found = re.search(r'"X-CSRF-Token": "([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


async def test_whoever_is_not_signed_in_is_asked_to_and_then_lands_where_they_wanted(pages: Doors) -> None:
    browser = pages.browser(await pages.hire(Role.DISPATCHER))
    answer = await asked(browser, "/cases?phase=revisit&unit=")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fcases%3Fphase%3Drevisit")
    entered = await sent(
        browser, "/login", user_id=browser.user, password="四月的槐花开得正好，街上很安静", next="/timers"
    )
    assert (entered.status_code, entered.headers["location"]) == (303, "/timers")
    assert (await asked(browser, "/timers")).status_code == 200


@pytest.mark.parametrize(
    "where", ["https://elsewhere.test/", "//elsewhere.test", "/\\elsewhere.test", "javascript:1"]
)
async def test_signing_in_leads_to_no_other_site(pages: Doors, where: str) -> None:
    browser = pages.browser()
    with pages.settings(demo_mode=True):
        answer = await sent(browser, "/login/demo", user_id="operator1", next=where)
    assert answer.headers["location"] == "/"


async def test_wrong_password_says_so_and_keeps_the_name(pages: Doors) -> None:
    browser = pages.browser()
    answer = await sent(browser, "/login", user_id="zhang.wei.x", password="wrong")
    assert answer.status_code == 401
    assert "账号、密码或者动态口令不正确" in answer.text
    assert 'value="zhang.wei.x"' in answer.text
    assert browser.cookie is None


async def test_demo_accounts_are_one_click_away_in_demo_mode_and_shut_outside(pages: Doors) -> None:
    closed = pages.browser()
    assert "演示账号" not in (await asked(closed, "/login")).text
    assert (await sent(closed, "/login/demo", user_id="operator1")).status_code == 401
    with pages.settings(demo_mode=True):
        page = (await asked(closed, "/login")).text
        hired = await pages.hire(Role.OPERATOR)
        assert (await sent(closed, "/login/demo", user_id=hired)).status_code == 401
    assert all(f'value="{user}"' in page for user in ("operator1", "head-U120", "auditor1"))


async def test_another_site_signs_nobody_in(pages: Doors) -> None:
    browser = pages.browser()
    with pages.settings(demo_mode=True):
        answer = await browser.http.post(
            "/login/demo", data={"user_id": "operator1"}, headers={"Origin": "https://elsewhere.test"}
        )
    assert answer.status_code == 403
    assert "请求不是从本系统页面发出的" in answer.text


DESKS = {
    Role.OPERATOR: "operator1",
    Role.DISPATCHER: "dispatcher1",
    Role.HANDLER: "handler-U120",
    Role.UNIT_HEAD: "head-U120",
    Role.REVISITOR: "revisitor1",
    Role.SUPERVISOR: "supervisor1",
    Role.DISCIPLINE: "discipline1",
    Role.LEADER: "leader1",
    Role.ADMINISTRATOR: "administrator1",
    Role.AUDITOR: "auditor1",
}


@pytest.mark.parametrize("role", HOME, ids=lambda role: role.value)
async def test_each_role_lands_on_its_own_work_and_every_page_of_its_menu_opens(
    pages: Doors, role: Role
) -> None:
    with pages.settings(demo_mode=True):
        browser = await as_demo(pages, DESKS[role])
        home = await asked(browser, "/")
        assert home.headers["location"] == HOME[role]
        for entry in menu_of(role):
            page = await asked(browser, entry.path)
            assert page.status_code == 200, (entry.path, page.text)
            assert 'aria-current="page"' in page.text


async def test_page_that_the_api_would_refuse_is_refused_in_the_same_words(pages: Doors) -> None:
    browser = await pages.signed_in(Role.AUDITOR)
    page = await asked(browser, "/intake")
    refused = await browser.post("/cases", {"channel": "phone"})
    assert (page.status_code, refused.status_code) == (403, 403)
    assert refused.json()["title"] in page.text
    assert "<html" in page.text


async def test_address_that_is_none_is_a_page_and_below_the_api_a_problem(pages: Doors) -> None:
    browser = await pages.signed_in(Role.DISPATCHER)
    page = await asked(browser, "/nowhere")
    assert (page.status_code, "没有这个页面" in page.text) == (404, True)
    for method, path, code in (("GET", "/nowhere", "http_404"), ("DELETE", "/cases", "http_405")):
        refused = await browser.http.request(method, "/api/v1" + path)
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["code"] == code


async def test_case_that_is_not_there_is_a_page_that_says_so(pages: Doors) -> None:
    browser = await pages.signed_in(Role.DISPATCHER)
    page = await asked(browser, "/cases/261120103000010001")
    assert (page.status_code, "没有找到该工单" in page.text) == (404, True)
    part = await asked(browser, "/cases/261120103000010001", **{"HX-Request": "true"})
    assert (part.status_code, "<html" in part.text) == (404, False)


async def test_form_of_another_site_changes_nothing(pages: Doors) -> None:
    browser = await pages.signed_in(Role.OPERATOR)
    without = await sent(browser, "/intake", title="噪音")
    assert (without.status_code, "请求不是从本系统页面发出的" in without.text) == (403, True)


async def test_registering_names_what_is_missing_and_keeps_what_was_typed(pages: Doors) -> None:
    browser = await pages.signed_in(Role.OPERATOR)
    token = token_of((await asked(browser, "/intake")).text)
    page = await sent(
        browser,
        "/intake",
        csrf_token=token,
        key="k" * 32,
        title="噪音扰民",
        caller_phone="12",
        type="complaint",
    )
    assert page.status_code == 422
    assert 'value="噪音扰民"' in page.text
    wrong = set(re.findall(r'id="f-([a-z_]+)-error"', page.text))
    assert wrong == {"channel", "content", "caller_phone"}


async def test_registering_without_the_engine_gives_the_number_once(pages: Doors) -> None:
    browser = await pages.signed_in(Role.OPERATOR)
    token = token_of((await asked(browser, "/intake")).text)
    form = {"csrf_token": token, "key": "r" * 32, "title": "噪音", "content": "夜间施工", "type": "complaint"}
    pages_of_it = [await sent(browser, "/intake", channel="phone", **form) for _ in range(2)]
    numbers = {found for page in pages_of_it for found in re.findall(r'id="case-no">(\d{18})<', page.text)}
    assert [page.status_code for page in pages_of_it] == [200, 200]
    assert len(numbers) == 1


async def test_promise_is_shown_before_anything_is_saved(pages: Doors) -> None:
    browser = await pages.signed_in(Role.OPERATOR)
    page = await asked(browser, "/intake/promise?type=consult&urgency=normal", **{"HX-Request": "true"})
    assert page.status_code == 200
    assert "1 个工作日" in page.text


async def test_part_of_a_page_sends_the_whole_page_to_sign_in_when_the_session_has_ended(
    pages: Doors,
) -> None:
    answer = await asked(pages.browser(), "/cases", **{"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


async def test_notices_are_ones_own_and_the_bell_counts_them(pages: Doors) -> None:
    browser = await pages.signed_in(Role.SUPERVISOR)
    bell = await asked(browser, "/notices/unread", **{"HX-Request": "true"})
    assert (bell.status_code, "0 条未读通知" in bell.text) == (200, True)
    page = await asked(browser, "/notices?unread=true")
    assert (page.status_code, "没有通知" in page.text) == (200, True)
    none = await sent(browser, "/notices/nothing/read", csrf_token=token_of(page.text))
    assert (none.status_code, "没有找到该通知" in none.text) == (404, True)


async def test_page_that_renews_itself_keeps_no_session_awake(pages: Doors) -> None:
    attended, left = await pages.signed_in(Role.SUPERVISOR), await pages.signed_in(Role.SUPERVISOR)
    half = pages.services.settings.session_idle_minutes * 0.6
    for _ in range(2):
        pages.clock.pass_by(minutes=half)
        seen = await asked(attended, "/timers")
        renewed = await asked(left, "/timers", **{"HX-Request": "true", "X-Unattended": "1"})
    assert (seen.status_code, renewed.status_code) == (200, 401)


async def test_signing_out_ends_the_session(pages: Doors) -> None:
    browser = await pages.signed_in(Role.REVISITOR)
    token = token_of((await asked(browser, "/cases")).text)
    assert (await sent(browser, "/logout", csrf_token=token)).headers["location"] == "/login"
    assert (await asked(browser, "/cases")).status_code == 303


async def test_theme_is_kept_by_the_browser(pages: Doors) -> None:
    browser = pages.browser()
    answer = await sent(browser, "/look", theme="dark", next="/login")
    assert answer.headers["location"] == "/login"
    assert 'data-bs-theme="dark"' in (await asked(browser, "/login")).text
    await sent(browser, "/look", theme="pink", next="/login")
    assert 'data-bs-theme="dark"' in (await asked(browser, "/login")).text


async def test_files_are_sent_compressed_and_kept_until_they_change(pages: Doors) -> None:
    browser = pages.browser()
    address = assets.url("console.css")
    packed = await browser.http.get(address, headers={"Accept-Encoding": "gzip"})
    plain = await browser.http.get(address, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text
    assert "immutable" in packed.headers["cache-control"]
    old = await browser.http.get(address.partition("?")[0] + "?v=0123456789ab")
    assert "immutable" not in old.headers.get("cache-control", "")
    assert (await browser.http.get("/static/../app.py")).status_code == 404


async def test_pages_load_and_run_nothing_but_our_own_files(pages: Doors) -> None:
    browser = await pages.signed_in(Role.DISPATCHER)
    for path in ("/login", "/cases", "/timers"):
        answer = await asked(browser, path)
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        named = re.findall(r'(?:src|href|action|hx-[a-z]+|sse-connect)="([^"]*)"', answer.text)
        assert [where for where in named if "//" in where] == []
        assert not re.search(r"<script(?![^>]*src=)|\son[a-z]+=|style=", answer.text)

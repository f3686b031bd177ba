"""The administrator's and the auditor's pages by plain requests: what is filed, what is refused, and what is told."""

import re
from collections.abc import AsyncIterator

import httpx
import pyotp
import pytest
import pytest_asyncio
from api_doors import PASSWORD, Browser, Doors
from test_pages import asked, token_of

from api.wellbeing import PARTS
from console.app import add_console
from hotline.refusals import GuardFailed
from hotline.vocabulary import Role
from store.failures import DatabaseUnavailable

PART = {"HX-Request": "true"}
KEY = "0" * 32


@pytest.fixture(scope="module")
def pages(doors: Doors) -> Doors:
    """The office with its console, as `hotline api` serves both."""
    add_console(doors.office.app)
    return doors


class Desk:
    """Somebody at a page, who files its forms."""

    def __init__(self, browser: Browser, token: str) -> None:
        self.browser = browser
        self._token = token

    async def see(self, path: str) -> str:
        answer = await asked(self.browser, path)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def file(self, path: str, **fields: str | list[str]) -> httpx.Response:
        headers = {"Origin": self.browser.origin, "Sec-Fetch-Site": "same-origin", **PART}
        form = {"csrf_token": self._token, **fields}
        return await self.browser.http.post(path, data=form, headers=headers)


async def desk_of(pages: Doors, role: Role) -> Desk:
    browser = await pages.signed_in(role)
    return Desk(browser, token_of((await asked(browser, "/cases")).text))


@pytest_asyncio.fixture
async def administrator(pages: Doors) -> AsyncIterator[Desk]:
    yield await desk_of(pages, Role.ADMINISTRATOR)


@pytest_asyncio.fixture
async def auditor(pages: Doors) -> AsyncIterator[Desk]:
    yield await desk_of(pages, Role.AUDITOR)


def secret_in(answer: httpx.Response) -> str:
    found = re.search(r'id="secret">([^<]+)<', answer.text)
    assert found is not None, answer.text
    return found[1]


async def test_account_is_made_and_its_password_works_once_handed_over(
    pages: Doors, administrator: Desk
) -> None:
    user = pages.new_id()
    made = await administrator.file(
        "/admin/new-user", user_id=user, display_name="赵敏", role="handler", unit="U120"
    )
    assert made.status_code == 200
    browser = pages.browser(user)
    signed_in = await browser.sign_in(secret_in(made))
    assert signed_in.json()["step"] == "password"
    page = await administrator.see(f"/admin/users/{user}")
    assert "市城市管理局" in page
    assert secret_in(made) not in page
    assert user in await administrator.see("/admin/users?text=赵敏&role=handler&unit=U120&state=on")


@pytest.mark.parametrize(
    ("failure", "is_kept"),
    [(DatabaseUnavailable(), True), (GuardFailed("unit_needed", "须指定单位"), False)],
    ids=["not answered", "refused"],
)
async def test_form_keeps_its_key_unless_it_was_refused(
    administrator: Desk, monkeypatch: pytest.MonkeyPatch, failure: Exception, is_kept: bool
) -> None:
    async def fails(*_: object) -> None:
        raise failure

    monkeypatch.setattr("api.routers.accounts.create", fails)
    form = {"user_id": "wu.min", "display_name": "吴敏", "role": "operator"}
    page = (await administrator.file("/admin/new-user", **form, key=KEY)).text
    assert 'value="吴敏"' in page
    assert (f'name="key" value="{KEY}"' in page) == is_kept


async def test_account_that_cannot_be_comes_back_as_it_was_filled_in(
    pages: Doors, administrator: Desk
) -> None:
    form = {"user_id": pages.new_id(), "display_name": "赵敏"}
    without_unit = await administrator.file("/admin/new-user", **form, role="handler")
    assert without_unit.status_code == 422
    assert "承办单位人员须指定单位" in without_unit.text
    assert 'value="赵敏"' in without_unit.text
    nameless = await administrator.file("/admin/new-user", user_id=pages.new_id(), role="operator")
    assert re.findall(r'id="f-([a-z_]+)-error"', nameless.text) == ["display_name"]


async def test_new_role_sheds_the_old_unit_and_switching_off_ends_the_account(
    pages: Doors, administrator: Desk
) -> None:
    user = await pages.hire(Role.HANDLER, "U120")
    form = {"display_name": "张伟", "unit": "U120", "active": "true"}
    changed = await administrator.file(f"/admin/users/{user}/change", **form, role="leader")
    assert (changed.status_code, changed.headers["hx-trigger"]) == (200, "filed")
    account = await administrator.browser.get("/accounts")
    line = next(one for one in account.json()["items"] if one["user_id"] == user)
    assert (line["role"], line["unit"], line["active"]) == ("leader", None, True)
    off = await administrator.file(f"/admin/users/{user}/change", display_name="张伟", role="leader")
    assert off.status_code == 200
    assert (await pages.browser(user).sign_in()).status_code == 401


async def test_reset_hands_out_another_password_and_sessions_end(pages: Doors, administrator: Desk) -> None:
    browser = await pages.signed_in(Role.OPERATOR)
    own = f"/admin/users/{browser.user}"
    assert "本地密码" in await administrator.see(own)
    assert (await administrator.file(f"{own}/sign-out")).status_code == 200
    assert (await browser.get("/me")).status_code == 401
    reset = await administrator.file(f"{own}/reset", second_factor="true")
    assert (await pages.browser(browser.user).sign_in(PASSWORD)).status_code == 401
    assert (await pages.browser(browser.user).sign_in(secret_in(reset))).status_code == 200


async def test_one_session_of_an_account_is_ended(pages: Doors, administrator: Desk) -> None:
    browser = await pages.signed_in(Role.OPERATOR)
    own = f"/admin/users/{browser.user}"
    form = re.search(rf'hx-get="({own}/sessions/[0-9a-f]+/end)"', await administrator.see(own))
    assert form is not None
    assert "其他会话不受影响" in await administrator.see(form[1])
    ended = await administrator.file(form[1])
    assert (ended.status_code, ended.headers["hx-trigger"]) == (200, "filed")
    assert (await browser.get("/me")).status_code == 401
    again = await administrator.file(form[1])
    assert (again.status_code, "会话已结束" in again.text) == (404, True)


async def test_token_is_issued_shown_once_and_revoked(pages: Doors, administrator: Desk) -> None:
    user = await pages.hire(Role.OPERATOR)
    own = f"/admin/users/{user}"
    made = await administrator.file(f"{own}/tokens", name="网格平台", scopes=["read"], days="30")
    token = pages.bearer(secret_in(made))
    assert (await token.get("/me")).status_code == 200
    (revoke,) = re.findall(rf'hx-get="({own}/tokens/[^"]+/revoke)"', await administrator.see(own))
    assert (await administrator.file(revoke)).status_code == 200
    assert (await token.get("/me")).status_code == 401
    assert "已撤销" in await administrator.see(own)
    again = await administrator.file(revoke)
    assert (again.status_code, "没有这个令牌" in again.text) == (404, True)


async def test_auditor_searches_the_trail_and_has_its_chain_checked(
    pages: Doors, administrator: Desk, auditor: Desk
) -> None:
    user = await pages.hire(Role.OPERATOR)
    await administrator.file(f"/admin/users/{user}/sign-out")
    by = administrator.browser.user
    page = await auditor.see(f"/audit?actor={by}&event=session:revoked&since=2020-01-01&until=2100-01-01")
    assert user in page
    assert "没有符合条件的记录" in await auditor.see(f"/audit?actor={by}&until=2020-01-01")
    verdict = await asked(auditor.browser, "/audit/verify", **PART)
    assert (verdict.status_code, "审计日志完整" in verdict.text) == (200, True)
    assert "验真公钥" in await auditor.see("/audit/anchors")
    assert "没有开启记录" in await auditor.see("/audit/openings")


async def test_auditor_changes_nothing(auditor: Desk) -> None:
    refused = await auditor.file("/admin/new-user", user_id="x", display_name="x", role="operator")
    assert (refused.status_code, "审计员不能执行此操作" in refused.text) == (403, True)


async def test_engine_that_is_away_is_told_on_every_page_and_part_by_part(
    pages: Doors, administrator: Desk
) -> None:
    """No engine stands behind these doors."""
    assert "暂时无人值守" in await administrator.see("/cases")
    assert "暂时无人值守" in (await asked(administrator.browser, "/unattended", **PART)).text
    page = await administrator.see("/admin/health")
    assert "没有应答：登记照常" in page
    assert "没有工作进程在岗" in page
    assert page.count("health-part") == len(PARTS)


async def test_unit_is_made_below_another_and_shown_in_the_tree(administrator: Desk) -> None:
    code = f"T{administrator.browser.user.rpartition('.')[2]}"
    form = {"name": "新港街道办事处", "level": "street", "parent": "U310"}
    made = await administrator.file("/admin/new-unit", code=code, **form)
    assert (made.status_code, "新建单位：已办理" in made.text) == (200, True)
    row = re.search(rf'id="unit-{code}">\s*<td class="([^"]+)"', await administrator.see("/admin/units"))
    assert row is not None
    assert row[1] == "main depth-1"
    retired = await administrator.file(f"/admin/units/{code}/change", **form)
    assert retired.status_code == 200
    assert f'id="unit-{code}"' not in await administrator.see("/admin/units")
    kept = await administrator.file("/admin/units/U120/change", name="市城市管理局", level="city")
    assert (kept.status_code, "该单位还有在用账号" in kept.text) == (409, True)


async def test_group_is_made_and_changed(administrator: Desk) -> None:
    code = f"G{administrator.browser.user.rpartition('.')[2]}"
    made = await administrator.file("/admin/new-group", code=code, name="驻水务集团纪检组", units=["U170"])
    assert made.status_code == 200
    sheet = await asked(administrator.browser, f"/admin/groups/{code}/change", **PART)
    assert re.search(r'value="U170"\s+checked', sheet.text)
    changed = await administrator.file(f"/admin/groups/{code}/change", name="驻水务集团纪检监察组")
    assert changed.status_code == 200
    assert "驻水务集团纪检监察组" in await administrator.see("/admin/units")


async def test_app_is_bound_by_scanning_and_a_wrong_code_shows_the_same_code_again(pages: Doors) -> None:
    browser = pages.browser(await pages.hire(Role.AUDITOR))
    with pages.settings(totp_roles="auditor"):
        await browser.sign_in()
        page = (await asked(browser, "/login/step")).text
        drawing, secret = (
            re.search(r'<svg[^>]*class="qr".*?</svg>', page),
            re.search(r'name="secret" value="([A-Z2-7]+)"', page),
        )
        assert drawing is not None
        assert secret is not None
        assert "style=" not in page
        token = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page)
        assert token is not None
        form = {"csrf_token": token[1], "secret": secret[1]}
        headers = {"Origin": browser.origin, "Sec-Fetch-Site": "same-origin"}
        wrong = await browser.http.post("/login/step", data=form | {"code": "000000"}, headers=headers)
        assert drawing[0] in wrong.text
        code = pyotp.TOTP(secret[1]).generate_otp(int(pages.clock.at.timestamp()) // 30)
        right = await browser.http.post("/login/step", data=form | {"code": code}, headers=headers)
        assert "恢复码" in right.text

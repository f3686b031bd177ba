"""The pages of the policy and the calendar on a real office: drafted by one, looked at, published by another, rolled out."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from api_hands import Office, new_key, opened
from api_premises import manned, migrated
from fixtures.stack import PostgresForTests, TemporalForTests
from test_pages import token_of

from console.app import add_console

ORIGIN = "https://hotline.test"
PART = {"HX-Request": "true"}


class Desk:
    """Somebody in a browser."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.token = ""

    async def enter(self, user: str) -> "Desk":
        answer = await self.http.post("/login/demo", data={"user_id": user}, headers={"Origin": ORIGIN})
        assert answer.status_code == 303, answer.text
        self.token = token_of((await self.http.get("/cases")).text)
        return self

    async def see(self, path: str, **headers: str) -> str:
        answer = await self.http.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def file(self, path: str, *, part: bool = False, **fields: str) -> httpx.Response:
        headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", **(PART if part else {})}
        return await self.http.post(path, data={"csrf_token": self.token, **fields}, headers=headers)


@pytest_asyncio.fixture(scope="module")
async def city(
    postgres: PostgresForTests, temporal_server: TemporalForTests, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    fresh = await postgres.create_database(prepared_by=migrated)
    folder = tmp_path_factory.mktemp("policy-pages")
    async with (
        manned(fresh, temporal_server, folder) as premises,
        opened(premises.settings, premises.tokens) as office,
    ):
        add_console(office.app)
        yield office


@pytest_asyncio.fixture
async def desks(city: Office) -> AsyncIterator[Any]:
    made: list[httpx.AsyncClient] = []

    async def enter(user: str) -> Desk:
        transport = httpx.ASGITransport(city.app, raise_app_exceptions=False)
        made.append(httpx.AsyncClient(transport=transport, base_url=ORIGIN, timeout=60))
        return await Desk(made[-1]).enter(user)

    yield enter
    for http in made:
        await http.aclose()


def editor_of(page: str) -> tuple[str, str]:
    """The text in the editor, and the key of the form."""
    found = re.search(r'<textarea[^>]*id="toml"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    key = re.search(r'name="key" value="([0-9a-f]+)"', page)
    assert found is not None
    assert key is not None
    return found[1].replace("&#34;", '"').replace("&gt;", ">").replace("&#39;", "'"), key[1]


async def test_policy_is_edited_tried_dry_and_published_by_a_second_person(city: Office, desks: Any) -> None:
    number = await city("operator1").new_case(type="consult")
    drafter, publisher, auditor = [
        await desks(user) for user in ("administrator1", "administrator2", "auditor1")
    ]
    assert "其余诉求" in await drafter.see("/admin/policy")
    text, key = editor_of(await drafter.see("/admin/policy/new"))
    revision = re.search(r'revision = "([^"]+)"', text)
    assert revision is not None
    changed = text.replace('dispatch = "2 h"', 'dispatch = "1 h"', 1)
    drafted = await drafter.file("/admin/policy/new", key=key, toml=changed)
    path = drafted.headers["location"]
    page = await drafter.see(path)
    assert re.search(r"派单</td><td class=\"was\">2 小时</td><td class=\"now\">1 小时", page)
    assert "须由另一名管理员发布" in page
    assert 'class="now">1 小时' in await auditor.see(path)
    tried = await publisher.see(f"{path}/dry-run", **PART)
    assert "有变化的工单" in tried
    clocks = await publisher.see(f"{path}/clocks")
    assert number in clocks
    assert "提前 1小时" in clocks

    own = await drafter.file(f"{path}/publish", part=True)
    assert (own.status_code, "发布人不得是起草人" in own.text) == (403, True)
    done = await publisher.file(f"{path}/publish", part=True)
    assert (done.status_code, done.headers["hx-redirect"]) == (
        200,
        f"/admin/policy/rollouts/{revision[1]}",
    )
    assert "已换版" in await auditor.see(done.headers["hx-redirect"], **PART)
    listed = await auditor.see("/admin/policy")
    assert f"现行版本 {revision[1]}" in listed
    assert 'dispatch = "1 h"' in (await auditor.see("/admin/policy/text")).replace("&#34;", '"')


async def test_every_fault_of_a_text_is_said_and_the_text_is_kept(desks: Any) -> None:
    drafter = await desks("administrator1")
    text, key = editor_of(await drafter.see("/admin/policy/new"))
    faulty = text.replace('rework = "3 wd"', 'rework = "soon"', 1) + "\nwish = 1\n"
    answer = await drafter.file("/admin/policy/new", key=key, toml=faulty)
    assert answer.status_code == 422
    assert "没有这一项规则" in answer.text
    answer = await drafter.file("/admin/policy/new", key=key, toml=faulty.replace("wish = 1", ""))
    assert "limits.rework" in answer.text
    assert "须形如 5 wd" in answer.text
    assert 'rework = "soon"' in editor_of(answer.text)[0]
    broken = await drafter.file("/admin/policy/new", key=key, toml="revision = ")
    assert (broken.status_code, "toml" in broken.text) == (422, True)


async def test_notice_of_a_year_becomes_a_draft_with_its_days(desks: Any) -> None:
    drafter = await desks("administrator1")
    year = await drafter.see("/admin/calendar?year=2027")
    assert "放假安排未公布" in year
    assert re.search(r'class="day holiday"[^>]*title="春节"', year)
    days = [{"name": "元旦", "date": f"2027-01-0{day}", "isOffDay": True} for day in (1, 2, 3, 4)]
    notice = json.dumps({"year": 2027, "papers": [], "days": days})
    for wrong, said in (("{", "放假安排须为 JSON"), ('{"year": 2027}', "notice.days")):
        refused = await drafter.file("/admin/calendar", key=new_key(), notice=wrong, revision="city/2027")
        assert (refused.status_code, said in refused.text) == (422, True)
    nameless = await drafter.file("/admin/calendar", key=new_key(), notice=notice, revision="不行")
    assert (nameless.status_code, "revision" in nameless.text) == (422, True)
    drafted = await drafter.file("/admin/calendar", key=new_key(), notice=notice, revision="city/2027")
    assert drafted.status_code == 303, drafted.text
    page = await drafter.see(drafted.headers["location"])
    assert re.search(r"2027-01-04</td><td class=\"was\">工作日</td><td class=\"now\">放假", page)


async def test_rule_book_is_open_to_who_answers_for_it_and_changed_by_administrators_alone(
    desks: Any,
) -> None:
    supervisor, operator = await desks("supervisor1"), await desks("operator1")
    assert "起草修订" not in await supervisor.see("/admin/policy")
    assert "导入放假安排" not in await supervisor.see("/admin/calendar")
    refused = await supervisor.http.get("/admin/policy/new")
    assert refused.status_code == 403
    assert (await operator.http.get("/admin/policy/drafts/" + "0" * 32)).status_code == 403
    assert (await supervisor.http.get("/admin/policy/drafts/" + "0" * 32)).status_code == 404

"""Pages of figures by plain requests: a past month under another policy, and a month that is frozen for good."""

import re
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio
from api_doors import Doors, doors_of
from api_premises import migrated
from fixtures.stack import PostgresForTests
from test_api_indicators import (
    NUMBERS,
    OTHER,
    UNIT,
    draft_of_a_quarter,
    exclusion,
    project_one,
    work_in_march,
)
from test_pages_administration import Desk, desk_of
from test_pages_boards import links_of
from unit import lives

from console.app import add_console
from hotline import commands as c
from hotline.identifiers import CaseNo
from hotline.vocabulary import Role
from store.period import ledgers_between

MARCH = "since=2026-03-01&until=2026-03-31"
WHAT_IF = "/admin/policy/what-if"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pages(postgres: PostgresForTests, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Doors]:
    """An office with its console and a month that is long over, in a database of its own."""
    fresh = await postgres.create_database(prepared_by=migrated)
    async with doors_of(fresh, tmp_path_factory.mktemp("figures")) as doors:
        add_console(doors.office.app)
        await work_in_march(doors)
        yield doors


@pytest_asyncio.fixture
async def supervisor(pages: Doors) -> Desk:
    return await desk_of(pages, Role.SUPERVISOR)


# ── what if ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.LEADER, Role.ADMINISTRATOR], ids=str)
async def test_past_month_is_seen_under_a_draft_beside_what_it_was(pages: Doors, role: Role) -> None:
    draft, desk = await draft_of_a_quarter(pages), await desk_of(pages, role)
    assert WHAT_IF in links_of(await desk.see("/admin/policy"), WHAT_IF)
    page = await desk.see(f"/admin/policy/drafts/{draft}")
    assert f"{WHAT_IF}?policy=draft:{draft}" in links_of(page, WHAT_IF)
    page = await desk.see(f"{WHAT_IF}?policy=draft:{draft}&{MARCH}")
    assert f'<option value="draft:{draft}" selected>city/quarter' in page
    sums = await desk.see(f"{WHAT_IF}/sums?policy=draft:{draft}&{MARCH}")
    assert "现行 default/3，假设 city/quarter" in sums
    assert f"{WHAT_IF}/cases?policy=draft%3A{draft}&{MARCH}&unit={UNIT}" in links_of(sums, WHAT_IF)
    assert "按期办结率" in sums


async def test_each_unit_opens_into_the_cases_that_would_have_gone_otherwise(
    pages: Doors, supervisor: Desk
) -> None:
    draft = await draft_of_a_quarter(pages)
    page = await supervisor.see(f"{WHAT_IF}/cases?policy=draft:{draft}&{MARCH}&unit={UNIT}")
    assert f'href="/cases/{NUMBERS[0]}"' in page
    assert "超过办理时限才提交办理结果" in page
    assert NUMBERS[3] not in page
    other = await supervisor.see(f"{WHAT_IF}/cases?policy=revision:default/3&{MARCH}&unit={OTHER}")
    assert "没有会有不同的工单" in other


async def test_long_period_is_seen_in_stretches(
    pages: Doors, supervisor: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = await draft_of_a_quarter(pages)
    monkeypatch.setattr("api.what_if.ledgers_between", partial(ledgers_between, limit=2))
    with pages.settings(request_timeout_seconds=1e-6):
        sums = await supervisor.see(f"{WHAT_IF}/sums?policy=draft:{draft}&{MARCH}")
    assert "推演下一段" in sums
    assert "各段相加为全期" in sums


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        (WHAT_IF, 200, "还没有推演"),
        (f"{WHAT_IF}/sums?policy=revision:default/3&since=2026-03-31&until=2026-03-01", 422, "起止时间"),
        (f"{WHAT_IF}/sums?policy=draft:{'0' * 32}&{MARCH}", 404, "没有这份规则草案"),
        (f"{WHAT_IF}?policy=wish", 422, "地址中的条件有误"),
    ],
)
async def test_what_makes_no_sense_is_said(supervisor: Desk, path: str, status: int, said: str) -> None:
    answer = await supervisor.browser.http.get(path)
    assert (answer.status_code, said in answer.text) == (status, True), answer.text


async def test_what_if_is_closed_to_those_who_handle(pages: Doors) -> None:
    head = await desk_of(pages, Role.OPERATOR)
    assert (await head.browser.http.get(WHAT_IF)).status_code == 403


# ── freezing ────────────────────────────────────────────────────────────────────────────────────


async def test_exclusion_that_waits_stands_in_the_way_of_freezing(pages: Doors, supervisor: Desk) -> None:
    asking = lives.completed(case_no=CaseNo("260302090000010028"))
    await project_one(pages, asking.then(exclusion(asking), lives.UNIT_HEAD))
    waiting = await supervisor.file("/rates/2026-03/preview")
    assert "1 件" in waiting.text
    assert "尚不能冻结" in waiting.text
    decision = c.DecideExclusion(approved=False, reason=lives.TEXT)
    await project_one(pages, asking.then(decision, lives.DISPATCHER))


async def test_month_is_previewed_frozen_and_verified_on_its_page(pages: Doors, supervisor: Desk) -> None:
    assert '"/rates/2026-03/freeze"' in await supervisor.see("/rates/2026-03")
    assert "先预览，再冻结" in await supervisor.see("/rates/2026-03/freeze")
    unseen = await supervisor.file(f"/rates/2026-03/freeze/{'0' * 64}")
    assert (unseen.status_code, "请先预览" in unseen.text) == (422, True)
    sheet = await previewed(supervisor)
    await project_one(pages, lives.completed(case_no=CaseNo("260302090000010027")))
    stale = await supervisor.file(sheet)
    assert (stale.status_code, "预览之后数据有变化" in stale.text) == (422, True)
    sheet = await previewed(supervisor)
    assert "不可撤回" in await supervisor.see(sheet)
    frozen = await supervisor.file(sheet)
    assert (frozen.status_code, frozen.headers["hx-redirect"]) == (200, "/rates/2026-03")
    page = await supervisor.see("/rates/2026-03")
    assert '"/rates/2026-03/freeze"' not in page
    digest = re.search(r"<code>([0-9a-f]{64})</code>", page)
    assert digest is not None
    verified = await supervisor.see("/rates/2026-03/verify")
    assert "重算一致" in verified
    assert digest[1] in verified


async def previewed(desk: Desk) -> str:
    """The address of the form that freezes what was just previewed."""
    answer = await desk.file("/rates/2026-03/preview")
    assert answer.status_code == 200, answer.text
    assert f"unit={UNIT}" in answer.text
    found = re.search(r'hx-get="(/rates/2026-03/freeze/[0-9a-f]{64})"', answer.text)
    assert found is not None
    return found[1]


async def test_month_that_runs_is_not_offered_for_freezing(pages: Doors, supervisor: Desk) -> None:
    this = pages.clock.now().strftime("%Y-%m")
    assert "预览并冻结" not in await supervisor.see(f"/rates/{this}")
    answer = await supervisor.file(f"/rates/{this}/preview")
    assert (answer.status_code, "当月尚未结束" in answer.text) == (422, True)


async def test_freezing_is_offered_to_nobody_who_may_not(pages: Doors) -> None:
    auditor = await desk_of(pages, Role.AUDITOR)
    assert "预览并冻结" not in await auditor.see("/rates/2026-02")
    assert (await auditor.file("/rates/2026-02/preview")).status_code == 403

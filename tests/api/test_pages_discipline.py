"""The discipline body's pages by plain requests: a clue by form, a file and its commands, and who finds nothing there."""

import re
import uuid
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlencode

import httpx
import pytest_asyncio
from api_doors import Browser
from api_hands import UNIT, Office

from console.app import add_console

OFFICER, SECOND, STATIONED = "discipline2", "discipline3", "discipline1"
SUMMARY = "两次回访均反映问题未解决，承办单位仍申报办结"
TEAM = [OFFICER, SECOND]

Fields = Mapping[str, str | list[str]]


class Desk:
    """An officer in a browser, who fills in the forms that a page offers."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.csrf = ""

    async def enter(self) -> None:
        head = {"Origin": self.browser.origin, "Sec-Fetch-Site": "same-origin"}
        entered = await self.browser.http.post(
            "/login/demo", data={"user_id": self.browser.user}, headers=head
        )
        assert entered.status_code == 303
        found = re.search(r'"X-CSRF-Token": "([0-9a-f]+)"', (await self.get("/notices")).text)
        assert found is not None
        self.csrf = found[1]

    async def get(self, path: str) -> httpx.Response:
        return await self.browser.http.get(path)

    async def page(self, path: str) -> str:
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def post(self, path: str, fields: Fields) -> httpx.Response:
        head = {"Origin": self.browser.origin, "HX-Request": "true", "X-CSRF-Token": self.csrf}
        body = urlencode(dict(fields), doseq=True)
        head["Content-Type"] = "application/x-www-form-urlencoded"
        return await self.browser.http.post(path, content=body, headers=head)

    async def file(self, number: str, kind: str, **fields: str | list[str]) -> None:
        """Open the form of a command and file it, as the page does."""
        path = f"/dossiers/{number}/commands/{kind}"
        form = await self.page(path)
        version = re.search(r'name="version" value="(\d+)"', form)
        assert version is not None
        answer = await self.post(path, {"key": uuid.uuid4().hex, "version": version[1], **fields})
        assert (answer.status_code, "已办理" in answer.text) == (200, True), answer.text


class Body:
    """The discipline body: one desk for everybody who is asked for."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._desks: dict[str, Desk] = {}

    async def __call__(self, user: str) -> Desk:
        if user not in self._desks:
            http = httpx.AsyncClient(
                transport=httpx.ASGITransport(self._office.app, raise_app_exceptions=False),
                base_url="https://hotline.test",
                timeout=60,
            )
            self._desks[user] = Desk(Browser(http, user=user))
            await self._desks[user].enter()
        return self._desks[user]

    async def close(self) -> None:
        for desk in self._desks.values():
            await desk.browser.http.aclose()

    async def approve(self, number: str, proposal: int, *users: str) -> None:
        for user in users:
            desk = await self(user)
            await desk.file(
                number, "rule_on_proposal", proposal=str(proposal), approved="true", opinion="同意"
            )


@pytest_asyncio.fixture
async def body(office: Office) -> AsyncIterator[Body]:
    """The office with its console, for as long as a test lasts."""
    add_console(office.app)
    body = Body(office)
    yield body
    await body.close()
    office.app.router.routes.pop()


async def entered(desk: Desk, field: str, name: str) -> str:
    answer = await desk.post("/persons/entered", {"field": field, f"{field}.name": name})
    found = re.search(r'value="(p-[0-9a-f]+)"', answer.text)
    assert found is not None, answer.text
    return found[1]


async def clue_about(desk: Desk, name: str, unit: str = UNIT) -> str:
    """Register a clue about somebody and their unit by the form; returns the number of the file."""
    about = "subjects.1.person"
    fields: Fields = {
        "key": uuid.uuid4().hex,
        "source": "false_closing",
        "summary": SUMMARY,
        "subjects.0.kind": "organisation",
        "subjects.0.organisation.unit": unit,
        "subjects.1.kind": "person",
        f"{about}.person": await entered(desk, f"{about}.person", name),
        f"{about}.person.name": name,
        f"{about}.position.unit": unit,
        f"{about}.position.title": "副大队长",
        f"{about}.public_official": "true",
        "subjects.2.kind": "",
    }
    answer = await desk.post("/dossiers/new", fields)
    assert answer.status_code == 200, answer.text
    again = await desk.post("/dossiers/new", fields)
    assert again.headers["hx-redirect"] == answer.headers["hx-redirect"]
    return answer.headers["hx-redirect"].removeprefix("/dossiers/")


async def test_clue_by_form_becomes_a_file_that_says_what_is_due_and_what_may_be_done(body: Body) -> None:
    desk = await body(OFFICER)
    number = await clue_about(desk, "孙八")
    page = await desk.page(f"/dossiers/{number}")
    for said in (SUMMARY, "孙八", "副大队长", "提出处置方案", "线索登记", "待处置"):
        assert said in page
    assert f"/dossiers/{number}/commands/plan_disposal" in page
    assert "rule_on_proposal" not in page
    assert number in await desk.page("/dossiers?open=true&source=false_closing")
    assert number not in await desk.page("/dossiers?open=true&source=media")


async def test_clue_form_is_filled_in_with_what_its_case_tells(body: Body, office: Office) -> None:
    case_no = await office("operator1").new_case()
    desk = await body(OFFICER)
    offered = re.search(r'hx-get="(/dossiers/new\?[^"]*)"', await desk.page(f"/cases/{case_no}"))
    assert offered is not None
    form = await desk.page(offered[1].replace("&amp;", "&"))
    assert f'value="{case_no}"' in form
    assert '<option value="screening" selected>' in form
    assert '<option value="organisation" selected>' in form
    assert "/dossiers/new" not in await (await body("supervisor1")).page(f"/cases/{case_no}")


async def test_person_without_a_name_is_asked_for_again(body: Body) -> None:
    desk = await body(OFFICER)
    for fields, said in (
        ({"f.name": " "}, "请填写姓名"),
        ({"f.name": "孙八", "f.identity": "12"}, "身份证件号码格式不正确"),
    ):
        answer = await desk.post("/persons/entered", {"field": "f", **fields})
        assert said in answer.text
        assert "p-" not in answer.text


async def test_refused_form_comes_back_as_it_was_with_the_fault_beside_its_field(body: Body) -> None:
    desk = await body(OFFICER)
    number = await clue_about(desk, "周九")
    path = f"/dossiers/{number}/commands/plan_disposal"
    missing = await desk.post(path, {"key": "k" * 32, "reason": "线索具体"})
    assert (missing.status_code, "线索具体" in missing.text) == (422, True)
    assert re.findall(r'id="f-([a-z_]+)-error"', missing.text) == ["disposal"]
    await desk.file(number, "plan_disposal", disposal="talk", reason="拟谈话了解")
    fields = {"key": "l" * 32, "version": "1", "disposal": "hold", "reason": "另有考虑"}
    overtaken = await desk.post(path, fields)
    assert overtaken.status_code == 409
    assert f"{OFFICER} 报请审批" in overtaken.text
    assert "另有考虑" in overtaken.text


async def test_proposal_is_offered_for_approval_to_the_level_whose_turn_it_is(body: Body) -> None:
    desk, section, deputy = [await body(user) for user in (OFFICER, "section1", "deputy1")]
    number = await clue_about(desk, "吴十")
    await desk.file(number, "plan_disposal", disposal="verification", reason="线索具体、可查")
    assert "轮到审批" in await desk.page(f"/dossiers/{number}")
    assert f"/dossiers/{number}/commands/rule_on_proposal?proposal=1" in await section.page(
        f"/dossiers/{number}"
    )
    for other in (desk, deputy):
        assert "rule_on_proposal" not in await other.page(f"/dossiers/{number}")
    assert number in await section.page("/dossiers?yours=true")
    await body.approve(number, 1, "section1", "deputy1")
    page = await desk.page(f"/dossiers/{number}")
    assert "初步核实" in page
    assert number not in await section.page("/dossiers?yours=true")


async def test_file_is_not_there_for_officers_whom_it_does_not_concern(body: Body) -> None:
    number = await clue_about(await body(OFFICER), "郑十一", unit="U130")
    stationed = await body(STATIONED)
    hidden = await stationed.get(f"/dossiers/{number}")
    nowhere = await stationed.get("/dossiers/WZ2020999999")
    assert (hidden.status_code, nowhere.status_code) == (404, 404)
    assert hidden.text == nowhere.text.replace("WZ2020999999", number)
    assert number not in await stationed.page("/dossiers")
    assert "郑十一" not in await stationed.page("/persons")
    supervisor = await body("supervisor1")
    for path in ("/dossiers", f"/dossiers/{number}", "/persons", "/periods", "/screening"):
        assert (await supervisor.get(path)).status_code == 403


async def test_decision_shows_its_period_its_person_and_its_figures(body: Body) -> None:
    desk = await body(OFFICER)
    number = await clue_about(desk, "王十二")
    await desk.file(number, "plan_disposal", disposal="verification", reason="可查")
    await body.approve(number, 1, "section1", "deputy1")
    await (await body("deputy1")).file(number, "appoint_team", team=TEAM)
    form = await desk.page(f"/dossiers/{number}/commands/submit_conclusion")
    assert ("建议立案" in form, "移送审理" in form) == (True, False)
    await desk.file(number, "submit_conclusion", opinion="first_form", report="情节轻微", signers=TEAM)
    await body.approve(number, 2, "deputy2", "principal1")
    await desk.file(
        number,
        "propose_decision",
        **{
            "subject": "2",
            "draft.facts": "未到现场即申报办结",
            "draft.bases.0.instrument": "supervision_law",
            "draft.bases.0.article": "52(1)",
            "draft.bases.1.instrument": "discipline_work",
            "draft.bases.1.article": "30",
            "draft.organ": "supervisory",
            "draft.measure.family": "first_form",
            "draft.measure.first_form.form": "admonition",
            "draft.measure.administrative.acts": "1",
            "draft.tolerance.ruling": "none",
            "draft.tolerance.reason": "无容错情形",
        },
    )
    await body.approve(number, 3, "section1", "deputy2")
    page = await desk.page(f"/dossiers/{number}")
    for said in ("第一种形态·诫勉", "《监察法》第 52(1) 条", "影响期", "无容错情形", "period-bar"):
        assert said in page
    assert "听取陈述申辩" not in page, "the first form is decided without a hearing"

    assert number in await desk.page("/periods?running=true")
    assert number not in await desk.page("/periods?running=false")
    people = await desk.page("/persons")
    person = re.search(r'href="/persons/(p-[0-9a-f]+)\?on=[\d-]+"><span class="title">王十二', people)
    assert person is not None
    record = await desk.page(f"/persons/{person[1]}")
    assert "不得提拔任职" in record
    assert number in record
    figures = await desk.page("/accountability/statistics?by=group")
    assert "诫勉" in figures
    line = re.search(r'href="(/accountability/statistics/files\?[^"]*first_form%2Fadmonition[^"]*)"', figures)
    assert line is not None
    assert number in await desk.page(line[1].replace("&amp;", "&"))

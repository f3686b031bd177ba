"""A discipline officer's file in a real browser: from a clue, through the approvals of others, to a decision and its period."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from browser.browser_hands import PHONE, Colleagues, Desk

Seat = Callable[..., Desk]
TEAM = ["discipline2", "discipline3"]


def clue_about(desk: Desk, name: str) -> str:
    """Register a clue about a unit and one of its people by the form; returns the number of the file."""
    page = desk.enter("discipline2")
    desk.open("/dossiers?open=true").get_by_role("button", name="登记线索").click()
    sheet = page.locator("#dialog form")
    sheet.locator('[name="source"]').select_option("false_closing")
    sheet.locator('[name="subjects.0.kind"]').select_option("organisation")
    sheet.locator('[name="subjects.0.organisation.unit"]').select_option("U120")
    sheet.get_by_role("button", name="增加一项").click()
    sheet.locator('[name="subjects.1.kind"]').select_option("person")
    sheet.locator('[name="subjects.1.person.person.name"]').fill(name)
    sheet.get_by_role("button", name="确认人员").last.click()
    expect(sheet.get_by_text(re.compile("^p-[0-9a-f]+$"))).to_be_visible()
    sheet.locator('[name="subjects.1.person.position.unit"]').select_option("U120")
    sheet.locator('[name="subjects.1.person.position.title"]').fill("副大队长")
    sheet.locator('[name="summary"]').fill("两次回访均反映问题未解决，承办单位仍申报办结。")
    sheet.locator("button.btn-primary").click()
    page.wait_for_url(re.compile(r"/dossiers/WZ\d+$"))
    return page.locator("h1").inner_text()


class Officers:
    """What officers do meanwhile at other desks, by the API."""

    def __init__(self, others: Colleagues, number: str) -> None:
        self._others = others
        self._at = f"/accountability/dossiers/{number}/commands"

    def act(self, user: str, kind: str, **form: object) -> None:
        self._others.post(user, f"{self._at}/{kind}", form)

    def approve(self, user: str, proposal: int) -> None:
        self.act(user, "rule_on_proposal", proposal=proposal, approved=True, opinion="同意")


def test_file_goes_from_the_clue_to_a_decision_that_others_approved(seat: Seat, others: Colleagues) -> None:
    officer, section, deputy = seat(), seat(), seat()
    number = clue_about(officer, "赵六")
    officers = Officers(others, number)
    file = f"/dossiers/{number}"
    expect(officer.page.locator("#file")).to_contain_text("提出处置方案")
    officer.act("处置方案", disposal="verification", reason="线索具体、可查，建议初步核实")
    expect(officer.page.locator(".chain")).to_contain_text("轮到审批")

    section.enter("section1")
    section.open("/dossiers?yours=true").get_by_role("link", name=number).click()
    section.act("审批", approved="true", opinion="同意初核")
    officers.approve("deputy1", 1)
    officers.act("deputy1", "appoint_team", team=TEAM)
    report = {"opinion": "first_form", "report": "属实，情节轻微", "signers": TEAM}
    officers.act("discipline2", "submit_conclusion", **report)
    officers.approve("deputy2", 2)
    officers.approve("principal1", 2)

    officer.open(file)
    officer.act(
        "提出处理建议",
        **{
            "subject": "2",
            "draft.facts": "未到现场即申报办结",
            "draft.bases.0.instrument": "supervision_law",
            "draft.bases.0.article": "52(1)",
            "draft.organ": "supervisory",
            "draft.measure.family": "first_form",
            "draft.measure.first_form.form": "admonition",
            "draft.tolerance.ruling": "none",
            "draft.tolerance.reason": "无容错情形",
        },
    )
    section.open(file)
    section.act("审批", approved="true", opinion="同意")
    deputy.enter("deputy2")
    deputy.open(file)
    deputy.act("审批", approved="true", opinion="同意")
    for said in ("第一种形态·诫勉", "《监察法》第 52(1) 条", "影响期", "竖线为今天"):
        expect(deputy.page.locator("#file")).to_contain_text(said)

    faults = officer.faults()
    officer.page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    officer.open(file)
    faults += officer.faults()
    officer.page.get_by_role("link", name="个人问责记录").click()
    expect(officer.page.locator("h1")).to_have_text("赵六")
    assert faults + officer.faults() == []

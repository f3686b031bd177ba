"""A revisitor's call: the script on the page, a citizen whose problem is not solved, and the rework that follows."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
from browser_hands import Desk
from fixtures.city import City
from playwright.sync_api import expect

Seat = Callable[..., Desk]


def answered(city: City) -> str:
    """A case whose reply was accepted, led there by requests: what comes before a revisit is other journeys'."""
    tokens = json.loads((city.data_dir / "demo-tokens.json").read_text())
    with httpx.Client(base_url=f"{city.address}/api/v1", timeout=60) as http:

        def send(user: str, path: str, form: dict[str, object]) -> dict[str, str]:
            answer = http.post(path, json=form, headers={"Authorization": f"Bearer {tokens[user]['token']}"})
            assert answer.is_success, answer.text
            found: dict[str, str] = answer.json()
            return found

        complaint = {
            "channel": "phone",
            "type": "complaint",
            "title": "路面坑洼",
            "content": "主街路面坑洼积水",
        }
        number = send("operator1", "/cases", complaint | {"caller_phone": "13812340088"})["case_no"]
        at = f"/cases/{number}/commands"
        send("dispatcher1", f"{at}/dispatch_case", {"lead": "U120"})
        send("handler-U120", f"{at}/sign_for", {})
        now = datetime.now(UTC).isoformat()
        send("handler-U120", f"{at}/log_contact", {"outcome": "reached", "at": now})
        photo = {"evidence_id": "photo-1", "kind": "handling", "made_at": now}
        reply = {
            "text": "已修补路面",
            "citation": "《城市道路管理条例》",
            "signer": "head-U120",
            "evidence": [photo],
        }
        send("handler-U120", f"{at}/submit_reply", reply)
        send("dispatcher2", f"{at}/review_reply", {"accepted": True})
    return number


def test_a_revisit_that_finds_nothing_solved_sends_the_case_back(seat: Seat, city: City) -> None:
    number = answered(city)
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

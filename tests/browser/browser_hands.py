"""What browser tests do over and over: enter as somebody, open pages, act on a case, and examine what is seen."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from fixtures.city import City
from playwright.sync_api import BrowserContext, Page

from commands.accounts import FILE

AXE = Path(__file__).with_name("axe.js")
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
_SERIOUS = {"serious", "critical"}
_QUESTION = """within => axe.run(within ? {include: [within]} : document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'], preload: false})"""
"""Only what is wrong is wanted, and none of these rules reads style sheets."""
_TOO_WIDE = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>
    done(document.documentElement.scrollWidth - document.documentElement.clientWidth))))"""


class Desk:
    """Somebody at a browser of their own."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.page: Page = context.new_page()
        self.home = home
        self.context = context
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(f"{error.message}\n{error.stack}"))
        self.page.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        if urlsplit(url).scheme in {"http", "https", "ws", "wss"} and not url.startswith(self.home):
            self.complaints.append(f"asked another host: {url}")

    def enter(self, user: str) -> Page:
        """One click on a demo account; the page that the role lands on."""
        self.page.goto(self.home + "/login")
        self.page.click(f'button[value="{user}"]')
        self.page.wait_for_selector("#live", state="attached")
        return self.page

    def sign_in(self, user: str) -> None:
        """The same without looking at a page."""
        own = {"Origin": self.home, "Sec-Fetch-Site": "same-origin"}
        entered = self.context.request.post(
            f"{self.home}/login/demo", form={"user_id": user}, headers=own, max_redirects=0
        )
        assert entered.status == 303

    def keep_axe(self) -> None:
        """Have it on every page from now on, which is quicker than to bring it to each of many."""
        self.context.add_init_script(path=AXE)

    def open(self, path: str) -> Page:
        self.page.goto(self.home + path)
        return self.page

    def act(self, term: str, **fields: str) -> None:
        """Open a command's form by its button, fill it in, file it, and see that it was done."""
        page, actions = self.page, self.page.locator(".actions")
        button, menu = actions.get_by_role("button", name=term, exact=True), actions.locator("summary")
        button.or_(menu).filter(visible=True).first.wait_for()  # a link that was followed is still on its way
        if not button.is_visible():
            menu.click()
        button.click()
        sheet = page.locator("#dialog form")
        sheet.wait_for()
        for name, value in fields.items():
            field = sheet.locator(f'[name="{name}"]')
            kind = field.first.evaluate("field => field.type")
            if kind in {"radio", "checkbox"}:
                sheet.locator(
                    f'label:has([name="{name}"][value="{value}"]), [name="{name}"][value="{value}"] + label'
                ).click()
            elif kind.startswith("select"):
                field.first.select_option(value)
            else:
                field.first.fill(value)
        sheet.locator("button.btn-primary").click()
        page.get_by_text(f"{term}：已办理").wait_for()

    def faults(self, within: str | None = None) -> list[str]:
        """What keeps somebody out, and what runs off the screen."""
        return self.serious_faults(within) + self.overflow()

    def overflow(self) -> list[str]:
        """What runs off the screen, once it is painted: charts take a new size in the frame after the screen has it."""
        wide = self.page.evaluate(_TOO_WIDE)
        return [f"{self.page.url} is {wide} px too wide"] if wide > 0 else []

    def serious_faults(self, within: str | None = None) -> list[str]:
        """What axe finds that keeps somebody out (WCAG 2.1 AA): on the whole page, or in a part of it."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        found = self.page.evaluate(_QUESTION, within)
        return [
            f"{self.page.url} {fault['id']}: {node['html'][:120]}"
            for fault in found["violations"]
            if fault["impact"] in _SERIOUS
            for node in fault["nodes"]
        ]


class Colleagues:
    """What others do meanwhile, by the API."""

    def __init__(self, city: City) -> None:
        accounts = json.loads((city.data_dir / FILE).read_text())
        self._tokens = {user: account["token"] for user, account in accounts.items()}
        self._http = httpx.Client(base_url=f"{city.address}/api/v1", timeout=60, trust_env=False)

    # An answer is of as many forms as there are operations.
    def get(self, user: str, path: str, **asked: str) -> dict[str, Any]:
        return self._answer(self._http.get(path, params=asked, headers=self._headers(user)))

    def post(self, user: str, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        return self._answer(self._http.post(path, json=dict(body), headers=self._headers(user)))

    def register(self, **fields: object) -> str:
        """A call; returns the number of its case."""
        usual = {"channel": "phone", "type": "complaint", "title": "路灯不亮", "content": "晚上看不清路。"}
        return str(self.post("operator1", "/cases", usual | fields)["case_no"])

    def act(self, user: str, number: str, kind: str, **form: object) -> None:
        self.post(user, f"/cases/{number}/commands/{kind}", form)

    def answered(self, **fields: object) -> str:
        """A case whose reply was accepted, so that a revisit is next; returns its number."""
        number = self.register(**fields)
        self.act("dispatcher1", number, "dispatch_case", lead="U120")
        self.act("handler-U120", number, "sign_for")
        now = datetime.now(UTC).isoformat()
        self.act("handler-U120", number, "log_contact", outcome="reached", at=now)
        photo = {"evidence_id": "photo-1", "kind": "handling", "made_at": now}
        reply = {"text": "已修复", "citation": "《城市道路管理条例》", "signer": "head-U120"}
        self.act("handler-U120", number, "submit_reply", **reply, evidence=[photo])
        self.act("dispatcher2", number, "review_reply", accepted=True)
        return number

    def close(self) -> None:
        self._http.close()

    def _headers(self, user: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens[user]}"}

    def _answer(self, answer: httpx.Response) -> dict[str, Any]:
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()
        return told

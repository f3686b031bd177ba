"""What browser tests do over and over: enter as somebody, open pages, act on a case, and examine what is seen."""

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page

AXE = Path(__file__).with_name("axe.js")
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
_SERIOUS = {"serious", "critical"}


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

    def open(self, path: str) -> Page:
        self.page.goto(self.home + path)
        return self.page

    def act(self, term: str, **fields: str) -> None:
        """Open a command's form by its button, fill it in, file it, and see that it was done."""
        page, actions = self.page, self.page.locator(".actions")
        button = actions.get_by_role("button", name=term, exact=True)
        if not button.is_visible():
            actions.locator("summary").click()
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

    def faults(self) -> list[str]:
        """What keeps somebody out, and what runs off the screen."""
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return self.serious_faults() + ([f"{self.page.url} is {wide} px too wide"] if wide > 0 else [])

    def serious_faults(self) -> list[str]:
        """What axe finds that keeps somebody out (WCAG 2.1 AA)."""
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
        )
        return [
            f"{self.page.url} {fault['id']}: {node['html'][:120]}"
            for fault in found["violations"]
            if fault["impact"] in _SERIOUS
            for node in fault["nodes"]
        ]

"""A real browser on a whole city: Debian's Chromium, driven as people do, and never leaving this machine."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fixtures.city import City, running_city
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

AXE = Path(__file__).with_name("axe.js")
CHROMIUM = shutil.which("chromium")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
_SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with running_city(tmp_path_factory.mktemp("city") / "data") as city:
        yield city


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    assert CHROMIUM, "these tests need Debian's chromium: make browser"
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
    yield browser
    browser.close()


class Desk:
    """Somebody at a browser of their own."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.page: Page = context.new_page()
        self.home = home
        self.context = context
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
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


@pytest.fixture
def seat(chromium: Browser, city: City) -> Iterator[Callable[..., Desk]]:
    """Browsers of their own, which must not complain and must ask nobody but us."""
    desks: list[Desk] = []

    def sit(viewport: dict[str, int] = DESKTOP) -> Desk:
        context = chromium.new_context(
            viewport=viewport,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",  # type: ignore[arg-type]  # a size
        )
        context.set_default_timeout(20_000)
        desks.append(Desk(context, city.address))
        return desks[-1]

    yield sit
    for desk in desks:
        assert desk.complaints == []
        desk.context.close()

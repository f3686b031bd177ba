"""A real browser on a whole city: Debian's Chromium, driven as people do, and never leaving this machine."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from fixtures.city import City, running_city
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from browser.browser_hands import DESKTOP, Colleagues, Desk

PATIENCE_MS = 20_000
"""On a machine that is busy with other tests a page may take seconds."""

expect.set_options(timeout=PATIENCE_MS)
CHROMIUM = shutil.which("chromium")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="package")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """One for all journeys of a process, each of which makes cases of its own; it ends with the last of them."""
    with running_city(tmp_path_factory.mktemp("city") / "data") as city:
        yield city


@pytest.fixture(scope="module")
def others(city: City) -> Iterator[Colleagues]:
    colleagues = Colleagues(city)
    yield colleagues
    colleagues.close()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Stopped with the module: as long as it is there its event loop runs, and no other could run here."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    assert CHROMIUM, "these tests need Debian's chromium: make browser"
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
    yield browser
    browser.close()


@pytest.fixture
def seat(chromium: Browser, city: City) -> Iterator[Callable[..., Desk]]:
    """Browsers of their own, which must not complain and must ask nobody but us."""
    desks: list[Desk] = []

    def sit(viewport: dict[str, int] = DESKTOP) -> Desk:
        context = chromium.new_context(
            viewport=viewport,  # type: ignore[arg-type]  # a size
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        desks.append(Desk(context, city.address))
        return desks[-1]

    yield sit
    for desk in desks:
        assert desk.complaints == []
        desk.context.close()

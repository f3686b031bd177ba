"""Pictures of every screen (界面截图): `python -m tools.shots`, which `make shots` calls, fills docs/shots.

Every page of every role's menu at the width of a desk and of a phone, the pages of `SCREENS` beside them, and a few in
the dark. It looks at the stack that runs on the data folder, or starts one and waits until its demo city stands.
"""

import argparse
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from commands.city.notebook import progress_of
from console.menu import Entry, menu_of
from hotline.vocabulary import Role
from runtime.stack import StackNotRunningError, find_stack

FOLDER: Final = Path(__file__).parents[1] / "docs" / "shots"
_CLI: Final = Path(__file__).parents[1] / "cli.py"
WIDTHS: Final[dict[str, ViewportSize]] = {
    "desk": {"width": 1440, "height": 900},
    "phone": {"width": 390, "height": 844},
}
_TALLEST: Final = {"desk": 1500, "phone": 1700}
"""Pages are shown as far as people scroll at first, in pixels."""

_QUALITY: Final = 72
_SETTLES_WITHIN: Final = 4_000
_FETCHES_WITHIN: Final = 15_000


@dataclass(frozen=True, slots=True)
class Screen:
    """One page: who looks, where, and what is clicked there before the picture (CSS selectors, the first match each)."""

    name: str
    user: str
    path: str
    clicks: tuple[str, ...] = ()
    widths: tuple[str, ...] = ("desk", "phone")
    dark: bool = False


SCREENS: Final = (
    Screen("login", "", "/login"),
    Screen("case", "dispatcher1", "/cases?status=in_hand&overdue=true", ("a.row-link",)),
    Screen("case-to-sign", "handler-U120", "/cases?status=awaiting_signature", ("a.row-link",)),
    Screen("case-in-review", "dispatcher2", "/cases?status=reply_review", ("a.row-link",)),
    Screen("case-returned", "dispatcher1", "/cases?status=return_review", ("a.row-link",)),
    Screen("case-to-revisit", "revisitor1", "/cases?status=awaiting_revisit", ("a.row-link",)),
    Screen("dispatch-returns", "dispatcher1", "/dispatch?group=returns"),
    Screen(
        "dispatch-many", "dispatcher1", "/dispatch?group=to_dispatch", ("[data-picks]", "#picks .btn-primary")
    ),
    Screen("inbox-to-sign", "handler-U120", "/inbox?group=to_sign"),
    Screen(
        "case-on-paper",
        "dispatcher1",
        "/cases?status=reply_review",
        ("a.row-link", 'a[href$="/print"]'),
        ("desk",),
    ),
    Screen("revisit", "revisitor1", "/revisits", ('a[href^="/revisits/"]',)),
    Screen("citizen", "", "/public"),
    Screen("citizen-follow", "", "/public/follow"),
    Screen("citizen-circulars", "", "/public/circulars"),
    Screen("board-dark", "supervisor1", "/board", widths=("desk",), dark=True),
    Screen("notices", "head-U120", "/notices"),
    Screen("knowledge-entry", "operator1", "/knowledge?unit=U150", ("a.row-link",)),
    Screen("dossier", "discipline2", "/dossiers?open=true", ('a[href^="/dossiers/WZ"]',)),
    Screen("what-if", "supervisor1", "/admin/policy/what-if?policy=revision:default/3"),
    Screen(
        "rates-freeze",
        "supervisor1",
        "/rates",
        (".months summary", ".month-list a:nth-child(3)", 'a[href$="/freeze"]', "main .btn-primary"),
    ),
    Screen(
        "case-dark",
        "dispatcher1",
        "/cases?status=in_hand&overdue=true",
        ("a.row-link",),
        ("desk",),
        dark=True,
    ),
)
"""What no menu leads to, or what deserves a second look; add a row for a page that should be seen."""

_AT_DESKS: Final = {
    Role.OPERATOR: "operator1",
    Role.DISPATCHER: "dispatcher1",
    Role.HANDLER: "handler-U120",
    Role.UNIT_HEAD: "head-U120",
    Role.REVISITOR: "revisitor1",
    Role.SUPERVISOR: "supervisor1",
    Role.DISCIPLINE: "discipline2",
    Role.LEADER: "leader1",
    Role.ADMINISTRATOR: "administrator1",
    Role.AUDITOR: "auditor1",
}


def screens() -> Iterator[Screen]:
    """Every page of every menu, by the first role that has it, then the table."""
    seen: set[str] = set()
    for role, user in _AT_DESKS.items():
        for entry in menu_of(role):
            if entry.path not in seen:
                seen.add(entry.path)
                yield Screen(f"{role.value}-{_name_of(entry)}", user, entry.path)
    yield from SCREENS


def _name_of(entry: Entry) -> str:
    """The page's path; lists that differ by their filters are told apart by their icons."""
    path, _, query = entry.path.partition("?")
    slug = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "home"
    return f"{slug}-{entry.icon}" if query else slug


class Camera:
    """One browser, in which each account is signed in once."""

    def __init__(self, browser: Browser, home: str) -> None:
        """Take a browser and the address of the console."""
        self._browser, self._home = browser, home
        self._pages: dict[tuple[str, str, bool], Page] = {}

    def shoot(self, screen: Screen, width: str) -> bytes:
        """The picture of a screen, as WebP. Raises PlaywrightError: something to click is not there."""
        page = self._page(screen, width)
        page.goto(self._home + screen.path)
        for selector in screen.clicks:
            page.locator(selector).first.click(timeout=_SETTLES_WITHIN)
            page.wait_for_load_state("load")
        # A live page is never idle: wait for the parts that it fetches by itself, and for charts that draw themselves.
        page.wait_for_timeout(200)
        page.wait_for_selector(".htmx-request", state="detached", timeout=_FETCHES_WITHIN)
        page.wait_for_timeout(500)
        tall = page.evaluate("document.documentElement.scrollHeight")
        size = replace_height(WIDTHS[width], min(tall, _TALLEST[width]))
        page.set_viewport_size(size)
        drawn = page.screenshot()
        page.set_viewport_size(WIDTHS[width])
        return _as_webp(drawn)

    def _page(self, screen: Screen, width: str) -> Page:
        key = (screen.user, width, screen.dark)
        if key not in self._pages:
            context = self._browser.new_context(
                viewport=WIDTHS[width], locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
            )
            context.set_default_timeout(20_000)
            if screen.dark:
                context.add_cookies([{"name": "hotline-theme", "value": "dark", "url": self._home}])
            page = context.new_page()
            page.goto(self._home + "/login")
            if screen.user:
                page.click(f'button[value="{screen.user}"]')
                page.wait_for_selector("#live", state="attached")
            self._pages[key] = page
        return self._pages[key]


def replace_height(size: ViewportSize, height: int) -> ViewportSize:
    """The same width, at least as tall as it was."""
    return {"width": size["width"], "height": max(size["height"], height)}


def _as_webp(picture: bytes) -> bytes:
    packed = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").save(packed, "WEBP", quality=_QUALITY, method=6)
    return packed.getvalue()


def take(home: str, folder: Path, only: str = "") -> list[str]:
    """Write every picture whose name contains `only`; returns what could not be taken, and why."""
    folder.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    with ExitStack() as closing:
        playwright = closing.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        closing.callback(browser.close)
        camera = Camera(browser, home)
        for screen in screens():
            if only not in screen.name:
                continue
            for width in screen.widths:
                file = folder / f"{screen.name}.{width}.webp"
                try:
                    file.write_bytes(camera.shoot(screen, width))
                except PlaywrightError as error:
                    faults.append(f"{file.name}: {error.message.splitlines()[0]}")
                else:
                    print(f"{file.name} {file.stat().st_size // 1024} KB")
    return faults


@contextmanager
def city(data_dir: Path) -> Iterator[str]:
    """The address of a console whose demo city stands."""
    try:
        yield find_stack(data_dir).api_url
    except StackNotRunningError:
        with tempfile.TemporaryDirectory(prefix="hotline-shots-") as folder:
            command = [sys.executable, str(_CLI), "up", "--data-dir", folder, "--json"]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as up:  # noqa: S603  our own command
                try:
                    assert up.stdout is not None
                    json.loads(up.stdout.readline())
                    _await_city(Path(folder))
                    yield find_stack(Path(folder)).api_url
                finally:
                    up.terminate()
                    up.wait(timeout=60)


def _await_city(folder: Path) -> None:
    while not ((so_far := progress_of(folder)) and so_far.is_complete):
        time.sleep(2)


def main() -> int:
    """Take the pictures; 1 if any could not be taken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data-dir", type=Path, default=Path(".hotline"), help="folder of a stack that may run"
    )
    parser.add_argument("--url", default="", help="address of a console that serves the same stack")
    parser.add_argument("--only", default="", help="part of the names of the pictures to take")
    parser.add_argument("--to", type=Path, default=FOLDER)
    asked = parser.parse_args()
    with ExitStack() as closing:
        home = asked.url or closing.enter_context(city(asked.data_dir))
        faults = take(home, asked.to, asked.only)
    for fault in faults:
        print(fault, file=sys.stderr)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())

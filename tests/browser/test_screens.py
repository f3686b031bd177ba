"""Every screen, looked at by somebody who works with it: nobody is kept out (WCAG 2.1 AA), and nothing runs off it."""

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

import pytest
from fixtures.city import eventually
from playwright.sync_api import expect

from browser.browser_hands import DESKTOP, PHONE, Colleagues, Desk
from console.menu import menu_of
from hotline.vocabulary import Role

Seat = Callable[..., Desk]
Screens = Mapping[str, tuple[str, ...]]

_PUBLIC = ("/public", "/public/follow", "/public/supervision", "/public/circulars")
_MATTER = {"category": "测试/每屏", "area": "东湖区"}

_BEHIND = {
    "/rates": '[href*="/rows?"]',
    "/accountability/statistics": '[href^="/accountability/statistics/files?"]',
}
"""Pages whose first link of a kind leads to what is behind a figure."""

_AT_DESKS = {
    "operator1": Role.OPERATOR,
    "dispatcher1": Role.DISPATCHER,
    "handler-U120": Role.HANDLER,
    "revisitor1": Role.REVISITOR,
    "supervisor1": Role.SUPERVISOR,
    "discipline2": Role.DISCIPLINE,
    "leader1": Role.LEADER,
    "administrator1": Role.ADMINISTRATOR,
    "auditor1": Role.AUDITOR,
}


@pytest.fixture(scope="module")
def screens(others: Colleagues) -> Screens:
    """Everything that there is to look at, once, by who does: the menu of each, and what no menu leads to."""
    beyond = beyond_menus(others)
    found: dict[str, tuple[str, ...]] = {}
    for user, role in _AT_DESKS.items():
        known = {*chain.from_iterable(found.values())}
        every = (*(entry.path for entry in menu_of(role)), *beyond.get(user, ()))
        if fresh := tuple(path for path in every if path not in known):
            found[user] = fresh
    return found


def beyond_menus(others: Colleagues) -> Screens:
    """The pages of single things, of each of which one is made."""
    asked = others.answered(caller_phone="13812340066", **_MATTER)
    case, dossier, person = f"/cases/{asked}", clue(others), accused(others)
    draft, revision = policies(others)
    return {
        "operator1": (*_PUBLIC, "/knowledge/K-000008"),
        "handler-U120": (case,),
        "revisitor1": (f"/revisits/{asked}",),
        "supervisor1": (
            *("/notices", "/timers/fired", "/timers/alarms", "/timers/still"),
            *("/measures/points", "/holdings/cases?holder=U120&cause=signature"),
            *(f"{case}/print", f"/mass/{burst(others)}", f"/problems/{line(others)}"),
        ),
        "discipline2": (f"/screening/{hit(others)}", f"/dossiers/{dossier}", f"/persons/{person}"),
        "administrator1": (
            *("/knowledge/K-000007", "/admin/users/handler-U120"),
            *("/admin/policy/text", "/admin/policy/new"),
            *(f"/admin/policy/drafts/{draft}", f"/admin/policy/drafts/{draft}/clocks"),
            *(f"/admin/policy/rollouts/{revision}", f"/admin/policy/what-if?policy=draft:{draft}"),
            f"/admin/policy/what-if/cases?policy=draft:{draft}",
        ),
    }


def hit(others: Colleagues) -> str:
    """What screening finds when a citizen says that a reply is not true."""
    number = others.answered(caller_phone="13812340067")
    no = {"contacted": True, "solved": False, "truthful": False, "satisfaction": 1}
    others.act("revisitor1", number, "record_revisit", **no)
    return str(first(others, "discipline2", "/screening/hits", case_no=number)["hit_no"])


def burst(others: Colleagues) -> int:
    """Of one matter in one place by enough callers, one of whom calls often enough for a repeat problem."""
    for last in (1, 1, 1, 2, 3, 4, 5):
        others.register(caller_phone=f"1381234007{last}", **_MATTER)
    return int(first(others, "supervisor1", "/bursts")["burst_id"])


def line(others: Colleagues) -> str:
    """The repeat problem of those who call in `burst`."""
    return str(first(others, "supervisor1", "/problems")["line_no"])


# An item is of whichever list it stands in.
def first(others: Colleagues, user: str, path: str, **asked: str) -> dict[str, Any]:
    """The first of a list that has one as soon as its keeper has looked."""
    found: list[dict[str, Any]] = []

    def is_there() -> bool:
        found.extend(others.get(user, path, **asked)["items"])
        return bool(found)

    eventually(is_there)
    return found[0]


def clue(others: Colleagues) -> str:
    clue = {
        "source": "false_closing",
        "subjects": [{"kind": "organisation", "unit": "U120"}],
        "summary": "两次回访均反映问题未解决，承办单位仍申报办结。",
    }
    return str(others.post("discipline2", "/accountability/dossiers", clue)["dossier_no"])


def accused(others: Colleagues) -> str:
    return str(others.post("discipline2", "/accountability/persons", {"name": "赵六"})["person"])


def policies(others: Colleagues) -> tuple[str, str]:
    """A draft that waits, and a revision that is on its way to the living cases."""
    revision = draft(others, "burst_days = 7", "burst_days = 6")
    published = others.post("administrator2", f"/policies/drafts/{revision}/publish", {})
    return draft(others, "burst_callers = 5", "burst_callers = 6"), str(published["revision"])


def draft(others: Colleagues, old: str, new: str) -> str:
    """The policy in force under another name, with one line changed."""
    told = others.get("administrator1", "/policies/text")
    name = f'revision = "{told["revision"]}"'
    text = told["text"].replace(name, f'{name[:-1]}-{new[-1]}"').replace(old, new)
    return str(others.post("administrator1", "/policies/drafts", {"toml": text})["draft_id"])


def examined(desk: Desk, path: str, *, is_held: bool, within: str | None = "#main") -> list[str]:
    """What is wrong with a page on a desk and on a phone, once it has the parts that it asks for by itself.

    Most have the same markup on both, so that only those for whoever holds a phone are searched twice. What is
    around `#main`, the menu and the head, is the same on all pages of a role, and searched on one of them.
    """
    desk.page.set_viewport_size(DESKTOP)
    answer = desk.page.goto(desk.home + path)
    assert answer is not None
    assert answer.status == 200, path
    expect(desk.page.locator(".htmx-request")).to_have_count(0)
    faults = desk.faults(within)
    desk.page.set_viewport_size(PHONE)
    return faults + (desk.faults(within) if is_held else desk.overflow())


def test_nobody_is_kept_out_and_nothing_runs_off_the_screen(seat: Seat, screens: Screens) -> None:
    faults: list[str] = []
    for user, paths in screens.items():
        desk = seat()
        desk.keep_axe()
        desk.sign_in(user)
        for place, path in enumerate(paths):
            is_held = path in _PUBLIC or user == "handler-U120"
            is_whole = place == 0 or path in _PUBLIC
            faults += examined(desk, path, is_held=is_held, within=None if is_whole else "#main")
            if kind := _BEHIND.get(path):
                link = desk.page.locator(kind).first.get_attribute("href")
                faults += examined(desk, str(link), is_held=False)
    faults += examined(desk, "/login", is_held=False, within=None)
    desk.page.get_by_role("button", name="切换深色和浅色").click()
    faults += desk.serious_faults()
    assert faults == []

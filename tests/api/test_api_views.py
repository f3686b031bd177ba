"""常用视图: one's own, replaced by name, without what may name a citizen, and not without end."""

from typing import Any

import pytest
from api_doors import Doors
from api_hands import problem

from api.routers.views import VIEW
from hotline.vocabulary import Role
from store.views import AT_MOST


async def saved(browser: Any, **fields: Any) -> dict[str, Any]:
    answer = await browser.send("PUT", "/views", VIEW | fields)
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def names(browser: Any) -> list[str]:
    return [view["name"] for view in (await browser.get("/views")).json()["items"]]


async def test_view_leads_to_the_list_that_was_saved(doors: Doors) -> None:
    browser = await doors.signed_in(Role.DISPATCHER)
    view = await saved(browser)
    assert view["query"] == (
        "status=in_hand&type=complaint&overdue=true&order=due"
        "&columns=case_no&columns=title&columns=status&columns=next_due_at"
    )
    assert (await browser.http.get("/api/v1/cases?" + view["query"])).status_code == 200
    assert (await browser.get("/views")).json()["items"] == [view]


async def test_view_of_the_same_name_is_replaced_and_keeps_its_id(doors: Doors) -> None:
    browser = await doors.signed_in(Role.OPERATOR)
    first = await saved(browser)
    second = await saved(browser, filters={"open": True}, columns=[])
    assert (second["view_id"], second["query"]) == (first["view_id"], "open=true")
    assert await names(browser) == [VIEW["name"]]


async def test_views_are_ones_own(doors: Doors) -> None:
    one, other = await doors.signed_in(Role.SUPERVISOR), await doors.signed_in(Role.SUPERVISOR)
    view = await saved(one)
    assert await names(other) == []
    problem(await other.delete(f"/views/{view['view_id']}"), 404, "view_not_found")
    assert (await one.delete(f"/views/{view['view_id']}")).status_code == 204
    assert await names(one) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"filters": {"text": "王小明"}},
        {"filters": {"caller_hash": "0" * 64}},
        {"filters": {"status": ["unknown"]}},
        {"columns": ["caller_name"]},
        {"name": ""},
        {"name": "长" * 21},
    ],
)
async def test_view_holds_codes_alone(doors: Doors, wrong: dict[str, Any]) -> None:
    browser = await doors.signed_in(Role.LEADER)
    problem(await browser.send("PUT", "/views", VIEW | wrong), 422, "invalid_input")
    assert await names(browser) == []


async def test_one_view_too_many_is_refused_and_a_known_one_still_replaced(doors: Doors) -> None:
    browser = await doors.signed_in(Role.REVISITOR)
    for number in range(AT_MOST):
        await saved(browser, name=f"视图{number}")
    refused = await browser.send("PUT", "/views", VIEW | {"name": "再来一个"})
    assert problem(refused, 409, "too_many_views")["field"] == "name"
    await saved(browser, name="视图0", filters={})
    assert len(await names(browser)) == AT_MOST

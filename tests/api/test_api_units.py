"""Administering units and stationed groups: what may be, what may not go, and that each change is in the trail."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from api_doors import Browser, Doors
from api_hands import Office, new_key, problem

from hotline.vocabulary import Role

UNITS, GROUPS = "/organisation/units", "/organisation/groups"


@pytest_asyncio.fixture
async def administrator(doors: Doors) -> AsyncIterator[Browser]:
    yield await doors.signed_in(Role.ADMINISTRATOR)


def new_unit(**fields: Any) -> dict[str, Any]:
    return {"code": f"T{new_key()[:8]}", "name": "市交通运输局", "level": "city"} | fields


async def made(administrator: Browser, **fields: Any) -> str:
    unit = new_unit(**fields)
    answer = await administrator.post(UNITS, unit)
    assert answer.status_code == 201, answer.text
    return str(unit["code"])


async def change(administrator: Browser, code: str, **fields: Any) -> Any:
    return await administrator.send("PATCH", f"{UNITS}/{code}", fields)


async def line_of(browser: Browser, code: str) -> dict[str, Any]:
    items: list[dict[str, Any]] = (await browser.get(UNITS)).json()["items"]
    return next(one for one in items if one["code"] == code)


async def test_unit_is_made_renamed_moved_and_retired_and_all_of_it_is_told(
    doors: Doors, administrator: Browser
) -> None:
    above = await made(administrator, level="district", name="南岭区人民政府")
    code = await made(administrator, level="street", name="石桥街道", parent=above)
    assert (await change(administrator, code, name="石桥街道办事处")).status_code == 200
    line = await line_of(administrator, code)
    assert (line["name"], line["parent"], line["level_label"]) == ("石桥街道办事处", above, "街道乡镇")
    problem(await change(administrator, above, active=False), 409, "unit_has_units")
    assert (await change(administrator, code, parent=None)).status_code == 200
    assert (await change(administrator, above, active=False)).status_code == 200
    offered = (await administrator.get("/units")).json()["items"]
    assert {one["code"] for one in offered} & {above, code} == {code}
    assert not (await line_of(administrator, above))["active"]
    assert (await change(administrator, above, active=True)).status_code == 200
    assert [line.detail for line in await doors.trail(code)] == [
        {"created": "street", "parent": above},
        {"changed": ["name"], "name": "石桥街道办事处"},
        {"changed": ["parent"], "parent": None},
    ]


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"code": "U120"}, "unit_exists", "code"),
        ({"code": "单位"}, "invalid_input", "code"),
        ({"parent": "U999"}, "unit_unknown", "parent"),
        ({"level": "village"}, "invalid_input", "level"),
        ({"name": ""}, "invalid_input", "name"),
    ],
)
async def test_unit_that_cannot_be_is_refused_by_field(
    administrator: Browser, fields: dict[str, Any], code: str, field: str
) -> None:
    told = problem(await administrator.post(UNITS, new_unit(**fields)), 422, code)
    assert told["field"] == field


async def test_no_unit_stands_above_itself_even_if_two_move_at_once(administrator: Browser) -> None:
    top = await made(administrator)
    below = await made(administrator, parent=top)
    problem(await change(administrator, top, parent=top), 422, "unit_above_itself")
    problem(await change(administrator, top, parent=below), 422, "unit_above_itself")
    one, other = await made(administrator), await made(administrator)
    answers = await asyncio.gather(
        change(administrator, one, parent=other), change(administrator, other, parent=one)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422]


async def test_unit_with_people_stays(doors: Doors, administrator: Browser) -> None:
    code = await made(administrator)
    user = await doors.hire(Role.HANDLER, code)
    assert (await line_of(administrator, code))["accounts"] == 1
    problem(await change(administrator, code, active=False), 409, "unit_has_accounts")
    assert (await administrator.send("PATCH", f"/accounts/{user}", {"active": False})).status_code == 200
    assert (await change(administrator, code, active=False)).status_code == 200


async def test_unit_that_keeps_knowledge_stays_until_another_keeps_it(administrator: Browser) -> None:
    code = await made(administrator)
    entry = {
        "title": "公交线路怎样查询",
        "answer": "拨打 12328。",
        "category": "交通/公交",
        "unit": code,
        "valid_until": "2027-06-30",
    }
    written = (await administrator.post("/knowledge", entry)).json()
    problem(await change(administrator, code, active=False), 409, "unit_has_knowledge")
    moved = await administrator.post(f"/knowledge/{written['number']}/revise", entry | {"unit": "U120"})
    assert moved.status_code == 200, moved.text
    assert (await change(administrator, code, active=False)).status_code == 200


async def test_unit_with_an_open_case_stays(office: Office) -> None:
    number = await office("operator1").new_case()
    done = await office("dispatcher1").command(number, "dispatch_case", {"lead": "U150"})
    assert done.status_code == 200, done.text
    person = office("administrator1")
    answer = await person.http.request(
        "PATCH",
        f"/api/v1{UNITS}/U150",
        json={"active": False},
        headers={"Authorization": f"Bearer {person.token}"},
    )
    problem(answer, 409, "unit_has_cases")
    lines = (await person.get(UNITS)).json()["items"]
    assert next(one for one in lines if one["code"] == "U150")["open_cases"] >= 1


async def test_group_supervises_what_it_names_from_then_on(doors: Doors, administrator: Browser) -> None:
    code, unit = f"G{new_key()[:8]}", await made(administrator)
    form = {"name": "驻市交通运输局纪检监察组", "units": [unit]}
    assert (await administrator.send("PUT", f"{GROUPS}/{code}", form)).status_code == 200
    assert (await line_of(administrator, unit))["groups"] == [code]
    groups = (await administrator.get(GROUPS)).json()["items"]
    assert {"code": code} | form in groups
    unknown = await administrator.send("PUT", f"{GROUPS}/{code}", form | {"units": ["U999"]})
    problem(unknown, 422, "unit_unknown")
    assert (await administrator.send("PUT", f"{GROUPS}/{code}", form | {"units": []})).status_code == 200
    assert [line.event.value for line in await doors.trail(code)] == ["unit:group_changed"] * 2


async def test_unit_that_is_none_is_not_found(administrator: Browser) -> None:
    problem(await change(administrator, "U999", name="无"), 404, "unit_not_found")

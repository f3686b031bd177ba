"""事项目录: what cases are about and who mostly leads them, and what administrators keep of it."""

from datetime import timedelta
from typing import Any

import httpx
from api_hands import Office, new_key, problem
from fixtures.eventually import assert_eventually

from api.app import PREFIX


async def keep(office: Office, category: str, user: str = "administrator1", **fields: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {office.tokens[user]}"}
    return await office.http.put(f"{PREFIX}/matters", json={"category": category, **fields}, headers=headers)


async def line_of(office: Office, category: str) -> dict[str, Any]:
    items: list[dict[str, Any]] = (await office("administrator1").get("/matters", limit=1000)).json()["items"]
    (line,) = [one for one in items if one["category"] == category]
    return line


async def offered(office: Office) -> dict[str, str]:
    items = (await office("operator1").get("/matters/offered")).json()["items"]
    names = [one["category"] for one in items]
    assert len(names) == len(set(names))
    return {one["category"]: one["note"] for one in items}


async def test_matter_is_in_the_catalogue_from_its_first_case(office: Office) -> None:
    category = f"噪音-{new_key()[:6]}"
    numbers = [await office("operator1").new_case(category=category) for _ in range(2)]
    done = await office("dispatcher1").command(numbers[0], "dispatch_case", {"lead": "U130"})
    assert done.status_code == 200, done.text

    async def is_told() -> None:
        line = await line_of(office, category)
        assert (line["cases"], line["open_cases"], line["lead"]) == (2, 2, "U130")
        assert line["first_at"] <= line["last_at"]
        assert line["kept"] is None

    await assert_eventually(is_told, within=timedelta(seconds=20))
    assert (await offered(office))[category] == ""
    problem(await office("handler-U120").get("/matters"), 403, "role_not_permitted")


async def test_kept_matter_is_offered_and_suggests_its_unit_until_it_is_retired(office: Office) -> None:
    category = f"交通/{new_key()[:6]}"
    made = await keep(office, category, note="公交线路和班次", lead="U120")
    assert made.status_code == 200, made.text
    line = await line_of(office, category)
    assert (line["cases"], line["last_at"], line["kept"]["lead"]) == (0, None, "U120")
    assert (await offered(office))[category] == "公交线路和班次"
    asked = {"category": category}
    suggested = (await office("dispatcher1").get("/dispatch/suggestion", **asked)).json()["items"]
    assert [(one["unit"], one["share"], one["basis"]) for one in suggested] == [("U120", None, "catalogue")]
    complained = (await office("dispatcher1").get("/dispatch/suggestion", **asked, accused=["U120"])).json()
    assert complained["items"] == []
    assert (await keep(office, category, lead="U120", active=False)).status_code == 200
    assert category not in await offered(office)
    assert (await office("dispatcher1").get("/dispatch/suggestion", **asked)).json()["items"] == []
    trail = (await office("auditor1").get("/trail", event="matter:changed", limit=500)).json()["items"]
    told = [one["detail"]["active"] for one in trail if one["subject"] == category]
    assert told == [False, True]


async def test_retired_matter_is_not_offered_though_cases_are_about_it(office: Office) -> None:
    category = f"停用/{new_key()[:6]}"
    await office("operator1").new_case(category=category)

    async def is_offered() -> None:
        assert category in await offered(office)

    await assert_eventually(is_offered, within=timedelta(seconds=20))
    assert (await keep(office, category, active=False)).status_code == 200
    assert category not in await offered(office)


async def test_what_is_kept_is_refused_by_field(office: Office) -> None:
    for fields, code, field in (
        ({"lead": "U999"}, "unit_unknown", "lead"),
        ({"note": "找 13800138000"}, "number_of_a_person", "note"),
        ({"note": "a\x00b"}, "invalid_input", "note"),
    ):
        assert problem(await keep(office, "交通/不成", **fields), 422, code)["field"] == field
    problem(await keep(office, "交通 不成"), 422, "invalid_input")
    problem(await keep(office, "交通/不成", user="supervisor1"), 403, "role_not_permitted")
    assert "交通/不成" not in await offered(office)

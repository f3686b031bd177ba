"""派单建议 by the API: counted from cases that stayed, for those who register and dispatch."""

from typing import Any

from api_hands import OTHER_UNIT, UNIT, Office, Person, problem

MATTER, HERE, THERE = "测试/派单建议", "420199", "420198"


async def stayed(office: Office, unit: str, area: str, *, signed: bool = True) -> None:
    number = await office("operator1").new_case(category=MATTER, area=area, caller_phone=None, anonymous=True)
    assert (await office("dispatcher1").command(number, "dispatch_case", {"lead": unit})).status_code == 200
    if signed:
        assert (await office(f"handler-{unit}").command(number, "sign_for")).status_code == 200


async def suggestions(person: Person, **asked: Any) -> list[tuple[str, int, int, str]]:
    answer = await person.get("/dispatch/suggestion", **asked)
    assert answer.status_code == 200, answer.text
    return [(one["unit"], one["stayed"], one["cases"], one["basis"]) for one in answer.json()["items"]]


async def test_suggestion_counts_what_stayed_in_the_same_area_and_then_anywhere(office: Office) -> None:
    asker = office("dispatcher2")
    assert await suggestions(asker, category=MATTER, area=HERE) == []
    for unit, area in ((UNIT, HERE), (UNIT, HERE), (OTHER_UNIT, HERE), (OTHER_UNIT, THERE)):
        await stayed(office, unit, area)
    await stayed(office, OTHER_UNIT, HERE, signed=False)  # Nobody knows yet whether it stays.
    assert await suggestions(asker, category=MATTER, area=HERE) == [
        (UNIT, 2, 3, "matter_and_area"),
        (OTHER_UNIT, 1, 3, "matter_and_area"),
    ]
    elsewhere = [(UNIT, 2, 4, "matter"), (OTHER_UNIT, 2, 4, "matter")]
    assert await suggestions(asker, category=MATTER, area=THERE) == elsewhere
    assert await suggestions(asker, category=MATTER) == elsewhere
    assert await suggestions(asker, category=MATTER, accused=[UNIT]) == [(OTHER_UNIT, 2, 4, "matter")]


async def test_suggestion_is_for_those_who_register_and_dispatch(office: Office) -> None:
    refused = await office("revisitor1").get("/dispatch/suggestion", category=MATTER)
    problem(refused, 403, "role_not_permitted")
    nameless = await office("dispatcher1").get("/dispatch/suggestion", category="a\x00b")
    problem(nameless, 422, "invalid_input")

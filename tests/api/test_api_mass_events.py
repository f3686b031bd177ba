"""Mass events over HTTP: from the alarm to one rectification, with every caller revisited on their own."""

from typing import Any

from api_hands import HEAD, LIFE, OTHER_UNIT, SATISFIED, UNIT, Office, advance, new_key, problem
from fixtures.eventually import assert_eventually


async def stands(office: Office, master: str, user: str = "supervisor1") -> dict[str, Any]:
    answer = await office(user).get(f"/cases/{master}/mass-event")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_many_callers_get_one_rectification_and_a_revisit_each(office: Office) -> None:
    area = f"a{new_key()[:8]}"
    numbers = [
        await office("operator1").new_case(
            caller_phone=f"1360000{n:04d}", category="noise", area=area, secret=n == 4
        )
        for n in range(5)
    ]
    bursts = (await office("supervisor1").get("/bursts")).json()["items"]
    [burst] = [item for item in bursts if item["area"] == area]
    assert burst["callers"] == 5
    behind = (await office("supervisor1").get(f"/bursts/{burst['burst_id']}/cases")).json()["items"]
    assert [case["case_no"] for case in behind] == numbers
    problem(await office(HEAD).get("/bursts"), 403, "role_not_permitted")
    master, first, second, third, secret = numbers
    problem(await office("supervisor1").get(f"/cases/{master}/mass-event"), 404, "mass_event_not_found")
    await advance(office, master, until="sign_for")
    path = f"/cases/{master}/mass-event"
    nowhere = "0" * 18
    form = {"members": [first, second, nowhere], "reason": "同一工地", "burst_id": burst["burst_id"]}
    for _ in range(2):
        rows = (await office("supervisor1").post(path, form)).json()["results"]
        assert [(row["case_no"], row["ok"]) for row in rows] == [
            (first, True),
            (second, True),
            (nowhere, False),
        ]
    more = {"members": [third, secret], "reason": "又有两人反映"}
    assert (await office("dispatcher1").post(path, more)).is_success

    async def all_are_members() -> None:
        assert (await stands(office, master))["members"] == [first, second, third, secret]

    await assert_eventually(all_are_members)
    unsettled = (await office("supervisor1").get("/bursts")).json()["items"]
    assert burst["burst_id"] not in {item["burst_id"] for item in unsettled}
    for user, kind, answer in LIFE[2:5]:
        assert (await office(user).command(master, kind, answer())).is_success, kind

    async def is_revisited() -> None:
        assert (await office("revisitor1").command(first, "record_revisit", SATISFIED)).is_success

    await assert_eventually(is_revisited)
    told = await stands(office, master, HEAD)
    assert (told["callers"], told["revisited"], told["satisfied"]) == (5, 1, 1)
    assert told["burst_id"] == burst["burst_id"]
    assert (await office(HEAD).case(secret))["caller"] is None
    stranger = office(f"head-{OTHER_UNIT}")
    problem(await stranger.get(path), 404, "case_not_found")


async def test_burst_is_settled_by_who_may(office: Office) -> None:
    area = f"a{new_key()[:8]}"
    for n in range(5):
        await office("operator1").new_case(caller_phone=f"1350000{n:04d}", category="dust", area=area)
    bursts = (await office("leader1").get("/bursts")).json()["items"]
    [number] = [item["burst_id"] for item in bursts if item["area"] == area]
    ground = {"ground": "unrelated"}
    problem(await office("leader1").post(f"/bursts/{number}/settle", ground), 403, "role_not_permitted")
    problem(await office("supervisor1").post(f"/bursts/{2**40}/settle", ground), 404, "burst_not_found")
    assert (await office("supervisor1").post(f"/bursts/{number}/settle", ground)).status_code == 204
    known = (await office("leader1").get("/bursts", unsettled=False)).json()["items"]
    [burst] = [item for item in known if item["burst_id"] == number]
    assert burst["ground_label"] == "诉求互不相关"
    assert UNIT not in str(burst)

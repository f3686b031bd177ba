"""知识库 by the API: looked after by its unit, read by everybody, and every direct answer leads to what was told."""

from typing import Any

import pytest
from api_hands import Office, Person, new_key, problem

UNIT, FOREIGN = "U150", "U120"
HEAD = f"head-{UNIT}"


def entry(**fields: Any) -> dict[str, Any]:
    usual = {
        "title": f"灵活就业人员怎样参保 {new_key()[:6]}",
        "answer": "持身份证到社保窗口登记，也可以在网上办理。",
        "category": "人社/灵活就业",
        "unit": UNIT,
        "valid_until": "2027-06-30",
    }
    return usual | fields


async def written(person: Person, **fields: Any) -> dict[str, Any]:
    answer = await person.post("/knowledge", entry(**fields), key=new_key())
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def listed(person: Person, **asked: Any) -> list[str]:
    answer = await person.get("/knowledge", **asked)
    assert answer.status_code == 200, answer.text
    return [one["number"] for one in answer.json()["items"]]


async def test_entry_is_written_revised_confirmed_and_withdrawn_by_its_unit(office: Office) -> None:
    head = office(HEAD)
    made = await written(head)
    path = f"/knowledge/{made['number']}"
    revised = await head.post(
        f"{path}/revise", entry(title="新口径", valid_until="2027-03-31"), headers={"If-Match": '"1"'}
    )
    assert (revised.status_code, revised.json()["version"]) == (200, 2)
    late = await office(f"handler-{UNIT}").post(f"{path}/revise", entry(), headers={"If-Match": '"1"'})
    assert HEAD in problem(late, 409, "knowledge_moved_on")["title"]
    confirmed = await office("administrator1").post(f"{path}/confirm", {"valid_until": "2027-09-30"})
    assert (confirmed.json()["title"], confirmed.json()["valid_until"]) == ("新口径", "2027-09-30")
    whole = (await office("operator1").get(path)).json()
    assert [one["act"] for one in whole["versions"]] == ["confirmed", "revised", "written"]
    assert (whole["maintainable"], whole["answered"], whole["cases"]) == (False, 0, [])
    assert (await head.get(path)).json()["maintainable"]
    assert (await head.post(f"{path}/withdraw")).status_code == 200
    problem(await head.post(f"{path}/revise", entry()), 409, "knowledge_withdrawn")
    assert made["number"] not in await listed(head, unit=UNIT)
    assert made["number"] in await listed(head, unit=UNIT, withdrawn=True)


async def test_another_unit_and_other_roles_change_nothing(office: Office) -> None:
    made = await written(office(HEAD))
    path = f"/knowledge/{made['number']}"
    for foreign in (f"head-{FOREIGN}", f"handler-{FOREIGN}"):
        problem(await office(foreign).post(f"{path}/revise", entry()), 403, "knowledge_of_another_unit")
        problem(await office(foreign).post(f"{path}/withdraw"), 403, "knowledge_of_another_unit")
        problem(await office(foreign).post("/knowledge", entry()), 403, "knowledge_of_another_unit")
    away = await office(HEAD).post(f"{path}/revise", entry(unit=FOREIGN))
    problem(away, 403, "knowledge_of_another_unit")
    for other in ("operator1", "supervisor1", "auditor1"):
        problem(await office(other).post("/knowledge", entry()), 403, "role_not_permitted")
        assert (await office(other).get(path)).status_code == 200
    assert (await office(HEAD).get(path)).json()["version"] == 1


async def test_same_key_writes_one_entry(office: Office) -> None:
    key, body = new_key(), entry()
    first, again = [await office(HEAD).post("/knowledge", body, key=key) for _ in range(2)]
    assert (first.status_code, first.json()) == (201, again.json())
    problem(await office(HEAD).post("/knowledge", entry(), key=key), 422, "key_reused")


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"answer": "请联系张科长 13800138000"}, "number_of_a_person", "answer"),
        ({"valid_until": "2020-01-01"}, "validity_passed", "valid_until"),
        ({"category": "人社 社保"}, "invalid_input", "category"),
        ({"title": " "}, "invalid_input", "title"),
        ({"category": "a\x00b"}, "invalid_input", "category"),
        ({"title": "a\x00b"}, "invalid_input", "title"),
    ],
)
async def test_bad_entry_is_refused_by_field(
    office: Office, fields: dict[str, Any], code: str, field: str
) -> None:
    refused = await office(HEAD).post("/knowledge", entry(**fields))
    assert problem(refused, 422, code)["field"] == field
    assert "13800138000" not in refused.text


async def test_operator_finds_what_answers_while_typing(office: Office) -> None:
    operator = office("operator1")
    draft = {"title": "社保卡丢了", "content": "老人的社会保障卡丢失，问怎样补办"}
    found = (await operator.post("/intake/knowledge", draft)).json()["items"]
    assert (found[0]["number"], found[0]["category"]) == ("K-000001", "人社/社保卡")
    assert "网点" in found[0]["answer"]
    stale = (await operator.post("/intake/knowledge", {"category": "住建/物业"})).json()["items"]
    assert [(one["number"], one["stale"]) for one in stale] == [("K-000008", True)]
    assert (await operator.post("/intake/knowledge", {})).json()["items"] == []
    problem(await office(HEAD).post("/intake/knowledge", draft), 403, "role_not_permitted")


async def test_list_is_searched_narrowed_and_paged(office: Office) -> None:
    made = {(await written(office(HEAD), category="人社/分页"))["number"] for _ in range(3)}
    assert "K-000004" in await listed(office("leader1"), text="路灯")
    assert "K-000008" in await listed(office("leader1"), stale=True)
    assert "K-000008" not in await listed(office("leader1"), stale=False)
    seen, cursor = list[str](), None
    while True:
        asked = {"category": "人社/分页", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await office("leader1").get("/knowledge", **asked)).json()
        seen += [one["number"] for one in page["items"]]
        if not (cursor := page.get("next_cursor")):
            break
    assert sorted(seen) == sorted(made)
    problem(await office("leader1").get("/knowledge", text="路"), 422, "search_too_short")
    problem(await office("leader1").get("/knowledge", cursor="nonsense"), 422, "bad_cursor")


async def test_upkeep_tells_each_unit_and_its_numbers_open_what_they_count(office: Office) -> None:
    await written(office(HEAD))
    board = (await office("supervisor1").get("/knowledge/upkeep")).json()
    lines = {one["unit"]: one for one in board["items"]}
    assert lines["U140"]["stale"] == 1
    behind = await listed(office("supervisor1"), unit=UNIT, updated_since=board["since"], limit=200)
    assert len(behind) == lines[UNIT]["updated"] > 0


async def test_direct_answer_counts_for_its_entry_and_an_unknown_number_is_refused(office: Office) -> None:
    made = await written(office(HEAD))
    number = await office("operator1").new_case(type="consult")
    answer = {"answer": "已按口径答复", "knowledge_id": "K-999999"}
    refused = await office("operator1").command(number, "answer_directly", answer)
    assert problem(refused, 422, "knowledge_unknown")["field"] == "knowledge_id"
    assert await office("operator1").tags(number) == ["intake:registered", "clock:started"]
    # A caller was told what an entry said though it is withdrawn before the answer is filed.
    assert (await office(HEAD).post(f"/knowledge/{made['number']}/withdraw")).status_code == 200
    answer["knowledge_id"] = made["number"]
    done = await office("operator1").command(number, "answer_directly", answer)
    assert done.status_code == 200, done.text
    whole = (await office("operator1").get(f"/knowledge/{made['number']}")).json()
    assert (whole["answered"], [case["case_no"] for case in whole["cases"]]) == (1, [number])
    unseen = (await office(f"handler-{FOREIGN}").get(f"/knowledge/{made['number']}")).json()
    assert (unseen["answered"], unseen["cases"]) == (1, [])
    problem(await office("operator1").get("/knowledge/K-999999"), 404, "knowledge_not_found")

"""Registering: one receipt per key, one case per source number, and refusals that repeat nothing."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
from api_hands import Office, complaint, new_key, problem

PERSONAL = ("王小明", "138-1234-5678", "13812345678", "滨江路8号", "夜间施工噪音", "影响老人休息")


async def test_a_registration_brings_number_code_and_first_clock(office: Office) -> None:
    receipt = (await office("operator1").register()).json()
    assert receipt["case_no"].isdigit()
    assert len(receipt["case_no"]) == 18
    assert len(receipt["retrieval_code"]) == 6
    assert (receipt["status"], receipt["status_label"]) == ("received", "待受理")
    assert receipt["adopted"]
    assert receipt["version"] >= 2
    assert receipt["next_due_at"] is not None
    assert (receipt["occurrence"], receipt["repeat_of"]) == (1, None)


async def test_the_same_key_brings_the_same_receipt_however_often(office: Office) -> None:
    key = new_key()
    operator = office("operator1")
    first = await operator.register(key=key)
    again = await asyncio.gather(*(operator.register(key=key) for _ in range(5)))
    assert {answer.status_code for answer in again} == {201}
    assert not first.json()["replayed"]
    assert all(answer.json() == first.json() | {"replayed": True} for answer in again)
    assert (await operator.tags(first.json()["case_no"])).count("intake:registered") == 1


async def test_five_at_once_under_one_new_key_are_one_case(office: Office) -> None:
    key = new_key()
    answers = await asyncio.gather(*(office("operator1").register(key=key) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["case_no"] for answer in answers}) == 1
    assert len({answer.json()["retrieval_code"] for answer in answers}) == 1
    assert sorted(answer.json()["replayed"] for answer in answers) == [False] + [True] * 4


async def test_the_same_key_for_another_body_is_refused(office: Office) -> None:
    key = new_key()
    await office("operator1").register(key=key)
    refused = await office("operator1").register(key=key, content="另一件事")
    assert problem(refused, 422, "key_reused")["field"] == "Idempotency-Key"


async def test_keys_of_two_people_never_meet(office: Office) -> None:
    key = new_key()
    mine, theirs = [await office(user).register(key=key) for user in ("operator1", "operator2")]
    assert mine.json()["case_no"] != theirs.json()["case_no"]


async def test_a_source_number_is_registered_once(office: Office) -> None:
    source = f"MSG-{uuid.uuid4().hex}"
    assert (await office("operator1").register(source_number=source)).status_code == 201
    refused = await office("operator2").register(source_number=source)
    assert problem(refused, 422, "source_number_exists")["field"] == "source_number"


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"title": ""}, "title"),
        ({"title": "  "}, "title"),
        ({"content": "影响老人休息" * 4_000}, "content"),
        ({"caller_phone": "打王小明的电话"}, "caller_phone"),
        ({"channel": "王小明"}, "channel"),
        ({"category": "夜间施工 噪音"}, "category"),
        ({"raised_at": "滨江路8号"}, "raised_at"),
        ({"raised_at": "0001-01-01T00:00:00+14:00"}, "raised_at"),
        ({"replied_at": "9999-12-31T23:59:59-12:00"}, "replied_at"),
        ({"accused_units": "滨江路8号"}, "accused_units"),
    ],
)
async def test_a_wrong_field_is_named_and_its_value_not_repeated(
    office: Office, fields: dict[str, str], at_fault: str
) -> None:
    refused = await office("operator1").register(**fields)
    document = problem(refused, 422, "invalid_input")
    assert document["field"] == at_fault
    assert [error["field"] for error in document["errors"]] == [at_fault]
    assert not [word for word in PERSONAL if word in refused.text]


async def test_a_name_that_the_client_made_up_is_not_repeated(office: Office) -> None:
    refused = await office("operator1").register(王小明="13812345678")
    assert problem(refused, 422, "invalid_input")["field"] == "…"
    assert not [word for word in PERSONAL if word in refused.text]


async def test_what_is_no_json_is_refused(office: Office) -> None:
    headers = {"Authorization": f"Bearer {office.tokens['operator1']}", "Content-Type": "application/json"}
    for body in (b"", b"{", b"[]", b'{"title": "\\ud800"}', b'{"\\ud800": 1}', b'"\xff"'):
        answer = await office.http.post("/api/v1/cases", content=body, headers=headers)
        problem(answer, 422, "invalid_input")


async def test_a_body_beyond_the_limit_is_refused_however_it_comes(office: Office) -> None:
    headers = {"Authorization": f"Bearer {office.tokens['operator1']}", "Content-Type": "application/json"}
    declared = await office.http.post("/api/v1/cases", content=b" " * 1_000_001, headers=headers)
    problem(declared, 413, "body_too_large")

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b" " * 100_000

    undeclared = await office.http.post("/api/v1/cases", content=chunks(), headers=headers)
    problem(undeclared, 413, "body_too_large")


async def test_an_unknown_accused_unit_is_named_by_its_field(office: Office) -> None:
    for unit in ("U999", "a\x00b"):
        refused = await office("operator1").register(accused_units=[unit])
        assert problem(refused, 422, "unit_unknown")["field"] == "accused_units"


async def test_a_request_from_the_future_is_refused(office: Office) -> None:
    refused = await office("operator1").register(raised_at="2199-01-01T00:00:00+08:00")
    assert problem(refused, 422, "raised_in_future")["field"] == "raised_at"


async def test_the_third_of_a_caller_for_one_matter_is_a_flagged_repeat(office: Office) -> None:
    matter = {"caller_phone": "13700001234", "category": f"noise-{uuid.uuid4().hex[:8]}", "area": "donghu"}
    receipts = [(await office("operator1").register(**matter)).json() for _ in range(3)]
    assert [receipt["occurrence"] for receipt in receipts] == [1, 2, 3]
    assert receipts[1]["repeat_of"] == receipts[0]["case_no"]
    assert "repeat" in (await office("operator1").case(receipts[2]["case_no"]))["flags"]


async def test_without_a_way_to_reach_the_caller_the_case_waits_for_one(office: Office) -> None:
    receipt = (await office("operator1").register(caller_phone=None)).json()
    assert receipt["status"] == "awaiting_details"
    view = await office("operator1").case(receipt["case_no"])
    assert (view["missing"], view["has_contact"]) == (["contact"], False)


async def test_what_was_registered_is_shown_as_it_was_said(office: Office) -> None:
    view = await office("operator1").case(await office("operator1").new_case())
    said = complaint()
    assert (view["title"], view["content"]) == (said["title"], said["content"])
    assert view["caller"] | {"hash": None} == {
        "name": said["caller_name"],
        "phone": said["caller_phone"],
        "address": said["address"],
        "hash": None,
        "masked": False,
    }

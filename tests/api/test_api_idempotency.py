"""A command once more: the same key does it once, another form under it is refused, an old version is told."""

import asyncio

import pytest
from api_hands import HANDLER, UNIT, Office, new_key, problem

DISPATCH = {"lead": UNIT, "advice": "请现场核查"}


async def test_a_command_sent_twice_under_one_key_is_done_once(office: Office) -> None:
    number = await office("operator1").new_case()
    key = new_key()
    first = await office("dispatcher1").command(number, "dispatch_case", DISPATCH, key=key)
    again = await office("dispatcher1").command(number, "dispatch_case", DISPATCH, key=key)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert (await office("operator1").tags(number)).count("assignment:dispatched") == 1


async def test_its_receipt_stays_when_the_case_has_moved_on(office: Office) -> None:
    number = await office("operator1").new_case()
    key = new_key()
    first = await office("dispatcher1").command(number, "dispatch_case", DISPATCH, key=key)
    await office(HANDLER).command(number, "sign_for")
    again = await office("dispatcher1").command(number, "dispatch_case", DISPATCH, key=key)
    assert again.json() == first.json()
    assert (await office("operator1").case(number))["status"] == "in_hand"


async def test_five_at_once_under_one_key_are_one_command(office: Office) -> None:
    number = await office("operator1").new_case()
    key = new_key()
    answers = await asyncio.gather(
        *(office("dispatcher1").command(number, "dispatch_case", DISPATCH, key=key) for _ in range(5))
    )
    assert [answer.status_code for answer in answers] == [200] * 5
    assert len({answer.text for answer in answers}) == 1
    facts = await office("operator1").facts(number)
    assert [fact["tag"] for fact in facts].count("assignment:dispatched") == 1
    assert len({fact["command_id"] for fact in facts}) == 2


async def test_of_five_at_once_without_a_key_one_is_done(office: Office) -> None:
    number = await office("operator1").new_case()
    answers = await asyncio.gather(
        *(office("dispatcher1").command(number, "dispatch_case", DISPATCH) for _ in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert (await office("operator1").tags(number)).count("assignment:dispatched") == 1


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("dispatch_case", DISPATCH | {"advice": "请尽快核查"}),
        ("dispatch_case", {"lead": UNIT}),
        ("call_joint_review", {"participants": [UNIT], "reason": "职责交叉"}),
    ],
)
async def test_a_key_is_not_for_another_form_or_command(
    office: Office, kind: str, form: dict[str, object]
) -> None:
    number = await office("operator1").new_case()
    key = new_key()
    assert (
        await office("dispatcher1").command(number, "dispatch_case", DISPATCH, key=key)
    ).status_code == 200
    problem(await office("dispatcher1").command(number, kind, form, key=key), 422, "key_reused")
    assert (await office("operator1").case(number))["status"] == "awaiting_signature"


async def test_a_refused_command_may_be_sent_again_under_its_key_once_it_is_possible(office: Office) -> None:
    number = await office("operator1").new_case()
    key = new_key()
    complete = {"note": "地点为丽景小区 3 号楼"}
    early = await office("operator1").command(number, "complete_case", complete, key=key)
    problem(early, 409, "wrong_status")
    await office("operator1").command(number, "request_details", {"missing": ["place"]})
    again = await office("operator1").command(number, "complete_case", complete, key=key)
    assert again.status_code == 200


async def test_who_looked_at_an_older_version_is_told(office: Office) -> None:
    number = await office("operator1").new_case()
    seen = (await office("dispatcher1").case(number))["version"]
    await office("operator1").command(number, "add_facts", {"text": "今晚仍有噪音"})
    stale = await office("dispatcher1").command(number, "dispatch_case", DISPATCH, version=seen)
    problem(stale, 409, "stale_version")
    seen = (await office("dispatcher1").case(number))["version"]
    fresh = await office("dispatcher1").command(number, "dispatch_case", DISPATCH, version=seen)
    assert fresh.status_code == 200


@pytest.mark.parametrize("version", ["abc", "-1", "9" * 5_000, "1.5", "*"])
async def test_a_version_that_is_none_is_refused(office: Office, version: str) -> None:
    headers = {"If-Match": version}
    answer = await office(HANDLER).post(f"/cases/{'0' * 18}/commands/sign_for", {}, headers=headers)
    assert problem(answer, 422, "invalid_input")["field"] == "If-Match"


async def test_a_key_that_is_too_short_to_be_one_is_refused(office: Office) -> None:
    answer = await office("operator1").register(key="short")
    assert problem(answer, 422, "invalid_input")["field"] == "Idempotency-Key"

"""What a citizen does without an account: submit, follow, add facts, rate, within limits and with no inner matters."""

import re
from typing import Any

import pytest
import pytest_asyncio
from api_hands import HANDLER, UNIT, Office, advance, new_key, now, opened, problem

from runtime.settings import Settings

LAMP = {
    "title": "路灯不亮",
    "content": "丽景小区北门外三盏路灯已经两周不亮。",
    "name": "李四",
    "phone": "13900000000",
}


async def submitted(office: Office, **fields: Any) -> dict[str, Any]:
    answer = await office.nobody.post("/public/cases", LAMP | fields)
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


def code_of(receipt: dict[str, Any]) -> dict[str, str]:
    return {"X-Retrieval-Code": receipt["retrieval_code"]}


async def follow(office: Office, number: str, headers: dict[str, str]) -> Any:
    return await office.http.get(f"/api/v1/public/cases/{number}", headers=headers)


@pytest_asyncio.fixture(scope="module")
async def followed(office: Office) -> dict[str, Any]:
    """A submitted case whose reply was accepted."""
    receipt = await submitted(office)
    await advance(office, receipt["case_no"], until="review_reply")
    return receipt


async def test_a_citizen_follows_from_number_to_promise(office: Office) -> None:
    receipt = await submitted(office)
    number = receipt["case_no"]
    seen = (await follow(office, number, code_of(receipt))).json()
    assert (seen["status_label"], seen["handled_by"], seen["promised_at"]) == ("待受理", None, None)
    await advance(office, number, until="sign_for")
    seen = (await follow(office, number, code_of(receipt))).json()
    assert (seen["status_label"], seen["handled_by"]) == ("办理中", "市城市管理局")
    assert seen["promised_at"] is not None
    assert "5 个工作日" in seen["promised_because"][0]
    assert [step["label"] for step in seen["steps"]] == ["诉求已登记", "已派承办单位", "承办单位已签收"]
    assert (seen["answer"], seen["may_add_facts"], seen["may_rate"]) == (None, True, False)


async def test_a_dispute_between_units_is_no_matter_of_the_citizen(office: Office) -> None:
    receipt = await submitted(office)
    number = receipt["case_no"]
    await advance(office, number, until="dispatch_case")
    basis = {"evidence_id": "duties-1", "kind": "return", "made_at": now()}
    returned = {"legal_basis": "职责规定不含此项", "evidence": [basis]}
    assert (await office(HANDLER).command(number, "return_case", returned)).status_code == 200
    assert (await office("dispatcher1").case(number))["status"] == "return_review"
    seen = (await follow(office, number, code_of(receipt))).json()
    assert (seen["status"], seen["status_label"], seen["phase_label"]) == (
        "awaiting_dispatch",
        "待派遣",
        "分派",
    )


async def test_a_code_is_read_as_people_type_it(office: Office, followed: dict[str, Any]) -> None:
    typed = {"X-Retrieval-Code": f" {followed['retrieval_code'].lower()} "}
    assert (await follow(office, followed["case_no"], typed)).status_code == 200


async def test_a_citizen_reads_the_answer_and_no_inner_matter(
    office: Office, followed: dict[str, Any]
) -> None:
    answer = await follow(office, followed["case_no"], code_of(followed))
    assert answer.json()["answer"] == "已责令停止夜间施工并处罚"
    inner = ("请现场核查", "已电话了解情况", "事实清楚", "噪声污染防治法", "photo-1", "version", "command")
    assert not [word for word in inner if word in answer.text]
    accounts = (*office.tokens, UNIT, "handler", "dispatcher", "revisitor")
    assert not [account for account in accounts if account in answer.text]
    assert set(answer.json()) == {
        "case_no",
        "status",
        "status_label",
        "phase_label",
        "registered_at",
        "closed_at",
        "promised_at",
        "promise_provisional",
        "promised_because",
        "handled_by",
        "answer",
        "may_add_facts",
        "may_rate",
        "steps",
    }
    assert {key for step in answer.json()["steps"] for key in step} == {"at", "label"}


async def test_a_wrong_code_and_an_unknown_number_look_the_same(
    office: Office, followed: dict[str, Any]
) -> None:
    number = followed["case_no"]
    wrong = {"X-Retrieval-Code": "AAAAAA"}
    for method, path, body in (
        ("GET", "", None),
        ("POST", "/facts", {"text": "仍然不亮"}),
        ("POST", "/rating", {"solved": True, "satisfaction": 5}),
    ):
        answers = [
            await office.http.request(method, f"/api/v1/public/cases/{case}{path}", headers=wrong, json=body)
            for case in (number, "2" * 18, "abc")
        ]
        assert len({answer.text for answer in answers}) == 1
        problem(answers[0], 404, "case_not_found")
    problem(await follow(office, number, {}), 422, "invalid_input")


async def test_a_code_opens_its_own_case_only(office: Office, followed: dict[str, Any]) -> None:
    other = await submitted(office)
    problem(await follow(office, followed["case_no"], code_of(other)), 404, "case_not_found")


async def test_a_citizen_adds_facts_once_per_key(office: Office) -> None:
    receipt = await submitted(office)
    number, headers = receipt["case_no"], code_of(receipt) | {"Idempotency-Key": new_key()}
    for _ in range(2):
        answer = await office.http.post(
            f"/api/v1/public/cases/{number}/facts", json={"text": "今晚仍然不亮"}, headers=headers
        )
        assert answer.status_code == 200, answer.text
    facts = await office("operator1").facts(number)
    added = [fact for fact in facts if fact["tag"] == "intake:facts_added"]
    assert [fact["actor"]["role"] for fact in added] == ["citizen"]


async def test_a_citizen_answers_the_revisit_by_rating(office: Office, followed: dict[str, Any]) -> None:
    number, headers = followed["case_no"], code_of(followed)
    seen = (await follow(office, number, headers)).json()
    assert seen["may_rate"]
    rating = {"solved": True, "satisfaction": 5, "opinion": "谢谢"}
    path = f"/api/v1/public/cases/{number}/rating"
    done = await office.http.post(path, json=rating, headers=headers)
    assert (done.json()["status"], done.json()["status_label"]) == ("completed", "办结")
    seen = (await follow(office, number, headers)).json()
    assert (seen["may_add_facts"], seen["status"]) == (False, "completed")
    assert "谢谢" in (await office("operator1").get(f"/cases/{number}/facts")).json()["texts"].values()


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"title": " "}, "title"),
        ({"content": ""}, "content"),
        ({"phone": "打李四的电话"}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"name": ""}, "name"),
        ({"lead": UNIT}, "lead"),
    ],
)
async def test_what_a_citizen_got_wrong_is_named_as_on_the_form(
    office: Office, fields: dict[str, str], at_fault: str
) -> None:
    answer = await office.nobody.post("/public/cases", LAMP | fields)
    assert problem(answer, 422, "invalid_input")["field"] == at_fault
    assert not re.search("李四|路灯|13900000000", answer.text)


async def test_a_submission_is_registered_once_per_key(office: Office) -> None:
    key = new_key()
    receipts = [(await office.nobody.post("/public/cases", LAMP, key=key)).json() for _ in range(2)]
    assert receipts[0] | {"replayed": True} == receipts[1]
    problem(
        await office.nobody.post("/public/cases", LAMP | {"title": "路灯太亮"}, key=key), 422, "key_reused"
    )


async def test_too_many_requests_are_told_when_to_come_back(
    api_settings: Settings, tokens: dict[str, str], followed: dict[str, Any]
) -> None:
    limits = {"public_submit_limit": "1/hour", "public_follow_limit": "2/hour"}
    async with opened(api_settings.model_copy(update=limits), tokens) as office:
        codes = [(await follow(office, followed["case_no"], code_of(followed))).status_code for _ in range(3)]
        assert codes == [200, 200, 429]
        assert (await office.nobody.post("/public/cases", LAMP)).status_code == 201
        answer = await office.nobody.post("/public/cases", LAMP)
        problem(answer, 429, "too_many_requests")
        assert 0 < int(answer.headers["retry-after"]) <= 3600
        # Those with an account are not slowed down by it.
        assert (await office("operator1").get("/cases")).status_code == 200


async def test_guessing_the_code_of_one_case_is_limited_whoever_guesses(
    api_settings: Settings, tokens: dict[str, str], followed: dict[str, Any]
) -> None:
    async with opened(api_settings.model_copy(update={"public_follow_limit": "2/hour"}), tokens) as office:
        answers = [
            await follow(office, followed["case_no"], {"X-Retrieval-Code": f"AAAAA{n}"}) for n in (3, 4, 6)
        ]
        assert [answer.status_code for answer in answers] == [404, 404, 429]


async def test_a_citizen_may_ask_for_secrecy(office: Office) -> None:
    number = (await submitted(office, secret=True))["case_no"]
    await advance(office, number, until="dispatch_case")
    assert (await office(HANDLER).case(number))["caller"] is None
    assert (await office("operator1").case(number))["channel"] == "web"

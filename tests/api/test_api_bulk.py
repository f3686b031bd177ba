"""One command for many cases: a result for each row, and no row stands in the way of another."""

import pytest
import pytest_asyncio
from api_hands import UNIT, Office, new_key, problem

from api.gateway import CaseGateway, EngineUnavailable
from hotline.identifiers import CaseNo


@pytest_asyncio.fixture(scope="module")
async def numbers(office: Office) -> list[str]:
    return [await office("operator1").new_case() for _ in range(3)]


def dispatch(number: str, **row: object) -> dict[str, object]:
    return {"case_no": number, "form": {"lead": UNIT, "advice": "请现场核查"}} | row


async def test_every_row_has_its_result_and_bad_rows_stop_no_other(
    office: Office, numbers: list[str]
) -> None:
    key = new_key()
    rows = {
        "items": [
            dispatch(numbers[0]),
            dispatch("0" * 18),
            dispatch(numbers[1], form={"lead": "U999"}),
            dispatch(numbers[1], expected_version=99),
            dispatch(numbers[2]),
        ]
    }
    answer = await office("dispatcher1").post("/bulk/dispatch_case", rows, key=key)
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [row["case_no"] for row in results] == [row["case_no"] for row in rows["items"]]
    assert [row["ok"] for row in results] == [True, False, False, False, True]
    assert [row["problem"] and row["problem"]["code"] for row in results] == [
        None,
        "case_not_found",
        "unit_unknown",
        "stale_version",
        None,
    ]
    assert results[0]["receipt"]["status"] == "awaiting_signature"

    again = await office("dispatcher1").post("/bulk/dispatch_case", rows, key=key)
    assert [row["receipt"] for row in again.json()["results"]] == [row["receipt"] for row in results]
    for number, dispatched in zip(numbers, (1, 0, 1), strict=True):
        assert (await office("operator1").tags(number)).count("assignment:dispatched") == dispatched


async def test_the_rules_are_those_of_the_single_command(office: Office, numbers: list[str]) -> None:
    answer = await office("auditor1").post("/bulk/dispatch_case", {"items": [dispatch(numbers[1])]})
    problem(answer, 403, "role_not_permitted")


async def test_an_empty_form_may_be_left_out(office: Office, numbers: list[str]) -> None:
    rows = {"items": [{"case_no": numbers[0]}, {"case_no": numbers[2]}]}
    answer = await office(f"handler-{UNIT}").post("/bulk/sign_for", rows)
    assert [row["receipt"]["status"] for row in answer.json()["results"]] == ["in_hand", "in_hand"]


@pytest.mark.parametrize("count", [0, 101])
async def test_a_bulk_has_between_one_and_a_hundred_rows(office: Office, count: int) -> None:
    answer = await office("dispatcher1").post("/bulk/dispatch_case", {"items": [dispatch("0" * 18)] * count})
    assert problem(answer, 422, "invalid_input")["field"] == "items"


async def test_a_hundred_rows_are_answered(office: Office) -> None:
    answer = await office("dispatcher1").post("/bulk/dispatch_case", {"items": [dispatch("0" * 18)] * 100})
    assert [row["ok"] for row in answer.json()["results"]] == [False] * 100


async def test_with_the_engine_away_a_bulk_does_not_wait_for_every_row(
    office: Office, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def nobody_answers(_: CaseGateway, case_no: CaseNo, __: object) -> None:
        asked.append(case_no)
        raise EngineUnavailable(case_no)

    monkeypatch.setattr(CaseGateway, "send", nobody_answers)
    rows = {"items": [{"case_no": number, "form": {"text": "今晚仍有噪音"}} for number in numbers * 3]}
    results = (await office("operator1").post("/bulk/add_facts", rows)).json()["results"]
    assert [row["problem"]["code"] for row in results] == ["engine_unavailable"] * 9
    assert [row["case_no"] for row in results] == numbers * 3
    assert asked == numbers[:2]


async def test_a_row_of_the_wrong_shape_is_named_by_its_place(office: Office) -> None:
    rows = {"items": [dispatch("0" * 18), {"case_no": "0" * 18, "form": {}}]}
    answer = await office("dispatcher1").post("/bulk/dispatch_case", rows)
    assert problem(answer, 422, "invalid_input")["field"] == "items.1.form.lead"

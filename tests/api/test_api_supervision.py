"""Supervision over HTTP: an order is issued, answered, reviewed; a card is appealed; every list tells it."""

from typing import Any

import pytest
import pytest_asyncio
from api_hands import HANDLER, HEAD, OTHER_UNIT, UNIT, Office, advance, problem


@pytest_asyncio.fixture
async def in_hand(office: Office) -> str:
    number = await office("operator1").new_case()
    await advance(office, number, until="log_contact")
    return number


async def issue_card(office: Office, number: str) -> str:
    form = {"unit": UNIT, "card": "yellow_card", "person": HANDLER, "reason": "逾期未办结"}
    answer = await office("supervisor1").command(number, "issue_card", form)
    assert answer.status_code == 200, answer.text
    return f"{number}-HP01"


async def supervision(office: Office, number: str, user: str = HEAD) -> dict[str, Any]:
    answer = await office(user).get(f"/cases/{number}/supervision")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def numbers(office: Office, listed: str, **asked: Any) -> list[str]:
    page = (await office("supervisor1").get(f"/supervision/{listed}", **asked)).json()
    return [item["number"] for item in page["items"]]


async def points_of_unit(office: Office) -> int:
    board = (await office("supervisor1").get("/supervision/points", by="unit")).json()
    return next((line["points"] for line in board["items"] if line["code"] == UNIT), 0)


async def test_order_is_issued_answered_and_reviewed(office: Office, in_hand: str) -> None:
    order = f"{in_hand}-DB01"
    demand = {"unit": UNIT, "demand": "请书面说明进展"}
    assert (await office("leader1").command(in_hand, "issue_supervision_order", demand)).status_code == 200
    [told] = (await supervision(office, in_hand))["measures"]
    assert (told["number"], told["kind_label"]) == (order, "督办单")
    assert told["answer_until"]
    assert order in await numbers(office, "orders", state="awaits_answer", unit=UNIT)
    answer = {"number": order, "text": "已责令停工"}
    assert (await office(HEAD).command(in_hand, "answer_supervision_order", answer)).status_code == 200
    assert order in await numbers(office, "orders", state="awaits_review")
    review = {"number": order, "accepted": True, "opinion": "同意"}
    assert (
        await office("supervisor1").command(in_hand, "review_supervision_answer", review)
    ).status_code == 200
    assert (await supervision(office, in_hand))["measures"][0]["settled"]


async def test_upheld_appeal_takes_the_points_back(office: Office, in_hand: str) -> None:
    before = await points_of_unit(office)
    card = await issue_card(office, in_hand)
    assert await points_of_unit(office) == before + 2
    grounds = {"number": card, "grounds": "停电期间无法办理"}
    assert (await office(HEAD).command(in_hand, "appeal_rung", grounds)).status_code == 200
    assert card in await numbers(office, "cards", state="under_appeal")
    ruling = {"number": card, "upheld": True, "reason": "情况属实"}
    refused = await office("supervisor1").command(in_hand, "decide_appeal", ruling)
    problem(refused, 403, "own_measure")
    assert (await office("supervisor2").command(in_hand, "decide_appeal", ruling)).status_code == 200
    assert card in await numbers(office, "cards", state="reversed")
    assert await points_of_unit(office) == before


async def test_card_names_a_person_of_its_own_unit(office: Office, in_hand: str) -> None:
    form = {"unit": UNIT, "card": "red_card", "person": f"handler-{OTHER_UNIT}", "reason": "逾期"}
    refused = await office("supervisor1").command(in_hand, "issue_card", form)
    problem(refused, 422, "person_of_another_unit")


async def test_skipped_rung_is_told_with_its_reasons(office: Office, in_hand: str) -> None:
    form = {"clock_id": "handling:1", "rung": "yellow_card", "reason": "直接督办"}
    assert (await office("supervisor1").command(in_hand, "skip_rung", form)).status_code == 200
    [climbed] = (await supervision(office, in_hand))["climbed"]
    assert (climbed["rung_label"], climbed["skipped_by"]) == ("黄牌", "supervisor1")
    assert "default/3" in climbed["because"][0]


async def test_case_in_charge_is_told(office: Office, in_hand: str) -> None:
    taken = await office("leader1").command(in_hand, "take_in_charge", {"plan": "每周调度"})
    assert taken.status_code == 200, taken.text
    assert (await supervision(office, in_hand))["in_charge"] == "leader1"


async def test_measures_are_kept_from_units_that_do_not_see_the_case(office: Office, in_hand: str) -> None:
    card = await issue_card(office, in_hand)
    stranger = office(f"head-{OTHER_UNIT}")
    assert (await stranger.get(f"/cases/{in_hand}/supervision")).status_code == 404
    page = (await stranger.get("/supervision/cards")).json()
    assert card not in {item["number"] for item in page["items"]}


@pytest.mark.parametrize("listed", ["urges", "orders", "cards", "interviews", "notices"])
async def test_lists_page_to_their_end(office: Office, in_hand: str, listed: str) -> None:
    for _ in range(3):
        form = {"unit": UNIT, "reason": "请抓紧办理"}
        assert (await office("supervisor1").command(in_hand, "urge", form)).status_code == 200
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await office("supervisor1").get(f"/supervision/{listed}", limit=2, **cursor)).json()
        found += [item["number"] for item in page["items"]]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == list(dict.fromkeys(found))
    own = {number for number in found if number.startswith(in_hand)}
    assert own == ({f"{in_hand}-CB0{n}" for n in (1, 2, 3)} if listed == "urges" else set())

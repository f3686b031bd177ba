"""Supervision over HTTP: an order is issued, answered, reviewed; a card is appealed; every list tells it."""

from datetime import UTC, datetime, timedelta
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


async def test_unit_that_has_lost_the_case_appeals_what_was_laid_upon_it(
    office: Office, in_hand: str
) -> None:
    card = await issue_card(office, in_hand)
    photo = {"evidence_id": "basis-1", "kind": "return", "made_at": datetime.now(UTC).isoformat()}
    returning = {"legal_basis": "《城市管理执法办法》第八条", "evidence": [photo]}
    await command(office, HANDLER, in_hand, "return_case", returning)
    await command(office, "dispatcher1", in_hand, "rule_on_return", {"upheld": True, "reason": "属实"})
    await command(office, "dispatcher1", in_hand, "dispatch_case", {"lead": OTHER_UNIT})
    order = {"unit": OTHER_UNIT, "demand": "请说明进展"}
    await command(office, "supervisor1", in_hand, "issue_supervision_order", order)
    assert (await office(HEAD).get(f"/cases/{in_hand}")).status_code == 404
    listed = {
        kind: {item["number"] for item in (await office(HEAD).get(f"/supervision/{kind}")).json()["items"]}
        for kind in ("cards", "orders")
    }
    assert card in listed["cards"]
    assert f"{in_hand}-DB01" not in listed["orders"], "what was laid upon the other unit is not theirs to see"
    grounds = {"number": card, "grounds": "停电期间无法办理"}
    problem(
        await office(HEAD).command(in_hand, "appeal_rung", grounds | {"number": f"{in_hand}-DB01"}),
        403,
        "not_addressed",
    )
    problem(await office("head-U110").command(in_hand, "appeal_rung", grounds), 404, "case_not_found")
    await command(office, HEAD, in_hand, "appeal_rung", grounds)
    problem(
        await office(HEAD).command(in_hand, "recuse", {"person": HEAD, "reason": "回避"}),
        404,
        "case_not_found",
    )


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


async def published(office: Office, text: str) -> list[dict[str, Any]]:
    page = (await office.nobody.get("/public/supervision", limit=100)).json()
    return [item for item in page["items"] if item["text"] == text]


async def command(office: Office, user: str, number: str, kind: str, form: dict[str, Any]) -> None:
    answer = await office(user).command(number, kind, form)
    assert answer.status_code == 200, (kind, answer.text)


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


async def test_public_reads_of_a_listed_case_what_another_person_approved(
    office: Office, in_hand: str
) -> None:
    text, listing = "某工地夜间施工扰民，限期整改", f"{in_hand}-GP01"
    form = {"unit": UNIT, "demand": "王小明反映的问题须限期解决", "due_on": in_days(20), "public_text": text}
    await command(office, "leader1", in_hand, "list_for_supervision", form)
    assert listing in await numbers(office, "listings", state="awaits_approval")
    assert await published(office, text) == []
    approval = {"number": listing, "approved": True, "reason": "已脱敏"}
    await command(office, "supervisor1", in_hand, "approve_notice", approval)
    [told] = await published(office, text)
    assert (told["kind_label"], told["unit"], told["state_label"], told["due_on"]) == (
        "挂牌督办",
        "市城市管理局",
        "督办中",
        in_days(20),
    )
    assert in_hand not in str(told)
    await command(office, "supervisor1", in_hand, "end_listing", {"number": listing, "reason": "整改到位"})
    assert [item["state_label"] for item in await published(office, text)] == ["已摘牌"]


async def test_notice_that_was_not_approved_or_was_withdrawn_is_not_read_in_public(
    office: Office, in_hand: str
) -> None:
    for number, approved in (("01", False), ("02", True)):
        form = {"unit": UNIT, "text": f"{in_hand} 通报 {number}，来电 13812345678", "public": True}
        await command(office, "supervisor1", in_hand, "circulate_notice", form)
        ruling = {"number": f"{in_hand}-TB{number}", "approved": approved, "reason": "审核"}
        await command(office, "supervisor2", in_hand, "approve_notice", ruling)
    items = (await office.nobody.get("/public/supervision", kind="notice", limit=1)).json()["items"]
    [told] = items
    assert "通报 02" in told["text"]
    assert "13812345678" not in told["text"], "what the approver overlooked"
    await command(office, HEAD, in_hand, "appeal_rung", {"number": f"{in_hand}-TB02", "grounds": "情况不实"})
    upheld = {"number": f"{in_hand}-TB02", "upheld": True, "reason": "情况属实"}
    await command(office, "leader1", in_hand, "decide_appeal", upheld)
    items = (await office.nobody.get("/public/supervision", kind="notice", limit=1)).json()["items"]
    assert [(item["text"], item["state_label"]) for item in items] == [(None, "申诉成立，已撤销")]


async def test_joint_supervision_is_closed_once_when_every_party_is_done(
    office: Office, in_hand: str
) -> None:
    await command(office, "supervisor1", in_hand, "start_joint_supervision", {"plan": "室组地联动"})
    parts: tuple[dict[str, Any], ...] = (
        {"party": "group", "person": "discipline1", "due_on": in_days(5), "task": "跟进监督"},
        {"party": "department", "unit": UNIT, "person": HEAD, "due_on": in_days(9), "task": "现场整改"},
    )
    for part in parts:
        await command(office, "supervisor1", in_hand, "add_joint_action", part)
    foreign = parts[1] | {"person": f"head-{OTHER_UNIT}"}
    refused = await office("supervisor1").command(in_hand, "add_joint_action", foreign)
    problem(refused, 422, "person_of_another_unit")
    joint = (await supervision(office, in_hand))["joint"]
    assert (joint["number"], [part["due_on"] for part in joint["actions"]]) == (
        f"{in_hand}-SZ01",
        [in_days(5), in_days(9)],
    )
    close = {"conclusion": "各方分工完成"}
    problem(
        await office("supervisor1").command(in_hand, "close_joint_supervision", close),
        422,
        "joint_actions_open",
    )
    await command(office, "discipline1", in_hand, "report_joint_action", {"action": 1, "text": "已跟进"})
    await command(office, HEAD, in_hand, "report_joint_action", {"action": 2, "text": "已整改"})
    await command(office, "supervisor1", in_hand, "close_joint_supervision", close)
    assert (await supervision(office, in_hand))["joint"] is None


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

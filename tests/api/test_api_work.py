"""待办: each group counts and lists its cases alone, with the clock that presses, for whom it is."""

from io import BytesIO
from typing import Any

import pytest
from api_hands import HANDLER, HEAD, OTHER_UNIT, Office, Person, advance, now, problem, reply
from PIL import Image

UNIT_B = "U140"
HANDLER_B, HEAD_B = f"handler-{UNIT_B}", f"head-{UNIT_B}"


async def waiting(person: Person, group: str) -> dict[str, dict[str, Any]]:
    """The rows of a group by their numbers; the board says as many."""
    answer = await person.get(f"/work/{group}", limit=1000)
    assert answer.status_code == 200, answer.text
    rows = {line["case"]["case_no"]: line for line in answer.json()["items"]}
    board = (await person.get("/work")).json()["items"]
    assert {one["group"]: one["count"] for one in board}[group] == len(rows)
    return rows


async def dispatched(office: Office, unit: str = UNIT_B, **form: Any) -> str:
    number = await office("operator1").new_case()
    done = await office("dispatcher1").command(number, "dispatch_case", {"lead": unit} | form)
    assert done.status_code == 200, done.text
    return number


async def done(person: Person, number: str, kind: str, **form: Any) -> None:
    answer = await person.command(number, kind, form)
    assert answer.status_code == 200, (kind, answer.text)


async def test_case_goes_from_group_to_group_as_it_is_worked_on(office: Office) -> None:
    handler, dispatcher = office(HANDLER_B), office("dispatcher1")
    new = await office("operator1").new_case()
    assert new in await waiting(dispatcher, "to_dispatch")
    number = await dispatched(office)
    assert number not in await waiting(dispatcher, "to_dispatch")
    assert number in await waiting(handler, "to_sign")
    await done(handler, number, "sign_for")
    assert number not in await waiting(handler, "to_sign")
    row = (await waiting(handler, "in_hand"))[number]
    assert (row["clock"]["kind"], row["clock"]["held"]) == ("handling", False)
    # Five days, of which the day of the dispatch is none: before its opening it is still to come as well.
    assert 0 < row["clock"]["working_seconds"] <= 6 * row["clock"]["working_day_seconds"]
    await done(handler, number, "log_contact", outcome="reached", at=now())
    await done(handler, number, "submit_reply", **reply(signer=HEAD_B))
    assert number not in await waiting(handler, "in_hand")
    assert number in await waiting(dispatcher, "replies")
    await done(office("dispatcher2"), number, "review_reply", accepted=False, opinion="请补充现场照片")
    assert number in await waiting(handler, "rework")


async def test_return_counts_its_bounces_at_the_dispute_desk(office: Office) -> None:
    number = await dispatched(office)
    scan = {"evidence_id": "scan-1", "kind": "return", "made_at": now()}
    await done(office(HANDLER_B), number, "return_case", legal_basis="不属于本单位职责", evidence=[scan])
    row = (await waiting(office("dispatcher1"), "returns"))[number]
    assert (row["returns"], row["clock"]["kind"]) == (1, "return_ruling")
    await done(
        office("dispatcher1"),
        number,
        "call_joint_review",
        participants=[UNIT_B, OTHER_UNIT],
        reason="职责交叉",
    )
    row = (await waiting(office("dispatcher1"), "joint_reviews"))[number]
    assert (row["returns"], row["joint_reviews"]) == (1, 1)


async def test_extension_waits_for_the_head_unless_it_is_too_long_or_their_own(office: Office) -> None:
    numbers = [await dispatched(office) for _ in range(3)]
    for number in numbers:
        await done(office(HANDLER_B), number, "sign_for")
    short, long, own = numbers
    await done(office(HANDLER_B), short, "request_extension", days=3, reason="需要检测")
    await done(office(HANDLER_B), long, "request_extension", days=8, reason="需要检测")
    await done(office(HEAD_B), own, "request_extension", days=3, reason="需要检测")
    rows = await waiting(office(HEAD_B), "to_approve")
    assert rows[short]["extension_days"] == 3
    assert not {long, own} & rows.keys()
    assert {short, long, own} <= (await waiting(office("dispatcher1"), "requests")).keys()
    await done(office(HEAD_B), short, "decide_extension", approved=True, reason="同意")
    assert short not in await waiting(office(HEAD_B), "to_approve")
    assert short not in await waiting(office("dispatcher1"), "requests")


async def test_assisting_unit_has_its_part_until_it_has_replied(office: Office) -> None:
    number = await dispatched(office, assists=[{"unit": OTHER_UNIT, "days": 2}])
    await done(office(HANDLER_B), number, "sign_for")
    assistant = office(f"handler-{OTHER_UNIT}")
    assert (await waiting(assistant, "assist"))[number]["clock"]["kind"] == "assist"
    assert number not in await waiting(assistant, "in_hand")
    assert number not in await waiting(office(HANDLER_B), "assist")
    await done(assistant, number, "assist_reply", text="已核实", evidence=[])
    assert number not in await waiting(assistant, "assist")


async def test_unit_sees_its_own_work_and_nobody_elses(office: Office) -> None:
    number = await dispatched(office)
    for group in ("to_sign", "due_today", "in_hand"):
        assert number not in await waiting(office(HANDLER), group)
    assert number in await waiting(office(HANDLER_B), "to_sign")


async def test_queue_suggests_a_unit_but_never_the_one_that_is_complained_about(office: Office) -> None:
    nobody = {"caller_phone": None, "anonymous": True}
    matter: dict[str, Any] = {"category": "测试/待派遣建议", "area": "420177"} | nobody
    for _ in range(3):
        number = await office("operator1").new_case(**matter)
        await advance(office, number, until="sign_for")
    plain = await office("operator1").new_case(**matter)
    accusing = await office("operator1").new_case(**matter, accused_units=["U120"])
    rows = await waiting(office("dispatcher1"), "to_dispatch")
    assert [one["unit"] for one in rows[plain]["suggestions"]] == ["U120"]
    assert rows[accusing]["suggestions"] == []
    offer = (await office("dispatcher1").get("/bulk", case_no=[plain, accusing])).json()
    assert [[one["unit"] for one in case["suggestions"]] for case in offer["cases"]] == [["U120"], []]


async def test_group_of_another_role_is_none(office: Office) -> None:
    problem(await office(HANDLER).get("/work/to_dispatch"), 404, "work_group_unknown")
    problem(await office(HANDLER).get("/work/to_approve"), 404, "work_group_unknown")
    assert (await office(HEAD).get("/work/to_approve")).status_code == 200
    problem(await office("revisitor1").get("/work"), 403, "role_not_permitted")


async def test_bulk_offers_what_rows_have_in_common_and_leaves_out_what_is_not_there(office: Office) -> None:
    signed, unsigned = await dispatched(office), await dispatched(office)
    foreign = await dispatched(office, OTHER_UNIT)
    await done(office(HANDLER_B), signed, "sign_for")
    answer = await office(HANDLER_B).get("/bulk", case_no=[unsigned, signed, foreign, "0" * 18])
    offer = answer.json()
    assert [case["case_no"] for case in offer["cases"]] == [unsigned, signed]
    counts = {one["kind"]: one["count"] for one in offer["commands"]}
    assert (counts["sign_for"], counts["submit_reply"], counts["log_contact"]) == (1, 1, 2)
    assert "dispatch_case" not in counts


@pytest.mark.parametrize("numbers", [[], ["1"], ["0" * 18] * 101])
async def test_bulk_of_nothing_of_nonsense_or_of_too_many_is_refused(
    office: Office, numbers: list[str]
) -> None:
    problem(await office(HANDLER).get("/bulk", case_no=numbers), 422, "invalid_input")


async def test_checklist_of_a_reply_says_what_the_guards_will_ask(office: Office) -> None:
    number = await dispatched(office, assists=[{"unit": OTHER_UNIT, "days": 2}])
    handler = office(HANDLER_B)
    await done(handler, number, "sign_for")

    async def open_points() -> list[str]:
        items = (await handler.get(f"/cases/{number}/closing")).json()["items"]
        assert [one["requirement"] for one in items if one["met"] is None] == ["citation", "signer"]
        return [one["requirement"] for one in items if one["met"] is False]

    assert await open_points() == ["assists", "contact", "handling"]
    refused = await handler.command(number, "submit_reply", reply(signer=HEAD_B))
    problem(refused, 422, "assist_open")
    await done(office(f"handler-{OTHER_UNIT}"), number, "assist_reply", text="已核实", evidence=[])
    assert await open_points() == ["contact", "handling"]
    refused = await handler.command(number, "submit_reply", reply(signer=HEAD_B))
    problem(refused, 422, "contact_evidence_missing")
    await done(handler, number, "log_contact", outcome="reached", at=now())
    drawn = BytesIO()
    Image.new("RGB", (8, 8), "green").save(drawn, "PNG")
    assert (await handler.upload(number, drawn.getvalue(), "整改.png")).status_code == 201
    assert await open_points() == []
    assert (await handler.command(number, "submit_reply", reply(signer=HEAD_B))).status_code == 200

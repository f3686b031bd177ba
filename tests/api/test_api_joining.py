"""Cases joined through the API: one unit works once, and every caller is revisited on their own."""

from api_hands import SATISFIED, UNIT, Office, advance, problem, reply
from fixtures.eventually import assert_eventually


async def test_a_joined_case_is_revisited_on_its_own_once_the_masters_reply_is_accepted(
    office: Office,
) -> None:
    operator, dispatcher = office("operator1"), office("dispatcher1")
    master, member = [await operator.new_case() for _ in range(2)]
    join = {"into": master, "reason": "同一工地夜间施工"}
    refused = await dispatcher.command(member, "join_case", join)
    assert problem(refused, 422, "master_not_in_hand")["field"] == "into"

    await advance(office, master, until="log_contact")
    joined = await dispatcher.command(member, "join_case", join)
    assert joined.json()["status"] == "in_hand"

    async def knows_its_member() -> None:
        assert (await dispatcher.case(master))["members"] == [member]

    await assert_eventually(knows_its_member)
    assert (await office(f"handler-{UNIT}").case(member))["joined_to"] == master
    alone = await office(f"head-{UNIT}").command(member, "submit_reply", {"text": "单独回复"})
    problem(alone, 422, "case_is_joined")

    for user, kind, form in (
        (f"head-{UNIT}", "submit_reply", reply()),
        ("dispatcher2", "review_reply", {"accepted": True}),
    ):
        assert (await office(user).command(master, kind, form)).status_code == 200

    async def awaits_its_revisit() -> None:
        assert (await dispatcher.case(member))["status"] == "awaiting_revisit"

    await assert_eventually(awaits_its_revisit)
    revisited = await office("revisitor1").command(member, "record_revisit", SATISFIED)
    assert revisited.json()["status"] == "completed"
    # The master's own caller has not been asked yet.
    assert (await dispatcher.case(master))["status"] == "awaiting_revisit"
    texts = (await dispatcher.get(f"/cases/{member}/facts")).json()["texts"]
    assert "已责令停止夜间施工并处罚" in texts.values()


async def test_a_case_that_is_not_there_cannot_be_joined(office: Office) -> None:
    number = await office("operator1").new_case()
    for into in ("0" * 18, "nowhere"):
        refused = await office("dispatcher1").command(number, "join_case", {"into": into, "reason": "重复"})
        assert problem(refused, 422, "master_unknown")["field"] == "into"
    refused = await office("dispatcher1").command(number, "join_case", {"into": number, "reason": "重复"})
    problem(refused, 422, "master_not_in_hand")

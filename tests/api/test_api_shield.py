"""Who is kept from a case: the accused unit and those below it, the recused, groups that it does not concern."""

import asyncio
from typing import Any

import httpx
import pytest
import pytest_asyncio
from api_hands import (
    HANDLER,
    HEAD,
    OTHER_UNIT,
    SATISFIED,
    UNIT,
    Office,
    Person,
    advance,
    new_key,
    problem,
    reply,
)
from fixtures.eventually import assert_eventually

from hotline.identifiers import UserId
from store.accounts import user_of
from store.live import CaseChange
from store.viewers import viewer

DISTRICT, STREET, SIBLING = "U310", "U311", "U312"
WORDS = "关于城管执法人员的投诉"


def classification(*accused: str) -> dict[str, Any]:
    return {"classification": {"type": "complaint", "accused_units": list(accused)}, "reason": "核实后补充"}


async def listed(person: Person, **filters: Any) -> set[str]:
    answer = await person.get("/cases", limit=200, **filters)
    assert answer.status_code == 200, answer.text
    return {row["case_no"] for row in answer.json()["items"]}


async def every_way_in(person: Person, number: str) -> list[httpx.Response]:
    """Whatever somebody of a unit can ask about one case."""
    form = {"text": "打听一下"}
    return [
        await person.get(f"/cases/{number}"),
        await person.get(f"/cases/{number}/facts"),
        await person.command(number, "report_progress", form),
        await person.command(number, "sign_for"),
        await person.command(number, "submit_reply", reply()),
        await person.command(number, "recuse", {"person": HANDLER, "reason": "打听一下"}),
    ]


async def knows_nothing_of(person: Person, number: str, **filters: Any) -> None:
    """Not in any list, not by search, not in bulk, and in the words of a number that does not exist."""
    nowhere = (await person.get(f"/cases/{'0' * 18}")).json()
    for answer in await every_way_in(person, number):
        assert problem(answer, 404, "case_not_found") == nowhere
    assert number not in await listed(person)
    assert number not in await listed(person, open=True, **filters)
    assert number not in await listed(person, text=WORDS[:6])
    rows = {"items": [{"case_no": number, "form": {"text": "打听一下"}}]}
    (row,) = (await person.post("/bulk/report_progress", rows, key=new_key())).json()["results"]
    told = {name: value for name, value in row["problem"].items() if value is not None}
    assert (row["ok"], told) == (False, nowhere)


async def in_hands_of(office: Office, unit: str, **fields: Any) -> str:
    """A case that a unit has signed for."""
    number = await office("operator1").new_case(**fields)
    done = await office("dispatcher1").command(number, "dispatch_case", {"lead": unit})
    assert done.status_code == 200, done.text
    assert (await office(f"handler-{unit}").command(number, "sign_for")).status_code == 200
    return number


# ── the accused unit 被反映单位 ────────────────────────────────────────────────────────────────


async def test_a_complaint_about_a_district_goes_to_no_street_of_it_and_is_known_to_none(
    office: Office,
) -> None:
    number = await office("operator1").new_case(title=WORDS, accused_units=[DISTRICT])
    for form in ({"lead": STREET}, {"lead": UNIT, "assists": [{"unit": SIBLING}]}, {"lead": DISTRICT}):
        refused = await office("dispatcher1").command(number, "dispatch_case", form)
        problem(refused, 422, "accused_unit")
    review = {"participants": [UNIT, STREET], "reason": "职责交叉"}
    refused = await office("dispatcher1").command(number, "call_joint_review", review)
    assert problem(refused, 422, "accused_unit")["field"] == "participants"
    await advance(office, number, until="sign_for")
    assert (await office(HANDLER).case(number))["case_no"] == number
    for unit in (DISTRICT, STREET):
        await knows_nothing_of(office(f"handler-{unit}"), number)
        await knows_nothing_of(office(f"head-{unit}"), number)


@pytest.mark.parametrize("until", ["dispatch_case", "sign_for", "submit_reply", "review_reply"])
async def test_a_unit_that_turns_out_to_be_meant_loses_the_case_at_once(office: Office, until: str) -> None:
    number = await office("operator1").new_case(title=WORDS)
    await advance(office, number, until=until)
    assert number in await listed(office(HANDLER), text=WORDS[:6])
    turned = await office("dispatcher1").command(number, "reclassify_case", classification(UNIT))
    assert (turned.status_code, turned.json()["status"]) == (200, "awaiting_dispatch"), turned.text
    for user in (HANDLER, HEAD):
        await knows_nothing_of(office(user), number, unit=UNIT)
    view = await office("operator1").case(number)
    assert (view["assignment"], view["owner_unit"]) == (None, "12345")
    problem(await office("dispatcher1").command(number, "dispatch_case", {"lead": UNIT}), 422, "accused_unit")
    again = await office("dispatcher1").command(number, "dispatch_case", {"lead": OTHER_UNIT})
    assert again.status_code == 200, again.text
    await knows_nothing_of(office(HANDLER), number)


async def test_a_closed_case_that_is_reopened_against_its_unit_is_out_of_its_sight(office: Office) -> None:
    number = await office("operator1").new_case(title=WORDS)
    await advance(office, number, until="record_revisit")
    assert number in await listed(office(HANDLER))
    facts = {"new_facts": "反映的正是城管执法", "relapse": False}
    assert (await office("dispatcher1").command(number, "reopen_case", facts)).status_code == 200
    assert (
        await office("operator1").command(number, "reclassify_case", classification(UNIT))
    ).status_code == 200
    await knows_nothing_of(office(HANDLER), number)


async def test_live_readers_of_the_accused_unit_hear_nothing_any_more(office: Office) -> None:
    number = await in_hands_of(office, UNIT)
    marker = await office("operator1").new_case()
    async with office.services.database.read() as session:
        handler = await user_of(session, UserId(HANDLER))
        assert handler is not None
        reader = await viewer(session, handler.actor)
    async with office.services.live.subscribe(reader) as changes:
        turned = await office("dispatcher1").command(number, "reclassify_case", classification(UNIT))
        assert turned.status_code == 200
        await office("dispatcher1").command(marker, "dispatch_case", {"lead": UNIT})
        heard: list[str] = []
        while marker not in heard:
            change = await asyncio.wait_for(anext(changes), 20)
            if isinstance(change, CaseChange):
                heard.append(change.case_no)
    assert number not in heard


@pytest_asyncio.fixture(scope="module")
async def linked(office: Office) -> tuple[str, str]:
    """A complaint about UNIT, and a repeat of it that is about somebody else and in UNIT's hands."""
    matter = {"caller_phone": "139-7777-1234", "category": "enforcement", "area": "xishan"}
    about_unit = await office("operator1").new_case(title=WORDS, accused_units=[UNIT], **matter)
    await assert_eventually(lambda: office("operator1").case(about_unit))
    repeat = await office("operator1").new_case(**matter)
    assert (await office("operator1").case(repeat))["repeat_of"] == about_unit
    form = {"lead": UNIT, "new_facts": "另有他人占道"}
    assert (await office("dispatcher1").command(repeat, "dispatch_case", form)).status_code == 200
    return about_unit, repeat


async def test_a_page_names_no_case_that_its_reader_may_not_know_of(
    office: Office, linked: tuple[str, str]
) -> None:
    about_unit, repeat = linked
    for path in (f"/cases/{repeat}", f"/cases/{repeat}/facts", "/cases"):
        told = await office(HANDLER).get(path)
        assert told.status_code == 200
        assert repeat in told.text
        assert about_unit not in told.text
    assert about_unit in (await office("dispatcher1").get(f"/cases/{repeat}")).text
    assert about_unit in (await office("dispatcher1").get(f"/cases/{repeat}/facts")).text


async def test_a_complaint_is_not_joined_to_a_case_in_the_hands_of_whom_it_is_about(office: Office) -> None:
    master = await office("operator1").new_case()
    form = {"lead": OTHER_UNIT, "assists": [{"unit": UNIT}, {"unit": STREET}]}
    assert (await office("dispatcher1").command(master, "dispatch_case", form)).status_code == 200
    assert (await office(f"handler-{OTHER_UNIT}").command(master, "sign_for")).status_code == 200
    for accused in (OTHER_UNIT, UNIT, STREET, DISTRICT):
        member = await office("operator1").new_case(accused_units=[accused])
        join = {"into": master, "reason": "同一事项"}
        refused = await office("dispatcher1").command(member, "join_case", join)
        assert problem(refused, 422, "accused_unit")["field"] == "into"


async def test_a_master_is_dispatched_to_nobody_a_member_complains_about(office: Office) -> None:
    master = await in_hands_of(office, "U130")
    member = await office("operator1").new_case(accused_units=[DISTRICT])
    join = {"into": master, "reason": "同一事项"}
    assert (await office("dispatcher1").command(member, "join_case", join)).status_code == 200

    async def has_heard() -> None:
        assert (await office("operator1").case(master))["members"] == [member]

    await assert_eventually(has_heard)
    turned = await office("dispatcher1").command(master, "reclassify_case", classification("U130"))
    assert turned.json()["status"] == "awaiting_dispatch"
    refused = await office("dispatcher1").command(master, "dispatch_case", {"lead": STREET})
    problem(refused, 422, "accused_unit")


# ── the tree 层级 ───────────────────────────────────────────────────────────────────────────────


async def test_a_district_looks_on_at_the_case_of_its_street(office: Office) -> None:
    number = await in_hands_of(office, STREET, title="街道办理的路面破损")
    for user in (f"handler-{DISTRICT}", f"head-{DISTRICT}"):
        district = office(user)
        view = await district.case(number)
        assert (view["assignment"]["lead"], view["caller"], view["next_actions"]) == (STREET, None, [])
        assert number in await listed(district)
        assert number in await listed(district, text="路面破损")
        assert (await district.facts(number))[0]["tag"] == "intake:registered"
        problem(await district.command(number, "report_progress", {"text": "代办"}), 403, "out_of_scope")
        problem(await district.post(f"/cases/{number}/evidence", {}), 403, "out_of_scope")
    assert (await office(f"handler-{STREET}").case(number))["caller"] is not None
    await knows_nothing_of(office(f"handler-{SIBLING}"), number)
    above = await in_hands_of(office, DISTRICT)
    await knows_nothing_of(office(f"handler-{STREET}"), above)


# ── discipline groups 派驻纪检监察组 ───────────────────────────────────────────────────────────────


async def test_a_stationed_group_knows_what_concerns_its_units_and_the_commission_everything(
    office: Office,
) -> None:
    led = await in_hands_of(office, UNIT)
    about = await office("operator1").new_case(accused_units=["U170"])
    other = await in_hands_of(office, OTHER_UNIT)
    await assert_eventually(lambda: office("discipline2").case(about))
    group, commission = await listed(office("discipline1")), await listed(office("discipline2"))
    assert {led, about, other} <= commission
    assert {led, about, other} & group == {led, about}
    problem(await office("discipline1").get(f"/cases/{other}"), 404, "case_not_found")
    problem(await office("discipline1").get(f"/cases/{other}/facts"), 404, "case_not_found")
    assert (await office("discipline1").case(led))["caller"] is None


# ── recusal 回避 ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("by", [HANDLER, "supervisor1", "operator1", "dispatcher2"])
async def test_whoever_is_recused_neither_sees_nor_acts_and_colleagues_go_on(office: Office, by: str) -> None:
    number = await in_hands_of(office, UNIT, title=WORDS)
    form = {"person": HANDLER, "reason": "与诉求人系亲属"}
    done = await office(by).command(number, "recuse", form)
    assert done.status_code == 200, done.text
    await knows_nothing_of(office(HANDLER), number)
    assert number in await listed(office(HEAD))
    progress = await office(HEAD).command(number, "report_progress", {"text": "改由他人办理"})
    assert progress.status_code == 200
    signer = await office(HEAD).command(number, "submit_reply", reply(signer=HANDLER))
    problem(signer, 422, "signer_not_head")
    lifted = await office("supervisor2").command(number, "lift_recusal", form)
    assert lifted.status_code == 200
    assert (await office(HANDLER).case(number))["case_no"] == number


async def test_staff_of_the_hotline_are_recused_like_anybody(office: Office) -> None:
    number = await office("operator1").new_case(title=WORDS)
    await advance(office, number, until="review_reply")
    form = {"person": "revisitor1", "reason": "与诉求人有利害关系"}
    assert (await office("revisitor1").command(number, "recuse", form)).status_code == 200
    problem(await office("revisitor1").get(f"/cases/{number}"), 404, "case_not_found")
    assert number not in await listed(office("revisitor1"), status="awaiting_revisit")
    problem(await office("revisitor1").command(number, "record_revisit", SATISFIED), 404, "case_not_found")
    done = await office("revisitor2").command(number, "record_revisit", SATISFIED)
    assert done.status_code == 200


async def test_only_an_account_that_exists_is_recused(office: Office) -> None:
    number = await in_hands_of(office, UNIT)
    form = {"person": "nobody", "reason": "查无此人"}
    refused = await office("supervisor1").command(number, "recuse", form)
    assert problem(refused, 422, "person_unknown")["field"] == "person"
    another = {"person": HEAD, "reason": "越权"}
    problem(await office(HANDLER).command(number, "recuse", another), 403, "recusal_of_another")

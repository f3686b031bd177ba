"""The life of a case as its people see it through the API."""

from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio
from api_hands import HEAD, SATISFIED, UNIT, Office, advance, now, problem, reply
from fixtures.eventually import assert_eventually


@pytest_asyncio.fixture(scope="module")
async def finished(office: Office) -> str:
    """A case that has lived to its end. Nothing here changes it."""
    number = await office("operator1").new_case()
    receipt = await advance(office, number, until="record_revisit")
    assert (receipt["status"], receipt["status_label"], receipt["phase"]) == ("completed", "办结", "closeout")
    return number


@pytest_asyncio.fixture(scope="module")
async def in_hand(office: Office) -> str:
    """A case whose unit has reached the caller. Nothing here changes it but refusals."""
    number = await office("operator1").new_case()
    await advance(office, number, until="log_contact")
    return number


async def test_a_complaint_lives_from_its_number_to_the_end(office: Office, finished: str) -> None:
    view = await office("operator1").case(finished)
    assert (view["status"], view["outcome"], view["phase_label"]) == ("completed", "satisfied", "办结归档")
    assert view["assignment"]["lead"] == UNIT
    assert view["closed_at"] is not None
    assert view["version"] == len(await office("operator1").facts(finished))


async def test_the_ledger_tells_the_life_with_its_texts(office: Office, finished: str) -> None:
    page = (await office("auditor1").get(f"/cases/{finished}/facts")).json()
    assert [fact["seq"] for fact in page["items"]] == list(range(1, len(page["items"]) + 1))
    assert [fact["tag"] for fact in page["items"] if not fact["tag"].startswith("clock:")] == [
        "intake:registered",
        "assignment:dispatched",
        "assignment:signed",
        "handling:contacted",
        "handling:reply_submitted",
        "review:accepted",
        "revisit:recorded",
        "closeout:closed",
    ]
    assert {
        "请现场核查",
        "已电话了解情况",
        "已责令停止夜间施工并处罚",
        "事实清楚",
        "处理及时",
    } <= set(page["texts"].values())


async def test_a_ledger_is_read_page_by_page(office: Office, finished: str) -> None:
    whole = await office("auditor1").facts(finished)
    pages: list[dict[str, object]] = []
    after: int | None = 0
    while after is not None:
        page = (await office("auditor1").get(f"/cases/{finished}/facts", after=after, limit=3)).json()
        assert len(page["items"]) <= 3
        pages += page["items"]
        after = page["next_after"]
    assert pages == whole


async def test_every_clock_says_why_it_is_due_when_it_is(office: Office) -> None:
    number = await office("operator1").new_case()
    await advance(office, number, until="dispatch_case")
    clocks = {clock["kind"]: clock for clock in (await office("dispatcher1").case(number))["clocks"]}
    assert set(clocks) == {"dispatch", "signature", "handling"}
    handling = clocks["handling"]
    assert (handling["holder"], handling["limit"], handling["label"]) == (UNIT, "5 wd", "办理")
    assert handling["because"][0] == "办理时限（投诉·一般）：5 个工作日，依据 default/3"
    assert "18:00 截止" in handling["because"][-1]
    assert handling["stopped_at"] is None
    assert not handling["overdue"]
    assert (clocks["dispatch"]["stop_reason"], clocks["dispatch"]["late"]) == ("met", False)


async def test_whoever_held_the_case_adds_up_to_its_age(office: Office, finished: str, in_hand: str) -> None:
    ended = await office("operator1").case(finished)
    assert held_for(ended) == pytest.approx(seconds(ended["registered_at"], ended["closed_at"]), abs=1e-3)
    before = now()
    running = await office("operator1").case(in_hand)
    assert seconds(running["registered_at"], before) <= held_for(running) + 1e-3
    assert held_for(running) <= seconds(running["registered_at"], now()) + 1e-3


async def test_each_desk_is_offered_what_it_may_do_next(office: Office) -> None:
    number = await office("operator1").new_case()
    assert "dispatch_case" in (await office("dispatcher1").case(number))["next_actions"]
    assert "dispatch_case" not in (await office("revisitor1").case(number))["next_actions"]
    await advance(office, number, until="dispatch_case")
    offered = (await office(f"handler-{UNIT}").case(number))["next_actions"]
    assert {"sign_for", "return_case"} <= set(offered)
    assert (await office("auditor1").case(number))["next_actions"] == ["recuse"]


@pytest.mark.parametrize("signer", [f"handler-{UNIT}", "head-U130", "dispatcher1", "nobody"])
async def test_a_reply_is_signed_by_the_head_of_the_unit_alone(
    office: Office, in_hand: str, signer: str
) -> None:
    refused = await office(f"handler-{UNIT}").command(in_hand, "submit_reply", reply(signer=signer))
    assert problem(refused, 422, "signer_not_head")["field"] == "signer"


async def test_a_plan_is_owned_by_somebody_of_the_unit(office: Office, in_hand: str) -> None:
    plan = {"plan": "纳入下月改造", "next_on": now()[:10]}
    refused = await office(HEAD).command(in_hand, "suspend_with_plan", plan | {"owner": "head-U130"})
    assert problem(refused, 422, "owner_unknown")["field"] == "owner"
    # The owner is right now; the date is not, and that is for the case to say.
    refused = await office(HEAD).command(in_hand, "suspend_with_plan", plan | {"owner": HEAD})
    assert problem(refused, 422, "plan_date_out_of_range")["field"] == "next_on"


@pytest.mark.parametrize(
    ("kind", "form", "field"),
    [
        ("dispatch_case", {"lead": "U999"}, "lead"),
        ("dispatch_case", {"lead": UNIT, "assists": [{"unit": "U999"}]}, "assists"),
        ("dispatch_case", {"lead": "12345"}, "lead"),
        ("call_joint_review", {"participants": [UNIT, "U999"], "reason": "职责交叉"}, "participants"),
        (
            "reclassify_case",
            {"classification": {"type": "report", "accused_units": ["U999"]}, "reason": "x"},
            "classification",
        ),
    ],
)
async def test_a_unit_that_does_not_exist_is_named_by_its_field(
    office: Office, in_hand: str, kind: str, form: dict[str, object], field: str
) -> None:
    """Whatever its status: units are looked up before the case is asked."""
    refused = await office("dispatcher1").command(in_hand, kind, form)
    assert problem(refused, 422, "unit_unknown")["field"] == field
    assert "U999" not in refused.text


async def test_words_cannot_enter_the_ledger_as_a_code(office: Office) -> None:
    number = await office("operator1").new_case()
    for code in ("王小明 住 三单元", "a\x00b", "x" * 65):
        answer = {"answer": "可在市民服务中心办理", "knowledge_id": code}
        refused = await office("operator1").command(number, "answer_directly", answer)
        assert problem(refused, 422, "not_a_code")["field"] == "knowledge_id"
        form = {"classification": {"type": "report", "category": code}, "reason": "属于举报"}
        refused = await office("operator1").command(number, "reclassify_case", form)
        assert problem(refused, 422, "not_a_code")["field"] == "classification"
    assert await office("operator1").tags(number) == ["intake:registered", "clock:started"]


async def test_a_reopened_case_starts_anew_and_keeps_its_past(office: Office) -> None:
    number = await office("operator1").new_case()
    rejected = {"reason": "R2", "advice": "请通过诉讼途径解决"}
    assert (await office("operator1").command(number, "reject_case", rejected)).status_code == 200
    again = await office("dispatcher1").command(number, "reopen_case", {"new_facts": "法院未受理"})
    assert again.json()["status"] == "awaiting_dispatch"
    assert "intake:rejected" in await office("operator1").tags(number)


async def test_an_archived_case_is_read_and_no_more(office: Office) -> None:
    number = await office("operator1").new_case()
    await office("operator1").command(number, "answer_directly", {"answer": "可在市民服务中心办理"})
    archived = await office("administrator1").command(number, "archive_case")
    assert archived.json()["status"] == "archived"

    async def has_ended() -> None:
        late = await office("dispatcher1").command(number, "reopen_case", {"new_facts": "问题再次出现"})
        problem(late, 409, "case_archived")

    # The receipt is given a moment before the workflow ends; until then the rules refuse.
    await assert_eventually(has_ended)
    view = await office("operator1").case(number)
    assert (view["status"], view["outcome"], view["next_actions"]) == ("archived", "answered_directly", [])


async def test_an_unfavourable_revisit_sends_the_case_back(office: Office) -> None:
    number = await office("operator1").new_case()
    await advance(office, number, until="review_reply")
    unsolved = SATISFIED | {"solved": False, "satisfaction": 1}
    answer = await office("revisitor1").command(number, "record_revisit", unsolved)
    assert answer.json()["status"] == "rework"
    assert (await office("operator1").case(number))["round"] == 2


def held_for(view: dict[str, Any]) -> float:
    return float(sum(line["seconds"] for line in view["holdings"]))


def seconds(from_at: str, to_at: str) -> float:
    return (datetime.fromisoformat(to_at) - datetime.fromisoformat(from_at)).total_seconds()

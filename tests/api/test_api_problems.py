"""Repeat problems over HTTP: a line from the third request to 销号, and what it keeps from whom."""

import itertools
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from api_doors import Doors
from api_hands import HANDLER, HEAD, LIFE, OTHER_UNIT, SATISFIED, UNIT, Office, advance, now, problem
from fixtures.eventually import assert_eventually
from sqlalchemy import select
from unit.problem_lives import led

from api.examples import example_of
from api.forms import form_of
from api.problem_keeper import ProblemKeeper
from hotline.calendar import SHANGHAI
from hotline.identifiers import LineNo
from hotline.problems.decide import RULES
from hotline.roles import STAFF
from hotline.vocabulary import Role
from store.engine import Database
from store.problems import project
from store.tables.problems import problem_links

_PHONES = itertools.count(13_700_000_001)


async def keep(office: Office) -> None:
    """Do what every API process does every few seconds."""
    await ProblemKeeper(office.services.database, office.services.gateway).keep()


async def repeated(office: Office, *secret: bool, **fields: Any) -> list[str]:
    """As many requests of one caller on one matter as there are answers to whether each is secret."""
    fields = {"caller_phone": str(next(_PHONES)), "category": "noise", "area": "donghu", **fields}
    return [await office("operator1").new_case(secret=it, **fields) for it in secret]


async def line_of(database: Database, number: str) -> str:
    async with database.read() as session:
        found = await session.scalar(select(problem_links.c.line_no).where(problem_links.c.case_no == number))
    return str(found)


async def ask(office: Office, user: str, line: str, kind: str, **form: Any) -> httpx.Response:
    return await office(user).post(f"/problems/{line}/commands/{kind}", form)


async def granted(office: Office, user: str, line: str, kind: str, **form: Any) -> dict[str, Any]:
    answer = await ask(office, user, line, kind, **form)
    assert answer.status_code == 200, (kind, answer.text)
    receipt: dict[str, Any] = answer.json()
    return receipt


async def all_satisfied(office: Office, master: str, *repeats: str) -> None:
    """One unit works on all of them, and every caller is asked."""
    await advance(office, master, until="sign_for")
    for number in repeats:
        joining = {"into": master, "reason": "同一诉求人重复反映"}
        assert (await office("dispatcher1").command(number, "join_case", joining)).is_success
    for user, kind, form in LIFE[2:5]:
        assert (await office(user).command(master, kind, form())).is_success, kind
    for number in (master, *repeats):

        async def is_revisited(number: str = number) -> None:
            assert (await office("revisitor1").command(number, "record_revisit", SATISFIED)).is_success

        await assert_eventually(is_revisited)


def day(after: int) -> str:
    return (datetime.now(SHANGHAI).date() + timedelta(days=after)).isoformat()


def photo() -> list[dict[str, Any]]:
    return [{"evidence_id": "photo-1", "kind": "handling", "made_at": now()}]


@pytest.fixture(scope="module")
def forms() -> list[type[Any]]:
    return [rule.command for rule in RULES.values() if rule.by & STAFF]


def test_examples_of_commands_are_valid_forms(forms: list[type[Any]]) -> None:
    assert len(forms) == 8
    for command in forms:
        form_of(command).model_validate(example_of(command))


async def test_line_from_the_third_request_to_its_clearing(office: Office) -> None:
    phone = str(next(_PHONES))
    numbers = await repeated(office, False, False, False, caller_phone=phone)
    line = await line_of(office.services.database, numbers[2])
    await keep(office)
    view = (await office("supervisor1").get(f"/problems/{line}")).json()
    assert (view["stage_label"], view["cases"], view["unsettled"]) == ("待明确牵头", 3, 3)
    assert "assign_problem_lead" in view["next_actions"]
    problem(
        await ask(office, "dispatcher1", line, "assign_problem_lead", lead="U999", reason="施工噪声"),
        422,
        "unit_unknown",
    )
    await granted(office, "dispatcher1", line, "assign_problem_lead", lead=UNIT, reason="主管单位")
    plan = {"plan": "加装隔声屏", "milestones": [day(1)], "clear_on": day(3)}
    await granted(office, HEAD, line, "submit_problem_plan", **plan)
    claimed = [{"evidence_id": f"ev-{'0' * 32}", "kind": "handling", "made_at": now()}]
    refused = await ask(office, HANDLER, line, "reach_milestone", milestone=1, note="完", evidence=claimed)
    problem(refused, 422, "evidence_unknown")
    reached = {"milestone": 1, "note": "隔声屏已安装", "evidence": photo()}
    await granted(office, HANDLER, line, "reach_milestone", **reached)
    await granted(office, HEAD, line, "submit_clearance", report="夜间噪声已达标", evidence=photo())
    problem(
        await ask(office, HEAD, line, "audit_clearance", accepted=True, opinion="同意"),
        403,
        "role_not_permitted",
    )
    audit = {"accepted": True, "opinion": "现场核实，同意销号"}
    assert (await granted(office, "supervisor1", line, "audit_clearance", **audit))[
        "stage"
    ] == "awaiting_revisits"
    await all_satisfied(office, *numbers)
    await keep(office)
    view = (await office("supervisor1").get(f"/problems/{line}")).json()
    assert (view["stage"], view["unsettled"], view["plan"]) == ("cleared", 0, "加装隔声屏")
    assert view["look_back_until"]
    listed = (await office("leader1").get("/problems", uncleared=False, unit=UNIT)).json()["items"]
    assert line in {item["line_no"] for item in listed}
    board = (await office("leader1").get("/problems/clearance-rate")).json()
    [rate] = [item for item in board["items"] if item["unit"] == UNIT]
    assert rate["cleared"] >= 1
    steps = (await office(HEAD).get(f"/problems/{line}/history")).json()["items"]
    told = {step["tag"]: step for step in steps}
    assert told["problem:clearance_audited"]["texts"] == {"opinion": "现场核实，同意销号"}
    assert told["problem:milestone_reached"]["evidence"][0]["evidence_id"] == "photo-1"
    relapse = (await repeated(office, False, caller_phone=phone))[0]
    assert await line_of(office.services.database, relapse) == line
    await keep(office)
    view = (await office("supervisor1").get(f"/problems/{line}")).json()
    assert (view["stage"], view["round"], view["cases"]) == ("awaiting_plan", 2, 4)


async def test_repeated_key_brings_the_same_receipt_and_an_older_version_is_refused(office: Office) -> None:
    numbers = await repeated(office, False, False, False)
    line = await line_of(office.services.database, numbers[0])
    await keep(office)
    form, path = {"lead": UNIT, "reason": "主管"}, f"/problems/{line}/commands/assign_problem_lead"
    dispatcher = office("dispatcher1")
    stale = await dispatcher.post(path, form, headers={"If-Match": '"1"'})
    problem(stale, 409, "stale_line")
    first = await dispatcher.post(path, form, key="lead-of-line-1")
    again = await dispatcher.post(path, form, key="lead-of-line-1")
    assert first.json() == again.json()
    other = await dispatcher.post(path, form | {"lead": OTHER_UNIT}, key="lead-of-line-1")
    problem(other, 422, "key_reused")


# ── secrecy ──────────────────────────────────────────────────────────────────


@pytest_asyncio.fixture
async def secret_line(office: Office) -> tuple[str, list[str]]:
    """A line led by a unit that has its first two cases in hand, the second of them secret."""
    numbers = await repeated(office, False, True, False)
    for number in numbers[:2]:
        form = {"lead": UNIT, "new_facts": "今晚又开始施工"}
        assert (await office("dispatcher1").command(number, "dispatch_case", form)).is_success
    line = await line_of(office.services.database, numbers[0])
    await keep(office)
    await granted(office, "dispatcher1", line, "assign_problem_lead", lead=UNIT, reason="王小明多次反映")
    return line, numbers


async def test_unit_never_learns_from_a_line_who_complained_in_secret(
    office: Office, secret_line: tuple[str, list[str]]
) -> None:
    line, (first, secret, third) = secret_line
    seen = {
        user: [
            item["case_no"] for item in (await office(user).get(f"/problems/{line}/cases")).json()["items"]
        ]
        for user in (HEAD, "supervisor1", "leader1")
    }
    assert seen == {HEAD: [first], "supervisor1": [first, secret, third], "leader1": [first, third]}
    view = (await office(HEAD).get(f"/problems/{line}")).json()
    assert (view["cases"], view["unsettled"]) == (1, 1)
    steps = (await office(HEAD).get(f"/problems/{line}/history")).text
    assert first in steps
    assert secret not in steps
    assert third not in steps
    assert "王小明" not in steps
    assert "王小明" in (await office("supervisor1").get(f"/problems/{line}/history")).text


async def test_line_that_somebody_may_not_know_of_is_told_like_one_that_is_not_there(
    office: Office, secret_line: tuple[str, list[str]]
) -> None:
    line, _ = secret_line
    stranger = office(f"head-{OTHER_UNIT}")
    nowhere = (await stranger.get("/problems/CF2099000001")).json()
    for path in ("", "/cases", "/history"):
        answer = await stranger.get(f"/problems/{line}{path}")
        problem(answer, 404, "line_not_found")
        assert answer.json() == nowhere
    assert line not in (await stranger.get("/problems")).text
    refused = await ask(office, f"head-{OTHER_UNIT}", line, "report_rectification", text="打听")
    problem(refused, 404, "line_not_found")


async def test_lists_page_to_their_end_without_an_engine(doors: Doors) -> None:
    services = doors.services
    numbers = [LineNo(f"CF202699000{n}") for n in range(1, 6)]
    for number in numbers:
        async with services.database.write() as session:
            await project(session, number, led(number).facts)
    found: list[str] = []
    cursor: dict[str, str] = {}
    person = await doors.signed_in(Role.SUPERVISOR)
    while True:
        page = (await person.get("/problems", limit=2, stage="awaiting_plan", **cursor)).json()
        found += [item["line_no"] for item in page["items"]]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == numbers[::-1]

"""Who may see and do what: units their own cases alone, nobody a complaint about themselves, roles their part."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import pytest_asyncio
from api_hands import HANDLER, HEAD, OTHER_UNIT, UNIT, Office, Person, advance, new_key, problem

from api.access import ACCESS, Door
from api.examples import example_of
from api.forms import commands_for_people, kind_of
from hotline.decide import RULES
from hotline.vocabulary import Role

USERS = {
    Role.OPERATOR: "operator1",
    Role.DISPATCHER: "dispatcher1",
    Role.HANDLER: HANDLER,
    Role.UNIT_HEAD: HEAD,
    Role.REVISITOR: "revisitor1",
    Role.SUPERVISOR: "supervisor1",
    Role.DISCIPLINE: "discipline1",
    Role.LEADER: "leader1",
    Role.ADMINISTRATOR: "administrator1",
    Role.AUDITOR: "auditor1",
}
FOREIGN = f"handler-{OTHER_UNIT}"


@pytest_asyncio.fixture(scope="module")
async def in_hand(office: Office) -> str:
    """A case that UNIT has signed for. Nothing here changes it."""
    number = await office("operator1").new_case(title="只有城管能看的噪音")
    await advance(office, number, until="sign_for")
    return number


@pytest_asyncio.fixture(scope="module")
async def accusing(office: Office) -> str:
    """A complaint about UNIT, dispatched to another."""
    number = await office("operator1").new_case(accused_units=[UNIT])
    await office("dispatcher1").command(number, "dispatch_case", {"lead": OTHER_UNIT})
    return number


@pytest_asyncio.fixture(scope="module")
async def secret(office: Office) -> str:
    number = await office("operator1").new_case(secret=True)
    await advance(office, number, until="sign_for")
    return number


async def listed(person: Person, **filters: Any) -> set[str]:
    answer = await person.get("/cases", limit=200, **filters)
    return {row["case_no"] for row in answer.json()["items"]}


def every_pair() -> Iterator[Any]:
    for command in commands_for_people():
        for role in set(USERS) - RULES[command].by:
            yield pytest.param(command, role, id=f"{role.value}-{kind_of(command)}")


async def test_a_unit_reads_its_own_case(office: Office, in_hand: str) -> None:
    handler = office(HANDLER)
    assert (await handler.case(in_hand))["case_no"] == in_hand
    assert in_hand in await listed(handler)
    assert in_hand in await listed(handler, text="城管能看")


async def test_a_case_of_another_unit_is_not_there(office: Office, in_hand: str) -> None:
    foreign = office(FOREIGN)
    for path in (f"/cases/{in_hand}", f"/cases/{in_hand}/facts"):
        problem(await foreign.get(path), 404, "case_not_found")
    problem(await foreign.command(in_hand, "sign_for"), 404, "case_not_found")
    assert in_hand not in await listed(foreign)
    assert in_hand not in await listed(foreign, unit=UNIT)
    assert in_hand not in await listed(foreign, text="城管能看")
    row = (await foreign.post("/bulk/sign_for", {"items": [{"case_no": in_hand}]})).json()["results"][0]
    assert (row["ok"], row["problem"]["code"]) == (False, "case_not_found")


async def test_a_number_that_is_none_looks_like_one_that_is_not_there(office: Office, in_hand: str) -> None:
    foreign = (await office(FOREIGN).get(f"/cases/{in_hand}")).json()
    for number in ("0" * 18, "abc", "12345", "１２３４５６７８９０１２３４５６７８"):
        assert (await office(FOREIGN).get(f"/cases/{number}")).json() == foreign


async def test_an_assisting_unit_sees_the_case_and_does_its_own_part_only(office: Office) -> None:
    number = await office("operator1").new_case()
    dispatch = {"lead": UNIT, "assists": [{"unit": OTHER_UNIT, "days": 2}]}
    await office("dispatcher1").command(number, "dispatch_case", dispatch)
    assist = office(FOREIGN)
    assert (await assist.case(number))["assignment"]["lead"] == UNIT
    problem(await assist.command(number, "sign_for"), 403, "out_of_scope")
    done = await assist.command(number, "assist_reply", {"text": "已完成噪声监测"})
    assert done.status_code == 200


async def test_a_complaint_about_a_unit_is_never_dispatched_to_it(office: Office) -> None:
    number = await office("operator1").new_case(accused_units=[UNIT])
    for form in ({"lead": UNIT}, {"lead": OTHER_UNIT, "assists": [{"unit": UNIT}]}):
        refused = await office("dispatcher1").command(number, "dispatch_case", form)
        assert problem(refused, 422, "accused_unit")["field"] == "lead"


async def test_a_unit_never_learns_of_a_complaint_about_itself(office: Office, accusing: str) -> None:
    assert (await office(FOREIGN).case(accusing))["case_no"] == accusing
    for user in (HANDLER, HEAD):
        problem(await office(user).get(f"/cases/{accusing}"), 404, "case_not_found")
        problem(await office(user).get(f"/cases/{accusing}/facts"), 404, "case_not_found")
        problem(await office(user).command(accusing, "sign_for"), 404, "case_not_found")
        assert accusing not in await listed(office(user))


async def test_a_unit_that_turns_out_to_be_meant_is_not_dispatched_to_either(office: Office) -> None:
    number = await office("operator1").new_case()
    form = {"classification": {"type": "complaint", "accused_units": [UNIT]}, "reason": "反映城管执法"}
    assert (await office("dispatcher1").command(number, "reclassify_case", form)).status_code == 200
    refused = await office("dispatcher1").command(number, "dispatch_case", {"lead": UNIT})
    problem(refused, 422, "accused_unit")


async def test_a_unit_does_not_learn_who_called_in_secret(office: Office, secret: str) -> None:
    for user in (HANDLER, HEAD):
        view = await office(user).case(secret)
        assert (view["caller"], view["secret"]) == (None, True)
    refused = await office(HANDLER).command(
        secret, "log_contact", {"outcome": "reached", "at": "2026-11-20T10:00:00+08:00"}
    )
    problem(refused, 403, "secret_contact_through_hotline")


@pytest.mark.parametrize(
    ("user", "knows"),
    [
        ("operator1", True),
        ("dispatcher1", True),
        ("revisitor1", True),
        ("supervisor1", True),
        (HANDLER, True),
        (HEAD, True),
        ("leader1", False),
        ("auditor1", False),
        ("administrator1", False),
        ("discipline1", False),
    ],
)
async def test_who_called_is_for_those_who_must_reach_them(
    office: Office, in_hand: str, user: str, knows: bool
) -> None:
    assert ((await office(user).case(in_hand))["caller"] is not None) == knows


async def test_a_command_of_another_role_is_refused_before_anything_is_kept(
    office: Office, in_hand: str
) -> None:
    before = await office("auditor1").facts(in_hand)
    wrong = [pair.values for pair in every_pair()]
    assert len(wrong) > 200
    for command, role in wrong:
        refused = await office(USERS[role]).command(in_hand, kind_of(command), example_of(command))
        problem(refused, 403, "role_not_permitted")
    assert await office("auditor1").facts(in_hand) == before


async def test_only_the_front_desk_registers(office: Office) -> None:
    for role, user in USERS.items():
        answer = await office(user).register()
        if role in {Role.OPERATOR, Role.DISPATCHER, Role.ADMINISTRATOR}:
            assert answer.status_code == 201
        else:
            problem(answer, 403, "role_not_permitted")


async def test_reading_needs_a_token_and_no_particular_role(office: Office, in_hand: str) -> None:
    paths = ("/me", "/units", "/vocabulary", "/policies", "/policies/active", "/cases", f"/cases/{in_hand}")
    for user in USERS.values():
        answers = await asyncio.gather(*(office(user).get(path) for path in paths))
        assert {answer.status_code for answer in answers} == {200}
    me = (await office(HEAD).get("/me")).json()
    assert (me["user_id"], me["role"], me["unit"], me["demo"]) == (HEAD, "unit_head", UNIT, True)


async def test_without_a_token_there_is_nothing_but_health_and_the_public_part(office: Office) -> None:
    document = (await office.http.get("/api/v1/openapi.json")).json()
    closed = 0
    for path, methods in document["paths"].items():
        if "/public/" in path or path.startswith("/health"):
            continue
        for method, operation in methods.items():
            if ACCESS[operation["operationId"]].door is Door.PUBLIC:
                continue  # Signing in, for who has no token yet.
            address = path.replace("{case_no}", "0" * 18)
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}):
                answer = await office.http.request(method, address, headers=headers)
                problem(answer, 401, "unauthenticated")
                assert answer.headers["www-authenticate"] == "Bearer"
            assert operation["security"]
            closed += 1
    assert closed > 80


async def test_a_key_of_one_person_does_not_bind_another(office: Office) -> None:
    """The same key by two people is two commands, and the second is decided on its own."""
    number = await office("operator1").new_case()
    key = new_key()
    for user in ("operator1", "operator2"):
        answer = await office(user).command(number, "add_facts", {"text": f"{user} 补充"}, key=key)
        assert answer.status_code == 200
    assert (await office("operator1").tags(number)).count("intake:facts_added") == 2

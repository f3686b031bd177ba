"""Every operation × every role × own, foreign, accused, upper unit, recused person, nobody: by real requests.

What is walked are the routes that the application serves, and what is expected follows from the table of
access and the one rule of visibility, so an operation that is new is walked too. One prepared case per
situation; nothing here changes one, because every command that would be let in looks at an older version.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple

import httpx
import pytest
import pytest_asyncio
from api_document import APP, DOCUMENT
from api_hands import Office, Person, opened
from fastapi.routing import APIRoute
from sse_starlette import EventSourceResponse
from starlette.routing import BaseRoute, Route

from api.access import ACCESS, Access, Door, operation_id
from api.forms import commands_for_people, kind_of
from api.parts import PREFIX
from hotline.case import Concern
from hotline.identifiers import UserId
from hotline.roles import STAFF, SYSTEM_ACTOR, UNIT_ROLES
from hotline.visibility import Viewer, may_see
from hotline.vocabulary import Role
from runtime.settings import Settings
from store.accounts import user_of
from store.cases import state_of, visible_to
from store.viewers import viewer

UNIT, FOREIGN, DISTRICT, STREET = "U120", "U130", "U310", "U311"
DESKS = (
    "operator1",
    "dispatcher1",
    "revisitor1",
    "supervisor1",
    "discipline1",
    "discipline2",
    "leader1",
    "administrator1",
    "auditor1",
)
RECUSED = (f"handler-{UNIT}", "dispatcher1", "supervisor1", "discipline1", "auditor1")
COMMANDS = {kind_of(command) for command in commands_for_people()}
OLDER = {"If-Match": '"1"'}
NOWHERE = "0" * 18
AT_THE_DOOR = {"unauthenticated", "role_not_permitted", "case_not_found", "scope_missing"}


class Situation(NamedTuple):
    """Somebody, and a case as it concerns them."""

    user: str
    case: str

    def __str__(self) -> str:
        return f"{self.user} on {self.case}"


def _staff_of(unit: str) -> tuple[str, str]:
    return f"handler-{unit}", f"head-{unit}"


SITUATIONS = (
    *(Situation(user, "own") for user in (*_staff_of(UNIT), *DESKS)),
    *(Situation(user, "own") for user in _staff_of(FOREIGN)),
    *(Situation(user, "about_own") for user in (*_staff_of(UNIT), "dispatcher1", "discipline1")),
    *(Situation(user, "about_upper") for user in _staff_of(STREET)),
    *(Situation(user, "of_street") for user in (*_staff_of(DISTRICT), "discipline1")),
    *(Situation(user, "recused") for user in RECUSED),
)
SEEN_BY_UNITS = {"own", "of_street"}


class Operation(NamedTuple):
    """One operation of the application with its row, and the body that it takes."""

    name: str
    method: str
    path: str
    row: Access
    body: dict[str, Any]

    @property
    def is_command(self) -> bool:
        return self.name in COMMANDS


def _operations() -> Iterator[Operation]:
    document = DOCUMENT["paths"]
    for route in APP.routes:
        assert isinstance(route, Route)
        name, path = _name(route), route.path
        row, is_bulk = ACCESS[name], name.removeprefix("bulk_") in COMMANDS
        for method in sorted((route.methods or set()) - {"HEAD"}):
            example = _example(document.get(path, {}).get(method.lower(), {}))
            # What is of no case would do what its example says; an empty body asks for as much, and does nothing.
            yield Operation(name, method, path, row, example if row.about_case or is_bulk else {})


def _example(described: dict[str, Any]) -> dict[str, Any]:
    content = described.get("requestBody", {}).get("content", {})
    example: dict[str, Any] = content.get("application/json", {}).get("example", {})
    return example


def _name(route: BaseRoute) -> str:
    return operation_id(route) if isinstance(route, APIRoute) else str(getattr(route, "name", ""))


ENDLESS = {
    _name(route) for route in APP.routes if getattr(route, "response_class", None) is EventSourceResponse
}
"""Streams, which a transport in this process would wait for for ever."""

OPERATIONS = tuple(_operations())
OF_A_CASE = [one for one in OPERATIONS if one.row.door is Door.ACCOUNT and one.row.about_case]
OF_AN_ACCOUNT = [one for one in OPERATIONS if one.row.door is Door.ACCOUNT and not one.row.about_case]
BEHIND_A_DOOR = [one for one in OPERATIONS if one.row.door in {Door.ACCOUNT, Door.SESSION}]


@pytest_asyncio.fixture(scope="module")
async def house(api_settings: Settings, tokens: dict[str, str]) -> AsyncIterator[Office]:
    """The same office, for as long as the walk takes."""
    async with opened(api_settings, tokens) as office:
        yield office


async def _signed(house: Office, unit: str, **fields: Any) -> str:
    number = await house("operator2").new_case(**fields)
    done = await house("dispatcher2").command(number, "dispatch_case", {"lead": unit})
    assert done.status_code == 200, done.text
    assert (await house(f"handler-{unit}").command(number, "sign_for")).status_code == 200
    return number


@pytest_asyncio.fixture(scope="module")
async def cases(house: Office) -> dict[str, str]:
    own = await _signed(house, UNIT)
    about_own = await _signed(house, FOREIGN, accused_units=[UNIT])
    about_upper = await _signed(house, FOREIGN, accused_units=[DISTRICT])
    of_street = await _signed(house, STREET)
    recused = await _signed(house, UNIT)
    for person in RECUSED:
        form = {"person": person, "reason": "与诉求人有利害关系"}
        done = await house("supervisor2").command(recused, "recuse", form)
        assert done.status_code == 200, done.text
    return {
        "own": own,
        "about_own": about_own,
        "about_upper": about_upper,
        "of_street": of_street,
        "recused": recused,
    }


@pytest_asyncio.fixture(scope="module")
async def concerns(house: Office, cases: dict[str, str]) -> dict[str, Concern]:
    async with house.services.database.read() as session:
        found = {name: await state_of(session, visible_to(SYSTEM_ACTOR), no) for name, no in cases.items()}
    return {name: state.concern for name, state in found.items() if state is not None}


@pytest_asyncio.fixture(scope="module")
async def viewers(house: Office) -> dict[str, Viewer]:
    """How everybody who walks looks at cases."""
    looks: dict[str, Viewer] = {}
    async with house.services.database.read() as session:
        for name in {situation.user for situation in SITUATIONS}:
            user = await user_of(session, UserId(name))
            assert user is not None
            looks[name] = await viewer(session, user.actor)
    return looks


async def _request(person: Person, one: Operation, number: str) -> httpx.Response:
    """Ask for an operation as a client would that knows its path and little else."""
    path = one.path.replace("{case_no}", number)
    while "{" in path:
        before, _, rest = path.partition("{")
        path = f"{before}unknown-1{rest.partition('}')[2]}"
    headers = OLDER if one.is_command else {}
    if person.token:
        headers = {**headers, "Authorization": f"Bearer {person.token}"}
    body = None if one.method == "GET" else one.body
    return await person.http.request(one.method, path, json=body, headers=headers)


def _code(answer: httpx.Response) -> str | None:
    if answer.status_code < 400 or not answer.headers["content-type"].startswith("application/problem"):
        return None
    return str(answer.json()["code"])


@pytest.mark.parametrize("one", OF_A_CASE, ids=lambda one: one.name)
async def test_operation_of_a_case_lets_in_whom_table_and_rule_let_in(
    house: Office,
    cases: dict[str, str],
    concerns: dict[str, Concern],
    viewers: dict[str, Viewer],
    one: Operation,
) -> None:
    nowhere: dict[str, Any] = (await house("operator1").get(f"/cases/{NOWHERE}")).json()

    async def walk(situation: Situation) -> None:
        expected = _expected(one, viewers[situation.user], concerns[situation.case])
        answer = await _request(house(situation.user), one, cases[situation.case])
        code = _code(answer)
        assert answer.status_code < 500, (str(situation), answer.text)
        assert (code if code in AT_THE_DOOR else None) == expected, (str(situation), answer.text)
        if expected == "case_not_found":
            assert answer.json() == nowhere, "in the words of a case that does not exist"
        if situation.case == "of_street" and situation.user in _staff_of(DISTRICT) and one.is_command:
            assert answer.is_error, "who looks on acts on nothing"

    await asyncio.gather(*map(walk, _situations(one, viewers)))


def _situations(one: Operation, viewers: dict[str, Viewer]) -> Iterator[Situation]:
    """Each situation of the roles that may; one of each of the others, whom the table keeps out of any case."""
    kept_out: set[Role] = set()
    for situation in SITUATIONS:
        role = viewers[situation.user].actor.role
        if role in one.row.roles or role not in kept_out:
            yield situation
        if role not in one.row.roles:
            kept_out.add(role)


def _expected(one: Operation, looks: Viewer, concern: Concern) -> str | None:
    if looks.actor.role not in one.row.roles:
        return "role_not_permitted"
    return None if may_see(looks, concern) else "case_not_found"


def test_the_situations_are_what_they_are_called(
    concerns: dict[str, Concern], viewers: dict[str, Viewer]
) -> None:
    """Otherwise the walk would agree with a rule that lets everybody in."""
    seen: Counter[tuple[str, bool]] = Counter()
    for situation in SITUATIONS:
        looks = viewers[situation.user]
        sees = may_see(looks, concerns[situation.case])
        seen[situation.case, sees] += 1
        if looks.actor.role in UNIT_ROLES:
            foreign = looks.actor.unit == FOREIGN
            assert sees == (situation.case in SEEN_BY_UNITS and not foreign), str(situation)
    assert not seen["recused", True]
    assert seen == {
        ("own", True): 11,
        ("own", False): 2,
        ("about_own", True): 2,
        ("about_own", False): 2,
        ("about_upper", False): 2,
        ("of_street", True): 2,
        ("of_street", False): 1,
        ("recused", False): 5,
    }


@pytest.mark.parametrize("one", OF_AN_ACCOUNT, ids=lambda one: one.name)
async def test_operation_of_an_account_lets_in_the_roles_of_its_row(
    house: Office, viewers: dict[str, Viewer], one: Operation
) -> None:
    async def walk(user: str) -> None:
        may = viewers[user].actor.role in one.row.roles
        if may and one.name in ENDLESS:
            return
        answer = await _request(house(user), one, NOWHERE)
        assert answer.status_code < 500, (user, answer.text)
        assert (_code(answer) in {"unauthenticated", "role_not_permitted"}) is not may, (user, answer.text)

    await asyncio.gather(*map(walk, (*_staff_of(UNIT), *DESKS)))


@pytest.mark.parametrize("one", BEHIND_A_DOOR, ids=lambda one: one.name)
async def test_without_a_token_there_is_nothing_behind_a_door(
    house: Office, cases: dict[str, str], one: Operation
) -> None:
    for number in (cases["own"], NOWHERE):
        answer = await _request(house.nobody, one, number)
        assert (answer.status_code, _code(answer)) == (401, "unauthenticated"), answer.text


async def test_a_bulk_of_somebody_changes_nothing_that_they_may_not_see(
    house: Office, cases: dict[str, str]
) -> None:
    """Row by row, what the single command says: in the words of a case that does not exist."""
    for user, name in (
        (f"handler-{UNIT}", "about_own"),
        (f"handler-{FOREIGN}", "own"),
        (f"handler-{STREET}", "about_upper"),
        (f"handler-{UNIT}", "recused"),
    ):
        item = {"form": {"text": "打听一下"}}
        rows = {"items": [item | {"case_no": cases[name]}, item | {"case_no": NOWHERE}]}
        results = (await house(user).post("/bulk/report_progress", rows)).json()["results"]
        assert [row["ok"] for row in results] == [False, False]
        assert results[0]["problem"] == results[1]["problem"], (user, name)


def test_every_role_walks() -> None:
    assert {role.value for role in STAFF} == {user.rstrip("12") for user in DESKS} | {"handler", "unit_head"}
    assert all(path.startswith((PREFIX, "/")) for _, _, path, *_ in OPERATIONS)

"""Administering accounts: who may, what it ends, and that nobody locks everybody out."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from api_doors import PASSWORD, Browser, Doors
from api_hands import problem

from hotline.vocabulary import Role, TrailEvent
from store.trail import verify_trail


@pytest_asyncio.fixture
async def administrator(doors: Doors) -> AsyncIterator[Browser]:
    browser = await doors.signed_in(Role.ADMINISTRATOR)
    yield browser
    async with doors.services.database.read() as session:
        assert await verify_trail(session) is None


def somebody(doors: Doors, **fields: Any) -> dict[str, Any]:
    return {"user_id": doors.new_id(), "display_name": "李娜", "role": "operator"} | fields


async def change(browser: Browser, user: str, **fields: Any) -> Any:
    return await browser.send("PATCH", f"/accounts/{user}", fields)


async def test_new_account_signs_in_with_a_password_that_it_must_change(
    doors: Doors, administrator: Browser
) -> None:
    handed = (await administrator.post("/accounts", somebody(doors))).json()
    browser = doors.browser(handed["user_id"])
    assert (await browser.sign_in(handed["initial_password"])).json()["step"] == "password"
    passwords = {"current": handed["initial_password"], "new_password": PASSWORD}
    assert (await browser.post("/session/password", passwords)).json()["step"] == "complete"
    assert (await browser.get("/me")).json()["display_name"] == "李娜"
    (created, *_) = await doors.trail(handed["user_id"])
    assert created.actor is not None
    assert (created.event.value, created.actor.user_id) == ("account:changed", administrator.user)
    assert handed["initial_password"] not in repr(await doors.trail())


async def test_only_administrators_come_in(doors: Doors) -> None:
    for role in set(Role) - {Role.ADMINISTRATOR, Role.CITIZEN, Role.SYSTEM}:
        person = doors.bearer(await doors.token(await doors.hire(role, "U120")))
        problem(await person.get("/accounts"), 403, "role_not_permitted")
        problem(await person.post("/accounts", somebody(doors)), 403, "role_not_permitted")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"role": "handler"}, "unit_required"),
        ({"role": "handler", "unit": "U999"}, "unit_unknown"),
        ({"role": "citizen"}, "role_not_for_accounts"),
        ({"role": "system"}, "role_not_for_accounts"),
        ({"role": "discipline", "discipline_group": "G999"}, "group_unknown"),
        ({"role": "leader", "discipline_group": "G999"}, "group_not_for_role"),
        ({"role": "leader", "discipline_level": "section"}, "level_not_for_role"),
        ({"role": "discipline", "discipline_level": "system"}, "level_not_of_people"),
        ({"user_id": "operator1"}, "account_exists"),
        ({"user_id": "名字"}, "invalid_input"),
        ({"user_id": "a b"}, "invalid_input"),
        ({"display_name": ""}, "invalid_input"),
    ],
)
async def test_account_that_cannot_be_is_refused(
    doors: Doors, administrator: Browser, fields: dict[str, Any], code: str
) -> None:
    problem(await administrator.post("/accounts", somebody(doors, **fields)), 422, code)


@pytest.mark.parametrize(
    "fields", [{"role": "leader"}, {"active": False}, {"role": "handler", "unit": "U120"}]
)
async def test_what_changes_rights_ends_the_sessions(
    doors: Doors, administrator: Browser, fields: dict[str, Any]
) -> None:
    browser = await doors.signed_in()
    assert (await change(administrator, browser.user, display_name="李四")).status_code == 200
    assert (await browser.get("/me")).json()["display_name"] == "李四"
    view = (await change(administrator, browser.user, **fields)).json()
    assert {name: view[name] for name in fields} == fields
    problem(await browser.get("/me"), 401, "unauthenticated")


async def test_who_leaves_a_role_leaves_its_unit_and_its_group(doors: Doors, administrator: Browser) -> None:
    every = (await administrator.get("/accounts")).json()["items"]
    group = next(account["discipline_group"] for account in every if account["discipline_group"])
    user = await doors.hire(Role.HANDLER, "U120")
    steps: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"role": "unit_head"}, {"unit": "U120", "discipline_group": None}),
        ({"role": "discipline", "discipline_group": group}, {"unit": None, "discipline_group": group}),
        ({"role": "discipline", "discipline_level": "deputy"}, {"discipline_level": "deputy"}),
        ({"role": "leader"}, {"unit": None, "discipline_group": None, "discipline_level": None}),
        ({"role": "handler", "unit": "U130"}, {"unit": "U130", "discipline_group": None}),
    ]
    for fields, then in steps:
        view = (await change(administrator, user, **fields)).json()
        assert {name: view[name] for name in then} == then
        assert view["role"] == fields["role"]
    problem(await change(administrator, user, role="handler", unit=None), 422, "unit_required")


async def test_account_that_is_switched_off_has_no_way_in_until_it_is_switched_on(
    doors: Doors, administrator: Browser
) -> None:
    user = await doors.hire()
    token, browser = await doors.token(user), doors.browser(user)
    await change(administrator, user, active=False)
    problem(await doors.bearer(token).get("/me"), 401, "unauthenticated")
    problem(await browser.sign_in(), 401, "sign_in_refused")
    await change(administrator, user, active=True)
    assert (await doors.bearer(token).get("/me")).status_code == 200
    assert (await browser.sign_in()).status_code == 200


async def test_change_that_changes_nothing_ends_nothing_and_is_not_in_the_trail(
    doors: Doors, administrator: Browser
) -> None:
    browser = await doors.signed_in()
    assert (await change(administrator, browser.user, role="operator")).status_code == 200
    assert (await browser.get("/me")).status_code == 200
    assert await doors.events(browser.user) == ["session:signed_in"]


async def test_reset_opens_the_lock_and_takes_the_telephone_away(
    doors: Doors, administrator: Browser
) -> None:
    browser = await doors.signed_in()
    for _ in range(5):
        await doors.browser(browser.user).sign_in("wrong")
    locked = {line["user_id"]: line for line in (await administrator.get("/accounts")).json()["items"]}
    assert locked[browser.user]["locked_until"] is not None
    await browser.post("/session/totp/enrolment")
    answer = await administrator.post(f"/accounts/{browser.user}/reset", {"second_factor": True})
    problem(await browser.get("/me"), 401, "unauthenticated")
    again = await browser.sign_in(answer.json()["initial_password"])
    assert again.json()["step"] == "password"


async def test_administrator_ends_sessions_and_tokens_of_others(doors: Doors, administrator: Browser) -> None:
    browser = await doors.signed_in()
    path = f"/accounts/{browser.user}"
    made = await administrator.post(f"{path}/tokens", {"name": "对接", "scopes": ["read"], "days": 9})
    token = doors.bearer(made.json()["token"])
    assert (await token.get("/me")).json()["user_id"] == browser.user
    (line,) = (await administrator.get(f"{path}/tokens")).json()["items"]
    assert (line["issued_by"], line["scopes"]) == (administrator.user, ["read"])
    (session,) = (await administrator.get(f"{path}/sessions")).json()["items"]
    assert session["address"] == browser.address
    assert (await administrator.delete(f"{path}/sessions")).json() == {"count": 1}
    problem(await browser.get("/me"), 401, "unauthenticated")
    assert (await token.get("/me")).status_code == 200
    assert (await administrator.delete(f"{path}/tokens/{line['token_id']}")).status_code == 204
    problem(await token.get("/me"), 401, "unauthenticated")
    assert (await administrator.delete(f"{path}/tokens")).json() == {"count": 0}
    assert (await doors.events(browser.user))[1:] == [
        "token:issued",
        "session:revoked",
        "token:revoked",
        "token:revoked",
    ]


async def test_administrator_ends_one_session_and_the_others_go_on(
    doors: Doors, administrator: Browser
) -> None:
    lost = await doors.signed_in()
    kept = doors.browser(lost.user, address="203.0.113.8")
    await kept.sign_in()
    path = f"/accounts/{lost.user}/sessions"
    lines = (await administrator.get(path)).json()["items"]
    [handle] = [line["session_id"] for line in lines if line["address"] == lost.address]
    stranger = await doors.hire()
    other = await administrator.delete(f"/accounts/{stranger}/sessions/{handle}")
    problem(other, 404, "session_not_found")
    assert (await administrator.delete(f"{path}/{handle}")).status_code == 204
    problem(await lost.get("/me"), 401, "unauthenticated")
    assert (await kept.get("/me")).status_code == 200
    problem(await administrator.delete(f"{path}/{handle}"), 404, "session_not_found")
    last = (await doors.trail(lost.user))[-1]
    assert last.event is TrailEvent.SESSION_REVOKED
    assert last.actor is not None
    assert last.actor.user_id == administrator.user
    assert last.detail == {"session": handle}
    assert await doors.trail(stranger) == []
    problem(await kept.delete(f"{path}/{handle}"), 403, "role_not_permitted")


async def test_account_that_is_none_is_not_found(doors: Doors, administrator: Browser) -> None:
    path = f"/accounts/{doors.new_id()}"
    for answer in (
        await administrator.send("PATCH", path, {"active": False}),
        await administrator.post(f"{path}/reset", {}),
        await administrator.get(f"{path}/sessions"),
        await administrator.delete(f"{path}/sessions"),
        await administrator.get(f"{path}/tokens"),
        await administrator.delete(f"{path}/tokens"),
        await administrator.post(f"{path}/tokens", {"name": "x", "scopes": ["read"], "days": 1}),
    ):
        problem(answer, 404, "account_not_found")


async def test_last_administrator_stays_even_if_two_try_at_once(doors: Doors, administrator: Browser) -> None:
    everybody = (await administrator.get("/accounts")).json()["items"]
    others = [
        account["user_id"]
        for account in everybody
        if account["role"] == "administrator" and account["active"] and not account["demo"]
    ]
    for user in set(others) - {administrator.user}:
        await change(administrator, user, active=False)
    other = await doors.signed_in(Role.ADMINISTRATOR)
    answers = await asyncio.gather(
        change(administrator, administrator.user, active=False), change(other, other.user, role="leader")
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    problem(refused, 409, "last_administrator")

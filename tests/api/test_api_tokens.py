"""API tokens: made for a purpose, for a time, shown once, and worth no more than what they were made for."""

from typing import Any

import pytest
from api_doors import Browser, Doors
from api_hands import new_key, problem
from sqlalchemy import select

from hotline.vocabulary import Role, TokenScope
from store.tables.access import tokens

ALL = sorted(TokenScope)


async def made(browser: Browser, scopes: list[str] = ALL, days: int = 90) -> str:
    answer = await browser.post("/tokens", {"name": "网格平台对接", "scopes": scopes, "days": days})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


async def listed(browser: Browser) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await browser.get("/tokens")).json()["items"]
    return items


async def test_token_works_until_it_is_revoked(doors: Doors) -> None:
    browser = await doors.signed_in()
    holder = doors.bearer(await made(browser))
    assert (await holder.get("/me")).json()["user_id"] == browser.user
    (line,) = await listed(browser)
    assert (line["name"], line["scopes"], line["revoked_at"]) == ("网格平台对接", ALL, None)
    assert (await browser.delete(f"/tokens/{line['token_id']}")).status_code == 204
    problem(await holder.get("/me"), 401, "unauthenticated")
    problem(await browser.delete(f"/tokens/{line['token_id']}"), 404, "token_not_found")
    assert (await doors.events(browser.user))[-2:] == ["token:issued", "token:revoked"]


async def test_token_is_shown_once_and_kept_nowhere(doors: Doors) -> None:
    browser = await doors.signed_in()
    token = await made(browser)
    async with doors.services.database.read() as session:
        assert token not in repr(list(await session.execute(select(tokens))))
    assert token not in repr(await listed(browser))
    assert token not in repr(await doors.trail(browser.user))


async def test_token_expires_and_has_a_longest_life(doors: Doors) -> None:
    browser = await doors.signed_in()
    holder = doors.bearer(await made(browser, days=2))
    doors.clock.pass_by(days=2)
    problem(await holder.get("/me"), 401, "unauthenticated")
    await browser.sign_in()
    answer = await browser.post("/tokens", {"name": "太久", "scopes": ["read"], "days": 366})
    assert problem(answer, 422, "token_lifetime")["field"] == "days"


async def test_day_of_last_use_is_remembered(doors: Doors) -> None:
    browser = await doors.signed_in()
    holder = doors.bearer(await made(browser))
    assert [line["last_used_on"] for line in await listed(browser)] == [None]
    await holder.get("/me")
    day = doors.clock.at.astimezone().date()
    (line,) = await listed(browser)
    assert abs((day - day.fromisoformat(line["last_used_on"])).days) <= 1


async def test_a_token_made_for_reading_does_nothing_else(doors: Doors) -> None:
    browser = await doors.signed_in()
    reader = doors.bearer(await made(browser, ["read"]))
    for path in ("/me", "/cases", "/policies", "/units"):
        assert (await reader.get(path)).status_code == 200
    problem(await reader.register(), 403, "scope_missing")
    problem(await reader.command("261120103000010001", "sign_for"), 403, "scope_missing")
    problem(await reader.post("/bulk/sign_for", {"items": []}), 403, "scope_missing")
    problem(await reader.get("/tokens"), 403, "scope_missing")
    problem(await reader.post("/tokens", {"name": "更多", "scopes": ALL, "days": 1}), 403, "scope_missing")


async def test_a_token_made_for_registering_registers_and_does_not_read(doors: Doors) -> None:
    browser = await doors.signed_in()
    registrar = doors.bearer(await made(browser, ["register"]))
    assert (await registrar.register(key=new_key())).status_code == 201
    problem(await registrar.get("/cases"), 403, "scope_missing")


async def test_scope_gives_nobody_more_than_their_role(doors: Doors) -> None:
    browser = await doors.signed_in(Role.LEADER)
    problem(await doors.bearer(await made(browser)).register(), 403, "role_not_permitted")


async def test_a_token_cannot_make_one_that_may_more_or_lives_longer(doors: Doors) -> None:
    browser = await doors.signed_in()
    narrow = doors.bearer(await made(browser, ["read", "admin"], days=5))
    body = {"name": "更宽", "scopes": ["command"], "days": 1}
    problem(await narrow.post("/tokens", body), 403, "scope_missing")
    made_by_it = await narrow.post("/tokens", {"name": "更久", "scopes": ["read"], "days": 90})
    assert made_by_it.status_code == 201
    lines = {line["name"]: line for line in await listed(browser)}
    assert lines["更久"]["expires_at"] == lines["网格平台对接"]["expires_at"]


async def test_token_of_somebody_else_cannot_be_revoked(doors: Doors) -> None:
    browser, other = await doors.signed_in(), await doors.signed_in()
    token = await made(other)
    (line,) = await listed(other)
    problem(await browser.delete(f"/tokens/{line['token_id']}"), 404, "token_not_found")
    assert (await doors.bearer(token).get("/me")).status_code == 200


async def test_demo_tokens_are_refused_outside_demo_mode(doors: Doors) -> None:
    problem(await doors.bearer(doors.tokens["operator1"]).get("/me"), 401, "unauthenticated")
    problem(await doors.browser("operator1").sign_in(), 401, "sign_in_refused")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "scopes": ["read"], "days": 1},
        {"name": "x\x00", "scopes": ["read"], "days": 1},
        {"name": "x", "scopes": [], "days": 1},
        {"name": "x", "scopes": ["root"], "days": 1},
        {"name": "x", "scopes": ["read"], "days": 0},
    ],
)
async def test_form_names_what_is_wrong(doors: Doors, body: dict[str, Any]) -> None:
    browser = await doors.signed_in()
    problem(await browser.post("/tokens", body), 422, "invalid_input")

"""Signing in and out of a browser: who gets in, for how long, and what another site cannot make a browser do."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from api_doors import ORIGIN, PASSWORD, Browser, Doors, doors_of
from api_hands import problem
from api_premises import migrated
from fixtures.stack import PostgresForTests
from sqlalchemy import select

from hotline.identifiers import UserId
from hotline.vocabulary import TrailEvent
from store.credentials import set_password
from store.tables import metadata
from store.tables.access import sessions
from store.trail import verify_trail

WRONG = "不是这个密码，也不会是别的密码"


def logged(log_file: Path) -> str:
    return log_file.read_text(encoding="utf-8")


@pytest_asyncio.fixture
async def signed_in(doors: Doors) -> Browser:
    return await doors.signed_in()


# ── in and out ──────────────────────────────────────────────────────────────────────────────────


async def test_right_password_opens_a_session_that_serves_every_page(doors: Doors) -> None:
    browser = doors.browser(await doors.hire())
    problem(await browser.get("/me"), 401, "unauthenticated")
    view = (await browser.sign_in()).json()
    assert (view["user_id"], view["step"], view["demo"]) == (browser.user, "complete", False)
    me = (await browser.get("/me")).json()
    assert (me["user_id"], me["display_name"], me["demo"]) == (browser.user, "张伟", False)
    assert (await browser.get("/session")).json()["csrf_token"] == view["csrf_token"]
    (entry,) = await doors.trail(browser.user)
    assert entry.event is TrailEvent.SIGNED_IN
    assert entry.actor is not None
    assert (entry.actor.user_id, entry.address) == (browser.user, browser.address)


async def test_cookie_is_kept_from_scripts_and_from_other_sites(doors: Doors) -> None:
    cookie = (await doors.browser(await doors.hire()).sign_in()).headers["set-cookie"]
    name, *attributes = cookie.split("; ")
    assert name.startswith("__Host-hotline=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(attributes)
    assert not any(attribute.startswith(("Domain", "Max-Age", "expires")) for attribute in attributes)


async def test_plain_http_is_for_this_machine_alone(doors: Doors) -> None:
    user = await doors.hire()
    here = await doors.browser(user, base_url="http://127.0.0.1:8000").sign_in()
    assert here.headers["set-cookie"].startswith("hotline=")
    assert "Secure" not in here.headers["set-cookie"]
    there = await doors.browser(user, base_url="http://10.1.2.3:8000").sign_in()
    problem(there, 403, "https_required")


async def test_the_secret_of_the_cookie_is_not_kept(doors: Doors, signed_in: Browser) -> None:
    assert signed_in.cookie
    async with doors.services.database.read() as session:
        rows = list(await session.execute(select(sessions)))
    assert rows
    assert signed_in.cookie not in repr(rows)
    assert signed_in.cookie not in repr(await doors.trail())


async def test_signing_out_ends_the_session_at_the_server(doors: Doors, signed_in: Browser) -> None:
    stolen = str(signed_in.cookie)
    assert (await signed_in.delete("/session")).status_code == 204
    assert signed_in.cookie is None
    signed_in.http.cookies.set("__Host-hotline", stolen, domain="hotline.test")
    problem(await signed_in.get("/me"), 401, "unauthenticated")
    assert await doors.events(signed_in.user) == ["session:signed_in", "session:signed_out"]


async def test_signing_in_again_ends_the_session_before(doors: Doors, signed_in: Browser) -> None:
    before = str(signed_in.cookie)
    another = await doors.hire()
    await signed_in.sign_in(user=another)
    assert signed_in.cookie != before
    left = doors.browser()
    left.http.cookies.set("__Host-hotline", before, domain="hotline.test")
    problem(await left.get("/me"), 401, "unauthenticated")
    assert (await signed_in.get("/me")).json()["user_id"] == another


async def test_a_cookie_that_somebody_planted_is_no_session(doors: Doors) -> None:
    browser = doors.browser(await doors.hire())
    browser.http.cookies.set("__Host-hotline", "planted", domain="hotline.test")
    await browser.sign_in()
    assert browser.cookie != "planted"
    assert (await browser.get("/me")).status_code == 200


# ── how long ────────────────────────────────────────────────────────────────────────────────────


async def test_session_that_lies_idle_ends(doors: Doors, signed_in: Browser) -> None:
    for _ in range(3):
        doors.clock.pass_by(minutes=29)
        assert (await signed_in.get("/me")).status_code == 200
    doors.clock.pass_by(minutes=30)
    problem(await signed_in.get("/me"), 401, "unauthenticated")


async def test_session_in_use_ends_as_well(doors: Doors, signed_in: Browser) -> None:
    for _ in range(12 * 3 - 1):
        doors.clock.pass_by(minutes=20)
        assert (await signed_in.get("/me")).status_code == 200
    doors.clock.pass_by(minutes=20)
    problem(await signed_in.get("/me"), 401, "unauthenticated")


async def test_sessions_are_listed_and_ended_from_another_one(doors: Doors, signed_in: Browser) -> None:
    forgotten = doors.browser(signed_in.user, address="198.51.100.9")
    await forgotten.sign_in()
    doors.clock.pass_by(minutes=1)
    lines = (await signed_in.get("/sessions")).json()["items"]
    assert [(line["address"], line["current"]) for line in lines] == [
        ("203.0.113.7", True),
        ("198.51.100.9", False),
    ]
    assert (await signed_in.delete(f"/sessions/{lines[1]['session_id']}")).status_code == 204
    problem(await forgotten.get("/me"), 401, "unauthenticated")
    assert (await signed_in.get("/me")).status_code == 200
    assert (await doors.events(signed_in.user))[-1] == "session:revoked"


async def test_session_of_somebody_else_cannot_be_ended(doors: Doors, signed_in: Browser) -> None:
    other = await doors.signed_in()
    (line,) = (await other.get("/sessions")).json()["items"]
    problem(await signed_in.delete(f"/sessions/{line['session_id']}"), 404, "session_not_found")
    assert (await other.get("/me")).status_code == 200


# ── who is refused ──────────────────────────────────────────────────────────────────────────────


async def test_every_refusal_is_the_same_answer(doors: Doors) -> None:
    browser, left = doors.browser(await doors.hire()), await doors.hire(active=False)
    seen = (await doors.trail())[-1].seq
    answers = [
        await browser.sign_in(WRONG),
        await browser.sign_in(user=left),
        await browser.sign_in(user="nobody.here"),
        await browser.sign_in(user="operator1"),
        await browser.sign_in(WRONG, user="不是 账号\x00"),
        await browser.sign_in("\x00" * 300),
        await browser.sign_in("x" * 1000, user="x" * 1000),
    ]
    bodies = {str(problem(answer, 401, "sign_in_refused")) for answer in answers}
    assert len(bodies) == 1
    assert browser.cookie is None
    reasons = [line.detail["reason"] for line in await doors.trail(since=seen)]
    assert reasons == ["password", "inactive", "unknown", "demo", "unknown", "password", "unknown"]


async def test_what_is_typed_for_an_unknown_name_is_not_kept(doors: Doors) -> None:
    browser = doors.browser()
    for typed in (PASSWORD, PASSWORD, WRONG):
        await browser.sign_in("x", user=typed)
    first, second, third = (await doors.trail())[-3:]
    assert PASSWORD not in repr((first, second))
    assert (first.subject, first.address) == (None, "203.0.113.7")
    assert first.detail == second.detail != third.detail


async def test_account_is_locked_after_five_failures_and_opens_again(doors: Doors) -> None:
    browser, colleague = doors.browser(await doors.hire()), doors.browser(await doors.hire())
    for _ in range(5):
        problem(await browser.sign_in(WRONG), 401, "sign_in_refused")
    problem(await browser.sign_in(), 401, "sign_in_refused")
    assert (await colleague.sign_in()).status_code == 200
    doors.clock.pass_by(minutes=14)
    problem(await browser.sign_in(), 401, "sign_in_refused")
    doors.clock.pass_by(minutes=1)
    assert (await browser.sign_in()).status_code == 200
    events = await doors.events(browser.user)
    assert events.count("session:locked_out") == 1
    assert events.count("session:refused") == 7
    assert events[-1] == "session:signed_in"


async def test_fifth_attempt_that_is_right_locks_nobody(doors: Doors) -> None:
    browser = doors.browser(await doors.hire())
    for _ in range(2):
        for _ in range(4):
            await browser.sign_in(WRONG)
        assert (await browser.sign_in()).status_code == 200


async def test_guesses_at_the_same_moment_count_like_guesses_one_by_one(doors: Doors) -> None:
    browser = doors.browser(await doors.hire())
    await asyncio.gather(*(browser.sign_in(WRONG) for _ in range(12)))
    reasons = [line.detail.get("reason") for line in await doors.trail(browser.user)]
    assert (reasons.count("password"), reasons.count("locked")) == (5, 7)


async def test_address_that_guesses_too_often_waits_whatever_it_says(
    postgres: PostgresForTests, tmp_path: Path
) -> None:
    fresh = await postgres.create_database(prepared_by=migrated)
    async with doors_of(fresh, tmp_path, refused_limit="3/hour") as doors:
        user, guessing = await doors.hire(), doors.browser(address="2001:db8::1")
        for _ in range(3):
            problem(await guessing.sign_in(WRONG), 401, "sign_in_refused")
        answer = await doors.browser(user, address="2001:db8::2").sign_in()
        problem(answer, 429, "too_many_requests")
        assert 1 <= int(answer.headers["Retry-After"]) <= 3600
        assert (await doors.browser(user, address="2001:db8:0:1::1").sign_in()).status_code == 200


async def test_password_login_can_be_switched_off(doors: Doors) -> None:
    browser = doors.browser(await doors.hire())
    with doors.settings(local_login=False):
        problem(await browser.sign_in(), 403, "local_login_off")
    assert (await browser.sign_in()).status_code == 200


# ── forgery ─────────────────────────────────────────────────────────────────────────────────────


async def test_change_needs_the_token_of_this_session(doors: Doors, signed_in: Browser) -> None:
    other = await doors.signed_in()
    path, mine = "/session", signed_in.csrf
    for token in (None, "", "x" * 64, other.csrf):
        signed_in.csrf = token
        problem(await signed_in.delete(path), 403, "csrf_refused")
    signed_in.csrf = mine
    assert (await signed_in.delete(path)).status_code == 204


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://hotline.test"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"},
    ],
)
async def test_change_that_another_site_asks_for_is_refused(
    doors: Doors, signed_in: Browser, headers: dict[str, str]
) -> None:
    problem(await signed_in.send("DELETE", "/session", headers=headers), 403, "csrf_refused")
    credentials = {"user_id": await doors.hire(), "password": PASSWORD}
    problem(await signed_in.post("/session", credentials, **headers), 403, "csrf_refused")
    assert (await signed_in.get("/me")).json()["user_id"] == signed_in.user


async def test_change_of_unknown_origin_is_refused(signed_in: Browser) -> None:
    answer = await signed_in.http.delete("/api/v1/session", headers={"X-CSRF-Token": str(signed_in.csrf)})
    problem(answer, 403, "csrf_refused")


async def test_form_may_bring_the_token_as_a_field(doors: Doors, signed_in: Browser) -> None:
    (line,) = (await signed_in.get("/sessions")).json()["items"]
    path, origin = f"/api/v1/sessions/{line['session_id']}", {"Origin": ORIGIN}
    for token, status in (("wrong", 403), (signed_in.csrf, 204)):
        request = signed_in.http.build_request("DELETE", path, data={"csrf_token": token}, headers=origin)
        assert (await signed_in.http.send(request)).status_code == status


async def test_token_in_a_header_needs_no_csrf_token_and_no_cookie_helps_it(
    doors: Doors, signed_in: Browser
) -> None:
    colleague = await doors.hire()
    token = await doors.token(colleague)
    answer = await signed_in.http.get(
        "/api/v1/me", headers={"Authorization": f"Bearer {token}", "Origin": "https://other.test"}
    )
    assert answer.json()["user_id"] == colleague
    wrong = await signed_in.http.get("/api/v1/me", headers={"Authorization": "Bearer wrong"})
    problem(wrong, 401, "unauthenticated")


# ── passwords ───────────────────────────────────────────────────────────────────────────────────


async def test_changing_the_password_ends_every_other_session(doors: Doors, signed_in: Browser) -> None:
    other, before = doors.browser(signed_in.user), signed_in.cookie
    await other.sign_in()
    change = {"current": PASSWORD, "new_password": WRONG}
    assert (await signed_in.post("/session/password", change)).json()["step"] == "complete"
    assert signed_in.cookie != before
    assert (await signed_in.get("/me")).status_code == 200
    problem(await other.get("/me"), 401, "unauthenticated")
    problem(await other.sign_in(), 401, "sign_in_refused")
    assert (await other.sign_in(password=WRONG)).status_code == 200
    assert "account:password_changed" in await doors.events(signed_in.user)


async def test_changing_the_password_asks_for_it_and_counts_guesses(doors: Doors, signed_in: Browser) -> None:
    change = {"current": WRONG, "new_password": "槐花落了一地，没有人去扫"}
    for _ in range(5):
        problem(await signed_in.post("/session/password", change), 401, "sign_in_refused")
    locked = change | {"current": PASSWORD}
    problem(await signed_in.post("/session/password", locked), 401, "sign_in_refused")
    doors.clock.pass_by(minutes=15)
    assert (await signed_in.post("/session/password", locked)).status_code == 200


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("太短了", "password_length"),
        ("x1" * 200, "password_length"),
        ("password12345", "password_common"),
        ("1234567890123", "password_common"),
        ("{user}-2026", "password_is_account"),
        (PASSWORD, "password_unchanged"),
    ],
)
async def test_weak_password_is_refused_by_name_of_the_rule(
    signed_in: Browser, password: str, code: str
) -> None:
    change = {"current": PASSWORD, "new_password": password.format(user=signed_in.user.upper())}
    answer = await signed_in.post("/session/password", change)
    assert problem(answer, 422, code)["field"] == "new_password"
    assert (await signed_in.sign_in()).status_code == 200


async def test_password_from_an_administrator_opens_nothing_but_its_change(doors: Doors) -> None:
    browser = doors.browser(await _initial(doors, hours=72))
    view = (await browser.sign_in(password=WRONG)).json()
    assert (view["step"], view["step_label"]) == ("password", "修改初始密码")
    problem(await browser.get("/me"), 401, "sign_in_incomplete")
    problem(await browser.get("/sessions"), 401, "sign_in_incomplete")
    half = browser.cookie
    done = await browser.post("/session/password", {"current": WRONG, "new_password": PASSWORD})
    assert done.json()["step"] == "complete"
    assert browser.cookie != half
    assert (await browser.get("/me")).status_code == 200


async def test_password_from_an_administrator_expires(doors: Doors) -> None:
    user = await _initial(doors, hours=72)
    doors.clock.pass_by(hours=72)
    problem(await doors.browser(user).sign_in(password=WRONG), 401, "sign_in_refused")
    assert (await doors.trail(user))[-1].detail == {"reason": "expired"}


async def _initial(doors: Doors, *, hours: int) -> str:
    user, hashed = await doors.hire(), await doors.services.passwords.hash(WRONG)
    async with doors.services.database.write() as session:
        await set_password(
            session,
            UserId(user),
            hashed,
            must_change=True,
            expires_at=doors.clock.at + timedelta(hours=hours),
        )
    return user


async def test_password_is_in_no_row_and_in_no_log(doors: Doors, signed_in: Browser, log_file: Path) -> None:
    await signed_in.sign_in(password=WRONG)
    await signed_in.post("/session", {"user_id": signed_in.user, "password": PASSWORD, "extra": WRONG})
    async with doors.services.database.read() as session:
        rows = [
            tuple(row) for table in metadata.sorted_tables for row in await session.execute(select(table))
        ]
    for secret in (PASSWORD, WRONG, str(signed_in.cookie), str(signed_in.csrf)):
        assert secret not in repr(rows)
        assert secret not in logged(log_file)


async def test_trail_of_all_that_holds(doors: Doors, signed_in: Browser) -> None:
    await signed_in.sign_in(password=WRONG)
    async with doors.services.database.read() as session:
        assert await verify_trail(session) is None

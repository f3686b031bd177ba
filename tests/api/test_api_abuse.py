"""What every request goes through: headers, limits, deadlines, and nothing told that helps an attacker."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from api_doors import Doors, doors_of
from api_hands import problem
from api_premises import migrated
from fastapi import FastAPI
from fixtures.stack import PostgresForTests
from pydantic import ValidationError
from starlette.responses import StreamingResponse

from api.app import create_app
from api.armour import MAX_HEADERS
from runtime.settings import Settings

EVERYWHERE = ("/api/v1/me", "/api/v1/openapi.json", "/docs", "/health/live", "/nowhere", "/api/v1/cases")


@pytest_asyncio.fixture(scope="module")
async def narrow(
    postgres: PostgresForTests, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Doors]:
    """An office with limits so small that a test reaches them, behind a proxy that it trusts."""
    fresh = await postgres.create_database(prepared_by=migrated)
    limits = {"token_limit": "3/hour", "account_limit": "5/hour", "address_limit": "40/hour"}
    async with doors_of(
        fresh, tmp_path_factory.mktemp("narrow"), trusted_proxies="10.0.0.0/8", **limits
    ) as doors:
        yield doors


def hanging() -> FastAPI:
    """An application with endpoints that never end: one says nothing, one has begun to answer."""
    app = create_app(Settings(request_timeout_seconds=0.05))
    never = asyncio.Event()

    async def silent() -> None:
        await never.wait()

    async def bug() -> None:
        message = "secret-in-the-message"
        raise TimeoutError(message)

    async def stream() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"begun "
            await asyncio.sleep(0.1)
            yield b"and ended"

        return StreamingResponse(parts())

    for endpoint in (silent, bug, stream):
        app.add_api_route(f"/{endpoint.__name__}", endpoint, tags=["extra"])
    return app


def reaching(app: FastAPI, address: str = "203.0.113.7", scheme: str = "https") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50_000))
    return httpx.AsyncClient(transport=transport, base_url=f"{scheme}://hotline.test")


# ── headers ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_every_answer_tells_the_browser_to_run_and_frame_nothing(doors: Doors, path: str) -> None:
    headers = (await doors.browser().http.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    # A page of the console lets its own forms say where they are from.
    assert headers["referrer-policy"] in {"no-referrer", "same-origin"}
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["strict-transport-security"].startswith("max-age=31536000")
    assert len(headers.get_list("content-security-policy")) == 1


async def test_plain_http_is_not_declared_https(doors: Doors) -> None:
    answer = await doors.browser(base_url="http://127.0.0.1:8000").http.get("/health/live")
    assert "strict-transport-security" not in answer.headers


# ── limits ──────────────────────────────────────────────────────────────────────────────────────


async def test_token_account_and_address_each_have_their_limit(narrow: Doors) -> None:
    user = await narrow.hire()
    first, second = await narrow.token(user), await narrow.token(user)
    by_token = [await narrow.bearer(first).get("/me") for _ in range(4)]
    assert [answer.status_code for answer in by_token] == [200, 200, 200, 429]
    assert 1 <= int(by_token[-1].headers["Retry-After"]) <= 3600
    by_account = [await narrow.bearer(second).get("/me") for _ in range(3)]
    assert [answer.status_code for answer in by_account] == [200, 200, 429]
    other = await narrow.token(await narrow.hire())
    assert (await narrow.bearer(other).get("/me")).status_code == 200


async def test_address_that_floods_is_refused_before_anything_else(narrow: Doors) -> None:
    async with reaching(narrow.office.app, "198.51.100.1") as flooding:
        answers = [await flooding.get("/nowhere") for _ in range(41)]
        assert {answer.status_code for answer in answers[:40]} == {404}
        problem(answers[40], 429, "too_many_requests")
        assert (await flooding.get("/health/live")).status_code == 200
    async with reaching(narrow.office.app, "198.51.100.2") as other:
        assert (await other.get("/nowhere")).status_code == 404


async def test_only_a_trusted_proxy_says_who_is_behind_it(narrow: Doors) -> None:
    browser = await narrow.signed_in()
    forged = {"X-Forwarded-For": "192.0.2.99"}
    assert (await browser.send("DELETE", "/session", headers=forged)).status_code == 204
    assert (await narrow.trail(browser.user))[-1].address == browser.address
    behind = narrow.browser(browser.user, address="10.1.2.3")
    credentials = {"user_id": browser.user, "password": "wrong"}
    await behind.post("/session", credentials, **{"X-Forwarded-For": "192.0.2.1, 192.0.2.7"})
    assert (await narrow.trail(browser.user))[-1].address == "192.0.2.7"


async def test_nobody_is_trusted_unless_said_so(doors: Doors) -> None:
    behind = doors.browser(await doors.hire(), address="127.0.0.1")
    await behind.post(
        "/session", {"user_id": behind.user, "password": "x"}, **{"X-Forwarded-For": "192.0.2.1"}
    )
    assert (await doors.trail(behind.user))[-1].address == "127.0.0.1"


async def test_too_many_headers_are_refused(doors: Doors) -> None:
    answer = await doors.browser().http.get("/health/live", headers={"X-Filler": "x" * MAX_HEADERS})
    problem(answer, 431, "headers_too_large")
    assert answer.headers["x-content-type-options"] == "nosniff"


# ── deadlines and bugs ──────────────────────────────────────────────────────────────────────────


async def test_handler_that_hangs_is_answered_for() -> None:
    async with reaching(hanging()) as http:
        answer = await http.get("/silent")
    problem(answer, 503, "request_timeout")
    assert answer.headers["Retry-After"] == "5"


async def test_answer_that_has_begun_may_take_longer() -> None:
    async with reaching(hanging()) as http:
        assert (await http.get("/stream")).text == "begun and ended"


async def test_a_bug_tells_the_client_nothing() -> None:
    async with reaching(hanging()) as http:
        answer = await http.get("/bug")
    problem(answer, 500, "internal_error")
    for told in ("secret", "Traceback", "TimeoutError", ".py"):
        assert told not in answer.text
    assert answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "setting",
    [
        {"trusted_proxies": "*"},
        {"address_limit": "many"},
        {"totp_roles": "administrator,chief"},
        {"public_url": "hotline.test"},
        {"public_url": "https://hotline.test/app"},
    ],
)
def test_setting_that_means_nothing_is_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**setting)


def test_settings_default_to_a_second_factor_outside_demo_mode(tmp_path: Path) -> None:
    assert {role.value for role in Settings().second_factor_roles} == {
        "administrator",
        "auditor",
        "discipline",
        "supervisor",
    }
    assert Settings(demo_mode=True).second_factor_roles == frozenset()
    assert Settings(demo_mode=True, totp_roles="leader").second_factor_roles == {"leader"}

"""Single sign-on against a real OpenID Connect server: who comes in, and what is refused on the way back."""

import base64
import hashlib
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from api_doors import ORIGIN, Browser, Doors, doors_of
from api_hands import problem
from api_premises import migrated
from authlib.deprecate import AuthlibDeprecationWarning
from fixtures.stack import PostgresForTests
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from hotline.vocabulary import Role
from runtime.ports import free_port
from runtime.single_sign_on import Provider, SignOnRefusedError

with warnings.catch_warnings():
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from oidc_provider_mock import run_server_in_thread

# The server for tests uses parts of its library that are about to go; it answers in a thread of this process.
pytestmark = [
    pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::authlib.deprecate.AuthlibDeprecationWarning"),
]

START, CALLBACK = "/api/v1/session/oidc/start", "/api/v1/session/oidc/callback"


@dataclass
class Single:
    """Our doors and the provider in front of them."""

    doors: Doors
    issuer: str
    http: httpx.AsyncClient

    async def known(self, role: Role = Role.OPERATOR, *, claims: Any = None, **fields: Any) -> str:
        """Somebody with an account here and at the provider."""
        user = await self.doors.hire(role, **fields)
        await self.register(user, {"preferred_username": user} | (claims or {}))
        return user

    async def register(self, subject: str, claims: dict[str, Any]) -> None:
        answer = await self.http.put(f"{self.issuer}/users/{subject}", json=claims)
        assert answer.is_success, answer.text

    async def out(self, browser: Browser, user: str, then: str = "/docs") -> httpx.URL:
        """Go to the provider and sign in there; returns where it sends the browser."""
        answer = await browser.http.get(START, params={"next": then})
        assert answer.status_code == 302, answer.text
        back = await self.http.post(answer.headers["location"], data={"sub": user})
        assert back.is_redirect, back.text
        return httpx.URL(back.headers["location"])

    async def comes(self, user: str) -> tuple[Browser, httpx.Response]:
        """The whole way."""
        browser = self.doors.browser(user)
        return browser, await browser.http.get(await self.out(browser, user))

    async def reason(self) -> Any:
        """Why the last one was refused."""
        return (await self.doors.trail())[-1].detail["reason"]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with warnings.catch_warnings():
        # The server for tests uses parts of its library that are about to go.
        warnings.simplefilter("ignore", AuthlibDeprecationWarning)
        with run_server_in_thread(free_port()) as server:
            yield f"http://localhost:{server.server_port}"


@pytest_asyncio.fixture(scope="module")
async def single(
    postgres: PostgresForTests, tmp_path_factory: pytest.TempPathFactory, issuer: str
) -> AsyncIterator[Single]:
    fresh = await postgres.create_database(prepared_by=migrated)
    chosen = {"oidc_issuer": issuer, "oidc_client_id": "hotline", "oidc_client_secret": "between us"}
    folder = tmp_path_factory.mktemp("oidc")
    async with doors_of(fresh, folder, **chosen) as doors, httpx.AsyncClient(trust_env=False) as http:
        yield Single(doors, issuer, http)


# ── who comes in ────────────────────────────────────────────────────────────────────────────────


async def test_who_has_an_account_comes_in_and_goes_where_they_wanted(single: Single) -> None:
    user = await single.known()
    browser, answer = await single.comes(user)
    assert (answer.status_code, answer.headers["location"]) == (302, "/docs")
    assert (await browser.get("/me")).json()["user_id"] == user
    view = (await browser.get("/session")).json()
    assert (view["method"], view["step"]) == ("oidc", "complete")
    assert "__Host-hotline-oidc" not in browser.http.cookies
    (entry,) = await single.doors.trail(user)
    assert (entry.event.value, entry.detail["method"]) == ("session:signed_in", "oidc")


async def test_request_carries_state_nonce_and_a_challenge(single: Single) -> None:
    browser = single.doors.browser()
    answer = await browser.http.get(START)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"{ORIGIN}{CALLBACK}"
    assert asked["code_challenge_method"] == "S256"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-hotline-oidc=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Max-Age=600"} <= set(cookie.split("; "))
    for secret in (asked["state"], asked["nonce"]):
        assert secret not in cookie


async def test_local_login_may_be_off_meanwhile(single: Single) -> None:
    user = await single.known()
    with single.doors.settings(local_login=False):
        problem(await single.doors.browser(user).sign_in(), 403, "local_login_off")
        browser, _ = await single.comes(user)
        assert (await browser.get("/me")).status_code == 200


@pytest.mark.parametrize(
    ("amr", "step"), [(["pwd"], "enrolment"), (["pwd", "otp"], "complete"), ("mfa", "enrolment")]
)
async def test_second_factor_is_asked_for_unless_the_provider_did(
    single: Single, amr: object, step: str
) -> None:
    user = await single.known(Role.AUDITOR, claims={"amr": amr})
    with single.doors.settings(totp_roles="auditor"):
        browser, answer = await single.comes(user)
        if amr == "mfa":  # No list, so no ID token as the standard has it.
            problem(answer, 401, "sso_refused")
            return
        assert (await browser.get("/session")).json()["step"] == step


async def test_session_before_it_is_ended(single: Single) -> None:
    user, browser = await single.known(), await single.doors.signed_in()
    before = str(browser.cookie)
    await browser.http.get(await single.out(browser, user))
    assert (await browser.get("/me")).json()["user_id"] == user
    browser.http.cookies.set("__Host-hotline", before, domain="hotline.test")
    problem(await single.doors.browser().get("/me"), 401, "unauthenticated")


# ── who does not ────────────────────────────────────────────────────────────────────────────────


async def test_nobody_comes_in_without_an_account_here(single: Single) -> None:
    await single.register("stranger", {"preferred_username": "a.stranger"})
    browser, answer = await single.comes("stranger")
    problem(answer, 401, "sso_refused")
    assert browser.cookie is None
    entry = (await single.doors.trail())[-1]
    assert (entry.subject, entry.detail["reason"]) == (None, "unknown")
    assert "stranger" not in repr(entry)


@pytest.mark.parametrize(("fields", "reason"), [({"active": False}, "inactive"), ({"demo": True}, "demo")])
async def test_account_that_is_off_or_a_demonstration_stays_out(
    single: Single, fields: dict[str, Any], reason: str
) -> None:
    user = await single.known(**fields)
    _, answer = await single.comes(user)
    problem(answer, 401, "sso_refused")
    assert await single.reason() == reason


async def test_claim_is_the_one_that_the_operator_chose(single: Single) -> None:
    user = await single.known(claims={"employee": "somebody.else"})
    with single.doors.settings(oidc_user_claim="employee"):
        problem((await single.comes(user))[1], 401, "sso_refused")
    with single.doors.settings(oidc_user_claim="sub"):
        assert (await single.comes(user))[1].status_code == 302


async def test_answer_that_this_browser_did_not_ask_for_is_refused(single: Single) -> None:
    """Otherwise somebody could be signed in to another's account by a link (login CSRF)."""
    user = await single.known()
    attacker, victim = single.doors.browser(), single.doors.browser()
    link = await single.out(attacker, user)
    problem(await victim.http.get(link), 401, "sso_refused")
    assert await single.reason() == "oidc_cookie"
    await single.out(victim, user)
    problem(await victim.http.get(link), 401, "sso_refused")
    assert await single.reason() == "oidc_state"
    assert victim.cookie is None


async def test_state_that_was_tampered_with_is_refused(single: Single) -> None:
    browser, user = single.doors.browser(), await single.known()
    back = await single.out(browser, user)
    problem(await browser.http.get(back.copy_set_param("state", "x" * 43)), 401, "sso_refused")
    assert await single.reason() == "oidc_state"


async def test_cookie_that_was_tampered_with_is_refused(single: Single) -> None:
    browser, user = single.doors.browser(), await single.known()
    back = await single.out(browser, user)
    sealed = bytearray(base64.urlsafe_b64decode(str(browser.http.cookies["__Host-hotline-oidc"])))
    sealed[-1] ^= 1
    browser.http.cookies.set(
        "__Host-hotline-oidc", base64.urlsafe_b64encode(sealed).decode(), domain="hotline.test"
    )
    problem(await browser.http.get(back), 401, "sso_refused")
    assert await single.reason() == "oidc_cookie"


async def test_code_of_another_sign_in_brings_the_wrong_nonce(single: Single) -> None:
    user, first, second = await single.known(), single.doors.browser(), single.doors.browser()
    code = (await single.out(first, user)).params["code"]
    back = await single.out(second, user)
    problem(await second.http.get(back.copy_set_param("code", code)), 401, "sso_refused")
    assert await single.reason() == "oidc_id_token"


async def test_code_is_good_once(single: Single) -> None:
    browser, user = single.doors.browser(), await single.known()
    back, cookie = await single.out(browser, user), browser.http.cookies["__Host-hotline-oidc"]
    assert (await browser.http.get(back)).status_code == 302
    browser.http.cookies.set("__Host-hotline-oidc", str(cookie), domain="hotline.test")
    problem(await browser.http.get(back), 401, "sso_refused")
    assert await single.reason() == "oidc_code"


async def test_who_comes_back_too_late_begins_again(single: Single) -> None:
    browser, user = single.doors.browser(), await single.known()
    back = await single.out(browser, user)
    single.doors.clock.pass_by(minutes=10)
    problem(await browser.http.get(back), 401, "sso_refused")
    single.doors.clock.pass_by(minutes=-10)
    assert await single.reason() == "oidc_state"


async def test_expired_id_token_is_refused(single: Single) -> None:
    browser, user = single.doors.browser(), await single.known()
    single.doors.clock.pass_by(hours=2)
    problem((await single.comes(user))[1], 401, "sso_refused")
    single.doors.clock.pass_by(hours=-2)
    assert await single.reason() == "oidc_id_token"
    assert browser.cookie is None


async def test_who_says_no_at_the_provider_is_told_so_here(single: Single) -> None:
    browser = single.doors.browser()
    answer = await browser.http.get(START)
    back = await single.http.post(answer.headers["location"], data={"action": "deny"})
    problem(await browser.http.get(back.headers["location"]), 401, "sso_refused")


@pytest.mark.parametrize(
    "then", ["https://evil.test", "//evil.test", "/\\evil.test", "/%09/evil.test\t", "evil", ""]
)
async def test_nobody_is_sent_to_another_site(single: Single, then: str) -> None:
    problem(await single.doors.browser().http.get(START, params={"next": then}), 422, "invalid_input")


async def test_provider_that_is_away_or_another_is_told_as_such(single: Single) -> None:
    browser = single.doors.browser()
    for other in (f"http://localhost:{free_port()}", f"{single.issuer}/"):
        with single.doors.settings(oidc_issuer=other):
            problem(await browser.http.get(START), 503, "sso_unavailable")
    with single.doors.settings(oidc_issuer=None):
        problem(await browser.http.get(START), 404, "sso_not_configured")
        problem(await browser.http.get(CALLBACK), 404, "sso_not_configured")


# ── ID tokens ───────────────────────────────────────────────────────────────────────────────────

KEY = RSAKey.generate_key(2048, {"kid": "ours"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "ours"})
KEYS = KeySet([KEY]).as_dict(private=False)
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SOUND = {
    "iss": "https://sso.test",
    "sub": "zhang.wei",
    "aud": "hotline",
    "nonce": "n",
    "iat": int(AT.timestamp()) - 5,
    "exp": int(AT.timestamp()) + 300,
}


def proved(claims: dict[str, Any], *, key: Any = KEY, alg: str = "RS256", **token: Any) -> Any:
    encoded = jwt.encode({"alg": alg, "kid": "ours"}, claims, key, algorithms=[alg])
    provider = Provider("https://sso.test", "hotline")
    return provider._proved({"id_token": encoded, "access_token": "a"} | token, KEYS, "n", AT)


def test_sound_id_token_is_believed() -> None:
    assert proved(SOUND)["sub"] == "zhang.wei"
    assert proved(SOUND | {"aud": ["hotline"]})["sub"] == "zhang.wei"
    half = base64.urlsafe_b64encode(hashlib.sha256(b"a").digest()[:16]).decode().rstrip("=")
    assert proved(SOUND | {"at_hash": half})["sub"] == "zhang.wei"


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://other.test"},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": ["hotline", "another-client"], "azp": "another-client"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": int(AT.timestamp()) - 61},
        {"exp": None},
        {"iat": None},
        {"nbf": int(AT.timestamp()) + 61},
        {"sub": None},
        {"at_hash": "another"},
    ],
    ids=str,
)
def test_unsound_id_token_is_refused(wrong: dict[str, Any]) -> None:
    claims = {name: value for name, value in (SOUND | wrong).items() if value is not None}
    with pytest.raises(SignOnRefusedError, match="oidc_id_token"):
        proved(claims)


def test_id_token_of_another_hand_is_refused() -> None:
    with pytest.raises(SignOnRefusedError):
        proved(SOUND, key=OTHER_KEY)
    with pytest.raises(SignOnRefusedError):
        # The library would not even take the public key itself for this; any shared secret shows the same.
        proved(SOUND, key=OctKey.generate_key(256, {"kid": "ours"}), alg="HS256")


def test_id_token_without_a_signature_is_refused() -> None:
    parts = (b'{"alg":"none"}', str(SOUND).replace("'", '"').encode())
    unsigned = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."
    for id_token in (unsigned, "", "x", None):
        with pytest.raises(SignOnRefusedError):
            proved(SOUND, id_token=id_token)

"""What a browser is given and must bring (浏览器会话安全): the session's cookie, the CSRF token, its origin.

A browser sends the cookie along with whatever another site makes it send. So a request that changes something
must carry a token that other sites cannot read, and must come from our own pages. API tokens are not sent by
themselves and need neither.
"""

import hmac
from typing import Final

from fastapi import Request, Response

from api.errors import ApiError
from runtime.codec import CODEC_PATH
from runtime.keyring import Keyring
from runtime.settings import Settings

CSRF_HEADER: Final = "X-CSRF-Token"
CSRF_FIELD: Final = "csrf_token"
UNATTENDED_HEADER: Final = "X-Unattended"
"""With what a page asks by itself, because something changed; nobody need be sitting before it."""
SECURE_COOKIE: Final = "__Host-hotline"
PLAIN_COOKIE: Final = "hotline"

_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def origin_of(request: Request, settings: Settings) -> str:
    """Our own origin as the browser knows it."""
    if settings.public_url is not None:
        return settings.public_url
    return f"{request.url.scheme}://{request.url.netloc}".lower()


def is_secure(request: Request, settings: Settings) -> bool:
    """Whether the browser reached us by https, perhaps through a proxy."""
    return origin_of(request, settings).startswith("https://")


def require_private_channel(request: Request, settings: Settings) -> None:
    """Refuse to sign anybody in over a line on which others can read along.

    Plain http is for this machine, for demo mode, and for an operator who set a `public_url` without https.
    """
    private = is_secure(request, settings) or request.url.hostname in _LOOPBACK
    if not private and not settings.demo_mode and settings.public_url is None:
        raise ApiError(403, "https_required", "请通过 https 访问后再登录")


def cookie_name(request: Request, settings: Settings) -> str:
    """With the prefix a browser takes the cookie from this very host by https alone, and from no subdomain."""
    return SECURE_COOKIE if is_secure(request, settings) else PLAIN_COOKIE


def session_secret(request: Request, settings: Settings) -> str | None:
    """The secret of the session that the browser has, if any."""
    return request.cookies.get(cookie_name(request, settings))


def give_session(request: Request, response: Response, settings: Settings, secret: str) -> None:
    """Let the browser keep the secret until it is closed.

    SameSite is Lax, since somebody who follows a link to a case from elsewhere is signed in; what such links
    could do to them is what the CSRF token prevents.
    """
    response.set_cookie(
        cookie_name(request, settings),
        secret,
        path="/",
        secure=is_secure(request, settings),
        httponly=True,
        samesite="lax",
    )


def take_session(request: Request, response: Response, settings: Settings) -> None:
    """Let the browser forget the secret."""
    response.delete_cookie(
        cookie_name(request, settings),
        path="/",
        secure=is_secure(request, settings),
        httponly=True,
        samesite="lax",
    )


def csrf_token(keyring: Keyring, secret: str) -> str:
    """The token of a session. It changes with the secret, from which it follows, and does not lead back to it."""
    return keyring.match("csrf", secret)


def refuse_other_origins(request: Request, settings: Settings) -> None:
    """Refuse a request of which the browser says that another site made it."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if (site is not None and site != "same-origin") or (
        origin is not None and origin.lower() != origin_of(request, settings)
    ):
        raise _forged()


async def require_no_forgery(request: Request, settings: Settings, keyring: Keyring, secret: str) -> None:
    """Refuse a request that changes something unless one of our own pages made it (防跨站请求伪造)."""
    if request.method in _SAFE or _is_of_temporals_interface(request, settings):
        return
    refuse_other_origins(request, settings)
    if "sec-fetch-site" not in request.headers and "origin" not in request.headers:
        raise _forged()  # Every browser sends one of them with what may change something.
    token = request.headers.get(CSRF_HEADER) or await _field(request)
    if not hmac.compare_digest(token.encode(), csrf_token(keyring, secret).encode()):
        raise _forged()


def _is_of_temporals_interface(request: Request, settings: Settings) -> bool:
    """Temporal's web interface cannot send our token; the one origin it is served from may decode without."""
    trusted = settings.temporal_ui_origin
    of_codec = request.url.path.startswith(f"{CODEC_PATH}/")
    return of_codec and trusted is not None and request.headers.get("origin") == trusted


async def _field(request: Request) -> str:
    """The token of a form without a script."""
    if not request.headers.get("content-type", "").startswith(_FORMS):
        return ""
    value = (await request.form()).get(CSRF_FIELD, "")
    return value if isinstance(value, str) else ""


def _forged() -> ApiError:
    return ApiError(403, "csrf_refused", "请求不是从本系统页面发出的，请刷新页面后重试")

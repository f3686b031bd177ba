"""Single sign-on (单点登录): out to the provider and back, with what must match kept in a sealed cookie.

The cookie binds the way back to the browser that went out, and ends after some minutes; nothing is stored for
sign-ins that never come back. Whoever comes back needs an account here already (ADR 0026).
"""

import base64
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import Header, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, ValidationError

from api.address import AddressDep, network_of
from api.browser import give_session, is_secure, origin_of, require_private_channel
from api.deps import ServicesDep
from api.errors import ApiError, responses
from api.parts import Operations
from api.routers.session import leave
from api.services import Services
from api.signing_in import Opened, Visit, open_for
from hotline.identifiers import UserId, is_user_id
from hotline.vocabulary import SignInMethod, TrailEvent
from runtime.keyring import UnsealError
from runtime.settings import Settings
from runtime.single_sign_on import (
    Claims,
    Provider,
    ProviderAwayError,
    SignOnRefusedError,
    has_second_factor,
)
from store.accounts import User, account
from store.trail import TrailEntry, record

router = Operations(tags=["session"], prefix="/session/oidc")

COOKIE: Final = "hotline-oidc"
_PURPOSE: Final = "oidc"
_BACK_WITHIN: Final = timedelta(minutes=10)
_LOCAL_PATH: Final = r"^/([^/\\\x00-\x20\x7f][^\\\x00-\x20\x7f]*)?$"
"""A path on this host: `//` and `/\\` would lead to another one."""


class _Expected(BaseModel):
    """What must come back, and where the browser goes then."""

    model_config = ConfigDict(frozen=True)

    state: str
    nonce: str
    verifier: str
    until: datetime
    then: str


@router.get(
    "/start",
    status_code=302,
    summary="单点登录",
    response_class=RedirectResponse,
    responses={302: {"description": "To the provider"}, **responses(403, 404)},
)
async def start(
    services: ServicesDep,
    request: Request,
    then: Annotated[
        str, Query(alias="next", pattern=_LOCAL_PATH, max_length=500, description="登录后前往的本站路径")
    ] = "/",
) -> Response:
    """Send the browser to the provider."""
    provider = _provider(services.settings)
    require_private_channel(request, services.settings)
    try:
        begun = await provider.begin(_redirect_uri(request, services.settings))
    except ProviderAwayError as error:
        raise _away() from error
    expected = _Expected(
        state=begun.state,
        nonce=begun.nonce,
        verifier=begun.verifier,
        until=services.now() + _BACK_WITHIN,
        then=then,
    )
    response = RedirectResponse(begun.url, status_code=302)
    _put(response, request, services, expected)
    return response


@router.get(
    "/callback",
    status_code=302,
    summary="单点登录返回",
    response_class=RedirectResponse,
    responses={302: {"description": "To where the sign-in began"}, **responses(401, 403, 404)},
)
async def callback(
    services: ServicesDep,
    request: Request,
    address: AddressDep,
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    agent: Annotated[str | None, Header(alias="User-Agent", include_in_schema=False)] = None,
) -> Response:
    """Where the provider sends the browser: open a session for the account that the ID token names."""
    provider, visit = _provider(services.settings), Visit(address, agent)
    try:
        expected = _expected(services, request, state)
        claims = await provider.finish(
            code,
            _redirect_uri(request, services.settings),
            nonce=expected.nonce,
            verifier=expected.verifier,
            at=services.now(),
        )
        opened = await _open(services, claims, visit)
    except SignOnRefusedError as error:
        await _refuse(services, error, visit)
        raise _refused() from error
    except ProviderAwayError as error:
        raise _away() from error
    await leave(services, request)
    response = RedirectResponse(expected.then, status_code=302)
    give_session(request, response, services.settings, opened.secret)
    _forget(response, request, services.settings)
    return response


class _NoAccountError(SignOnRefusedError):
    """The ID token is good, and names nobody who may come in."""

    def __init__(self, reason: str, name: str, user: User | None = None) -> None:
        super().__init__(reason)
        self.name = name
        self.user = user


async def _open(services: Services, claims: Claims, visit: Visit) -> Opened:
    """A session for the account that the claims name. None is made: roles are given here, not by the provider."""
    name = str(claims.get(services.settings.oidc_user_claim, ""))
    async with services.database.write() as session:
        user = await account(session, UserId(name)) if is_user_id(name) else None
        if user is None:
            raise _NoAccountError("unknown", name)
        if not user.active:
            raise _NoAccountError("inactive", name, user)
        if user.demo and not services.settings.demo_mode:
            raise _NoAccountError("demo", name, user)
        return await open_for(
            services,
            session,
            user,
            visit,
            method=SignInMethod.OIDC,
            second_factor_given=has_second_factor(claims),
        )


async def _refuse(services: Services, error: SignOnRefusedError, visit: Visit) -> None:
    """Write down why, and let who tries too often wait."""
    subject, detail = None, {"reason": error.reason, "method": SignInMethod.OIDC.value}
    if isinstance(error, _NoAccountError):
        subject = error.user.user_id if error.user else None
        if error.user is None:
            detail["name_hash"] = services.keyring.match("sign-in-name", error.name)
    entry = TrailEntry(
        at=services.now(),
        event=TrailEvent.SIGN_IN_REFUSED,
        subject=subject,
        address=visit.address,
        detail=dict(detail),
    )
    async with services.database.write() as session:
        await record(session, entry)
    network = network_of(visit.address)
    await services.limits.spend(services.settings.refused_limit, "refused", network)


def _provider(settings: Settings) -> Provider:
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        raise ApiError(404, "sso_not_configured", "本系统未启用单点登录")
    return Provider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)


def _redirect_uri(request: Request, settings: Settings) -> str:
    """The address of `callback`, as it is registered with the provider."""
    return f"{origin_of(request, settings)}{request.url.path.rpartition('/')[0]}/callback"


def _refused() -> ApiError:
    return ApiError(401, "sso_refused", "单点登录未成功，请重新登录；如账号尚未开通，请联系管理员")


def _away() -> ApiError:
    return ApiError(503, "sso_unavailable", "单点登录服务暂不可用，请稍后再试")


# ── the cookie between going out and coming back ────────────────────────────────────────────────


def _put(response: Response, request: Request, services: Services, expected: _Expected) -> None:
    sealed = services.keyring.seal(_PURPOSE, expected.model_dump_json().encode(), COOKIE.encode())
    response.set_cookie(
        _cookie(request, services.settings),
        base64.urlsafe_b64encode(sealed).decode(),
        max_age=int(_BACK_WITHIN.total_seconds()),
        path="/",
        secure=is_secure(request, services.settings),
        httponly=True,
        samesite="lax",  # The provider, another site, leads the browser back here.
    )


def _expected(services: Services, request: Request, state: str) -> _Expected:
    """What this browser went out with, if it did, not too long ago, and with this state."""
    sealed = request.cookies.get(_cookie(request, services.settings), "")
    try:
        opened = services.keyring.open(_PURPOSE, base64.urlsafe_b64decode(sealed.encode()), COOKIE.encode())
        expected = _Expected.model_validate_json(opened)
    except (UnsealError, ValidationError, ValueError):
        raise SignOnRefusedError("oidc_cookie") from None
    if expected.state != state or expected.until <= services.now():
        raise SignOnRefusedError("oidc_state")
    return expected


def _forget(response: Response, request: Request, settings: Settings) -> None:
    response.delete_cookie(
        _cookie(request, settings),
        path="/",
        secure=is_secure(request, settings),
        httponly=True,
        samesite="lax",
    )


def _cookie(request: Request, settings: Settings) -> str:
    return f"__Host-{COOKIE}" if is_secure(request, settings) else COOKIE

"""Signing in and out of a browser session (登录、退出), and what a session still owes.

The answer to each step carries the CSRF token for the next request: it changes with the session's secret.
"""

from typing import Annotated, Final

from fastapi import Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.address import AddressDep
from api.browser import (
    csrf_token,
    give_session,
    refuse_other_origins,
    require_private_channel,
    session_secret,
    take_session,
)
from api.deps import PrincipalDep, ServicesDep, VisitorDep
from api.errors import ApiError, responses
from api.examples import as_body
from api.parts import Operations
from api.principal import Principal, by_session, session_limits
from api.schemas import Instant, View
from api.services import Services
from api.signing_in import (
    Opened,
    Visit,
    advance,
    new_password_hash,
    prove_password,
    prove_second_factor,
    recovery_hash,
    require_local_login,
    seal_totp,
    sign_in,
)
from hotline.identifiers import UserId
from hotline.vocabulary import SignInStep, TrailEvent
from runtime.second_factor import enrolment_uri, new_recovery_codes, new_secret
from store import credentials, sessions
from store.sessions import Session
from store.trail import TrailEntry, record

router = Operations(tags=["session"])

_SECRET_CHARS: Final = 1000


class Credentials(BaseModel):
    """Account and password."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    user_id: str = Field(max_length=_SECRET_CHARS, repr=False, description="账号")
    password: str = Field(max_length=_SECRET_CHARS, repr=False, description="密码")


class PasswordChange(BaseModel):
    """The password until now, and the one from now on."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    current: str = Field(max_length=_SECRET_CHARS, repr=False, description="原密码")
    new_password: str = Field(max_length=_SECRET_CHARS, repr=False, description="新密码")


class OneTimeCode(BaseModel):
    """A code of the authenticator app, or a recovery code."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    code: str = Field(max_length=64, repr=False, description="动态口令或者恢复码")


class SessionView(View):
    """The session that the browser has: who, which step is next, and the token for what changes something."""

    user_id: str
    display_name: str
    role: str
    role_label: str
    unit: str | None
    demo: bool = Field(description="演示账号")
    step: str = Field(examples=["complete"], description="`complete` 之前只能进行该步骤")
    step_label: str = Field(examples=["已登录"])
    method: str
    csrf_token: str = Field(description="修改类请求须以 `X-CSRF-Token` 带上")
    ends_at: Instant = Field(description="最迟于此刻须重新登录")


class EnrolmentView(View):
    """What the authenticator app needs; shown now and never again."""

    secret: str = Field(description="手工录入用的密钥")
    uri: str = Field(description="二维码内容")


class RecoveryCodes(View):
    """Ten codes, each of which stands in for the app once; shown now and never again."""

    codes: list[str]
    session: SessionView


class SessionLine(View):
    """One of the sessions of an account."""

    session_id: str
    method: str
    method_label: str
    step: str
    created_at: Instant
    seen_at: Instant
    address: str | None
    agent: str | None
    current: bool = Field(description="是否为当前会话")

    @classmethod
    def of(cls, session: Session, current: str | None = None) -> "SessionLine":
        """The view of a session."""
        return cls(
            session_id=session.session_id,
            method=session.method,
            method_label=session.method.label,
            step=session.step,
            created_at=session.created_at,
            seen_at=session.seen_at,
            address=session.address,
            agent=session.agent,
            current=session.session_id == current,
        )


class SessionList(View):
    """Sessions that have not ended, the one used last first."""

    items: list[SessionLine]


_Agent = Annotated[str | None, Header(alias="User-Agent", include_in_schema=False)]


@router.post(
    "/session",
    summary="登录",
    responses=responses(401, 403),
    openapi_extra=as_body({"user_id": "zhang.wei", "password": "四月的槐花开得正好"}),
)
async def begin(
    body: Credentials,
    services: ServicesDep,
    request: Request,
    response: Response,
    address: AddressDep,
    agent: _Agent = None,
) -> SessionView:
    """Sign in with account and password; the answer says which step is next, and sets the session's cookie."""
    require_local_login(services.settings)
    require_private_channel(request, services.settings)
    refuse_other_origins(request, services.settings)
    opened = await sign_in(services, body.user_id, body.password, Visit(address, agent))
    await leave(services, request)
    return given(services, request, response, opened)


async def leave(services: Services, request: Request) -> None:
    """End the session that the browser had before: it may be somebody else's."""
    secret = session_secret(request, services.settings)
    former = await by_session(services, secret) if secret else None
    if former is not None and former.session is not None:
        async with services.database.write() as session:
            await sessions.end_session(session, former.user.user_id, former.session.session_id)


@router.get("/session", summary="当前会话", responses=responses(401))
async def current(visitor: VisitorDep, services: ServicesDep, request: Request) -> SessionView:
    """Who is signed in, which step is next, and the CSRF token."""
    secret = session_secret(request, services.settings)
    assert secret is not None
    assert visitor.session is not None
    return _view(services, Opened(secret, visitor.session, visitor.user))


@router.delete("/session", status_code=204, summary="退出", responses=responses(401, 403))
async def end(
    visitor: VisitorDep, services: ServicesDep, request: Request, response: Response, address: AddressDep
) -> None:
    """Sign out: the session is deleted."""
    async with services.database.write() as session:
        await sessions.end_session(session, visitor.user.user_id, visitor.handle)
        await record(session, _entry(services, visitor, TrailEvent.SIGNED_OUT, address))
    take_session(request, response, services.settings)


@router.post(
    "/session/password",
    summary="修改密码",
    responses=responses(401, 403),
    openapi_extra=as_body({"current": "fmgh-cwfk-vczc-wn7t", "new_password": "四月的槐花开得正好，正好"}),
)
async def change_password(
    body: PasswordChange,
    visitor: VisitorDep,
    services: ServicesDep,
    request: Request,
    response: Response,
    address: AddressDep,
    agent: _Agent = None,
) -> SessionView:
    """Change one's password; every other session of the account ends."""
    require_local_login(services.settings)
    here = _require_step(visitor, SignInStep.COMPLETE, SignInStep.PASSWORD)
    await prove_password(services, visitor.user, body.current, Visit(address, agent))
    password_hash = await new_password_hash(services, visitor.user, body.current, body.new_password)
    async with services.database.write() as session:
        await credentials.set_password(session, visitor.user.user_id, password_hash)
        await sessions.end_sessions(session, visitor.user.user_id, but=here.session_id)
        await record(session, _entry(services, visitor, TrailEvent.PASSWORD_CHANGED, address))
        opened = await advance(services, session, visitor.user, here)
    return given(services, request, response, opened)


@router.post(
    "/session/totp",
    summary="输入动态口令",
    responses=responses(401, 403, 409),
    openapi_extra=as_body({"code": "492039"}),
)
async def second_factor(
    body: OneTimeCode,
    visitor: VisitorDep,
    services: ServicesDep,
    request: Request,
    response: Response,
    address: AddressDep,
) -> SessionView:
    """Give the code of the authenticator app, or a recovery code."""
    here = _require_step(visitor, SignInStep.TOTP)
    await prove_second_factor(services, visitor.user, body.code, Visit(address))
    async with services.database.write() as session:
        opened = await advance(services, session, visitor.user, here)
    return given(services, request, response, opened)


@router.post("/session/totp/enrolment", summary="绑定动态口令", responses=responses(401, 403, 409))
async def enrol(visitor: VisitorDep, services: ServicesDep) -> EnrolmentView:
    """Make the secret for an authenticator app; it is in force once a code of it is confirmed."""
    _require_step(visitor, SignInStep.ENROLMENT, SignInStep.COMPLETE)
    user_id, secret = visitor.user.user_id, new_secret()
    async with services.database.write() as session:
        if not await credentials.put_totp(session, user_id, seal_totp(services, user_id, secret)):
            raise ApiError(409, "totp_in_force", "动态口令已绑定；更换手机请由管理员重置")
    return EnrolmentView(secret=secret, uri=enrolment_uri(secret, user_id))


@router.post(
    "/session/totp/confirmation",
    summary="确认动态口令",
    responses=responses(401, 403, 409),
    openapi_extra=as_body({"code": "492039"}),
)
async def confirm(
    body: OneTimeCode,
    visitor: VisitorDep,
    services: ServicesDep,
    request: Request,
    response: Response,
    address: AddressDep,
) -> RecoveryCodes:
    """Confirm the app with its first code; from now on it is asked for, and ten recovery codes stand in for it."""
    here, user_id = _require_step(visitor, SignInStep.ENROLMENT, SignInStep.COMPLETE), visitor.user.user_id
    await _require_unconfirmed(services, user_id)
    await prove_second_factor(services, visitor.user, body.code, Visit(address))
    codes = new_recovery_codes()
    hashes = [recovery_hash(services, user_id, code) for code in codes]
    async with services.database.write() as session:
        await credentials.confirm_totp(session, user_id, hashes, at=services.now())
        await record(session, _entry(services, visitor, TrailEvent.SECOND_FACTOR_CHANGED, address))
        opened = await advance(services, session, visitor.user, here)
    return RecoveryCodes(codes=list(codes), session=given(services, request, response, opened))


async def _require_unconfirmed(services: Services, user_id: UserId) -> None:
    async with services.database.read() as session:
        kept = await credentials.credentials_of(session, user_id)
    if kept.totp_sealed is None or kept.has_second_factor:
        raise ApiError(409, "totp_not_begun", "请先获取动态口令密钥，再确认")


@router.get("/sessions", summary="本人的会话", responses=responses(401, 403))
async def mine(principal: PrincipalDep, services: ServicesDep) -> SessionList:
    """Where one is signed in."""
    async with services.database.read() as session:
        found = await sessions.sessions_of(
            session, principal.user.user_id, at=services.now(), limits=session_limits(services.settings)
        )
    return SessionList(items=[SessionLine.of(one, principal.handle) for one in found])


@router.delete(
    "/sessions/{session_id}", status_code=204, summary="结束本人的会话", responses=responses(401, 403, 404)
)
async def end_mine(
    session_id: str, principal: PrincipalDep, services: ServicesDep, address: AddressDep
) -> None:
    """End one of one's own sessions, such as that of a browser left behind."""
    async with services.database.write() as session:
        if not await sessions.end_session(session, principal.user.user_id, session_id):
            raise session_not_found()
        entry = _entry(services, principal, TrailEvent.SESSION_REVOKED, address)
        await record(session, entry.model_copy(update={"detail": {"session": session_id}}))


def session_not_found() -> ApiError:
    """No session of this account has this id, or it has ended."""
    return ApiError(404, "session_not_found", "没有这个会话，或者会话已结束")


def given(services: Services, request: Request, response: Response, opened: Opened) -> SessionView:
    """Give a browser its new secret, and tell what the session is."""
    give_session(request, response, services.settings, opened.secret)
    return _view(services, opened)


def _view(services: Services, opened: Opened) -> SessionView:
    user, session = opened.user, opened.session
    return SessionView(
        user_id=user.user_id,
        display_name=user.display_name,
        role=user.role,
        role_label=user.role.label,
        unit=user.unit,
        demo=user.demo,
        step=session.step,
        step_label=session.step.label,
        method=session.method,
        csrf_token=csrf_token(services.keyring, opened.secret),
        ends_at=session.created_at + session_limits(services.settings).lasts_for,
    )


def _require_step(visitor: Principal, *steps: SignInStep) -> Session:
    assert visitor.session is not None
    if visitor.session.step not in steps:
        raise ApiError(409, "wrong_sign_in_step", f"当前登录步骤为“{visitor.session.step.label}”")
    return visitor.session


def _entry(services: Services, who: Principal, event: TrailEvent, address: str) -> TrailEntry:
    return TrailEntry(
        at=services.now(),
        event=event,
        actor=who.actor,
        subject=who.user.user_id,
        address=address,
        detail={"session": who.handle},
    )

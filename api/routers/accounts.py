"""Accounts (账号管理), for administrators: who has one, in which role, and what they can get in with."""

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.address import AddressDep
from api.deps import PrincipalDep, ServicesDep
from api.errors import ApiError, responses
from api.examples import as_body
from api.parts import Operations
from api.principal import Principal, session_limits
from api.routers.session import SessionLine, SessionList, session_not_found
from api.routers.tokens import TOKEN as TOKEN_EXAMPLE
from api.routers.tokens import NewToken, TokenLine, TokenList, TokenRequest, issue_for, revoke_for
from api.schemas import Instant, View
from api.services import Services
from hotline.accountability.vocabulary import Level
from hotline.identifiers import USER_ID, UnitCode, UserId
from hotline.vocabulary import Role
from runtime.passwords import new_password
from store import administration, sessions, tokens
from store.accounts import User, account, every_account
from store.administration import By, InitialPassword
from store.credentials import Credentials, all_credentials, credentials_of

router = Operations(tags=["accounts"], prefix="/accounts", responses=responses(401, 403))

ACCOUNT: Final[dict[str, Any]] = {
    "user_id": "zhang.wei",
    "display_name": "张伟",
    "role": "handler",
    "unit": "U120",
}
"""An example of an account."""

Id = Annotated[str, Path(pattern=f"^{USER_ID}$", description="账号")]
_Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$", description="姓名")]
_Unit = Annotated[str, Field(pattern=r"^[\w.-]{1,64}$", description="单位代码")]

_Group = Annotated[
    str, Field(pattern=r"^[\w.-]{1,64}$", description="派驻纪检监察组代码；不填为本级纪检监察机关")
]
_Level = Annotated[Level, Field(description="纪检监察审批层级；不填为承办人")]
_MAY_BE_NONE: Final = frozenset({"unit", "discipline_group", "discipline_level"})


class NewAccount(BaseModel):
    """Somebody who is to have an account."""

    model_config = ConfigDict(extra="forbid")

    user_id: str = Field(pattern=f"^{USER_ID}$", description="账号")
    display_name: _Name
    role: Role
    unit: _Unit | None = None
    discipline_group: _Group | None = None
    discipline_level: _Level | None = None


class AccountChange(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    display_name: _Name | None = None
    role: Role | None = None
    unit: _Unit | None = None
    discipline_group: _Group | None = None
    discipline_level: _Level | None = None
    active: bool | None = None


class Reset(BaseModel):
    """What else to take away with the password."""

    model_config = ConfigDict(extra="forbid")

    second_factor: bool = Field(default=False, description="同时解除动态口令")
    tokens: bool = Field(default=False, description="同时撤销全部令牌")


class AccountView(View):
    """An account, and what it can get in with."""

    user_id: str
    display_name: str
    role: str
    role_label: str
    unit: str | None
    discipline_group: str | None
    discipline_level: str | None
    active: bool
    demo: bool
    has_password: bool
    must_change_password: bool
    has_second_factor: bool
    locked_until: Instant | None

    @classmethod
    def of(cls, user: User, kept: Credentials) -> "AccountView":
        """The view of an account."""
        return cls(
            **user.model_dump(include=set(User.model_fields)),
            role_label=user.role.label,
            has_password=kept.password_hash is not None,
            must_change_password=kept.must_change,
            has_second_factor=kept.has_second_factor,
            locked_until=kept.locked_until,
        )


class AccountList(View):
    """Every account by its id, also those that are switched off."""

    items: list[AccountView]


class HandedOut(View):
    """A password that was made just now, to be changed at the first sign-in; it cannot be read again."""

    user_id: str
    initial_password: str | None = Field(description="只显示这一次；未启用本地密码登录时为空")
    expires_at: Instant | None


class Ended(View):
    """How many there were."""

    count: int


@router.get("", summary="账号列表")
async def every(_: PrincipalDep, services: ServicesDep) -> AccountList:
    """Every account, with what it can get in with."""
    async with services.database.read() as session:
        found, kept = await every_account(session), await all_credentials(session)
    known = {user.user_id: Credentials(user_id=user.user_id) for user in found} | kept
    return AccountList(items=[AccountView.of(user, known[user.user_id]) for user in found])


@router.post("", status_code=201, summary="新建账号", openapi_extra=as_body(ACCOUNT))
async def create(
    body: NewAccount, principal: PrincipalDep, services: ServicesDep, address: AddressDep
) -> HandedOut:
    """Add an account; its password is shown once and must be changed at the first sign-in."""
    user = User.model_construct(
        user_id=UserId(body.user_id),
        display_name=body.display_name,
        role=body.role,
        unit=UnitCode(body.unit) if body.unit else None,
        discipline_group=body.discipline_group,
        discipline_level=body.discipline_level,
    )
    handed = await _hand_out(services, user.user_id)
    async with services.database.write() as session:
        by = _by(services, principal, address)
        await administration.create_account(session, user, handed[1], by)
    return handed[0]


@router.patch(
    "/{user_id}",
    summary="变更账号",
    responses=responses(404, 409),
    openapi_extra=as_body({"role": "unit_head"}),
)
async def change(
    user_id: Id, body: AccountChange, principal: PrincipalDep, services: ServicesDep, address: AddressDep
) -> AccountView:
    """Change name, role or unit, or switch the account off or on; a new role or unit ends its sessions."""
    changes = body.model_dump(exclude_unset=True)
    wanted = {name: value for name, value in changes.items() if value is not None or name in _MAY_BE_NONE}
    async with services.database.write() as session:
        by = _by(services, principal, address)
        user = await administration.change_account(session, UserId(user_id), wanted, by)
        if user is None:
            raise _not_found()
        return AccountView.of(user, await credentials_of(session, user.user_id))


@router.post(
    "/{user_id}/reset",
    summary="重置密码",
    responses=responses(404),
    openapi_extra=as_body({"second_factor": True, "tokens": False}),
)
async def reset(
    user_id: Id, body: Reset, principal: PrincipalDep, services: ServicesDep, address: AddressDep
) -> HandedOut:
    """Give the account another password, open its lock and end its sessions."""
    handed = await _hand_out(services, UserId(user_id))
    async with services.database.write() as session:
        done = await administration.reset_account(
            session,
            UserId(user_id),
            handed[1],
            _by(services, principal, address),
            second_factor=body.second_factor,
            revoke_tokens=body.tokens,
        )
        if not done:
            raise _not_found()
    return handed[0]


@router.get("/{user_id}/sessions", summary="账号的会话", responses=responses(404))
async def its_sessions(user_id: Id, principal: PrincipalDep, services: ServicesDep) -> SessionList:
    """Where somebody is signed in."""
    await _require(services, user_id)
    async with services.database.read() as session:
        found = await sessions.sessions_of(
            session, UserId(user_id), at=services.now(), limits=session_limits(services.settings)
        )
    return SessionList(items=[SessionLine.of(one, principal.handle) for one in found])


@router.delete("/{user_id}/sessions", summary="结束账号的全部会话", responses=responses(404))
async def end_sessions(
    user_id: Id, principal: PrincipalDep, services: ServicesDep, address: AddressDep
) -> Ended:
    """Sign somebody out everywhere."""
    await _require(services, user_id)
    async with services.database.write() as session:
        by = _by(services, principal, address)
        return Ended(count=await administration.end_all_sessions(session, UserId(user_id), by))


@router.delete(
    "/{user_id}/sessions/{session_id}",
    status_code=204,
    summary="结束账号的一个会话",
    responses=responses(404),
)
async def end_one_session(
    user_id: Id, session_id: str, principal: PrincipalDep, services: ServicesDep, address: AddressDep
) -> None:
    """Sign somebody out of one browser, such as one that was lost."""
    async with services.database.write() as session:
        by = _by(services, principal, address)
        if not await administration.end_one_session(session, UserId(user_id), session_id, by):
            raise session_not_found()


@router.get("/{user_id}/tokens", summary="账号的令牌", responses=responses(404))
async def its_tokens(user_id: Id, principal: PrincipalDep, services: ServicesDep) -> TokenList:
    """Every token of an account."""
    await _require(services, user_id)
    async with services.database.read() as session:
        found = await tokens.tokens_of(session, UserId(user_id))
    return TokenList(items=[TokenLine.of(token, principal.handle) for token in found])


@router.post(
    "/{user_id}/tokens",
    status_code=201,
    summary="为账号签发令牌",
    responses=responses(404),
    openapi_extra=as_body(TOKEN_EXAMPLE),
)
async def issue(
    user_id: Id, body: TokenRequest, principal: PrincipalDep, services: ServicesDep, address: AddressDep
) -> NewToken:
    """Make a token for another system, which has an account of its own."""
    await _require(services, user_id)
    return await issue_for(services, principal, UserId(user_id), body, address)


@router.delete(
    "/{user_id}/tokens/{token_id}", status_code=204, summary="撤销账号的令牌", responses=responses(404)
)
async def revoke(
    user_id: Id, token_id: str, principal: PrincipalDep, services: ServicesDep, address: AddressDep
) -> None:
    """Revoke one token of an account."""
    await revoke_for(services, principal, UserId(user_id), token_id, address)


@router.delete("/{user_id}/tokens", summary="撤销账号的全部令牌", responses=responses(404))
async def revoke_all(
    user_id: Id, principal: PrincipalDep, services: ServicesDep, address: AddressDep
) -> Ended:
    """Revoke every token of an account at once."""
    await _require(services, user_id)
    async with services.database.write() as session:
        by = _by(services, principal, address)
        return Ended(count=await administration.revoke_all_tokens(session, UserId(user_id), by))


async def _hand_out(services: Services, user_id: UserId) -> tuple[HandedOut, InitialPassword | None]:
    """A password and its hash; neither where nobody signs in with one."""
    if not services.settings.local_login:
        return HandedOut(user_id=user_id, initial_password=None, expires_at=None), None
    password = new_password()
    expires_at = services.now() + timedelta(hours=services.settings.initial_password_hours)
    hashed = await services.passwords.hash(password)
    told = HandedOut(user_id=user_id, initial_password=password, expires_at=expires_at)
    return told, InitialPassword(hashed, expires_at)


async def _require(services: Services, user_id: str) -> None:
    async with services.database.read() as session:
        if await account(session, UserId(user_id)) is None:
            raise _not_found()


def _not_found() -> ApiError:
    return ApiError(404, "account_not_found", "没有这个账号")


def _by(services: Services, principal: Principal, address: str) -> By:
    return By(principal.actor, services.now(), address)

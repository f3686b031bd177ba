"""API tokens (接口令牌) of one's own account: made for a purpose, shown once, revoked in one step."""

from datetime import date, timedelta
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.address import AddressDep
from api.deps import PrincipalDep, ServicesDep
from api.errors import ApiError, responses
from api.examples import as_body
from api.parts import Operations
from api.principal import Principal
from api.schemas import Instant, View
from api.services import Services
from hotline.identifiers import UserId
from hotline.refusals import GuardFailed
from hotline.vocabulary import TokenScope, TrailEvent
from store import tokens
from store.tokens import Token
from store.trail import TrailEntry, record

router = Operations(tags=["tokens"])

TOKEN: Final[dict[str, Any]] = {"name": "网格平台对接", "scopes": ["read", "register"], "days": 90}
"""An example of what can be asked for."""


class TokenRequest(BaseModel):
    """What a token is for, and for how many days."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$", description="用途")
    scopes: frozenset[TokenScope] = Field(min_length=1, description="权限")
    days: int = Field(ge=1, le=3660, description="有效天数")


class TokenLine(View):
    """A token as it is listed."""

    token_id: str
    name: str
    scopes: list[str]
    issued_by: str
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    last_used_on: date | None = Field(description="最近使用日")
    current: bool = Field(default=False, description="是否为本次请求所用")

    @classmethod
    def of(cls, token: Token, current: str | None = None) -> "TokenLine":
        """The view of a token."""
        return cls(
            **token.model_dump(exclude={"scopes", "user_id"}),
            scopes=sorted(token.scopes),
            current=token.token_id == current,
        )


class TokenList(View):
    """Tokens, the newest first, also those that work no more."""

    items: list[TokenLine]


class NewToken(View):
    """A token that was made just now: it cannot be read again."""

    token: str = Field(description="只显示这一次")
    expires_at: Instant


@router.get("/tokens", summary="本人的令牌", responses=responses(401, 403))
async def mine(principal: PrincipalDep, services: ServicesDep) -> TokenList:
    """Every token of one's account."""
    async with services.database.read() as session:
        found = await tokens.tokens_of(session, principal.user.user_id)
    return TokenList(items=[TokenLine.of(token, principal.handle) for token in found])


@router.post(
    "/tokens",
    status_code=201,
    summary="签发令牌",
    responses=responses(401, 403),
    openapi_extra=as_body(TOKEN),
)
async def issue(
    body: TokenRequest, principal: PrincipalDep, services: ServicesDep, address: AddressDep
) -> NewToken:
    """Make a token that may do part of what one may do oneself."""
    return await issue_for(services, principal, principal.user.user_id, body, address)


@router.delete("/tokens/{token_id}", status_code=204, summary="撤销令牌", responses=responses(401, 403, 404))
async def revoke(token_id: str, principal: PrincipalDep, services: ServicesDep, address: AddressDep) -> None:
    """Revoke one of one's own tokens; it works no more from this instant."""
    await revoke_for(services, principal, principal.user.user_id, token_id, address)


async def issue_for(
    services: Services, by: Principal, user_id: UserId, body: TokenRequest, address: str
) -> NewToken:
    """Make a token for an account, within what whoever asks may do.

    A token cannot make one that may do more or lives longer than itself: it would outlive its own revocation.
    """
    now, longest = services.now(), services.settings.token_max_days
    if body.days > longest:
        raise GuardFailed("token_lifetime", f"令牌有效期不得超过 {longest} 天", field="days")
    if not body.scopes <= by.scopes:
        raise ApiError(403, "scope_missing", "此令牌没有该操作的权限")
    expires_at = now + timedelta(days=body.days)
    if by.token is not None and by.token.expires_at is not None:
        expires_at = min(expires_at, by.token.expires_at)
    async with services.database.write() as session:
        token = await tokens.issue_token(
            session,
            user_id,
            name=body.name,
            at=now,
            expires_at=expires_at,
            scopes=body.scopes,
            issued_by=by.user.user_id,
        )
        made = await tokens.token_by(session, token)
        assert made is not None
        await record(session, _entry(services, by, TrailEvent.TOKEN_ISSUED, made, address))
    return NewToken(token=token, expires_at=expires_at)


async def revoke_for(services: Services, by: Principal, user_id: UserId, token_id: str, address: str) -> None:
    """Revoke one token of an account, or raise 404."""
    async with services.database.write() as session:
        revoked = await tokens.revoke_token(session, user_id, token_id, at=services.now())
        if revoked is None:
            raise ApiError(404, "token_not_found", "没有这个令牌，或者令牌已撤销")
        await record(session, _entry(services, by, TrailEvent.TOKEN_REVOKED, revoked, address))


def _entry(services: Services, by: Principal, event: TrailEvent, token: Token, address: str) -> TrailEntry:
    return TrailEntry(
        at=services.now(),
        event=event,
        actor=by.actor,
        subject=token.user_id,
        address=address,
        detail={"token": token.token_id, "scopes": sorted(token.scopes)},
    )

"""What an endpoint may ask for: the services, who is asking, and the command id of a write.

Every dependency is a coroutine: a plain function would run in another thread, and what it binds for the
log line of its request would stay there.
"""

from datetime import datetime
from typing import Annotated
from uuid import uuid4

import structlog
from fastapi import Depends, Header, Path, Query, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from api.access import admit
from api.address import address_of, network_of
from api.browser import SECURE_COOKIE, UNATTENDED_HEADER, require_no_forgery, session_secret
from api.errors import ApiError, unauthenticated
from api.principal import Principal, by_session, by_token
from api.scopes import require_scope
from api.services import Services
from hotline.case import Actor
from hotline.identifiers import CaseNo, CommandId, derived_command, is_case_no
from hotline.model import Instant
from hotline.refusals import GuardFailed
from hotline.vocabulary import SignInStep

_bearer = HTTPBearer(auto_error=False, description="接口令牌；演示模式的令牌见 DATA_DIR/demo-tokens.json")
# Only announces the cookie: its name depends on whether the browser came by https.
_Cookie = Annotated[
    str | None,
    Depends(APIKeyCookie(name=SECURE_COOKIE, auto_error=False, description="浏览器会话")),
]


async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(_services)]


async def visiting(request: Request, services: ServicesDep, _: _Cookie) -> Principal:
    """Whoever has a browser session, even one that still owes a step."""
    secret = session_secret(request, services.settings)
    in_person = UNATTENDED_HEADER not in request.headers
    found = await by_session(services, secret, in_person=in_person) if secret is not None else None
    if secret is None or found is None:
        raise unauthenticated()
    await require_no_forgery(request, services.settings, services.keyring, secret)
    _tell_log(found)
    return found


VisitorDep = Annotated[Principal, Depends(visiting)]


async def authenticated(
    request: Request,
    services: ServicesDep,
    cookie: _Cookie,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Principal:
    """Who is asking, by API token or by browser session; refused are roles that may not (api/access.py)."""
    if credentials is None:
        found = await visiting(request, services, cookie)
        if found.session is None or found.session.step is not SignInStep.COMPLETE:
            raise ApiError(401, "sign_in_incomplete", "登录尚未完成，请先完成登录的下一步")
    else:
        found = await _token_holder(request, services, credentials.credentials)
    admit(found.user.role, request.scope["route"])
    settings = services.settings
    await services.limits.flow(settings.token_limit, "handle", found.handle)
    await services.limits.flow(settings.account_limit, "account", found.user.user_id)
    return found


async def _token_holder(request: Request, services: Services, token: str) -> Principal:
    found = await by_token(services, token)
    if found is None:
        network = network_of(address_of(request.scope))
        await services.limits.spend(services.settings.refused_limit, "refused", network)
        raise unauthenticated()
    _tell_log(found)
    require_scope(found.scopes, request.method, request.scope["route"])
    return found


def _tell_log(found: Principal) -> None:
    structlog.contextvars.bind_contextvars(actor_id=found.user.user_id, actor_role=found.user.role.value)


PrincipalDep = Annotated[Principal, Depends(authenticated)]


async def _actor(principal: PrincipalDep) -> Actor:
    return principal.actor


ActorDep = Annotated[Actor, Depends(_actor)]


async def _case_no(
    case_no: Annotated[
        str,
        Path(
            description="工单编号，18 位数字",
            examples=["261120103000010001"],
            json_schema_extra={"pattern": "^[0-9]{18}$"},
        ),
    ],
) -> CaseNo:
    """A malformed number is no case at all; telling the two apart would help nobody."""
    if not is_case_no(case_no):
        raise ApiError(404, "case_not_found", "没有找到该工单")
    structlog.contextvars.bind_contextvars(case_no=case_no)
    return CaseNo(case_no)


CaseNoDep = Annotated[CaseNo, Depends(_case_no)]

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=128,
        description="同一操作重试时使用同一个键；同一键不得用于不同内容",
    ),
]


def command_id_of(principal: str, case_no: str, key: str | None) -> CommandId:
    """The id of a command: a caller's key belongs to that caller and case; without one it is made."""
    return derived_command(f"{principal}/{case_no}", key) if key else CommandId(uuid4().hex)


async def expected_version(
    if_match: Annotated[
        str | None, Header(alias="If-Match", pattern=r'^"?[0-9]{1,9}"?$', description="工单版本号")
    ] = None,
) -> int | None:
    """The version that the caller looked at, if they say so."""
    return int(if_match.strip('"')) if if_match else None


ExpectedVersion = Annotated[int | None, Depends(expected_version)]


async def _as_of(
    services: ServicesDep,
    at: Annotated[
        Instant | None,
        Query(description="工单时间机：当时的状态、持有单位和时限，由台账推算"),
    ] = None,
) -> datetime | None:
    """What has not happened yet is not in the ledger."""
    if at is not None and at > services.now():
        raise GuardFailed("instant_in_future", "只能查询已经过去的时刻", field="at")
    return at


AsOf = Annotated[datetime | None, Depends(_as_of)]
"""A past instant, if the caller asks how something was then."""

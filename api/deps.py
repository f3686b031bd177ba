"""What an endpoint may ask for: the services, who is asking, and the command id of a write.

Every dependency is a coroutine: a plain function would run in another thread, and what it binds for the
log line of its request would stay there.
"""

from typing import Annotated
from uuid import uuid4

import structlog
from fastapi import Depends, Header, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.access import admit
from api.errors import ApiError, unauthenticated
from api.services import Services
from hotline.case import Actor
from hotline.identifiers import CaseNo, CommandId, derived_command, is_case_no
from store.accounts import authenticate

_bearer = HTTPBearer(auto_error=False, description="演示令牌见 DATA_DIR/demo-tokens.json")


async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(_services)]


async def authenticated(
    request: Request,
    services: ServicesDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Actor:
    """Who is asking; refused are those who say not who they are, and those whose role may not (api/access.py)."""
    if credentials is None:
        raise unauthenticated()
    async with services.database.read() as session:
        actor = await authenticate(session, credentials.credentials, at=services.now())
    if actor is None:
        raise unauthenticated()
    structlog.contextvars.bind_contextvars(actor_id=actor.user_id, actor_role=actor.role.value)
    admit(actor.role, request.scope["route"])
    return actor


ActorDep = Annotated[Actor, Depends(authenticated)]


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

"""The application (接口服务): every router under one lifespan, one way to fail and one log line a request."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api import errors
from api.access import Door, require_rows
from api.armour import Armour, Deadline
from api.body import BodyLimit
from api.codec import CodecCors
from api.deps import authenticated, visiting
from api.ladder_keeper import LadderKeeper
from api.limits import AddressLimit
from api.parts import PREFIX, Application
from api.routers import (
    accounts,
    boards,
    case_accountability,
    cases,
    closing,
    codec,
    commands,
    dispatching,
    dossier_commands,
    dossiers,
    drafts,
    evidence,
    health,
    inbox,
    indicators,
    intake,
    knowledge,
    ledger,
    live,
    manual,
    mass_events,
    notifications,
    oidc,
    openings,
    persons,
    policy,
    problems,
    public,
    reference,
    revisits,
    screening,
    session,
    supervision,
    system,
    tokens,
    units,
    views,
    what_if,
    work,
)
from api.services import running
from api.tracing import Tracing
from runtime.settings import Settings, split

_DESCRIPTION: Final = """12345 热线工单引擎接口。每件诉求是一个持久化流程：登记受理 → 分派 → 办理整改 → 回访 → 办结归档。

所有写操作接受 `Idempotency-Key`：网络中断或返回 503 时，用同一个键重试不会重复办理。
失败一律返回 RFC 9457 问题文档，`code` 稳定，`field` 与 `rule` 指明哪一项不符合哪条规则。"""

_TAGS: Final = {
    "intake": "登记",
    "knowledge": "知识库",
    "cases": "工单查询",
    "views": "常用视图",
    "work": "待办",
    "dispatch": "派单建议",
    "openings": "开启密件",
    "persons": "个人信息权利",
    "commands": "指令",
    "bulk": "批量指令",
    "evidence": "证据附件",
    "ledger": "台账存证",
    "trail": "安全审计日志",
    "boards": "督办看板",
    "supervision": "督办措施",
    "screening": "工单筛查",
    "indicators": "考核指标",
    "problems": "重复性问题台账",
    "dossiers": "追责问责",
    "mass": "群体性诉求",
    "revisits": "回访",
    "live": "实时变化",
    "inbox": "站内通知",
    "notifications": "通知投递",
    "policy": "规则与期限",
    "reference": "账号、单位与代码",
    "public": "公众服务",
    "session": "登录与会话",
    "tokens": "接口令牌",
    "accounts": "账号管理",
    "units": "单位管理",
    "codec": "流程载荷",
    "system": "系统状况",
    "health": "健康检查",
}

_PARTS: Final = (
    health,
    manual,
    codec,
    intake,
    knowledge,
    cases,
    closing,
    views,
    work,
    dispatching,
    openings,
    persons,
    boards,
    supervision,
    screening,
    indicators,
    problems,
    mass_events,
    revisits,
    commands,
    evidence,
    dossiers,
    dossier_commands,
    case_accountability,
    ledger,
    live,
    inbox,
    notifications,
    policy,
    drafts,
    what_if,
    reference,
    public,
    session,
    oidc,
    tokens,
    accounts,
    units,
    system,
)


def create_app(settings: Settings) -> Application:
    """The API with its lifespan; nothing is connected before it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(settings) as services, LadderKeeper(services):
            app.state.services = services
            yield

    app = Application(
        title="hotline 12345",
        version="1",
        description=_DESCRIPTION,
        lifespan=lifespan,
        openapi_url=f"{PREFIX}/openapi.json",
        openapi_tags=[{"name": name, "description": term} for name, term in _TAGS.items()],
        docs_url=None,  # The stock page loads its scripts from another host; api/manual.py is ours.
        redoc_url=None,
    )
    for part in _PARTS:
        app.add_part(part.router)
    keepers: dict[Door, Callable[..., Any]] = {
        Door.ACCOUNT: authenticated,
        Door.SESSION: visiting,
        Door.CODE: public.own_case,
    }
    require_rows(app.routes, keepers)
    errors.install(app)
    _protect(app, settings)
    return app


def _protect(app: FastAPI, settings: Settings) -> None:
    """Put around every endpoint what each request goes through, the innermost first."""
    app.add_middleware(BodyLimit, uploads=settings.evidence_max_bytes)
    app.add_middleware(Deadline, seconds=settings.request_timeout_seconds)
    app.add_middleware(AddressLimit, limit=settings.address_limit)
    app.add_middleware(Tracing, prefix=PREFIX)
    app.add_middleware(CodecCors, origin=settings.temporal_ui_origin)
    app.add_middleware(Armour, https=(settings.public_url or "").startswith("https://"))
    if proxies := split(settings.trusted_proxies):
        # Any: uvicorn and Starlette each have their own words for the same types of ASGI.
        proxy_headers: Any = ProxyHeadersMiddleware
        app.add_middleware(proxy_headers, trusted_hosts=list(proxies))

"""Health (健康检查): live says that the process answers, ready names each part that serves or does not."""

import os
from typing import Literal

from fastapi import Response
from pydantic import BaseModel, Field

from api.deps import ServicesDep
from api.parts import Operations
from store.failures import DatabaseUnavailable
from store.intake import unadopted

router = Operations(below="", tags=["health"])
_COUNTED = 1_000


class Readiness(BaseModel):
    """What serves. Registering needs PostgreSQL alone; commands need all three."""

    ready: bool
    database: bool
    engine: bool
    workers: list[str] = Field(description="正在取任务的工作进程")
    unadopted: int = Field(description="已登记、尚未被流程引擎接管的工单数")


class Liveness(BaseModel):
    """The process that answers: on a shared machine another one may have taken the port."""

    status: Literal["live"] = "live"
    pid: int


@router.get("/health/live", summary="进程存活")
async def live() -> Liveness:
    """The process answers."""
    return Liveness(pid=os.getpid())


@router.get("/health/ready", summary="各部分是否可用", responses={503: {"model": Readiness}})
async def ready(services: ServicesDep, response: Response) -> Readiness:
    """Every part that a command needs, one by one."""
    waiting = await _unadopted(services)
    engine = await services.engine.look()
    state = Readiness(
        ready=waiting is not None and engine.is_attended,
        database=waiting is not None,
        engine=engine.serves,
        workers=[worker.identity for worker in engine.workers],
        unadopted=waiting or 0,
    )
    if not state.ready:
        response.status_code = 503
    return state


async def _unadopted(services: ServicesDep) -> int | None:
    """How many cases wait for the engine; None when PostgreSQL does not answer."""
    try:
        async with services.database.read() as session:
            return len(await unadopted(session, older_than=services.now(), limit=_COUNTED))
    except DatabaseUnavailable:
        return None

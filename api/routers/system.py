"""How the system is (系统状况): whether anybody serves cases, for everybody, and part by part for who runs it."""

from pydantic import Field

from api.deps import ActorDep, ServicesDep
from api.errors import responses
from api.parts import Operations
from api.schemas import Instant, View
from api.wellbeing import PartsView, parts

router = Operations(tags=["system"], prefix="/system", responses=responses(401, 403))


class WorkerView(View):
    """A worker that lives."""

    identity: str
    version: str = Field(description="流程代码的版本")
    started_at: Instant
    heard_at: Instant = Field(description="最近一次心跳")


class EngineView(View):
    """Whether a command that is given now is carried out. What is told is a few seconds old at most."""

    attended: bool = Field(description="有工作进程在岗；否则登记照常，办理操作待恢复")
    serves: bool = Field(description="流程引擎有应答")
    workers: list[WorkerView]


@router.get("/engine", summary="案件引擎是否有人值守")
async def engine(_: ActorDep, services: ServicesDep) -> EngineView:
    """Whether the engine answers and a worker takes its tasks."""
    seen = await services.engine.look()
    return EngineView(
        attended=seen.is_attended,
        serves=seen.serves,
        workers=[WorkerView(**worker.model_dump()) for worker in seen.workers],
    )


@router.get("/parts", summary="系统各部分状况")
async def every_part(_: ActorDep, services: ServicesDep) -> PartsView:
    """Every part that the hotline stands on, and what is wrong with it if something is."""
    return await parts(services)

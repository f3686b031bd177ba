"""Policies and due instants (办理规则与期限): what is in force, and what a limit would come to."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, Field

from api.deps import ActorDep, ServicesDep
from api.errors import ApiError, responses
from api.examples import as_body
from api.parts import Operations
from hotline.calendar import WorkingCalendar
from hotline.holidays import name_of
from hotline.model import Instant
from hotline.policy import PolicySnapshot
from hotline.policy_text import policy_text
from hotline.promise import Promise, Question, promise
from hotline.vocabulary import RequestType, Urgency
from store import policies as published

router = Operations(tags=["policy"])


class Revisions(BaseModel):
    """Published revisions, the newest first."""

    items: list[str]


class Compression(BaseModel):
    """How many times as fast the clock of a simulation runs."""

    speed: float = Field(gt=1, le=1_000_000)


class Revision(BaseModel):
    """A published revision."""

    revision: str


class PolicyText(BaseModel):
    """A policy as people write it."""

    revision: str
    text: str = Field(description="规则文本（TOML），不含日历；修改后可起草新版本")


class CalendarDay(BaseModel):
    """A day: whether it counts, and what it is called if it is off."""

    day: date
    kind: str = Field(description="`workday` 工作日，`make_up` 调休上班，`weekend` 周末，`holiday` 放假")
    name: str | None


class CalendarYear(BaseModel):
    """One year of the working calendar in force."""

    year: int
    revision: str
    published: bool = Field(description="放假安排已公布；否则到期日为暂定")
    papers: list[str] = Field(description="依据的文件")
    working_days: int
    days: list[CalendarDay]


@router.get("/due", summary="期限推算", responses=responses(401))
async def due(
    _: ActorDep,
    services: ServicesDep,
    from_at: Annotated[
        Instant, Query(alias="from", description="起算时间", examples=["2026-02-13T10:00:00+08:00"])
    ],
    working_days: Annotated[int | None, Query(ge=0, le=1000, description="工作日", examples=[3])] = None,
    working_hours: Annotated[float | None, Query(ge=0, le=10_000, description="工作小时")] = None,
    hours: Annotated[float | None, Query(ge=0, le=100_000, description="自然小时")] = None,
    type_: Annotated[RequestType | None, Query(alias="type", description="按规则：诉求类型")] = None,
    urgency: Annotated[Urgency, Query(description="按规则：紧急程度")] = Urgency.NORMAL,
    hard: Annotated[bool, Query(description="按规则：疑难件")] = False,
) -> Promise:
    """When a limit that starts at an instant ends, and why, by the policy in force."""
    question = Question(
        working_days=working_days,
        working_hours=working_hours,
        hours=hours,
        type=type_,
        urgency=urgency,
        hard=hard,
    )
    return promise(await services.policies.in_force(at=services.now()), from_at, question)


@router.get("/policies", summary="已发布的规则版本", responses=responses(401))
async def revisions(_: ActorDep, services: ServicesDep) -> Revisions:
    """Every published revision."""
    async with services.database.read() as session:
        return Revisions(items=list(await published.revisions(session)))


@router.get("/policies/active", summary="现行规则", responses=responses(401))
async def active(_: ActorDep, services: ServicesDep) -> PolicySnapshot:
    """The policy that new cases start with."""
    return await services.policies.in_force(at=services.now())


@router.get("/policies/text", summary="规则文本", responses=responses(401))
async def text(
    _: ActorDep,
    services: ServicesDep,
    revision: Annotated[str | None, Query(max_length=64, description="规则版本；缺省为现行版本")] = None,
) -> PolicyText:
    """A published policy as TOML, to be read, or to be changed and drafted anew."""
    shelf = services.policies
    policy = await (shelf.of(revision) if revision else shelf.in_force(at=services.now()))
    return PolicyText(revision=policy.revision, text=policy_text(policy))


@router.get("/calendar/{year}", summary="工作日历", responses=responses(401))
async def calendar(
    year: Annotated[int, Path(ge=1950, le=2150)], _: ActorDep, services: ServicesDep
) -> CalendarYear:
    """Every day of a year as limits count it, by the calendar in force."""
    return _year((await services.policies.in_force(at=services.now())).calendar, year)


def _year(calendar: WorkingCalendar, year: int) -> CalendarYear:
    first = date(year, 1, 1)
    days = [first + timedelta(days=place) for place in range((date(year + 1, 1, 1) - first).days)]
    notice = next((one for one in calendar.years if one.year == year), None)
    return CalendarYear(
        year=year,
        revision=calendar.revision,
        published=calendar.is_published(first),
        papers=[*notice.papers] if notice else [],
        working_days=sum(calendar.is_working_day(day) for day in days),
        days=[CalendarDay(day=day, kind=calendar.kind_of(day), name=name_of(calendar, day)) for day in days],
    )


@router.post(
    "/policies/compressed",
    summary="发布模拟用的压缩时间规则",
    responses=responses(401, 403, 404),
    openapi_extra=as_body({"speed": 1000}),
)
async def compress(body: Compression, actor: ActorDep, services: ServicesDep) -> Revision:
    """Publish the policy in force on a faster clock; new cases do not start with it. Demo mode only."""
    if not services.settings.demo_mode:
        raise ApiError(404, "demo_mode_only", "仅演示模式可用")
    base = await services.policies.in_force(at=services.now())
    # All its digits: two speeds are never two contents of one revision.
    policy = base.compressed(body.speed, f"{base.revision}@x{body.speed:.17g}")
    async with services.database.write() as session:
        await published.publish(session, policy, by=actor.user_id, at=services.now(), activate=False)
    return Revision(revision=policy.revision)

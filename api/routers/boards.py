"""Boards for supervision (督办看板): the timer board, the holding ledger, and the chain of hands of a case."""

from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import Query
from pydantic import TypeAdapter

from api.boards import (
    AlarmPage,
    AlarmView,
    ChainOfHands,
    FiredPage,
    FiredView,
    HeldCases,
    HeldCaseView,
    HeldSumView,
    HoldingBoard,
    Overview,
    StillPage,
    StillView,
    TimerBoard,
    chain_of_case,
    overview,
    timer_board,
)
from api.deps import ActorDep, AsOf, CaseNoDep, ServicesDep
from api.errors import responses
from api.parts import Operations
from api.period import LONGEST, period_of
from hotline.identifiers import UnitCode
from hotline.model import Instant
from hotline.vocabulary import AlarmCode, Cause, Status
from store.boards import (
    AlarmQuestion,
    AlarmState,
    FiredQuestion,
    HeldQuestion,
    list_alarms,
    list_fired,
    list_held,
    list_still,
    sum_held,
)
from store.cursor import cursor_of, place_of
from store.scope import effective, visible_to
from store.sheets import DAY, whole_after

router = Operations(tags=["boards"], responses=responses(401))

_CLOCK_PLACE: Final = TypeAdapter(tuple[Instant, str, str])
_FACT_PLACE: Final = TypeAdapter(tuple[Instant, str, int])

Unit = Annotated[str | None, Query(pattern=r"^[\w.-]{1,64}$", description="责任单位代码")]
Rung = Annotated[AlarmCode | None, Query(description="提醒等级")]
Cursor = Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")]
Limit = Annotated[int, Query(ge=1, le=200, description="每页条数")]
Hours = Annotated[float, Query(gt=0, le=24 * 366, description="向前、向后各看多少小时")]


@router.get("/board", summary="督办总览")
async def board(
    actor: ActorDep,
    services: ServicesDep,
    hours: Annotated[float, Query(gt=0, le=24 * 31, description="多少小时内到期算“即将到期”")] = 24,
    days: Annotated[int, Query(ge=2, le=92, description="走势、热点和层级看多少天，含当天")] = 14,
) -> Overview:
    """What is open, due soon, late and 挂账 by unit and level; what came, went and climbed. Each number is a list's."""
    return await overview(services, actor, soon_for=timedelta(hours=hours), days=days)


@router.get("/timer-board", summary="时限看板")
async def timers(actor: ActorDep, services: ServicesDep, hours: Hours = 24, unit: Unit = None) -> TimerBoard:
    """How many alarms fire next, are missed, stand still or have fired, by unit and rung."""
    return await timer_board(
        services, actor, span_for=timedelta(hours=hours), unit=UnitCode(unit) if unit else None
    )


@router.get("/timer-board/alarms", summary="时限看板：未触发的提醒")
async def alarms(
    actor: ActorDep,
    services: ServicesDep,
    state: Annotated[AlarmState, Query(description="`upcoming` 将触发，`missed` 应触发而未触发")] = (
        AlarmState.UPCOMING
    ),
    hours: Hours = 24,
    since: Annotated[Instant | None, Query(description="只看此刻起的")] = None,
    until: Annotated[Instant | None, Query(description="只看此刻前的；缺省由 `hours` 决定")] = None,
    unit: Unit = None,
    alarm: Rung = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> AlarmPage:
    """The alarms behind a number of the board, the next first."""
    now = services.now()
    question = AlarmQuestion(
        state=state,
        now=now,
        since=since,
        until=until or now + timedelta(hours=hours),
        unit=UnitCode(unit) if unit else None,
        alarm=alarm,
    )
    after = place_of(cursor, _CLOCK_PLACE) if cursor else None
    async with services.database.read() as session:
        lines = await list_alarms(session, visible_to(actor), question, after=after, limit=limit)
    last = lines[-1] if len(lines) == limit else None
    following = cursor_of((last.alarm_at, last.case_no, last.clock_id)) if last else None
    return AlarmPage(items=[AlarmView.of(line) for line in lines], next_cursor=following)


@router.get("/timer-board/standing-still", summary="时限看板：停表的时限")
async def standing_still(
    actor: ActorDep,
    services: ServicesDep,
    unit: Unit = None,
    status: Annotated[Status | None, Query(description="使其停表的状态")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> StillPage:
    """Clocks that announce nothing while their case is 挂账 or under review, the longest first."""
    after = place_of(cursor, _CLOCK_PLACE) if cursor else None
    async with services.database.read() as session:
        lines = await list_still(
            session,
            visible_to(actor),
            unit=UnitCode(unit) if unit else None,
            status=status,
            after=after,
            limit=limit,
        )
    last = lines[-1] if len(lines) == limit else None
    following = cursor_of((last.held_at, last.case_no, last.clock_id)) if last else None
    return StillPage(items=[StillView.of(line) for line in lines], next_cursor=following)


@router.get("/timer-board/fired", summary="时限看板：已触发的提醒")
async def fired(
    actor: ActorDep,
    services: ServicesDep,
    since: Annotated[Instant | None, Query(description="缺省为 24 小时前")] = None,
    until: Annotated[Instant | None, Query(description="缺省为现在")] = None,
    unit: Unit = None,
    alarm: Rung = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> FiredPage:
    """Alarms that fired, the newest first, each with its true instant."""
    now = services.now()
    question = FiredQuestion(
        since=since or now - timedelta(days=1),
        until=until or now,
        unit=UnitCode(unit) if unit else None,
        alarm=alarm,
    )
    before = place_of(cursor, _FACT_PLACE) if cursor else None
    async with services.database.read() as session:
        lines = await list_fired(session, visible_to(actor), question, before=before, limit=limit)
    last = lines[-1] if len(lines) == limit else None
    following = cursor_of((last.fired_at, last.case_no, last.seq)) if last else None
    return FiredPage(items=[FiredView.of(line) for line in lines], next_cursor=following)


Since = Annotated[
    Instant | None, Query(description="登记时间自（含）；不只计在办工单时缺省为截止时间前 93 天内首个零时")
]
Until = Annotated[
    Instant | None, Query(description="登记时间至（不含）；不只计在办工单时缺省为现在，前后不超过 93 天")
]


@router.get("/holdings", summary="时长台账")
async def holdings(
    actor: ActorDep,
    services: ServicesDep,
    since: Since = None,
    until: Until = None,
    open_: Annotated[bool, Query(alias="open", description="只计在办工单")] = False,
) -> HoldingBoard:
    """Who held cases for how long and why, the longest first."""
    now = services.now()
    question = _held(now, since, until, only_open=open_)
    async with services.database.read(snapshot=True) as session:
        lines = await sum_held(session, await effective(session, visible_to(actor)), question)
    return HoldingBoard(
        as_of=now,
        since=question.since,
        until=until if open_ else until or now,
        items=[HeldSumView.of(line) for line in lines],
    )


@router.get("/holdings/cases", summary="时长台账：一项之下的工单")
async def held_cases(
    actor: ActorDep,
    services: ServicesDep,
    holder: Annotated[str, Query(pattern=r"^[\w.-]{1,64}$", description="责任单位代码")],
    cause: Annotated[Cause, Query(description="原因")],
    since: Since = None,
    until: Until = None,
    open_: Annotated[bool, Query(alias="open", description="只计在办工单")] = False,
    limit: Limit = 50,
) -> HeldCases:
    """The cases behind one sum of the holding ledger, the longest held first."""
    question = _held(services.now(), since, until, only_open=open_)
    async with services.database.read() as session:
        lines = await list_held(
            session, visible_to(actor), question, holder=UnitCode(holder), cause=cause, limit=limit
        )
    return HeldCases(items=[HeldCaseView.of(line) for line in lines])


def _held(now: datetime, since: datetime | None, until: datetime | None, *, only_open: bool) -> HeldQuestion:
    """Open cases are few whenever they were registered; of ended ones a city has millions, so a period is asked about.

    It begins with a day of Shanghai's unless somebody says otherwise, as the console asks and as they are added up.
    """
    if only_open:
        return HeldQuestion(now=now, since=since, until=until, only_open=True)
    last = until or now
    period = period_of(since or whole_after(last - LONGEST, DAY), last)
    return HeldQuestion(now=now, since=period.since, until=until)


@router.get("/cases/{case_no}/hands", summary="经手链", responses=responses(404))
async def hands(case_no: CaseNoDep, actor: ActorDep, services: ServicesDep, at: AsOf = None) -> ChainOfHands:
    """Who held the case, why, from when to when, in calendar and in working time; or as it was at a past instant."""
    return await chain_of_case(services, actor, case_no, at=at)

"""Every part that the hotline stands on, and how it is (系统状况): what `hotline doctor` tells, as far as the API can know.

Each part is looked at by itself, so that one which does not answer hides none of the others. What is late for longer
than the thresholds here, which `commands/doctor.py` shares, is a fault; what needs a person's decision is for attention.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from api.gateway import GatewayError
from api.schemas import Instant, View
from api.services import Services
from hotline.calendar import SHANGHAI
from hotline.model import Term
from hotline.proof.anchors import days_due
from runtime.objects import KEY_BYTES, ObjectMissing, ObjectStoreFailure, StoredObject
from store.alarms import DECIDED_PER_SECOND, ON_ITS_WAY_FOR, count_missed, next_crowd
from store.anchors import last_anchor
from store.clock import APART_AT_MOST, apart
from store.deliveries import backlog
from store.failures import StoreFailure
from store.handovers import count_late
from store.intake import unadopted
from store.migrate import is_current
from store.policies import active
from store.rollouts import unstarted
from store.tallies import MARKED_AT_MOST, count_marked

STUCK_AFTER: Final = timedelta(minutes=1)
ANCHORED_WITHIN: Final = timedelta(hours=1)
NOTICE_DUE: Final = timedelta(days=31)
"""By then a year's holiday notice has mostly been out for weeks (docs/runbooks/new-year-calendar.md)."""


class PartState(Term):
    """How a part is (状况)."""

    WELL = "well", "正常"
    ATTENTION = "attention", "需关注"
    DOWN = "down", "异常"


class PartView(View):
    """One part of the system: how it is, and what was seen, in words."""

    part: str
    label: str
    state: str
    state_label: str
    detail: str


class PartsView(View):
    """Every part, in the order in which each needs those before it."""

    as_of: Instant
    well: bool
    items: list[PartView]


@dataclass(frozen=True, slots=True)
class _Seen:
    state: PartState
    detail: str


def _well(detail: str) -> _Seen:
    return _Seen(PartState.WELL, detail)


def _down(detail: str) -> _Seen:
    return _Seen(PartState.DOWN, detail)


def _attention(detail: str) -> _Seen:
    return _Seen(PartState.ATTENTION, detail)


async def parts(services: Services) -> PartsView:
    """Look at every part at once. Raises nothing: a part that cannot be looked at is down."""
    looks = [_look(services, look) for _, look in PARTS.values()]
    seen = dict(zip(PARTS, await asyncio.gather(*looks), strict=True))
    return PartsView(
        as_of=services.now(),
        well=all(one.state is not PartState.DOWN for one in seen.values()),
        items=[
            PartView(
                part=part,
                label=PARTS[part][0],
                state=one.state,
                state_label=one.state.label,
                detail=one.detail,
            )
            for part, one in seen.items()
        ],
    )


async def _look(services: Services, look: Callable[[Services], Awaitable[_Seen]]) -> _Seen:
    try:
        return await look(services)
    except (StoreFailure, GatewayError, ObjectStoreFailure, OSError):
        return _down("没有应答")


async def _database(services: Services) -> _Seen:
    async with services.database.read() as session:
        if not await is_current(session):
            return _down("可以连接，但结构版本不符，请执行 hotline migrate")
    return _well("正常应答，结构为最新版本")


async def _engine(services: Services) -> _Seen:
    seen = await services.engine.look()
    return _well("正常应答") if seen.serves else _down("没有应答：登记照常，办理操作暂时无法进行")


async def _workers(services: Services) -> _Seen:
    seen = await services.engine.look()
    if not seen.workers:
        return _down("无人值守：登记照常，办理操作和时限触发待恢复后自动补上")
    names = "，".join(f"{one.identity}（{one.version}）" for one in seen.workers)
    return _well(f"{len(seen.workers)} 个在岗：{names}")


async def _clock(services: Services) -> _Seen:
    """A host whose clock is wrong dates registrations wrongly; deadlines go by the engine's all the same."""
    async with services.database.read() as session:
        ahead_for = await apart(session, services.now())
    if abs(ahead_for) > APART_AT_MOST:
        return _attention(f"本机时钟与数据库相差 {ahead_for.total_seconds():+.0f} 秒，请检查时间同步")
    return _well("与数据库一致")


async def _intake(services: Services) -> _Seen:
    async with services.database.read() as session:
        stuck = await unadopted(session, older_than=services.now() - STUCK_AFTER)
    if stuck:
        return _down(f"{len(stuck)} 件已登记的工单等待接管，最早登记于 {_at(stuck[0].received_at)}")
    return _well("登记的工单均已接管")


async def _handovers(services: Services) -> _Seen:
    async with services.database.read() as session:
        late, since = await count_late(session, since_before=services.now() - STUCK_AFTER)
    if since is not None:
        return _down(f"{late} 条办理结果尚未核实已记入台账，最早 {_at(since)}")
    return _well("办理结果均已记入台账")


async def _alarms(services: Services) -> _Seen:
    """A closing time with more than one worker decides in it is for attention before it comes."""
    now = services.now()
    async with services.database.read() as session:
        missed, since = await count_missed(session, now, grace_for=ON_ITS_WAY_FOR + STUCK_AFTER)
        crowd = await next_crowd(session, now)
    if since is not None:
        return _down(f"{missed} 条应触发而未触发，最早 {_at(since)}")
    if crowd and crowd.per_second > DECIDED_PER_SECOND:
        minutes = crowd.spread_for / timedelta(minutes=1)
        return _attention(f"{_at(crowd.at)} 集中到期 {crowd.alarms} 条，错峰 {minutes:g} 分钟可能不足")
    return _well("应触发的均已触发")


async def _tallies(services: Services) -> _Seen:
    """What is not counted yet is no wrong number, and no fault: boards count rows meanwhile, which takes them longer."""
    async with services.database.read() as session:
        marked = await count_marked(session)
    if marked > MARKED_AT_MOST:
        return _attention(f"{marked} 件待汇总：看板数字照常准确，打开较慢")
    return _well("变动均已汇总")


async def _ledger(services: Services) -> _Seen:
    """Whether somebody closes the days; one is over for an hour at most before it has its anchor."""
    async with services.database.read() as session:
        last = await last_anchor(session)
    due = next(days_due(last.day if last else None, services.now(), grace=ANCHORED_WITHIN), None)
    if due is not None:
        return _down(f"{due} 的台账尚未锚定")
    return _well(f"已锚定至 {last.day}" if last else "尚无须锚定的台账")


async def _evidence(services: Services) -> _Seen:
    """Ask for a file that is not there: only a store that serves can say so."""
    with suppress(ObjectMissing):
        await services.objects.get(StoredObject("doctor/none", bytes(KEY_BYTES)))
    return _well("正常应答")


async def _notices(services: Services) -> _Seen:
    now = services.now()
    async with services.database.read() as session:
        found = await backlog(session, now=now)
    late = [
        f"{count} 条{what}，最早 {_at(since)}"
        for count, what, since in (
            (found.untold, "未进入站内通知", found.untold_since),
            (found.due, "到时未投递", found.due_since),
        )
        if since is not None and now - since > STUCK_AFTER
    ]
    if late:
        return _down("；".join(late))
    if found.failed:
        return _attention(f"{found.failed} 条多次投递失败，等待处理")
    if found.retrying_since:
        return _attention(f"{found.retrying} 条等待重试，最早 {_at(found.retrying_since)}")
    return _well("全部送达")


async def _calendar(services: Services) -> _Seen:
    """A missing year is for attention, though nothing fails: its dates are provisional."""
    async with services.database.read() as session:
        policy = await active(session)
    if policy is None:
        return _attention("尚未发布规则，登记第一件工单时启用默认规则")
    soon = (services.now().astimezone(SHANGHAI) + NOTICE_DUE).date()
    if not policy.calendar.is_published(soon):
        return _attention(f"日历 {policy.calendar.revision} 没有 {soon.year} 年放假安排，到期日为暂定")
    return _well(f"规则 {policy.revision}，日历 {policy.calendar.revision}")


async def _rollouts(services: Services) -> _Seen:
    async with services.database.read() as session:
        waiting = await unstarted(session)
    return _attention(f"等待开始：{'、'.join(waiting)}") if waiting else _well("没有等待开始的换版")


async def _keepers(services: Services) -> _Seen:
    """A keeper of this process goes on for ever; one that ended is a bug, and is told."""
    if ended := [KEEPERS[one.task_name] for one in services.keepers if not one.is_running]:
        return _down(f"已停止：{'、'.join(ended)}")
    return _well(f"{len(services.keepers)} 项均在运行")


KEEPERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "relay": "登记接管",
        "handover-keeper": "台账交接",
        "engine-watch": "值守观察",
        "anchor-keeper": "台账锚定",
        "retention-keeper": "到期清除",
        "rollout-keeper": "规则换版",
        "screening-keeper": "工单筛查",
        "notice-keeper": "通知投递",
        "score-keeper": "指标核算",
        "tally-keeper": "看板汇总",
        "problem-keeper": "重复性问题台账",
        "clue-keeper": "线索接管",
        "ladder-keeper": "问责线索登记",
        "metrics-keeper": "运行指标",
    }
)
"""The keepers of a process by the names of their tasks."""

PARTS: Final[Mapping[str, tuple[str, Callable[[Services], Awaitable[_Seen]]]]] = MappingProxyType(
    {
        "database": ("数据库", _database),
        "engine": ("流程引擎", _engine),
        "workers": ("工作进程", _workers),
        "clock": ("时钟", _clock),
        "intake": ("登记接管", _intake),
        "handovers": ("台账交接", _handovers),
        "alarms": ("时限触发", _alarms),
        "tallies": ("看板汇总", _tallies),
        "notices": ("通知", _notices),
        "ledger": ("台账锚定", _ledger),
        "evidence": ("证据存储", _evidence),
        "calendar": ("规则与日历", _calendar),
        "rollouts": ("规则换版", _rollouts),
        "keepers": ("后台任务", _keepers),
    }
)
"""Every part by its code: what it is called, and how to look at it."""


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"

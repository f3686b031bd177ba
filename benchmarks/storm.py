"""A closing time (集中到期): thousands of day-level clocks due at one instant, an operator and emergencies meanwhile.

Every case has one clock, whose only rung stands at the close of business; the calendar of this stack's policy closes the office a
little after the last case was registered. Rungs are spread on purpose (hotline/spread.py), so lateness is told from the true
instant and from the instant at which the case was to wake. The same number of bare timers follows on the same engine, which
nobody spreads.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import asyncpg
from temporalio.client import Client

from benchmarks.bare_timer import BareTimerWorkflow
from benchmarks.figures import spread_of
from benchmarks.floor import QUEUE, client_of, floor_worker
from benchmarks.growth import publish_policy, register_many
from benchmarks.lives import COMPLAINT
from benchmarks.results import Block
from benchmarks.stacks import City, api_of, stack
from benchmarks.telling import progress
from commands.accounts import Accounts
from commands.client import HotlineApi
from hotline.calendar import SHANGHAI, WorkingCalendar, WorkingHours
from hotline.identifiers import CaseNo
from hotline.policy import SPREAD_UNSAID, Limit, PolicySnapshot, default_policy
from hotline.spread import offset_of
from hotline.vocabulary import AlarmCode, ClockKind
from runtime.stack import find_stack

SHIPPED: Final = SPREAD_UNSAID.span_for
STORMS: Final = ((2_000, SHIPPED), (10_000, SHIPPED), (10_000, timedelta(minutes=8)))
"""So many clocks over so long: two cores decide some thirty a second, and the second storm is more than that on purpose."""

ALIKE: Final = sorted({clocks for clocks, _ in STORMS})
"""How many where only the span is said."""

QUICK: Final = (60,)
_REVISION: Final = "storm/1"
_CALLERS: Final = 12
_CALM_FOR: Final = timedelta(seconds=30)
_MARGIN: Final = 1.3
_PROBED: Final = 30
_ENDS_WITHIN: Final = timedelta(minutes=30)
_CRITICAL: Final = COMPLAINT | {"type": "help", "urgency": "critical"}
_FIRED: Final = """
    SELECT f.case_no, extract(epoch FROM f.at - (f.body->>'due_at')::timestamptz)::float8 AS late FROM facts f
    JOIN cases c USING (case_no)
    WHERE f.tag = 'clock:fired' AND (c.urgency = 'critical') = $1 AND c.policy_revision = $2
    AND f.body->>'clock' = 'dispatch' AND (f.body->>'due_at')::timestamptz BETWEEN $3 AND $4
"""
_WAITING: Final = """
    SELECT count(*) FROM clocks WHERE kind = 'dispatch' AND due_at = $1 AND next_alarm_at IS NOT NULL AND stopped_at IS NULL
"""


def _calendar(closes_at: datetime) -> WorkingCalendar:
    """The shipped calendar with an office that is open today, whatever day it is, and closes at an instant."""
    base = default_policy().calendar
    today, closing = closes_at.date(), closes_at.time().replace(tzinfo=None)
    years = [
        year.model_copy(update={"work": _with(year.work, today), "off": _without(year.off, today)})
        if year.year == today.year
        else year
        for year in base.years
    ]
    hours = WorkingHours(segments=((time(), closing),))
    return WorkingCalendar(
        revision=_REVISION, hours=hours, years=tuple(years), lunar_off=_without(base.lunar_off, today)
    )


def _with(days: tuple[date, ...], day: date) -> tuple[date, ...]:
    return tuple(sorted({*days, day})) if day.weekday() > 4 else days


def _without(days: tuple[date, ...], day: date) -> tuple[date, ...]:
    return tuple(other for other in days if other != day)


def _policy(closes_at: datetime, spread_over: timedelta) -> PolicySnapshot:
    """Who is to dispatch has until closing time today; in an emergency, five seconds. One rung each, when it is due."""
    base = default_policy()
    ladder = tuple(rung for rung in base.ladder(ClockKind.DISPATCH) if rung.code is AlarmCode.URGE)
    return base.model_copy(
        update={
            "revision": _REVISION,
            "calendar": _calendar(closes_at),
            "spread_over": Limit.wall(spread_over),
            "limits": {**base.limits, ClockKind.DISPATCH: Limit.working_days(0)},
            "critical": {**base.critical, ClockKind.DISPATCH: Limit.wall(timedelta(seconds=5))},
            "ladders": {**base.ladders, base.ladder_of[ClockKind.DISPATCH]: ladder},
        }
    )


async def _takes_for(one_batch: Callable[[int], Awaitable[object]], cases: int) -> timedelta:
    """How long so many will take, with a margin, by how long a few took."""
    since = perf_counter()
    await one_batch(_PROBED)
    return timedelta(seconds=(perf_counter() - since) / _PROBED * cases * _MARGIN)


@dataclass
class _Turns:
    """How long each thing took that a person waited for, in milliseconds."""

    registration: list[float] = field(default_factory=list)
    command: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)


class _Operator:
    """Somebody who each second registers an emergency and a complaint, dispatches the complaint, and then a case that is due."""

    def __init__(self, api: HotlineApi, city: City) -> None:
        self._api, self._city = api, city
        self._keys = count(1)

    async def work(self, until: asyncio.Event, due: Sequence[CaseNo]) -> _Turns:
        """Go on until it is over; of the cases that are due each is dispatched once."""
        turns, waiting = _Turns(), iter(due)
        while not until.is_set():
            since, key = perf_counter(), f"operator-{next(self._keys):06}"
            await self._turn(key, turns)
            if case_no := next(waiting, None):
                turns.own.append(await self._dispatch(case_no, f"{key}-o"))
            await asyncio.sleep(max(1 - (perf_counter() - since), 0))
        return turns

    async def _turn(self, key: str, turns: _Turns) -> None:
        caller = {"caller_phone": f"139{key[-6:]}00"}
        await self._api.register(self._city.operator.token, _CRITICAL | caller, key=f"{key}-e")
        since = perf_counter()
        case = await self._api.register(self._city.operator.token, COMPLAINT | caller, key=f"{key}-c")
        turns.registration.append((perf_counter() - since) * 1_000)
        turns.command.append(await self._dispatch(case.case_no, f"{key}-d"))

    async def _dispatch(self, case_no: CaseNo, key: str) -> float:
        since, lead = perf_counter(), {"lead": self._city.unit}
        await self._api.command(self._city.dispatcher.token, case_no, "dispatch_case", lead, key=key)
        return (perf_counter() - since) * 1_000


async def _storm(folder: Path, cases: int, spread_over: timedelta) -> Block:
    city, found = City(Accounts.load(folder)), find_stack(folder)
    async with api_of(folder) as api:
        numbers = count(1)

        async def fill(many: int) -> list[CaseNo]:
            return await register_many(api, city, [next(numbers) for _ in range(many)], _CALLERS)

        wait_for = await _takes_for(fill, cases) + _CALM_FOR
        # A policy names minutes, so the office closes at the next whole one.
        local = (datetime.now(SHANGHAI) + wait_for).replace(second=0, microsecond=0) + timedelta(minutes=1)
        if local.date() != datetime.now(SHANGHAI).date():
            raise RuntimeError("too close to midnight in Shanghai: the office would close tomorrow")
        closes_at = local.astimezone(UTC)
        policy = _policy(local, spread_over)
        await publish_policy(folder, policy)
        made, operator = await fill(cases), _Operator(api, city)
        progress(f"{cases} cases wait for {closes_at:%H:%M:%S}")
        connection = await _connection(found.database_url)
        try:
            due = await connection.fetchval(_WAITING, closes_at)
            calm = await _until(operator, lambda: _is_past(closes_at))
            storm = await _until(operator, lambda: _none_waits(connection, closes_at), made)
            drained_for = datetime.now(UTC) - closes_at
            ordinary = await connection.fetch(_FIRED, False, _REVISION, closes_at, closes_at)
            urgent = await connection.fetch(_FIRED, True, _REVISION, closes_at, datetime.now(UTC))
        finally:
            await connection.close()
    return {
        "due": due,
        "drained_after_s": round(drained_for.total_seconds(), 1),
        "late_s": spread_of([row["late"] for row in ordinary]),
        "late_beyond_spread_s": spread_of(
            [row["late"] - offset_of(CaseNo(row["case_no"]), policy).total_seconds() for row in ordinary]
        ),
        "emergency_late_s": spread_of([row["late"] for row in urgent]),
        "command_before_ms": spread_of(calm.command),
        "command_meanwhile_ms": spread_of(storm.command),
        "own_command_meanwhile_ms": spread_of(storm.own),
        "registration_meanwhile_ms": spread_of(storm.registration),
    }


async def _until(
    operator: _Operator, is_over: Callable[[], Awaitable[bool]], due: Sequence[CaseNo] = ()
) -> _Turns:
    """Have the operator work until something is over."""
    over = asyncio.Event()
    working = asyncio.create_task(operator.work(over, due))
    async with asyncio.timeout(_ENDS_WITHIN.total_seconds()):
        while not await is_over():  # noqa: ASYNC110  another process ends it, and sets no event of ours
            await asyncio.sleep(0.5)
    over.set()
    return await working


async def _is_past(instant: datetime) -> bool:
    return datetime.now(UTC) >= instant


async def _none_waits(connection: Any, closes_at: datetime) -> bool:  # Any: asyncpg's stubs differ
    return not await connection.fetchval(_WAITING, closes_at)


async def _connection(url: str) -> Any:  # Any: as above
    return await asyncpg.connect(url.replace("+asyncpg", ""), ssl=False)


async def _bare(folder: Path, timers: int) -> Block:
    """As many timers, each a workflow of its own."""
    async with client_of(folder, "bench") as client:
        names = count(1)

        async def fill(many: int, due_at: datetime) -> list[str]:
            ids = [f"bare-{next(names):06}" for _ in range(many)]
            await _start(client, ids, due_at)
            return ids

        wait_for = await _takes_for(lambda many: fill(many, datetime.now(UTC)), timers)
        due_at = datetime.now(UTC) + wait_for + timedelta(seconds=10)
        ids = await fill(timers, due_at)
        progress(f"{timers} bare timers wait for {due_at:%H:%M:%S}")
        await asyncio.sleep(max((due_at - datetime.now(UTC)).total_seconds(), 0))
        async with asyncio.timeout(_ENDS_WITHIN.total_seconds()):
            woken = await _results(client, ids)
    late = [(at - due_at).total_seconds() for at in woken]
    return {"due": timers, "drained_after_s": round(max(late), 1), "late_s": spread_of(late)}


async def _start(client: Client, ids: Sequence[str], due_at: datetime) -> None:
    waiting = iter(ids)

    async def starter() -> None:
        for name in waiting:
            await client.start_workflow(BareTimerWorkflow.run, due_at, id=name, task_queue=QUEUE)

    await asyncio.gather(*(starter() for _ in range(_CALLERS)))


async def _results(client: Client, ids: Sequence[str]) -> list[datetime]:
    waiting, woken = iter(ids), list[datetime]()

    async def reader() -> None:
        for name in waiting:
            woken.append(await client.get_workflow_handle_for(BareTimerWorkflow.run, name).result())

    await asyncio.gather(*(reader() for _ in range(_CALLERS)))
    return woken


def _measured(cases: int, spread_over: timedelta, bare: Block | None) -> Block:
    """One storm; as many bare timers follow where none have been measured yet."""
    with stack() as folder, floor_worker(folder):
        ours = asyncio.run(_storm(folder, cases, spread_over))
        progress(f"{cases} clocks over {spread_over}: {ours}")
        if bare is None:
            bare = asyncio.run(_bare(folder, cases))
            progress(f"{cases} bare timers: {bare}")
    return {"clocks": cases, "spread_s": spread_over.total_seconds(), "ours": ours, "bare": bare}


def measure(storms: Sequence[tuple[int, timedelta]]) -> Block:
    """A stack of its own for each: so many clocks, spread over so long."""
    sizes, bare = list[Block](), dict[int, Block]()
    for cases, spread_over in storms:
        sizes.append(_measured(cases, spread_over, bare.get(cases)))
        bare[cases] = sizes[-1]["bare"]
    return {"storm": {"sizes": sizes}}

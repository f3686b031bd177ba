"""What a closing time does: many clocks due at one instant, and meanwhile emergencies and an operator at work.

A stack of its own is started; its calendar closes the office a little after the last case was signed for.
"""

import asyncio
import math
import statistics
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import asyncpg
import httpx

from benchmarks.engine import City, stack
from commands.accounts import Accounts
from commands.client import HotlineApi
from hotline.calendar import SHANGHAI, WorkingCalendar, WorkingHours
from hotline.identifiers import UserId
from hotline.policy import HandlingLimit, Limit, PolicySnapshot, default_policy
from hotline.spread import WIDTH_FOR
from hotline.vocabulary import ClockKind
from runtime.stack import find_stack
from store.engine import Database
from store.policies import publish

_REVISION = "storm/1"
_COMPLAINT = {"channel": "phone", "type": "complaint", "title": "压测", "content": "工地夜间施工噪音扰民"}
_CRITICAL = _COMPLAINT | {"type": "help", "urgency": "critical"}
_LATENESS = """
    SELECT extract(epoch FROM f.at - (f.body->>'due_at')::timestamptz) AS late FROM facts f
    JOIN cases c USING (case_no)
    WHERE f.tag = 'clock:fired' AND f.body->>'clock' = $1 AND (c.urgency = 'critical') = $2 AND c.policy_revision = $3
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


def _policy(closes_at: datetime) -> PolicySnapshot:
    """Everything is due today at closing time; of an emergency, five seconds after it was registered."""
    base = default_policy()
    return base.model_copy(
        update={
            "revision": _REVISION,
            "calendar": _calendar(closes_at),
            "handling": (HandlingLimit(limit=Limit.working_days(0)),),
            "critical": {**base.critical, ClockKind.DISPATCH: Limit.wall(timedelta(seconds=5))},
        }
    )


async def _fill(api: HotlineApi, city: City, cases: int) -> None:
    numbers = iter(range(cases))

    async def clerk() -> None:
        for n in numbers:
            form = _COMPLAINT | {"caller_phone": f"138{n:08}"}
            case = await api.register(city.operator.token, form, key=f"storm-{n:06}")
            lead = {"lead": city.unit}
            await api.command(
                city.dispatcher.token, case.case_no, "dispatch_case", lead, key=f"storm-d-{n:06}"
            )
            await api.command(city.handler.token, case.case_no, "sign_for", {}, key=f"storm-s-{n:06}")

    await asyncio.gather(*(clerk() for _ in range(8)))


async def _work(api: HotlineApi, city: City, until: datetime, name: str) -> list[float]:
    """Register an emergency and dispatch a complaint every two seconds, and say how long each command took."""
    took: list[float] = []
    n = 0
    while datetime.now(UTC) < until:
        n += 1
        await api.register(city.operator.token, _CRITICAL | _caller(n, name), key=f"{name}-e-{n:06}")
        case = await api.register(city.operator.token, _COMPLAINT | _caller(n, name), key=f"{name}-c-{n:06}")
        started = perf_counter()
        await api.command(
            city.dispatcher.token,
            case.case_no,
            "dispatch_case",
            {"lead": city.unit},
            key=f"{name}-d-{n:06}",
        )
        took.append((perf_counter() - started) * 1000)
        await asyncio.sleep(2)
    return took


def _caller(n: int, name: str) -> dict[str, Any]:
    return {"caller_phone": f"13{len(name)}{n:08}"}


async def _run(data_dir: Path, cases: int, fill_for: timedelta) -> dict[str, float]:
    city, found = City(Accounts.load(data_dir)), find_stack(data_dir)
    local = (datetime.now(SHANGHAI) + fill_for).replace(second=0, microsecond=0) + timedelta(minutes=1)
    database = Database.connect(found.database_url)
    async with database.write() as session:
        await publish(session, _policy(local), by=UserId("administrator1"), at=datetime.now(UTC))
    await database.close()
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        api = HotlineApi(http, lambda: find_stack(data_dir).api_url)
        await _fill(api, city, cases)
        closes_at = local.astimezone(UTC)
        calm = await _work(api, city, closes_at - timedelta(seconds=5), "calm")
        storm = await _work(api, city, closes_at + WIDTH_FOR + timedelta(seconds=10), "storm")
    connection = await asyncpg.connect(found.database_url.replace("+asyncpg", ""), ssl=False)
    ordinary = await connection.fetch(_LATENESS, "handling", False, _REVISION)
    urgent = await connection.fetch(_LATENESS, "dispatch", True, _REVISION)
    await connection.close()
    return {
        "clocks due at closing time": cases,
        **_figures("command before, ms", calm),
        **_figures("command in the storm, ms", storm),
        **_figures("rung at closing time, s late", [float(row["late"]) for row in ordinary]),
        **_figures("rung of an emergency, s late", [float(row["late"]) for row in urgent]),
    }


def _figures(name: str, values: list[float]) -> dict[str, float]:
    if not values:
        return {f"{name}: none": math.nan}
    return {
        f"{name}: count": len(values),
        f"{name}: p50": statistics.median(values),
        f"{name}: max": max(values),
    }


def measure(cases: int = 300, fill_for: timedelta = timedelta(seconds=90)) -> dict[str, float]:
    """So many cases due at one closing time, which comes that long after the first registration at the earliest."""
    with stack() as data_dir:
        return asyncio.run(_run(data_dir, cases, fill_for))

"""What if, as it is sent out (假设推演): a past period under another policy, unit by unit and case by case.

The ledgers are read page by page and reckoned in a thread, for as long as a request may take; what is left comes
with the next one. Sums of stretches add up. Nothing is changed.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from decimal import Decimal
from time import monotonic
from typing import Annotated, Final, NamedTuple, Self

from pydantic import Field, TypeAdapter

from api.drafts import draft_policy
from api.period import period_of
from api.schemas import Instant, View
from api.services import Services
from hotline.case import Actor
from hotline.facts import Fact
from hotline.identifiers import UnitCode
from hotline.indicators.figures import rank, weights
from hotline.model import Instant as SentInstant
from hotline.policy import PolicySnapshot, ScoringRules
from hotline.refusals import GuardFailed
from hotline.vocabulary import Indicator
from hotline.what_if import (
    CaseComparison,
    ClockComparison,
    RowComparison,
    Side,
    UnitComparison,
    compare,
)
from store.cursor import cursor_of, place_of
from store.period import Period, ledgers_between
from store.scope import visible_to

_PLACE: Final = TypeAdapter(tuple[SentInstant, Annotated[str, Field(pattern=r"^[0-9]{18}$")]])


class Supposition(NamedTuple):
    """Which period, under which policy, and of which unit if of one."""

    period: Period
    policy: PolicySnapshot
    before: PolicySnapshot
    unit: UnitCode | None


class RatioView(View):
    """A numerator and its denominator, after approved exclusions."""

    numerator: int
    denominator: int
    percent: Decimal | None


class SideView(View):
    """What one policy comes to for one unit."""

    clocks: int = Field(description="时限数")
    late: int = Field(description="超期的时限数")
    rungs: dict[str, int] = Field(description="各级提醒和督办的次数")
    points: int = Field(description="督办记分")
    rates: dict[str, RatioView] = Field(description="各项比率（剔除后）")
    score: Decimal = Field(description="得分，只按本次推演到的工单计算")

    @classmethod
    def of(cls, side: Side, rules: ScoringRules) -> Self:
        """The view of a side."""
        [line] = rank([side.figures], rules)
        ratios = {
            name: figure.adjusted
            for name, figure in side.figures.figures.items()
            if name is not Indicator.POINTS
        }
        return cls(
            clocks=side.clocks,
            late=side.late,
            rungs={code.value: count for code, count in side.rungs.items()},
            points=side.figures.figure(Indicator.POINTS).points,
            rates={
                name.value: RatioView(
                    numerator=ratio.numerator, denominator=ratio.denominator, percent=ratio.rate
                )
                for name, ratio in ratios.items()
            },
            score=line.score,
        )


class UnitWhatIf(View):
    """One unit as it went, and as it would have gone."""

    unit: str
    before: SideView
    after: SideView


class WhatIf(View):
    """A stretch of a past period under another policy. People are taken to have done what they did, when they did it."""

    as_of: Instant
    policy: str = Field(description="假设适用的规则版本")
    before: str = Field(description="原记分和权重所依据的规则版本")
    since: Instant
    until: Instant
    cases: int = Field(description="本次推演的工单数")
    cases_changed: int = Field(description="会有不同的工单数")
    weights_before: dict[str, int] = Field(description="原各项比率的权重")
    weights_after: dict[str, int] = Field(description="假设的各项比率的权重")
    units: list[UnitWhatIf]
    next_cursor: str | None = Field(
        default=None, description="时间所限，尚未推演完：以此继续，各次结果相加即为全期"
    )


class ClockWhatIf(View):
    """One clock that would have gone otherwise."""

    clock_id: str
    kind: str
    kind_label: str
    holder: str
    ended_at: Instant | None
    was_due_at: Instant
    due_at: Instant | None = Field(description="为空表示不会有这个时限")
    was_late: bool
    late: bool
    fired: list[str]
    would_fire: list[str]

    @classmethod
    def of(cls, line: ClockComparison) -> Self:
        """The view of a clock."""
        told = line.model_dump() | {"fired": [*line.fired], "would_fire": [*line.would_fire]}
        return cls(**told, kind_label=line.kind.label)


class RowWhatIf(View):
    """One row of an indicator that would have counted otherwise."""

    indicator: str
    label: str
    occasion: str
    unit: str
    was: str | None
    was_because: str | None
    would_be: str | None
    would_be_because: str | None
    was_points: int
    points: int

    @classmethod
    def of(cls, row: RowComparison) -> Self:
        """The view of a row."""
        return cls(
            **row.model_dump(),
            label=row.indicator.label,
            was_because=row.was and row.was.label,
            would_be_because=row.would_be and row.would_be.label,
        )


class CaseWhatIf(View):
    """One case that would have gone otherwise, with everything in which it would."""

    case_no: str
    clocks: list[ClockWhatIf]
    rows: list[RowWhatIf]

    @classmethod
    def of(cls, found: CaseComparison) -> Self:
        """The view of a case."""
        return cls(
            case_no=found.case_no,
            clocks=[ClockWhatIf.of(line) for line in found.clocks],
            rows=[RowWhatIf.of(row) for row in found.rows],
        )


class CaseWhatIfPage(View):
    """Cases that would have gone otherwise, in the order of registration. A page may be short and yet have a successor."""

    items: list[CaseWhatIf]
    next_cursor: str | None = None


async def supposed(
    services: Services,
    *,
    draft_id: str | None,
    revision: str | None,
    since: datetime,
    until: datetime,
    unit: str | None,
) -> Supposition:
    """Read what is asked. Raises 404 for a draft that is not there, and GuardFailed for what makes no sense."""
    if (draft_id is None) == (revision is None):
        raise GuardFailed("one_policy_needed", "须恰好指定一份草案或者一个已发布的版本", field="draft_id")
    period = period_of(since, until)
    if draft_id is not None:
        policy = await draft_policy(services, draft_id)
    else:
        policy = await services.policies.of(revision or "")
    before = await services.policies.in_force(at=services.now())
    return Supposition(period, policy, before, UnitCode(unit) if unit else None)


async def what_if(services: Services, actor: Actor, asked: Supposition, *, cursor: str | None) -> WhatIf:
    """Add up a stretch of the period by unit."""
    cases = cases_changed = 0
    units: dict[UnitCode, UnitComparison] = {}
    now, deadline = services.now(), _deadline(services)
    following: str | None = None
    async for page, place in _compared(services, actor, asked, now, cursor):
        following = place
        for found in page:
            cases, cases_changed = cases + 1, cases_changed + found.differs
            for line in found.units:
                units[line.unit] = units[line.unit] + line if line.unit in units else line
        if monotonic() > deadline:
            break
    return WhatIf(
        as_of=now,
        policy=asked.policy.revision,
        before=asked.before.revision,
        since=asked.period.since,
        until=asked.period.until,
        cases=cases,
        cases_changed=cases_changed,
        weights_before={name.value: weight for name, weight in weights(asked.before.scores).items()},
        weights_after={name.value: weight for name, weight in weights(asked.policy.scores).items()},
        units=_views(units, asked),
        next_cursor=following,
    )


def _views(units: Mapping[UnitCode, UnitComparison], asked: Supposition) -> list[UnitWhatIf]:
    return [
        UnitWhatIf(
            unit=code,
            before=SideView.of(line.before, asked.before.scores),
            after=SideView.of(line.after, asked.policy.scores),
        )
        for code, line in sorted(units.items())
        if asked.unit in {None, code}
    ]


async def what_if_cases(
    services: Services, actor: Actor, asked: Supposition, *, cursor: str | None, limit: int
) -> CaseWhatIfPage:
    """List the cases that would have gone otherwise; whole pages of the ledger, so that there may be a few more."""
    items: list[CaseWhatIf] = []
    now, deadline = services.now(), _deadline(services)
    following: str | None = None
    async for page, place in _compared(services, actor, asked, now, cursor):
        following = place
        items += [CaseWhatIf.of(found) for found in page if found.differs and _is_of(found, asked.unit)]
        if len(items) >= limit or monotonic() > deadline:
            break
    return CaseWhatIfPage(items=items, next_cursor=following)


def _is_of(found: CaseComparison, unit: UnitCode | None) -> bool:
    if unit is None:
        return True
    return unit in {line.holder for line in found.clocks} | {row.unit for row in found.rows}


def _deadline(services: Services) -> float:
    return monotonic() + services.settings.request_timeout_seconds / 3


async def _compared(
    services: Services, actor: Actor, asked: Supposition, now: datetime, cursor: str | None
) -> AsyncIterator[tuple[tuple[CaseComparison, ...], str | None]]:
    """Page after page, each with the cursor of what follows it."""
    after = place_of(cursor, _PLACE) if cursor else None
    while True:
        async with services.database.read() as session:
            page = await ledgers_between(session, visible_to(actor), asked.period, after=after)
        found = await asyncio.to_thread(_worked_out, page.ledgers, asked, now)
        yield found, cursor_of(page.place) if page.place else None
        if page.place is None:
            return
        after = page.place


def _worked_out(
    ledgers: tuple[tuple[Fact, ...], ...], asked: Supposition, now: datetime
) -> tuple[CaseComparison, ...]:
    return tuple(compare(facts, asked.before, asked.policy, now) for facts in ledgers)

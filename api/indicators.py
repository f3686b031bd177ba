"""Indicators as they are sent out (考核指标): each rate with its numerator, denominator and interval, and the rows behind it.

Percentages are decimals with two digits, so that a frozen month reads the same for ever.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from time import monotonic
from typing import Annotated, Final, Self

from pydantic import Field, TypeAdapter

from api.errors import ApiError
from api.schemas import Instant, View
from api.services import Services
from hotline.case import Actor
from hotline.identifiers import CaseNo, UnitCode
from hotline.indicators.counting import Count
from hotline.indicators.definitions import DEFINITIONS, SCORE, Definition
from hotline.indicators.figures import Deduction, Ranked, Ratio, rank
from hotline.indicators.months import Month, appeal_until, freezable_from
from hotline.refusals import GuardFailed, WindowClosed
from hotline.roles import SYSTEM_ACTOR, UNIT_ROLES
from hotline.vocabulary import Indicator, TrailEvent
from store.cursor import cursor_of, place_of
from store.engine import WriteSession
from store.months import (
    Deviation,
    FrozenMonth,
    Preview,
    Recomputed,
    RowDeviation,
    figures_digest,
    frozen_month,
    keep_preview,
    last_preview,
    lock_month,
    recompute,
)
from store.months import freeze as freeze_rows
from store.scope import visible_to
from store.scores import (
    FigureLine,
    FiguresBy,
    ScoreQuestion,
    add_up_rows,
    add_up_ways,
    figures_of_units,
    note_every_case,
    pending_exclusions,
    still_to_count,
)
from store.tallies import tally_anew
from store.trail import TrailEntry, record

_RULE: Final = "domain.md §9.2"
_SO_FAR: Final = TypeAdapter(
    tuple[
        Annotated[str, Field(pattern=r"^[0-9]{18}$")],
        Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")],
        Annotated[int, Field(ge=0)],
        Annotated[int, Field(ge=0)],
    ]
)


class DefinitionView(View):
    """How an indicator is defined: numerator, denominator, what is left out, and whose rule it is."""

    id: str = Field(examples=["resolution-rate/1"])
    indicator: str
    label: str
    numerator: str
    denominator: str
    left_out: str
    counted_at: str
    attributed_to: str
    source: str

    @classmethod
    def of(cls, definition: Definition) -> Self:
        """The view of a definition."""
        told = definition.model_dump(exclude={"version"})
        return cls(id=definition.id, label=definition.indicator.label, **told)


class Definitions(View):
    """The definitions in force, and that of the score."""

    score: str
    items: list[DefinitionView]

    @classmethod
    def in_force(cls) -> Self:
        """All of them."""
        return cls(score=SCORE, items=[DefinitionView.of(entry) for entry in DEFINITIONS.values()])


class RateView(View):
    """A rate: its numerator and denominator, the percentage, and Wilson's interval at 95 %."""

    numerator: int
    denominator: int
    percent: Decimal | None = Field(description="百分数，两位小数；没有分母时为空")
    low: Decimal | None = Field(description="95% 置信区间下限（Wilson）")
    high: Decimal | None = Field(description="95% 置信区间上限（Wilson）")

    @classmethod
    def of(cls, ratio: Ratio) -> Self:
        """The view of a ratio."""
        low, high = ratio.interval or (None, None)
        return cls(
            numerator=ratio.numerator,
            denominator=ratio.denominator,
            percent=ratio.rate,
            low=low,
            high=high,
        )


class FigureView(View):
    """One indicator of one group: raw, adjusted after approved exclusions, and how many those were."""

    indicator: str
    label: str
    raw: RateView | None = Field(description="原始值；记分项没有比率")
    adjusted: RateView | None = Field(description="剔除后")
    left_out: int = Field(description="经审批剔除、认定或者撤销的行数")
    raw_points: int = Field(description="记分合计（原始）")
    points: int = Field(description="记分合计（撤销后）")

    @classmethod
    def of(cls, line: FigureLine) -> Self:
        """The view of a line."""
        is_rate = line.indicator is not Indicator.POINTS
        return cls(
            indicator=line.indicator,
            label=line.indicator.label,
            raw=RateView.of(line.raw) if is_rate else None,
            adjusted=RateView.of(line.adjusted) if is_rate else None,
            left_out=line.left_out,
            raw_points=line.raw_points,
            points=line.points,
        )


class FigureGroup(View):
    """All figures of one unit, level or type, or of the city."""

    group: str
    figures: list[FigureView]

    @classmethod
    def of(cls, lines: Iterable[FigureLine]) -> list[Self]:
        """The groups of some lines, in their order."""
        groups: defaultdict[str, list[FigureView]] = defaultdict(list)
        for line in lines:
            groups[line.group].append(FigureView.of(line))
        return [cls(group=group, figures=figures) for group, figures in groups.items()]


class MonthFigures(View):
    """The figures of a month in the cases that the caller may see, as of an instant or as they were frozen."""

    month: str = Field(examples=["2026-11"])
    as_of: Instant
    frozen: bool
    by: str
    still_to_count: int = Field(description="尚未计入的工单变化数；冻结的月份为 0")
    definitions: list[str] = Field(description="口径版本")
    groups: list[FigureGroup]


class CountView(View):
    """One row behind a figure, with the reason why it counts so."""

    case_no: str
    indicator: str
    label: str
    occasion: str = Field(description="第几次派单、第几次办结，或者黄红牌编号")
    unit: str
    type: str
    counted_at: Instant
    raw: str
    raw_label: str
    adjusted: str
    adjusted_label: str
    reason: str
    because: str = Field(description="为什么这样计入")
    excluded_for: str | None
    excluded_because: str | None = Field(description="为什么剔除")
    points: int
    seq: int = Field(description="据以计入的事实在该工单台账中的序号")

    @classmethod
    def of(cls, row: Count) -> Self:
        """The view of a row."""
        return cls(
            **row.model_dump(),
            label=row.indicator.label,
            raw_label=row.raw.label,
            adjusted_label=row.adjusted.label,
            because=row.reason.label,
            excluded_because=row.excluded_for and row.excluded_for.label,
        )


class CountPage(View):
    """Rows in the order in which they came to count."""

    items: list[CountView]
    next_cursor: str | None = None


class DeductionView(View):
    """What a unit loses, and for what."""

    points: Decimal
    because: str

    @classmethod
    def of(cls, line: Deduction) -> Self:
        """The view of a deduction."""
        return cls(**line.model_dump())


class RankedView(View):
    """A unit's score and place."""

    unit: UnitCode
    place: int | None = Field(description="派单数不足的单位单列，不排名次")
    sample: int = Field(description="当月派单数")
    score: Decimal
    deductions: list[DeductionView]

    @classmethod
    def of(cls, line: Ranked) -> Self:
        """The view of a line."""
        return cls(
            unit=line.unit,
            place=line.place,
            sample=line.sample,
            score=line.score,
            deductions=[DeductionView.of(entry) for entry in line.deductions],
        )


class Ranking(View):
    """Units by score; those with too few dispatches come last and have no place."""

    month: str
    as_of: Instant
    frozen: bool
    formula: str
    policy: str = Field(description="评分权重所依据的规则版本")
    ranked_from: int = Field(description="参加排名所需的最少派单数")
    items: list[RankedView]


async def month_figures(
    services: Services, actor: Actor, question: ScoreQuestion, by: FiguresBy
) -> MonthFigures:
    """The figures of a month as the caller may see them: as they were frozen, or as of now."""
    (figures,) = await figures_by(services, actor, question, by)
    return figures


async def figures_by(
    services: Services, actor: Actor, question: ScoreQuestion, *ways: FiguresBy
) -> tuple[MonthFigures, ...]:
    """The same month added up in several ways; rows are read once for the city and its units."""
    async with services.database.read(snapshot=True) as session:
        frozen = await frozen_month(session, question.month)
        asked = question.model_copy(update={"frozen": frozen is not None})
        lines = await add_up_ways(session, visible_to(actor), asked, ways)
        waiting = 0 if frozen else await still_to_count(session)
    in_force = [entry.id for entry in DEFINITIONS.values()]
    return tuple(
        MonthFigures(
            month=str(question.month),
            as_of=frozen.frozen_at if frozen else question.now,
            frozen=frozen is not None,
            by=by,
            still_to_count=waiting,
            definitions=[*frozen.definitions] if frozen else in_force,
            groups=FigureGroup.of(lines[by]),
        )
        for by in ways
    )


async def ranking(services: Services, actor: Actor, month: Month) -> Ranking:
    """Units by score. Those who are ranked see a month when it is frozen, and not before."""
    now, policy = services.now(), await services.policies.in_force(at=services.now())
    async with services.database.read(snapshot=True) as session:
        frozen = await frozen_month(session, month)
        if frozen is None and actor.role in UNIT_ROLES:
            raise ApiError(404, "month_not_frozen", "该月指标尚未冻结")
        asked = ScoreQuestion(month=month, now=now, frozen=frozen is not None)
        units = await figures_of_units(session, asked)
    rules = frozen.scoring if frozen else policy.scores
    return Ranking(
        month=str(month),
        as_of=frozen.frozen_at if frozen else now,
        frozen=frozen is not None,
        formula=SCORE,
        policy=frozen.policy_revision if frozen else policy.revision,
        ranked_from=rules.ranked_from,
        items=[RankedView.of(line) for line in rank(units, rules)],
    )


class Recount(View):
    """How many cases are counted again, a few at a time, beside everything else."""

    cases: int


async def recount(services: Services) -> Recount:
    """Have every case counted again: for the indicators from its ledger, for the boards from its rows."""
    async with services.database.write() as session:
        await tally_anew(session)
        return Recount(cases=await note_every_case(session))


# ── months ──────────────────────────────────────────────────────────────────────────────────────


class FrozenMonthView(View):
    """A month whose figures stand for good."""

    month: str
    frozen_at: Instant
    frozen_by: str
    previewed_at: Instant
    previewed_by: str
    definitions: list[str] = Field(description="口径版本")
    policies: list[str] = Field(description="所计工单适用的规则版本")
    policy_revision: str = Field(description="评分权重所依据的规则版本")
    cases: int
    rows: int
    digest: str = Field(description="全部计数行的摘要（SHA-256 链）")

    @classmethod
    def of(cls, month: FrozenMonth) -> Self:
        """The view of a frozen month."""
        told = month.model_dump(exclude={"month", "digest", "figures_digest", "scoring"})
        lists = {name: [*value] if isinstance(value, tuple) else value for name, value in told.items()}
        return cls(**lists, month=str(month.month), digest=month.digest.hex())


class FrozenMonths(View):
    """Frozen months, the newest first."""

    items: list[FrozenMonthView]


class PreviewView(View):
    """What would be frozen: the figures by unit, their digest, and from when they may be frozen."""

    month: str
    as_of: Instant
    figures_digest: str = Field(description="冻结时须原样提交，以证明冻结的就是所预览的")
    appeal_until: Instant = Field(description="当月工单可以申请剔除到何时")
    freezable_from: Instant = Field(description="最早可以冻结的时刻")
    pending_exclusions: int = Field(description="尚待审批的剔除申请所涉工单数；全部审批后才能冻结")
    groups: list[FigureGroup]


class DeviationView(View):
    """One row on which a frozen month and the ledger disagree."""

    case_no: str
    indicator: str
    occasion: str
    deviation: str
    because: str

    @classmethod
    def of(cls, row: RowDeviation) -> Self:
        """The view of a deviation."""
        return cls(**row.model_dump(), because=_DEVIATIONS[row.deviation])


_DEVIATIONS: Final = {
    Deviation.CHANGED: "冻结的计数行与台账重算的结果不同",
    Deviation.NOT_IN_LEDGER: "按台账重算没有这一行",
    Deviation.NOT_FROZEN: "按台账重算应有这一行，冻结时没有",
}


class Verification(View):
    """A frozen month reckoned again from the ledger, as far as one request reaches."""

    month: str
    cases: int = Field(description="至此已重算的工单数")
    rows: int = Field(description="至此重算得到的行数")
    matches: bool | None = Field(description="重算摘要与冻结摘要是否一致；尚未算完时为空")
    frozen_digest: str
    digest: str | None = Field(description="重算得到的摘要；尚未算完时为空")
    deviations: list[DeviationView] = Field(description="本次重算中不一致的行")
    next_cursor: str | None = None


async def preview(services: Services, actor: Actor, month: Month) -> PreviewView:
    """Show what would be frozen and keep that it was looked at. Refuses a month that is frozen or not over."""
    await services.scores.keep(wait=True)
    now, policy = services.now(), await services.policies.in_force(at=services.now())
    if now < month.until:
        raise GuardFailed("month_not_over", "当月尚未结束", field="month", rule=_RULE)
    async with services.database.write() as session:
        await _require_live(session, month)
        question = ScoreQuestion(month=month, now=now)
        lines = await add_up_rows(session, visible_to(SYSTEM_ACTOR), question, FiguresBy.UNIT)
        digest = await figures_digest(session, month, now)
        waiting = await pending_exclusions(session, month, now)
        looked = Preview(month=month, previewed_at=now, previewed_by=actor.user_id, figures_digest=digest)
        await keep_preview(session, looked)
        await record(session, _entry(TrailEvent.MONTH_PREVIEWED, actor, month, digest, now))
    return PreviewView(
        month=str(month),
        as_of=now,
        figures_digest=digest.hex(),
        appeal_until=appeal_until(month, policy),
        freezable_from=freezable_from(month, policy),
        pending_exclusions=waiting,
        groups=FigureGroup.of(lines),
    )


async def freeze(services: Services, actor: Actor, month: Month, confirmed: str) -> FrozenMonthView:
    """Freeze exactly the figures that were previewed. Freezing twice tells the same."""
    async with services.database.read() as session:
        if known := await frozen_month(session, month):
            return FrozenMonthView.of(known)
    await services.scores.keep(wait=True)
    now, policy = services.now(), await services.policies.in_force(at=services.now())
    if now < freezable_from(month, policy):
        raise WindowClosed("month_not_freezable", "剔除申请期未满，尚不能冻结", field="month", rule=_RULE)
    async with services.database.write() as session:
        await _require_live(session, month)
        looked = await last_preview(session, month)
        if looked is None or looked.figures_digest.hex() != confirmed:
            raise GuardFailed("preview_needed", "请先预览，并提交预览给出的摘要", field="figures_digest")
        if await pending_exclusions(session, month, now):
            raise GuardFailed(
                "exclusions_pending", "尚有剔除申请待审批，全部审批后才能冻结", field="month", rule=_RULE
            )
        if await figures_digest(session, month, now) != looked.figures_digest:
            raise GuardFailed("preview_stale", "预览之后数据有变化，请重新预览", field="figures_digest")
        frozen = await freeze_rows(session, looked, policy, by=actor.user_id, at=now)
        await record(session, _entry(TrailEvent.MONTH_FROZEN, actor, month, frozen.digest, now))
    return FrozenMonthView.of(frozen)


async def _require_live(session: WriteSession, month: Month) -> None:
    """One at a time: two who freeze at once would both find it live."""
    await lock_month(session, month)
    if await frozen_month(session, month):
        raise GuardFailed("month_frozen", "该月指标已经冻结", field="month", rule=_RULE)


def _entry(event: TrailEvent, actor: Actor, month: Month, digest: bytes, at: datetime) -> TrailEntry:
    return TrailEntry(at=at, event=event, actor=actor, subject=str(month), detail={"digest": digest.hex()})


async def verify(services: Services, month: Month, cursor: str | None) -> Verification:
    """Reckon a frozen month again, case by case, for as long as a request may take. Raises 404."""
    done = _so_far(cursor)
    deadline = monotonic() + services.settings.request_timeout_seconds / 3
    deviations: list[DeviationView] = []
    async with services.database.read() as session:
        frozen = await frozen_month(session, month)
    if frozen is None:
        raise ApiError(404, "month_not_frozen", "该月指标尚未冻结")
    while done is None or done.after:
        async with services.database.read(snapshot=True) as session:
            done = await recompute(session, frozen, done)
        deviations.extend(DeviationView.of(row) for row in done.deviations)
        if monotonic() > deadline:
            break
    is_over = done.after is None
    place = (done.after, done.digest.hex(), done.cases, done.rows)
    return Verification(
        month=str(month),
        cases=done.cases,
        rows=done.rows,
        matches=done.digest == frozen.digest if is_over else None,
        frozen_digest=frozen.digest.hex(),
        digest=done.digest.hex() if is_over else None,
        deviations=deviations,
        next_cursor=None if is_over else cursor_of(place),
    )


def _so_far(cursor: str | None) -> Recomputed | None:
    if cursor is None:
        return None
    after, digest, cases, rows = place_of(cursor, _SO_FAR)
    return Recomputed(
        after=CaseNo(after), digest=bytes.fromhex(digest), cases=cases, rows=rows, deviations=()
    )

"""Indicators as they are sent out (考核指标): each rate with its numerator, denominator and interval, and the rows behind it.

Percentages are decimals with two digits, so that a frozen month reads the same for ever.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Self

from pydantic import Field

from api.schemas import Instant, View
from hotline.identifiers import UnitCode
from hotline.indicators.counting import Count
from hotline.indicators.definitions import DEFINITIONS, SCORE, Definition
from hotline.indicators.figures import Deduction, Ranked, Ratio
from hotline.vocabulary import Indicator
from store.scores import FigureLine


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
        is_rate = line.indicator is not Indicator.CARD_POINTS
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

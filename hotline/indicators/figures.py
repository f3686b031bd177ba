"""Figures (指标数值): rows added up, how sure a rate is, and units in their order (domain.md §9.1, §9.2).

Everything is reckoned in whole numbers and decimals, so that a month comes to the same digits whenever and
wherever it is reckoned again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final, NamedTuple, Self

from hotline.identifiers import UnitCode
from hotline.indicators.counting import Count
from hotline.model import Record
from hotline.policy import ScoringRules
from hotline.vocabulary import Counted, Indicator

_EXACT: Final = Context(prec=28, rounding=ROUND_HALF_UP)
_SURE: Final = Decimal("1.959963984540054")
"""The quantile of the normal distribution for 95 %."""


class Ratio(NamedTuple):
    """A numerator and the denominator that every percentage needs (domain.md §9.1)."""

    numerator: int
    denominator: int

    @property
    def rate(self) -> Decimal | None:
        """The percentage with two digits; None where there is nothing to divide by."""
        if not self.denominator:
            return None
        return _percent(_EXACT.divide(Decimal(self.numerator), Decimal(self.denominator)))

    @property
    def interval(self) -> tuple[Decimal, Decimal] | None:
        """Wilson's interval for the rate at 95 %, as percentages: how far a small number can be trusted."""
        if not self.denominator:
            return None
        count, share = Decimal(self.denominator), Decimal(self.numerator) / Decimal(self.denominator)
        z2 = _EXACT.multiply(_SURE, _SURE)
        middle = share + z2 / (2 * count)
        spread = _SURE * _EXACT.sqrt(share * (1 - share) / count + z2 / (4 * count * count))
        whole = 1 + z2 / count
        low, high = (middle - spread) / whole, (middle + spread) / whole
        return _percent(max(low, Decimal(0))), _percent(min(high, Decimal(1)))


def _percent(share: Decimal) -> Decimal:
    return _EXACT.quantize(100 * share, Decimal("0.01"))


class Figure(Record):
    """What the rows of one indicator come to: raw, and after approved exclusions; `points` for cards alone."""

    indicator: Indicator
    raw_numerator: int = 0
    raw_denominator: int = 0
    numerator: int = 0
    denominator: int = 0
    left_out: int = 0
    raw_points: int = 0
    points: int = 0

    @property
    def raw(self) -> Ratio:
        """The rate as it is."""
        return Ratio(self.raw_numerator, self.raw_denominator)

    @property
    def adjusted(self) -> Ratio:
        """The rate after approved exclusions."""
        return Ratio(self.numerator, self.denominator)

    def __add__(self, other: "Figure") -> Self:
        """Both together."""
        sums = {name: getattr(self, name) + getattr(other, name) for name in _SUMMED}
        return self.model_copy(update=sums)


_SUMMED: Final = tuple(name for name in Figure.model_fields if name != "indicator")


def figure_of(row: Count) -> Figure:
    """What one row adds."""
    return Figure(
        indicator=row.indicator,
        raw_numerator=row.raw is Counted.NUMERATOR,
        raw_denominator=row.raw is not Counted.EXCLUDED,
        numerator=row.adjusted is Counted.NUMERATOR,
        denominator=row.adjusted is not Counted.EXCLUDED,
        left_out=row.raw is not Counted.EXCLUDED and row.adjusted is Counted.EXCLUDED,
        raw_points=row.points,
        points=0 if row.adjusted is Counted.EXCLUDED else row.points,
    )


class UnitFigures(Record):
    """All figures of one unit."""

    unit: UnitCode
    figures: Mapping[Indicator, Figure] = {}

    def figure(self, indicator: Indicator) -> Figure:
        """One of them; nought where there is no row."""
        return self.figures.get(indicator, Figure(indicator=indicator))

    @property
    def sample(self) -> int:
        """The dispatches of the unit, which its rank is asked by."""
        return self.figure(Indicator.RETURN).raw_denominator

    def __add__(self, other: "UnitFigures") -> "UnitFigures":
        """Both together; the unit of the first stays."""
        names = [*self.figures, *(name for name in other.figures if name not in self.figures)]
        return UnitFigures(
            unit=self.unit,
            figures={name: self.figure(name) + other.figure(name) for name in names},
        )


def add_up(rows: Iterable[Count]) -> dict[UnitCode, UnitFigures]:
    """The figures of every unit that has a row."""
    figures: defaultdict[UnitCode, dict[Indicator, Figure]] = defaultdict(dict)
    for row in rows:
        one, known = figure_of(row), figures[row.unit]
        known[row.indicator] = known[row.indicator] + one if row.indicator in known else one
    return {unit: UnitFigures(unit=unit, figures=known) for unit, known in sorted(figures.items())}


# ── score and ranking ───────────────────────────────────────────────────────────────────────────


class Deduction(Record):
    """What a unit loses, and in words for what."""

    points: Decimal
    because: str


class Ranked(Record):
    """A unit's score and its place; no place for a unit with too few dispatches. Equal units share a place."""

    unit: UnitCode
    place: int | None
    sample: int
    score: Decimal
    deductions: tuple[Deduction, ...]
    solved: Decimal | None
    repeated: Decimal | None


def rank(units: Iterable[UnitFigures], rules: ScoringRules) -> tuple[Ranked, ...]:
    """Units by score; ties by solved rate, then by the lower repeat rate (domain.md §9.2). The unranked come last."""
    lines = sorted((_scored(unit, rules) for unit in units), key=_order)
    ranked = [line for line in lines if line.sample >= rules.ranked_from]
    apart = [line for line in lines if line.sample < rules.ranked_from]
    return (*_placed(ranked), *apart)


def _order(line: Ranked) -> tuple[Decimal, Decimal, Decimal, str]:
    return (*_merit(line), line.unit)


def _merit(line: Ranked) -> tuple[Decimal, Decimal, Decimal]:
    solved = Decimal(-1) if line.solved is None else line.solved
    return -line.score, -solved, line.repeated or Decimal(0)


def _placed(lines: Iterable[Ranked]) -> Iterator[Ranked]:
    place, before = 0, None
    for number, line in enumerate(lines, start=1):
        if _merit(line) != before:
            place, before = number, _merit(line)
        yield line.model_copy(update={"place": place})


def _scored(unit: UnitFigures, rules: ScoringRules) -> Ranked:
    deductions = tuple(_deductions(unit, rules))
    score = 100 - sum((line.points for line in deductions), Decimal(0))
    return Ranked(
        unit=unit.unit,
        place=None,
        sample=unit.sample,
        score=max(score, Decimal("0.00")),
        deductions=deductions,
        solved=unit.figure(Indicator.RESOLUTION).adjusted.rate,
        repeated=unit.figure(Indicator.REPEAT).adjusted.rate,
    )


def weights(rules: ScoringRules) -> dict[Indicator, int]:
    """What a unit loses of its hundred points at a rate of nought."""
    return {
        Indicator.RESPONSE: rules.response_weight,
        Indicator.RESOLUTION: rules.resolution_weight,
        Indicator.SATISFACTION: rules.satisfaction_weight,
    }


def _deductions(unit: UnitFigures, rules: ScoringRules) -> Iterator[Deduction]:
    for indicator, weight in weights(rules).items():
        yield from _lacking(unit.figure(indicator).adjusted, indicator, weight)
    if points := unit.figure(Indicator.POINTS).points:
        yield Deduction(points=_whole(points), because=f"督办记 {points} 分")


def _lacking(ratio: Ratio, indicator: Indicator, weight: int) -> Iterator[Deduction]:
    missing = ratio.denominator - ratio.numerator
    if not missing:
        return
    lost = _EXACT.quantize(Decimal(weight * missing) / Decimal(ratio.denominator), Decimal("0.01"))
    words = f"{indicator.label} {ratio.rate}%（{ratio.numerator}/{ratio.denominator}），权重 {weight} 分"
    yield Deduction(points=lost, because=words)


def _whole(points: int) -> Decimal:
    return Decimal(points).quantize(Decimal("0.01"))

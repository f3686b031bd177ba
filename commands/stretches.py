"""Stretches of a what-if (假设推演) added up: a long period is told by several answers, and is one for the operator."""

from decimal import Decimal
from typing import Any

from hotline.identifiers import UnitCode
from hotline.indicators.figures import Figure, Ratio, UnitFigures, rank
from hotline.policy import ScoringRules
from hotline.vocabulary import Indicator


# Answers of the API are JSON, whose form is the API's to say.
def added(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two stretches as one, with the scores of both together; `other` is the later one."""
    units = {line["unit"]: line for line in one["units"]}
    for line in other["units"]:
        was = units.get(line["unit"])
        units[line["unit"]] = _both(was, line, one) if was else line
    return other | {
        "cases": one["cases"] + other["cases"],
        "cases_changed": one["cases_changed"] + other["cases_changed"],
        "units": [units[code] for code in sorted(units)],
    }


# As above.
def _both(one: dict[str, Any], other: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    sides = {name: _side(one[name], other[name], told[f"weights_{name}"]) for name in ("before", "after")}
    return {"unit": one["unit"], **sides}


# As above.
def _side(one: dict[str, Any], other: dict[str, Any], weights: dict[str, int]) -> dict[str, Any]:
    side = {
        **{name: one[name] + other[name] for name in ("clocks", "late", "points")},
        "rungs": {
            code: one["rungs"].get(code, 0) + other["rungs"].get(code, 0)
            for code in one["rungs"] | other["rungs"]
        },
        "rates": {
            name: _rate(one["rates"].get(name), other["rates"].get(name))
            for name in one["rates"] | other["rates"]
        },
    }
    return side | {"score": str(_score(side, weights))}


# As above.
def _rate(one: dict[str, Any] | None, other: dict[str, Any] | None) -> dict[str, Any]:
    parts = [part for part in (one, other) if part]
    ratio = Ratio(sum(part["numerator"] for part in parts), sum(part["denominator"] for part in parts))
    percent = None if ratio.rate is None else str(ratio.rate)
    return {"numerator": ratio.numerator, "denominator": ratio.denominator, "percent": percent}


# As above.
def _score(side: dict[str, Any], weights: dict[str, int]) -> Decimal:
    figures = {Indicator.POINTS: Figure(indicator=Indicator.POINTS, points=side["points"])}
    for indicator in Indicator:
        if rate := side["rates"].get(indicator.value):
            counts = {"numerator": rate["numerator"], "denominator": rate["denominator"]}
            figures[indicator] = Figure(indicator=indicator, **counts)
    rules = ScoringRules(
        response_weight=weights[Indicator.RESPONSE],
        resolution_weight=weights[Indicator.RESOLUTION],
        satisfaction_weight=weights[Indicator.SATISFACTION],
    )
    [line] = rank([UnitFigures(unit=UnitCode("one"), figures=figures)], rules)
    return line.score

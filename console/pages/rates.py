"""Rates (考核指标): the three rates with how far they can be trusted, the others beside them, the ranking, and the rows behind.

Every percentage leads to the rows that it was counted from, each with its verdict and the reason; raw figures and
those after approved exclusions stand beside each other. A month that is over is frozen as it was previewed.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Final

from fastapi import Depends, Path, Query
from fastapi.responses import HTMLResponse

from api.errors import ApiError
from api.indicators import (
    CountPage,
    FigureGroup,
    FigureView,
    PreviewView,
    Ranking,
    RateView,
    Verification,
    figures_by,
)
from api.parts import Part
from api.routers import indicators
from api.routers.indicators import MonthPath, figures, months, preview, ranking, rows, verify
from console import sheets
from console.charts import Band, Chart, Colour, Lines, Series, Share, Shares
from console.links import to
from console.speaking import marked as _
from console.visit import Here, Visit
from hotline.identifiers import UnitCode
from hotline.indicators.definitions import DEFINITIONS, RATES
from hotline.indicators.months import Month
from hotline.vocabulary import Counted, Indicator
from store.scores import FiguresBy, ScoreQuestion

router = Part()

THREE: Final = (Indicator.RESPONSE, Indicator.RESOLUTION, Indicator.SATISFACTION)
"""三率: what units are ranked by."""

_CHOICE: Final = 18
_BACK: Final = 6
_Rate = Annotated[Indicator, Query()]


@router.get("/rates", operation_id="indicators_figures")
async def this_month(visit: Here, indicator: _Rate = Indicator.RESOLUTION) -> HTMLResponse:
    """The month that runs."""
    return await _page(visit, Month.of(visit.now), indicator)


@router.get("/rates/{month}", operation_id="indicators_figures")
async def one_month(visit: Here, month: MonthPath, indicator: _Rate = Indicator.RESOLUTION) -> HTMLResponse:
    """Any month, as of now or as it was frozen."""
    return await _page(visit, Month.read(month), indicator)


@router.get("/rates/{month}/trend", operation_id="indicators_figures")
async def trend(visit: Here, month: MonthPath, indicator: _Rate = Indicator.RESOLUTION) -> HTMLResponse:
    """How one rate went over the months before; asked for by itself, since each month is counted."""
    past = [*_months_until(Month.read(month), _BACK)]
    told = [await figures(str(one), visit.actor, visit.services, by=FiguresBy.CITY) for one in reversed(past)]
    chart = _trend(indicator, [(one.month, _figure(one.groups, indicator)) for one in told])
    return visit.page("rates_trend.html", trend=chart)


@router.get("/rates/{month}/rows", operation_id="indicators_rows")
async def behind(
    visit: Here,
    month: MonthPath,
    page: Annotated[CountPage, Depends(rows)],
    indicator: Annotated[Indicator | None, Query()] = None,
) -> HTMLResponse:
    """The rows behind a figure: how each counts, and why."""
    return visit.page(
        "rates_rows.html",
        page=page,
        month=month,
        indicator=indicator,
        definition=DEFINITIONS[indicator] if indicator else None,
        indicators=list(Indicator),
        verdicts=list(Counted),
        asked=visit.request.query_params,
        more=visit.request.url.include_query_params(cursor=page.next_cursor).query,
        units=await visit.unit_names(),
    )


@router.get("/rates/{month}/verify", operation_id="indicators_verify")
async def verified(
    visit: Here, month: MonthPath, found: Annotated[Verification, Depends(verify)]
) -> HTMLResponse:
    """Whether a frozen month comes to the same digits when it is reckoned again from the ledger."""
    return visit.page("rates_verified.html", found=found, month=month)


# ── freezing 冻结 ───────────────────────────────────────────────────────────────────────────────


@router.get("/rates/{month}/freeze", operation_id="indicators_preview")
async def ask_for_preview(visit: Here, month: MonthPath) -> HTMLResponse:
    """What freezing is, and where it begins; looking at the figures is recorded, so it waits to be asked for."""
    return visit.page("rates_freeze.html", month=month)


@router.post("/rates/{month}/preview", operation_id="indicators_preview")
async def previewed(
    visit: Here, month: MonthPath, found: Annotated[PreviewView, Depends(preview)]
) -> HTMLResponse:
    """What would be frozen, unit by unit, from when it may be, and what still stands in the way."""
    return visit.page(
        "rates_preview.html",
        month=month,
        found=found,
        three=[(one.value, one.label) for one in THREE],
        lines=[(group.group, {one.indicator: one for one in group.figures}) for group in found.groups],
        is_ready=visit.now >= found.freezable_from and not found.pending_exclusions,
        units=await visit.unit_names(),
        to=to,
    )


_Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


@router.get("/rates/{month}/freeze/{digest}", operation_id="indicators_freeze")
async def ask_to_freeze(visit: Here, month: MonthPath, digest: _Digest) -> HTMLResponse:
    """Whether it is meant."""
    return sheets.ask(visit, _freezing(month, digest))


@router.post("/rates/{month}/freeze/{digest}", operation_id="indicators_freeze")
async def freeze(visit: Here, month: MonthPath, digest: _Digest) -> HTMLResponse:
    """Freeze exactly the figures that were previewed, and show the month as it now stands."""

    async def frozen(_sent: sheets.Sent[sheets.Confirmation]) -> HTMLResponse:
        confirmed = indicators.Confirmation(figures_digest=digest)
        await indicators.freeze(month, confirmed, visit.actor, visit.services)
        return sheets.gone_to(f"/rates/{month}")

    return await sheets.take(visit, _freezing(month, digest), frozen)


def _freezing(month: str, digest: str) -> sheets.Sheet[sheets.Confirmation]:
    return sheets.Sheet(
        f"/rates/{month}/freeze/{digest}",
        _("冻结月度指标"),
        sheets.Confirmation,
        month,
        note=_("冻结后当月指标和排名不再变动，也不可撤回。"),
        is_dangerous=True,
    )


# ── one month 月度指标 ──────────────────────────────────────────────────────────────────────────


async def _page(visit: Visit, month: Month, indicator: Indicator) -> HTMLResponse:
    question = ScoreQuestion(month=month, now=visit.now)
    city, by_unit = await figures_by(visit.services, visit.actor, question, FiguresBy.CITY, FiguresBy.UNIT)
    frozen = await months(visit.actor, visit.services)
    units = await visit.unit_names()
    told = {one.indicator: one for group in city.groups for one in group.figures}
    return visit.page(
        "rates.html",
        month=str(month),
        months=[str(one) for one in _months_until(Month.of(visit.now), _CHOICE)],
        is_over=month.until <= visit.now,
        frozen=next((one for one in frozen.items if one.month == str(month)), None),
        city=city,
        indicator=indicator,
        three=[(one.value, one.label, told.get(one.value)) for one in THREE],
        others=[told[one.value] for one in Indicator if one.value in told and one not in THREE],
        rates=[(one.value, one.label) for one in RATES],
        units=units,
        chart=_by_unit(str(month), indicator, by_unit.groups, units),
        ranked=await _ranked(visit, month),
        to=to,
    )


async def _ranked(visit: Visit, month: Month) -> Ranking | None:
    """The order of units; those who are ranked see it when the month is frozen."""
    try:
        return await ranking(str(month), visit.actor, visit.services)
    except ApiError:
        return None


def _months_until(month: Month, count: int) -> Iterable[Month]:
    """A month and those before it, the newest first."""
    for _place in range(count):
        yield month
        year, before = (month.year - 1, 12) if month.month == 1 else (month.year, month.month - 1)
        month = Month(year=year, month=before)


def _figure(groups: Iterable[FigureGroup], indicator: Indicator) -> FigureView | None:
    return next((one for group in groups for one in group.figures if one.indicator == indicator), None)


def _by_unit(
    month: str, indicator: Indicator, groups: Iterable[FigureGroup], units: Mapping[UnitCode, str]
) -> Chart:
    """The rate of each unit after exclusions, the best first; who has none is left out."""
    told = [(group.group, _figure([group], indicator)) for group in groups]
    shares = [
        _share(
            units.get(UnitCode(code), code),
            figure.adjusted,
            to(f"/rates/{month}/rows", indicator=indicator, unit=code),
        )
        for code, figure in told
        if figure and figure.adjusted and figure.adjusted.denominator
    ]
    return Shares(indicator.label, sorted(shares, key=lambda one: (-one.percent, one.label)))


def _share(label: str, rate: RateView, link: str) -> Share:
    assert rate.percent is not None
    assert rate.low is not None
    assert rate.high is not None
    return Share(
        label,
        float(rate.percent),
        float(rate.low),
        float(rate.high),
        f"{rate.numerator}/{rate.denominator}",
        link,
    )


def _trend(indicator: Indicator, told: Iterable[tuple[str, FigureView | None]]) -> Chart:
    """One rate over the months: after exclusions with its interval, and raw."""
    pairs = [*told]
    adjusted = [one.adjusted if one else None for _month, one in pairs]
    raw = [one.raw if one else None for _month, one in pairs]
    return Lines(
        indicator.label,
        labels=[month for month, _one in pairs],
        series=(
            Series(
                "剔除后",
                [_percent(rate) for rate in adjusted],
                Colour.BLUE,
                [to(f"/rates/{month}/rows", indicator=indicator) for month, _one in pairs],
            ),
            Series("原始", [_percent(rate) for rate in raw], Colour.QUIET),
        ),
        band=Band(
            [float(rate.low) if rate and rate.low is not None else None for rate in adjusted],
            [float(rate.high) if rate and rate.high is not None else None for rate in adjusted],
        ),
        unit="%",
        most=100,
    )


def _percent(rate: RateView | None) -> float | None:
    return float(rate.percent) if rate and rate.percent is not None else None

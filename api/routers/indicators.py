"""Indicators (考核指标): rates with the rows behind them, ranking, and months that are frozen for good."""

from typing import Annotated, Final

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from api.deps import ActorDep, ServicesDep
from api.errors import responses
from api.examples import as_body
from api.indicators import (
    CountPage,
    CountView,
    Definitions,
    FrozenMonths,
    FrozenMonthView,
    MonthFigures,
    PreviewView,
    Ranking,
    Recount,
    Verification,
    month_figures,
)
from api.indicators import freeze as frozen
from api.indicators import preview as previewed
from api.indicators import ranking as ranked
from api.indicators import recount as recounted
from api.indicators import verify as verified
from api.parts import Operations
from hotline.identifiers import UnitCode
from hotline.indicators.months import Month
from hotline.model import Instant
from hotline.vocabulary import Counted, Indicator, RequestType
from store.cursor import cursor_of, place_of
from store.months import every_frozen_month, frozen_month
from store.scope import visible_to
from store.scores import FiguresBy, ScoreQuestion, list_rows

router = Operations(tags=["indicators"], responses=responses(401))

_PLACE: Final = TypeAdapter(
    tuple[
        Instant,
        Annotated[str, Field(pattern=r"^[0-9]{18}$")],
        Indicator,
        Annotated[str, Field(pattern=r"^\w{1,16}$")],
    ]
)


def _is_month(text: str) -> str:
    Month.read(text)
    return text


MonthPath = Annotated[
    str,
    AfterValidator(_is_month),
    Path(pattern=r"^\d{4}-\d{2}$", description="月份", examples=["2026-11"]),
]
Unit = Annotated[str | None, Query(pattern=r"^[\w.-]{1,64}$", description="责任单位代码")]
Level = Annotated[str | None, Query(pattern=r"^\w{1,32}$", description="单位层级，如 city、district、street")]
Type = Annotated[RequestType | None, Query(alias="type", description="诉求类型")]
Cursor = Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")]


class Confirmation(BaseModel):
    """Which figures are to be frozen: those that were previewed."""

    model_config = ConfigDict(extra="forbid")

    figures_digest: str = Field(pattern=r"^[0-9a-f]{64}$", description="预览给出的摘要")


@router.get("/indicators", summary="指标口径")
async def definitions(_: ActorDep) -> Definitions:
    """How every indicator is defined, and the score."""
    return Definitions.in_force()


@router.get("/indicators/months", summary="已冻结的月份")
async def months(_: ActorDep, services: ServicesDep) -> FrozenMonths:
    """Every frozen month, the newest first."""
    async with services.database.read() as session:
        return FrozenMonths(items=[FrozenMonthView.of(entry) for entry in await every_frozen_month(session)])


@router.get("/indicators/months/{month}", summary="月度指标")
async def figures(
    month: MonthPath,
    actor: ActorDep,
    services: ServicesDep,
    by: Annotated[FiguresBy, Query(description="按全市、层级、单位或者诉求类型汇总")] = FiguresBy.CITY,
    unit: Unit = None,
    level: Level = None,
    type_: Type = None,
) -> MonthFigures:
    """Rates of a month in the cases that the caller may see, raw and adjusted."""
    question = _question(month, services, unit, level, type_)
    return await month_figures(services, actor, question, by)


@router.get("/indicators/months/{month}/rows", summary="指标明细")
async def rows(
    month: MonthPath,
    actor: ActorDep,
    services: ServicesDep,
    unit: Unit = None,
    level: Level = None,
    type_: Type = None,
    indicator: Annotated[Indicator | None, Query(description="指标")] = None,
    counted: Annotated[Counted | None, Query(description="计入方式")] = None,
    raw: Annotated[bool, Query(description="`counted` 按原始值筛选，而不是剔除后的值")] = False,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=500, description="每页条数")] = 100,
) -> CountPage:
    """The rows behind the figures, each with the reason why it counts so."""
    after = place_of(cursor, _PLACE) if cursor else None
    question = _question(month, services, unit, level, type_)
    async with services.database.read() as session:
        how = {
            "indicator": indicator,
            "counted": counted,
            "raw": raw,
            "frozen": await frozen_month(session, question.month) is not None,
        }
        asked = question.model_copy(update=how)
        found = await list_rows(session, visible_to(actor), asked, after=after, limit=limit)
    last = found[-1] if len(found) == limit else None
    place = last and (last.counted_at, last.case_no, last.indicator, last.occasion)
    return CountPage(
        items=[CountView.of(row) for row in found], next_cursor=cursor_of(place) if place else None
    )


@router.get("/indicators/months/{month}/ranking", summary="单位排名", responses=responses(404))
async def ranking(month: MonthPath, actor: ActorDep, services: ServicesDep) -> Ranking:
    """Units by score with every deduction; units see a month once it is frozen."""
    return await ranked(services, actor, Month.read(month))


@router.post("/indicators/months/{month}/preview", summary="冻结预览", responses=responses(403))
async def preview(month: MonthPath, actor: ActorDep, services: ServicesDep) -> PreviewView:
    """Show what would be frozen. The digest of it is what freezing asks for."""
    return await previewed(services, actor, Month.read(month))


@router.post(
    "/indicators/months/{month}/freeze",
    summary="冻结月度指标",
    responses=responses(403),
    openapi_extra=as_body({"figures_digest": "0" * 64}),
)
async def freeze(
    month: MonthPath, body: Confirmation, actor: ActorDep, services: ServicesDep
) -> FrozenMonthView:
    """Freeze the figures that were previewed, once the time for exclusions has passed. Nothing undoes it."""
    return await frozen(services, actor, Month.read(month), body.figures_digest)


@router.get("/indicators/months/{month}/verify", summary="重算核验", responses=responses(403, 404))
async def verify(month: MonthPath, _: ActorDep, services: ServicesDep, cursor: Cursor = None) -> Verification:
    """Reckon a frozen month again from the ledger, and name every row that differs."""
    return await verified(services, Month.read(month), cursor)


@router.post("/indicators/recount", summary="重新计数", status_code=202, responses=responses(403))
async def recount(_: ActorDep, services: ServicesDep) -> Recount:
    """Have every case counted again, for the indicators and for the boards, after an audit found rows that differ. Frozen months stay."""
    return await recounted(services)


def _question(
    month: str, services: ServicesDep, unit: str | None, level: str | None, type_: RequestType | None
) -> ScoreQuestion:
    return ScoreQuestion(
        month=Month.read(month),
        now=services.now(),
        unit=UnitCode(unit) if unit else None,
        level=level,
        type=type_,
    )

"""Screening (筛查) for discipline officers: the queue, one hit with its evidence, decisions, and what came of it."""

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from api.address import AddressDep
from api.deps import ActorDep, ServicesDep
from api.errors import responses
from api.examples import as_body
from api.forms import Text
from api.officers import OfficerDep
from api.parts import Operations
from api.screening import (
    Decision,
    HitDetail,
    HitPage,
    HitView,
    ScreeningStatistics,
    decide_on_hit,
    one_hit,
)
from api.screening import statistics as counted
from hotline.identifiers import CaseNo, HitNo, UnitCode
from hotline.model import Instant
from hotline.vocabulary import HitRuling, HitState, Role, ScreeningTest
from store.cursor import cursor_of, place_of
from store.scope import visible_to
from store.screening import HitQuestion, list_hits

router = Operations(prefix="/screening", tags=["screening"], responses=responses(401, 403))

_PLACE: Final = TypeAdapter(tuple[Instant, str])
_REASON: Final[dict[str, Any]] = {"reason": "经核对通话录音，承办单位已按期联系诉求人"}

_CLUE: Final[dict[str, Any]] = {"reason": "承办单位虚报办理结果，回访与现场均不符", "units": ["U120"]}

HitNoPath = Annotated[str, Path(max_length=40, description="筛查编号", examples=["261120103000010001-SC01"])]


class HitReason(BaseModel):
    """Why an officer decides so."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reason: Text = Field(repr=False, description="理由，随工单文本封存")


class HitClue(HitReason):
    """What the clue is, and about which units: those complained about or else the lead, unless others are named."""

    units: tuple[Annotated[UnitCode, Field(pattern=r"^[\w.-]{1,64}$")], ...] = Field(
        default=(), max_length=20, description="被反映单位；缺省为被投诉单位或者主办单位"
    )


@router.get("/hits", summary="筛查结果")
async def hits(
    actor: ActorDep,
    services: ServicesDep,
    state: Annotated[HitState | None, Query(description="处理状态")] = None,
    rule: Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="规则代码")] = None,
    test: Annotated[ScreeningTest | None, Query(description="筛查项目")] = None,
    unit: Annotated[str | None, Query(pattern=r"^[\w.-]{1,64}$", description="主办或者被反映单位")] = None,
    case_no: Annotated[str | None, Query(pattern=r"^\d{18}$", description="工单编号")] = None,
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="每页条数")] = 50,
) -> HitPage:
    """What the rules found in the cases that an officer may know of, the newest first."""
    question = HitQuestion(
        state=state,
        rule=rule,
        test=test,
        unit=UnitCode(unit) if unit else None,
        case_no=CaseNo(case_no) if case_no else None,
    )
    before = place_of(cursor, _PLACE) if cursor else None
    async with services.database.read() as session:
        rows = await list_hits(session, visible_to(actor), question, before=before, limit=limit)
    last = rows[-1] if len(rows) == limit else None
    following = cursor_of((last.found_at, last.hit_no)) if last else None
    return HitPage(items=[HitView.of(row) for row in rows], next_cursor=following)


@router.get("/statistics", summary="筛查统计")
async def statistics(
    actor: ActorDep,
    services: ServicesDep,
    since: Annotated[Instant | None, Query(description="筛出时间，缺省为 365 天前")] = None,
    until: Annotated[Instant | None, Query(description="筛出时间，缺省为现在")] = None,
) -> ScreeningStatistics:
    """Hits per rule, the share that became clues, and how old the oldest undecided one is."""
    ends_at = until or services.now()
    return await counted(services, actor, since=since or ends_at - timedelta(days=365), until=ends_at)


@router.get("/hits/{hit_no}", summary="一项筛查结果及其依据", responses=responses(404))
async def one(hit_no: HitNoPath, actor: ActorDep, officer: OfficerDep, services: ServicesDep) -> HitDetail:
    """A hit, the facts that show it, and everything that was decided on it."""
    asks = officer if actor.role is Role.DISCIPLINE else None
    return await one_hit(services, actor, HitNo(hit_no), asks)


@router.post(
    "/hits/{hit_no}/clue",
    summary="筛查结果转问题线索",
    responses=responses(404, 409),
    openapi_extra=as_body(_CLUE),
)
async def clue(
    hit_no: HitNoPath,
    body: HitClue,
    address: AddressDep,
    actor: ActorDep,
    officer: OfficerDep,
    services: ServicesDep,
) -> HitDetail:
    """Register an accountability file from it, once; its limits run from here."""
    decision = Decision(HitNo(hit_no), HitRuling.CLUE, body.reason, address, body.units)
    return await decide_on_hit(services, actor, officer, decision)


@router.post(
    "/hits/{hit_no}/dismiss",
    summary="排除筛查结果",
    responses=responses(404, 409),
    openapi_extra=as_body(_REASON),
)
async def dismiss(
    hit_no: HitNoPath,
    body: HitReason,
    address: AddressDep,
    actor: ActorDep,
    officer: OfficerDep,
    services: ServicesDep,
) -> HitDetail:
    """Find that there is nothing in it, with the reason; another officer may look again."""
    decision = Decision(HitNo(hit_no), HitRuling.DISMISSED, body.reason, address)
    return await decide_on_hit(services, actor, officer, decision)


@router.post(
    "/hits/{hit_no}/reopen",
    summary="复核重启已排除的筛查结果（另一名干部）",
    responses=responses(404, 409),
    openapi_extra=as_body(_REASON),
)
async def reopen(
    hit_no: HitNoPath,
    body: HitReason,
    address: AddressDep,
    actor: ActorDep,
    officer: OfficerDep,
    services: ServicesDep,
) -> HitDetail:
    """A second opinion: bring back what another officer has dismissed."""
    decision = Decision(HitNo(hit_no), HitRuling.REOPENED, body.reason, address)
    return await decide_on_hit(services, actor, officer, decision)

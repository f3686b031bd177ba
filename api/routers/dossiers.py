"""Accountability files (案卷): clues, lists, the whole file, its ledger, the people and their records."""

from datetime import date, timedelta
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api.deps import ActorDep, IdempotencyKey, ServicesDep
from api.dossier_desk import Clue, raise_clue
from api.dossier_examples import CLUE, PERSON
from api.dossier_forms import clue_form
from api.dossier_reading import (
    accused_page,
    dossier_facts,
    dossier_page,
    dossier_view,
    period_page,
    person_record,
)
from api.dossier_statistics import Counting, DossierStatistics, SplitBy, dossier_statistics
from api.dossier_statistics import counted_files as files_of_figure
from api.dossier_views import (
    AccusedPage,
    ClueView,
    DossierFactPage,
    DossierPageView,
    DossierView,
    PeriodPage,
    PersonView,
    RecordView,
)
from api.errors import responses
from api.examples import as_body
from api.officers import OfficerDep
from api.parts import Operations
from hotline.accountability.policy import day_of
from hotline.accountability.secrecy import unseen
from hotline.accountability.vocabulary import ClueSource, DossierStage, Figure
from hotline.identifiers import CaseNo, DossierNo, PersonId, UnitCode, is_dossier_no
from hotline.model import Instant
from store.accused import enter_person
from store.dossiers import DossierFilters, number_of

router = Operations(tags=["dossiers"], prefix="/accountability", responses=responses(401, 403))


async def _dossier_no(
    officer: OfficerDep,
    services: ServicesDep,
    dossier_no: Annotated[
        str, Path(description="案卷编号，或者工单和审计日志所用的案卷标识", examples=["WZ2026000001"])
    ],
) -> DossierNo:
    """The number, also by the file's reference. What is neither is no file at all; nobody but an officer is told so much."""
    if is_dossier_no(dossier_no):
        return DossierNo(dossier_no)
    async with services.database.read() as session:
        number = await number_of(session, dossier_no, officer)
    if number is None:
        raise unseen()
    return number


DossierNoDep = Annotated[DossierNo, Depends(_dossier_no)]


async def _counting(
    services: ServicesDep,
    since: Annotated[Instant | None, Query(description="起始时间，缺省为 365 天前")] = None,
    until: Annotated[Instant | None, Query(description="截止时间，缺省为现在")] = None,
    figure: Annotated[Figure | None, Query(description="统计项目")] = None,
    code: Annotated[str | None, Query(max_length=60, description="项目代码")] = None,
    month: Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}$", description="月份")] = None,
    group: Annotated[
        str | None, Query(max_length=64, description="派驻纪检监察组；`-` 为不由一个派驻组负责")
    ] = None,
) -> Counting:
    ends_at = until or services.now()
    return Counting(since or ends_at - timedelta(days=365), ends_at, figure, code, month, group)


CountingDep = Annotated[Counting, Depends(_counting)]


OnDay = Annotated[date | None, Query(description="所查之日，默认今天")]


class NewPerson(BaseModel):
    """Who a file is to be about."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: str = Field(min_length=1, max_length=80, repr=False, description="姓名")
    identity: str | None = Field(
        default=None,
        pattern=r"^[0-9A-Za-z]{6,32}$",
        repr=False,
        description="身份证件号码；同一号码在各案卷中为同一人，只保存密钥摘要",
    )


@router.post(
    "/dossiers",
    status_code=201,
    summary="登记问题线索",
    openapi_extra=as_body(CLUE),
)
async def register(
    clue: clue_form(),  # type: ignore[valid-type]  # the form is made at run time
    actor: ActorDep,
    officer: OfficerDep,
    services: ServicesDep,
    key: IdempotencyKey = None,
) -> ClueView:
    """From cases or without one; the file has its number at once, and limits run from here."""
    raised = Clue(form=clue, officer=officer, key=key or uuid4().hex, actor=actor)
    return ClueView.of(await raise_clue(services, raised))


@router.get("/dossiers", summary="案卷列表")
async def every(
    officer: OfficerDep,
    services: ServicesDep,
    stage: Annotated[DossierStage | None, Query(description="阶段")] = None,
    source: Annotated[ClueSource | None, Query(description="线索来源")] = None,
    unit: Annotated[str | None, Query(pattern=r"^[\w.-]{1,64}$", description="被反映单位")] = None,
    case_no: Annotated[str | None, Query(pattern=r"^[0-9]{18}$", description="来源工单")] = None,
    due_before: Annotated[Instant | None, Query(description="最近时限早于此刻")] = None,
    open: Annotated[bool | None, Query(description="是否尚未结案")] = None,  # noqa: A002  as the cases' list has it
    yours: Annotated[bool, Query(description="只列待我审批的")] = False,
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="每页条数")] = 50,
) -> DossierPageView:
    """What you may know of, the newest first, with what waits for your approval."""
    filters = DossierFilters(
        stage=stage,
        source=source,
        unit=UnitCode(unit) if unit else None,
        case_no=CaseNo(case_no) if case_no else None,
        due_before=due_before,
        is_open=open,
        awaits=officer if yours else None,
    )
    return await dossier_page(services, officer, filters, cursor=cursor, limit=limit)


@router.get("/dossiers/{dossier_no}", summary="案卷", responses=responses(404))
async def one(
    dossier_no: DossierNoDep, actor: ActorDep, officer: OfficerDep, services: ServicesDep
) -> DossierView:
    """State, texts, explained limits, and what you may do next; each reading is recorded."""
    return await dossier_view(services, actor, officer, dossier_no)


@router.get("/dossiers/{dossier_no}/facts", summary="案卷台账", responses=responses(404))
async def facts(
    dossier_no: DossierNoDep, actor: ActorDep, officer: OfficerDep, services: ServicesDep
) -> DossierFactPage:
    """Everything that was decided, in order; each reading is recorded."""
    return await dossier_facts(services, actor, officer, dossier_no)


@router.get("/statistics", summary="问责统计")
async def statistics(
    officer: OfficerDep,
    services: ServicesDep,
    counting: CountingDep,
    by: Annotated[SplitBy | None, Query(description="另按月份或者派驻组分列")] = None,
) -> DossierStatistics:
    """Sources, disposals, the four forms 四种形态, families, measures and 容错, of the files you may know of."""
    return await dossier_statistics(services, officer, counting, by)


@router.get("/statistics/files", summary="统计数字所含案卷")
async def counted_files(
    officer: OfficerDep,
    services: ServicesDep,
    counting: CountingDep,
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="每页条数")] = 50,
) -> DossierPageView:
    """The files that a figure counts: ask with what its line says."""
    return await files_of_figure(services, officer, counting, cursor=cursor, limit=limit)


@router.get("/periods", summary="影响期")
async def periods(
    actor: ActorDep,
    officer: OfficerDep,
    services: ServicesDep,
    on: OnDay = None,
    running: Annotated[bool | None, Query(description="所查之日尚未期满，或者已经期满；缺省为全部")] = None,
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="每页条数")] = 50,
) -> PeriodPage:
    """Periods of effect of what you may know of, what ends next first; recorded."""
    return await period_page(
        services, actor, officer, on or day_of(services.now()), running=running, cursor=cursor, limit=limit
    )


@router.get("/persons", summary="被反映人")
async def persons(
    actor: ActorDep,
    officer: OfficerDep,
    services: ServicesDep,
    on: OnDay = None,
    unit: Annotated[str | None, Query(pattern=r"^[\w.-]{1,64}$", description="当时所在单位")] = None,
    cursor: Annotated[str | None, Query(max_length=400, description="上一页的 `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="每页条数")] = 50,
) -> AccusedPage:
    """Everybody whom files are about that you may know of, the last named first; recorded."""
    day = on or day_of(services.now())
    of_unit = UnitCode(unit) if unit else None
    return await accused_page(services, actor, officer, day, unit=of_unit, cursor=cursor, limit=limit)


@router.post("/persons", status_code=201, summary="登记被反映人", openapi_extra=as_body(PERSON))
async def enter(
    body: NewPerson,
    officer: OfficerDep,  # noqa: ARG001  it lets in whom api/access.py names
    services: ServicesDep,
) -> PersonView:
    """An id for a person, to be used in files; whoever has an identity number has one id for life."""
    async with services.database.write() as session:
        person = await enter_person(
            session, services.keyring, name=body.name, identity=body.identity, at=services.now()
        )
    return PersonView(person=person)


@router.get("/persons/{person}/record", summary="个人问责记录")
async def record(
    person: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{4,64}$", description="被反映人编号")],
    actor: ActorDep,
    officer: OfficerDep,
    services: ServicesDep,
    on: OnDay = None,
) -> RecordView:
    """What was decided across jobs, and whether anything bars promotion on a day (影响期); recorded."""
    day = on or day_of(services.now())
    return await person_record(services, actor, officer, PersonId(person), day)

"""Evidence (存证): the export of a case's ledger, the anchors over all of them, and the audit trail."""

from typing import Annotated

from fastapi import Query
from fastapi.responses import Response

from api.deps import ActorDep, CaseNoDep, ServicesDep
from api.errors import not_found, responses
from api.evidence_views import AnchorPage, AnchorView, KeysView, TrailPage, TrailVerdict, TrailView
from api.parts import Operations
from api.sight import visible_case
from hotline.identifiers import CaseNo, UserId
from hotline.model import Instant
from hotline.proof.export import Export
from hotline.vocabulary import TrailEvent
from store import trail
from store.anchors import newest_anchors
from store.export import export_case

router = Operations()

Limit = Annotated[int, Query(ge=1, le=500, description="每页条数")]
Before = Annotated[int | None, Query(ge=1, le=2**62, description="早于此序号，即上一页的 `next_before`")]


@router.get(
    "/cases/{case_no}/ledger",
    tags=["ledger"],
    summary="导出台账",
    response_model=Export,
    responses=responses(401, 403, 404),
)
async def export(case_no: CaseNoDep, actor: ActorDep, services: ServicesDep) -> Response:
    """One file that proves itself offline with `hotline ledger verify`; the export is recorded in the trail."""
    async with services.database.write() as session:
        await visible_case(session, actor, case_no)
        exported = await export_case(session, services.signing, case_no, at=services.now(), actor=actor)
    if exported is None:
        raise not_found()
    return Response(
        exported.model_dump_json(indent=1),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="ledger-{case_no}.json"'},
    )


@router.get("/ledger/anchors", tags=["ledger"], summary="台账锚定", responses=responses(401, 403))
async def anchors(
    _: ActorDep, services: ServicesDep, before: Before = None, limit: Limit = 100
) -> AnchorPage:
    """The signed chain under which all ledgers stand, newest first."""
    async with services.database.read() as session:
        found = await newest_anchors(session, before=before, limit=limit)
    last = found[-1].number if len(found) == limit else None
    return AnchorPage(items=[AnchorView.of(anchor) for anchor in found], next_before=last)


@router.get("/ledger/keys", tags=["ledger"], summary="验真公钥", responses=responses(401))
async def keys(_: ActorDep, services: ServicesDep) -> KeysView:
    """The public keys with which an export is verified; publish them where nobody of the hotline can change them."""
    return KeysView.of(services.signing.key_id, services.signing.public_keys)


@router.get("/trail", tags=["trail"], summary="安全审计日志", responses=responses(401, 403))
async def entries(
    _: ActorDep,
    services: ServicesDep,
    event: Annotated[TrailEvent | None, Query(description="事件")] = None,
    actor: Annotated[str | None, Query(max_length=64, description="操作人账号")] = None,
    case_no: Annotated[str | None, Query(pattern=r"^[0-9]{18}$", description="工单编号")] = None,
    since: Annotated[Instant | None, Query(description="不早于此刻")] = None,
    until: Annotated[Instant | None, Query(description="早于此刻")] = None,
    before: Before = None,
    limit: Limit = 100,
) -> TrailPage:
    """What was done with the system and with what it keeps secret, newest first."""
    filters = trail.TrailFilters(
        event=event,
        actor_id=UserId(actor) if actor else None,
        case_no=CaseNo(case_no) if case_no else None,
        since=since,
        until=until,
    )
    async with services.database.read() as session:
        found = await trail.entries(session, filters, before=before, limit=limit)
    last = found[-1].seq if len(found) == limit else None
    return TrailPage(items=[TrailView.of(line) for line in found], next_before=last)


@router.get("/trail/verify", tags=["trail"], summary="核对审计日志", responses=responses(401, 403))
async def verify(_: ActorDep, services: ServicesDep) -> TrailVerdict:
    """Walk the whole chain and name the first entry that was altered, removed or put elsewhere."""
    async with services.database.read(snapshot=True) as session:
        broken = await trail.verify_trail(session)
        head = await trail.head(session)
    return TrailVerdict.of(head, broken)

"""Evidence files (证据附件): upload, list and download, for who may see the case."""

import asyncio
from base64 import b64encode
from typing import Annotated, Any, Final, Literal

from fastapi import Path, Query, Request
from fastapi.responses import Response

from api.deps import ActorDep, CaseNoDep, ServicesDep
from api.errors import ApiError, responses
from api.evidence_views import EvidenceList, EvidenceView
from api.gateway import CaseArchived
from api.media import extension_of, is_image, public_copy
from api.parts import Operations
from api.services import Services
from api.sight import visible_case
from api.uploads import fetched, keep, received
from hotline.case import Actor, CaseState
from hotline.refusals import GuardFailed, NotPermitted
from hotline.roles import UNIT_ROLES, Scope, in_scope
from hotline.secrecy import reads_redacted
from hotline.vocabulary import EvidenceKind, Status, TrailEvent
from store.evidence import EvidenceFile, open_evidence
from store.trail import TrailEntry, record

router = Operations(tags=["evidence"])

_FORM: Final[dict[str, Any]] = {  # OpenAPI, as it is written
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "example": {
                    "file": "（文件内容）",
                    "kind": "handling",
                    "made_at": "2026-11-20T10:30:00+08:00",
                },
                "schema": {
                    "type": "object",
                    "required": ["file", "kind"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "附件"},
                        "kind": {
                            "type": "string",
                            "enum": [kind.value for kind in EvidenceKind],
                            "description": "证明什么",
                        },
                        "made_at": {
                            "type": "string",
                            "format": "date-time",
                            "description": "形成时间；图片自带拍摄时间的，以自带的为准",
                        },
                    },
                },
            }
        },
    }
}
_BYTES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
# Even a browser that is led to open a file runs nothing in it.
_INERT: Final = {"Content-Security-Policy": "sandbox; default-src 'none'"}

EvidenceId = Annotated[str, Path(pattern=r"^[\w.-]{1,64}$", description="附件编号")]


@router.post(
    "/cases/{case_no}/evidence",
    status_code=201,
    summary="上传附件",
    responses=responses(401, 403, 404, 409, 413),
    openapi_extra=_FORM,
)
async def upload(
    case_no: CaseNoDep, actor: ActorDep, services: ServicesDep, request: Request
) -> EvidenceView:
    """Store a file as evidence of a case; its id goes into the `evidence` of a command. Twice the same is once."""
    async with services.database.read() as session:
        state = await visible_case(session, actor, case_no)
    if not in_scope(actor, state, Scope.INVOLVED):  # A district looks on at its street's case.
        raise NotPermitted("out_of_scope", "不是本单位承办的工单", rule="domain.md §12 rule 6")
    if state.status is Status.ARCHIVED:
        raise CaseArchived(case_no)
    sent = await received(request, max_bytes=services.settings.evidence_max_bytes)
    return EvidenceView.of(await keep(services, case_no, actor, sent), None)


@router.get("/cases/{case_no}/evidence", summary="附件列表", responses=responses(401, 404))
async def listed(case_no: CaseNoDep, actor: ActorDep, services: ServicesDep) -> EvidenceList:
    """Every file of a case; what a camera wrote into it, such as the place, is for the hotline's staff."""
    async with services.database.read() as session:
        state = await visible_case(session, actor, case_no)
        files = await open_evidence(session, services.keyring, case_no)
    may_know = actor.role not in UNIT_ROLES and not _is_shielded(actor, state)
    return EvidenceList(items=[EvidenceView.of(file, sealed if may_know else None) for file, sealed in files])


@router.get(
    "/cases/{case_no}/evidence/{evidence_id}",
    summary="下载附件",
    response_class=Response,
    responses=responses(401, 404, 409, 410) | _BYTES,
)
async def download(
    case_no: CaseNoDep,
    evidence_id: EvidenceId,
    actor: ActorDep,
    services: ServicesDep,
    copy: Annotated[
        Literal["public"] | None, Query(description="`public`：去除拍摄时间、地点、设备等信息的图片副本")
    ] = None,
) -> Response:
    """A file whose hash still holds, as an attachment; of a secret case the download is recorded in the trail."""
    async with services.database.read() as session:
        state = await visible_case(session, actor, case_no)
        found = await open_evidence(session, services.keyring, case_no, evidence_id)
    if not found:
        raise ApiError(404, "evidence_not_found", "没有找到该附件")
    ((file, sealed),) = found
    if sealed is None:
        raise ApiError(410, "evidence_erased", "附件已按规定删除")
    content = await fetched(services, file, sealed)
    if is_image(file.media_type) and _is_shielded(actor, state) and file.uploaded_unit != actor.unit:
        # A citizen's telephone writes down where they live; what a unit brought itself it knows.
        copy = "public"
    if copy:
        if not is_image(file.media_type):
            raise GuardFailed("no_public_copy", "只有图片可以生成公开副本", field="copy")
        content = await asyncio.to_thread(public_copy, content, file.media_type)
    if state.secret:
        await _record(services, actor, file, copy)
    return _answer(file, content, copy)


def _is_shielded(actor: Actor, state: CaseState) -> bool:
    """Whether this reader must not learn who called, from nothing (domain.md §12 rule 5)."""
    return state.secret and reads_redacted(actor.role)


async def _record(services: Services, actor: Actor, file: EvidenceFile, copy: str | None) -> None:
    """Before the first byte is sent: what cannot be recorded is not given."""
    entry = TrailEntry(
        at=services.now(),
        event=TrailEvent.EVIDENCE_DOWNLOADED,
        actor=actor,
        case_no=file.case_no,
        subject=file.evidence_id,
        detail={"copy": copy or "original"},
    )
    async with services.database.write() as session:
        await record(session, entry)


def _answer(file: EvidenceFile, content: bytes, copy: str | None) -> Response:
    name = f"{file.evidence_id}{'-public' if copy else ''}.{extension_of(file.media_type)}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **_INERT}
    if not copy:
        headers["Repr-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(file.sha256)).decode()}:"
    return Response(content, media_type=file.media_type, headers=headers)

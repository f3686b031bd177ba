"""Evidence files on their way (附件收发): from a form in a request to sealed bytes in the store, and back.

Nothing is read before the caller is known and may see the case; a file is held in memory alone until it is
sealed; and what comes back from the store is served only after all of it has proved to be what was stored.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from api.body import too_large
from api.errors import ApiError
from api.media import Media, examine
from api.services import Services
from hotline.case import Actor
from hotline.identifiers import CaseNo
from hotline.model import Instant
from hotline.refusals import GuardFailed, LimitReached
from hotline.vocabulary import EvidenceKind
from runtime.objects import (
    ObjectAltered,
    ObjectMissing,
    ObjectStoreFailure,
    ObjectStoreUnavailable,
    StoredObject,
)
from store.evidence import (
    EvidenceFile,
    Sealed,
    add_evidence,
    evidence_id,
    evidence_of,
    uploaded_by,
)

MAX_FILES: Final = 200
"""Of one case. The longest of a year's cases has some forty pictures; more is a mistake or an attack."""

_log = structlog.get_logger(__name__)


class UploadForm(BaseModel):
    """What is said of a file beside its content."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: EvidenceKind
    made_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent, and what was said of it."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)
    form: UploadForm


class _InMemory(MultiPartParser):
    """Never writes a file to disk, where it would lie in the clear; the body's limit bounds it."""

    spool_max_size = 2**40


async def received(request: Request, *, max_bytes: int) -> Upload:
    """Read the multipart form of a request. GuardFailed: it is none, or has not one file; 413: it is too large."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise GuardFailed("multipart_needed", "须以 multipart/form-data 上传附件", field="file")
    try:
        parser = _InMemory(request.headers, request.stream(), max_files=1, max_fields=8, max_part_size=1000)
        parts = await parser.parse()
    except MultiPartException as error:
        raise GuardFailed("multipart_malformed", "上传的表单有误", field="file") from error
    try:
        file = parts.get("file")
        if not isinstance(file, UploadFile):
            raise GuardFailed("file_missing", "未上传附件", field="file")
        content = await file.read()
        if len(content) > max_bytes:
            raise too_large()
        said = {name: value for name, value in parts.multi_items() if name != "file"}
        return Upload(name=file.filename or "", content=content, form=_form(said))
    finally:
        await parts.close()


def _form(said: dict[str, UploadFile | str]) -> UploadForm:
    try:
        return UploadForm.model_validate(said)
    except ValidationError as error:
        found = [{**entry, "loc": ("body", *entry["loc"])} for entry in error.errors(include_input=False)]
        raise RequestValidationError(found) from error


async def keep(services: Services, case_no: CaseNo, actor: Actor, upload: Upload) -> EvidenceFile:
    """Examine, seal and store a file; the same file of the same case is stored once."""
    media = await asyncio.to_thread(examine, upload.content, upload.name)
    digest = sha256(upload.content).hexdigest()
    reference = evidence_id(case_no, upload.form.kind, digest)
    async with services.database.read() as session:
        files = await evidence_of(session, case_no)
    if known := next((file for file in files if file.evidence_id == reference), None):
        return known
    if len(files) >= MAX_FILES:
        raise LimitReached("evidence_limit", f"一件工单至多 {MAX_FILES} 个附件", field="file")
    now = services.now()
    made_at, source = _made_at(media, upload.form, now)
    file = EvidenceFile(
        evidence_id=reference,
        case_no=case_no,
        kind=upload.form.kind,
        made_at=made_at,
        made_at_source=source,
        media_type=media.media_type,
        size=len(upload.content),
        sha256=digest,
        uploaded_at=now,
        **uploaded_by(actor),
    )
    return await _store(services, file, upload, media)


async def _store(services: Services, file: EvidenceFile, upload: Upload, media: Media) -> EvidenceFile:
    """Bytes first, then the row: a row without bytes would be evidence that nobody can show."""
    stored = await _put(services, file.case_no, upload.content)
    sealed = Sealed(
        object_name=stored.name, object_key=stored.key, name=upload.name[:200], metadata=media.metadata
    )
    is_new = False
    try:
        async with services.database.write() as session:
            is_new = await add_evidence(session, services.keyring, file, sealed)
            (kept,) = [
                known
                for known in await evidence_of(session, file.case_no)
                if known.evidence_id == file.evidence_id
            ]
    finally:
        if not is_new:
            await _discard(services, stored)
    return kept


def _made_at(media: Media, form: UploadForm, now: datetime) -> tuple[datetime, str]:
    """When evidence was made: by the camera that took it, else as stated, else when it came (rule 17).

    A camera whose clock is ahead of ours is not believed.
    """
    if media.taken_at is not None and media.taken_at <= now:
        return media.taken_at, "camera"
    if form.made_at is not None:
        return form.made_at, "stated"
    return now, "received"


async def fetched(services: Services, file: EvidenceFile, sealed: Sealed) -> bytes:
    """The bytes of a file, if they are what its row says. ApiError: gone, altered, or the store is away."""
    stored = StoredObject(sealed.object_name, sealed.object_key)
    try:
        content = await services.objects.get(stored)
    except ObjectMissing:
        _log.critical("evidence.missing", evidence_id=file.evidence_id)
        raise ApiError(409, "evidence_missing", "附件原件已丢失，请报告系统管理员") from None
    except ObjectAltered:
        raise _altered(file) from None
    except ObjectStoreUnavailable as error:
        raise _away() from error
    if sha256(content).hexdigest() != file.sha256:
        raise _altered(file)
    return content


def _altered(file: EvidenceFile) -> ApiError:
    _log.critical("evidence.altered", evidence_id=file.evidence_id)
    return ApiError(409, "evidence_altered", "附件与登记的哈希值不符，已停止提供，请报告系统管理员")


async def _put(services: Services, case_no: CaseNo, content: bytes) -> StoredObject:
    try:
        return await services.objects.put(case_no, content)
    except ObjectStoreUnavailable as error:
        raise _away() from error


async def _discard(services: Services, stored: StoredObject) -> None:
    try:
        await services.objects.remove(stored)
    except ObjectStoreFailure:
        # It is sealed under a key that nobody kept: litter, but no secret.
        _log.warning("evidence.litter", object_name=stored.name)


def _away() -> ApiError:
    return ApiError(
        503, "evidence_store_unavailable", "附件存储暂不可用，请稍后重试", headers={"Retry-After": "2"}
    )

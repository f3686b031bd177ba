"""Opening sealed data (开启密件): who called in secret, for a reason, and never without a trace.

The data leaves only after the entry that says so is committed: no entry, no data. It needs PostgreSQL alone, so
a citizen can be called back about an archived case and while the engine is away.
"""

from typing import Final
from uuid import uuid4

from api.errors import caller_erased, not_found
from api.schemas import OpenedCallerView, OpeningPage, OpeningView
from api.services import Services
from api.sight import EVERY_CASE, scope_of
from hotline.case import Actor, TextRef
from hotline.identifiers import CaseNo, TextId
from hotline.vocabulary import TrailEvent
from store.cases import state_of
from store.engine import ReadSession
from store.intake import registration_of
from store.trail import TrailEntry, TrailFilters, TrailLine, entries, record
from store.vault import Caller, caller_hash, read_caller, read_texts, store_text

_PURPOSE: Final = "opening_reason"


async def open_caller(
    services: Services, actor: Actor, case_no: CaseNo, reason: str, *, address: str | None
) -> OpenedCallerView:
    """Open who called, and record it in the same transaction."""
    at, cipher = services.now(), services.keyring
    async with services.database.write() as session:
        await _require_visible(session, actor, case_no)
        caller = await read_caller(session, cipher, case_no)
        if caller is None:
            raise caller_erased()
        text_id = TextId(uuid4().hex)
        ref = await store_text(
            session,
            cipher,
            text_id=text_id,
            case_no=case_no,
            purpose=_PURPOSE,
            text=reason,
            at=at,
            used=True,
        )
        entry = await record(
            session,
            TrailEntry(
                at=at,
                event=TrailEvent.CALLER_OPENED,
                actor=actor,
                case_no=case_no,
                address=address,
                detail={"fields": [*_fields(caller)], "reason": ref.model_dump()},
            ),
        )
    return OpenedCallerView(
        case_no=case_no,
        entry=entry,
        opened_at=at,
        name=caller.name,
        phone=caller.phone,
        address=caller.address,
        hash=caller_hash(cipher, caller.phone),
    )


async def openings(
    services: Services, filters: TrailFilters, *, before: int | None, limit: int
) -> OpeningPage:
    """What was opened, newest first, with the reasons that were given."""
    wanted = filters.model_copy(update={"event": TrailEvent.CALLER_OPENED})
    async with services.database.read() as session:
        lines = await entries(session, wanted, before=before, limit=limit)
        reasons = await read_texts(session, services.keyring, map(_reason, lines))
    items = [_view(line, reasons[_reason(line).text_id]) for line in lines]
    return OpeningPage(items=items, next_before=lines[-1].seq if len(lines) == limit else None)


async def _require_visible(session: ReadSession, actor: Actor, case_no: CaseNo) -> None:
    """A case that the engine has yet to take on has no row to scope; those who may open see every such case."""
    if await state_of(session, scope_of(actor), case_no) is not None:
        return
    # Who may not see a case must not reach it by this door: only one without any row is on its way.
    if await state_of(session, EVERY_CASE, case_no) or not await registration_of(session, case_no):
        raise not_found()


def _fields(caller: Caller) -> list[str]:
    return [name for name in ("name", "phone", "address") if getattr(caller, name)]


def _reason(line: TrailLine) -> TextRef:
    return TextRef.model_validate(line.detail["reason"])


def _view(line: TrailLine, reason: str) -> OpeningView:
    fields = line.detail["fields"]
    assert line.actor is not None
    assert isinstance(fields, list)
    return OpeningView(
        entry=line.seq,
        at=line.at,
        case_no=line.case_no or "",
        actor=line.actor,
        fields=[str(name) for name in fields],
        reason=reason,
        address=line.address,
    )

"""The knowledge base (知识库): the entries with how units keep them, one entry with its versions, and its forms."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from api.address import AddressDep
from api.knowledge import (
    ConfirmationForm,
    KnowledgeForm,
    KnowledgePage,
    KnowledgeView,
    RevisionView,
    UpkeepBoard,
)
from api.parts import Part
from api.routers import knowledge
from api.routers.knowledge import Number, listed, one, upkeep
from console import sheets
from console.asked import Asked
from console.forms import Catalogue, How, Option, Widget
from console.links import to
from console.pages.catalogue import matters_offered
from console.rendering import instant
from console.speaking import marked as _
from console.visit import Here, Visit
from hotline.identifiers import HOTLINE
from hotline.model import Instant
from hotline.roles import UNIT_ROLES

router = Part()

_WRITE: Final = "编写知识"
_REVISE: Final = "修订知识"
_CONFIRM: Final = "确认有效"
_WITHDRAW: Final = "下架知识"

_CATEGORY: Final = _("与工单的事项分类写法一致，登记时选了该分类即优先显示")
_Form = TypeVar("_Form", bound=BaseModel)
Entry = Annotated[KnowledgeView, Depends(one)]


@router.get("/knowledge", operation_id="knowledge_listed")
async def shown(
    visit: Here,
    page: Annotated[KnowledgePage, Depends(listed)],
    board: Annotated[UpkeepBoard, Depends(upkeep)],
) -> HTMLResponse:
    """The entries, and how each unit keeps its own; every number leads to the entries that it counts."""
    return visit.page(
        "knowledge_parts.html" if visit.is_part else "knowledge.html",
        page=page,
        board=board,
        asked=Asked(visit.request.query_params),
        more=visit.request.url.include_query_params(cursor=page.next_cursor).query,
        units=await visit.unit_names(),
        own=visit.actor.unit if visit.actor.role in UNIT_ROLES else None,
        to=to,
    )


@router.get("/knowledge/new", operation_id="knowledge_write")
async def ask_for_new(visit: Here) -> HTMLResponse:
    """An empty form; a unit's people write for their unit."""
    return sheets.ask(visit, await _writing(visit))


@router.post("/knowledge/new", operation_id="knowledge_write")
async def write(visit: Here, address: AddressDep) -> HTMLResponse:
    """Add the entry and go on to its page."""

    async def written(sent: sheets.Sent[KnowledgeForm]) -> HTMLResponse:
        made = await knowledge.write(sent.form, visit.principal, visit.services, address, sent.key)
        return sheets.gone_to(f"/knowledge/{made.number}")

    return await sheets.take(visit, await _writing(visit), written)


async def _writing(visit: Visit) -> sheets.Sheet[KnowledgeForm]:
    return sheets.Sheet(
        "/knowledge/new",
        _WRITE,
        KnowledgeForm,
        catalogue=await _catalogue(visit),
        given={"unit": visit.actor.unit} | dict(visit.request.query_params),
        how=await _how(visit),
    )


@router.get("/knowledge/{number}", operation_id="knowledge_one")
async def one_entry(visit: Here, entry: Entry, at: Instant | None = None) -> HTMLResponse:
    """One entry, every version that it had, and what was answered from it; with `at` the version of that moment."""
    return visit.page(
        "knowledge_entry_parts.html" if visit.is_part else "knowledge_entry.html",
        entry=entry,
        told=_version_at(entry, at) if at else None,
        units=await visit.unit_names(),
        to=to,
    )


def _version_at(entry: KnowledgeView, at: datetime) -> RevisionView | None:
    return next((version for version in entry.versions if version.at <= at), None)


@router.get("/knowledge/{number}/revise", operation_id="knowledge_revise")
async def ask_to_revise(visit: Here, entry: Entry) -> HTMLResponse:
    """The form as the entry is now."""
    return sheets.ask(visit, await _revising(visit, entry))


@router.post("/knowledge/{number}/revise", operation_id="knowledge_revise")
async def revise(visit: Here, number: Number, entry: Entry, address: AddressDep) -> HTMLResponse:
    """Let the entry say something else from now on, unless somebody else was first."""

    async def revised(sent: sheets.Sent[KnowledgeForm]) -> HTMLResponse:
        await knowledge.revise(
            number, sent.form, visit.principal, visit.services, address, sent.seen, sent.key
        )
        return sheets.done(visit, _REVISE)

    return await sheets.take(visit, await _revising(visit, entry), revised)


async def _revising(visit: Visit, entry: KnowledgeView) -> sheets.Sheet[KnowledgeForm]:
    known = entry.model_dump(include=set(KnowledgeForm.model_fields))
    catalogue, how = await _catalogue(visit), await _how(visit)
    return _sheet(visit, entry, "revise", _REVISE, KnowledgeForm, given=known, catalogue=catalogue, how=how)


@router.get("/knowledge/{number}/confirm", operation_id="knowledge_confirm")
async def ask_to_confirm(visit: Here, entry: Entry) -> HTMLResponse:
    """Until when the entry holds from now on."""
    return sheets.ask(visit, _confirming(visit, entry))


@router.post("/knowledge/{number}/confirm", operation_id="knowledge_confirm")
async def confirm(visit: Here, number: Number, entry: Entry, address: AddressDep) -> HTMLResponse:
    """Vouch for the entry as it stands."""

    async def confirmed(sent: sheets.Sent[ConfirmationForm]) -> HTMLResponse:
        await knowledge.confirm(
            number, sent.form, visit.principal, visit.services, address, sent.seen, sent.key
        )
        return sheets.done(visit, _CONFIRM)

    return await sheets.take(visit, _confirming(visit, entry), confirmed)


def _confirming(visit: Visit, entry: KnowledgeView) -> sheets.Sheet[ConfirmationForm]:
    return _sheet(visit, entry, "confirm", _CONFIRM, ConfirmationForm)


@router.get("/knowledge/{number}/withdraw", operation_id="knowledge_withdraw")
async def ask_to_withdraw(visit: Here, entry: Entry) -> HTMLResponse:
    """Whether the entry is to go out of use."""
    return sheets.ask(visit, _withdrawing(visit, entry))


@router.post("/knowledge/{number}/withdraw", operation_id="knowledge_withdraw")
async def withdraw(visit: Here, number: Number, entry: Entry, address: AddressDep) -> HTMLResponse:
    """Take the entry out of use."""

    async def withdrawn(sent: sheets.Sent[sheets.Confirmation]) -> HTMLResponse:
        await knowledge.withdraw(number, visit.principal, visit.services, address, sent.seen, sent.key)
        return sheets.done(visit, _WITHDRAW)

    return await sheets.take(visit, _withdrawing(visit, entry), withdrawn)


def _withdrawing(visit: Visit, entry: KnowledgeView) -> sheets.Sheet[sheets.Confirmation]:
    note = _("下架后不再供登记时查找，各版本和已答复的记录仍保留。")
    return _sheet(visit, entry, "withdraw", _WITHDRAW, sheets.Confirmation, note=note, is_dangerous=True)


# What else a sheet says is of as many types as it has fields.
def _sheet(
    visit: Visit, entry: KnowledgeView, act: str, term: str, model: type[_Form], **said: Any
) -> sheets.Sheet[_Form]:
    return sheets.Sheet(
        f"/knowledge/{entry.number}/{act}",
        term,
        model,
        entry.number,
        version=entry.version,
        moved_since=_moved(visit, entry.number),
        is_drafted=False,
        **said,
    )


def _moved(visit: Visit, number: str) -> Callable[[int], Awaitable[str | None]]:
    async def moved_since(seen: int) -> str | None:
        now = await one(number, visit.actor, visit.services)
        fresh = [version for version in now.versions if version.version > seen]
        if not fresh:
            return None
        return f"{instant(fresh[-1].at)} {fresh[-1].by} {fresh[-1].act_label}"

    return moved_since


async def _how(visit: Visit) -> How:
    offered = await matters_offered(visit)
    return {
        "answer": {"widget": Widget.TEXT},
        "unit": {"help": ""},
        "category": {**offered["category"], "help": _CATEGORY},
    }


async def _catalogue(visit: Visit) -> Catalogue:
    """The units that somebody writes for: their own, or any."""
    names = await visit.unit_names()
    own = visit.actor.unit if visit.actor.role in UNIT_ROLES else None
    units: list[Option] = [
        (code, f"{name} {code}") for code, name in names.items() if code != HOTLINE and own in {None, code}
    ]
    return Catalogue(units=units)

"""How the system is (系统状况): part by part for who runs it, what was given up, and the warning that nobody serves."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from api.address import AddressDep
from api.routers.notifications import (
    BacklogView,
    DeliveryPage,
    DiscardRequest,
    RetryRequest,
    backlog,
    discard,
    listed,
    retry,
)
from api.routers.system import EngineView, engine, every_part
from api.wellbeing import PartsView
from console.forms import Catalogue, Field, How, Widget, fields_of, fill
from console.sheets import REFUSED, Sheet, done, refused, shown
from console.speaking import marked as _
from console.visit import Here, Visit
from hotline.vocabulary import DeliveryState

router = APIRouter()


@router.get("/unattended", operation_id="system_engine")
async def unattended(visit: Here, seen: Annotated[EngineView, Depends(engine)]) -> HTMLResponse:
    """The warning that every page bears while nobody serves cases; nothing when somebody does."""
    if seen.attended:
        return HTMLResponse()
    return visit.page("components/unattended.html")


@router.get("/admin/health", operation_id="system_every_part")
async def health(
    visit: Here,
    parts: Annotated[PartsView, Depends(every_part)],
    seen: Annotated[EngineView, Depends(engine)],
) -> HTMLResponse:
    """Every part with what was seen, the workers, and for administrators the deliveries that were given up."""
    told: BacklogView | None = None
    failed: DeliveryPage | None = None
    if visit.may("notifications_listed"):
        told = await backlog(visit.principal, visit.services)
        failed = await listed(visit.principal, visit.services, DeliveryState.FAILED, limit=20)
    return visit.page(
        "health_parts.html" if visit.is_part else "health.html",
        parts=parts,
        engine=seen,
        backlog=told,
        failed=failed,
    )


@router.get("/admin/deliveries/retry", operation_id="notifications_retry")
async def ask_to_retry(visit: Here) -> HTMLResponse:
    """Which channel."""
    return shown(visit, _retry(fields_of(RetryRequest, Catalogue(), how=_channels(visit))))


@router.post("/admin/deliveries/retry", operation_id="notifications_retry")
async def try_again(visit: Here, request: Request, address: AddressDep) -> HTMLResponse:
    """Try again what was given up."""
    filled = fill(RetryRequest, Catalogue(), await request.form(), _channels(visit))
    if not isinstance(filled.form, RetryRequest):
        return shown(visit, _retry(filled.fields), status=422)
    try:
        changed = await retry(filled.form, visit.principal, visit.services, address)
    except REFUSED as error:
        return refused(visit, _retry(filled.fields), error)
    return done(visit, _("%(count)s 条通知将重新投递"), count=changed.deliveries)


@router.get("/admin/deliveries/discard", operation_id="notifications_discard")
async def ask_to_discard(visit: Here) -> HTMLResponse:
    """Which channel."""
    return shown(visit, _discard(fields_of(DiscardRequest, Catalogue(), how=_channels(visit))))


@router.post("/admin/deliveries/discard", operation_id="notifications_discard")
async def let_rest(visit: Here, request: Request, address: AddressDep) -> HTMLResponse:
    """Let rest what a channel has not delivered."""
    filled = fill(DiscardRequest, Catalogue(), await request.form(), _channels(visit))
    if not isinstance(filled.form, DiscardRequest):
        return shown(visit, _discard(filled.fields), status=422)
    try:
        changed = await discard(filled.form, visit.principal, visit.services, address)
    except REFUSED as error:
        return refused(visit, _discard(filled.fields), error)
    return done(visit, _("%(count)s 条通知不再投递，站内通知不受影响"), count=changed.deliveries)


def _retry(fields: tuple[Field, ...]) -> Sheet:
    return Sheet(_("重新投递"), "/admin/deliveries/retry", fields, button=_("重新投递"))


def _discard(fields: tuple[Field, ...]) -> Sheet:
    return Sheet(_("放弃投递"), "/admin/deliveries/discard", fields, button=_("放弃"), danger=True)


def _channels(visit: Visit) -> How:
    names = [(name, name) for name in visit.services.outside.channels]
    return {
        "channel": {
            "label": _("投递渠道"),
            "widget": Widget.CHOICE,
            "options": names,
            "help": _("不选为全部渠道"),
        }
    }

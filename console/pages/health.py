"""How the system is (系统状况): part by part for who runs it, what was given up, and the warning that nobody serves."""

from typing import Annotated, Final

from fastapi import Depends
from fastapi.responses import HTMLResponse

from api.address import AddressDep
from api.parts import Part
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
from console import sheets
from console.forms import How, Widget
from console.speaking import marked as _
from console.visit import Here, Visit
from hotline.vocabulary import DeliveryState

router = Part()

_RETRY: Final = "重新投递"
_DISCARD: Final = "放弃投递"


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
    return sheets.ask(visit, _retrying(visit))


@router.post("/admin/deliveries/retry", operation_id="notifications_retry")
async def try_again(visit: Here, address: AddressDep) -> HTMLResponse:
    """Try again what was given up."""

    async def retried(sent: sheets.Sent[RetryRequest]) -> HTMLResponse:
        changed = await retry(sent.form, visit.principal, visit.services, address)
        return sheets.done(visit, _RETRY, said=_("%(count)s 条通知将重新投递"), count=changed.deliveries)

    return await sheets.take(visit, _retrying(visit), retried)


def _retrying(visit: Visit) -> sheets.Sheet[RetryRequest]:
    return sheets.Sheet("/admin/deliveries/retry", _RETRY, RetryRequest, how=_channels(visit))


@router.get("/admin/deliveries/discard", operation_id="notifications_discard")
async def ask_to_discard(visit: Here) -> HTMLResponse:
    """Which channel."""
    return sheets.ask(visit, _discarding(visit))


@router.post("/admin/deliveries/discard", operation_id="notifications_discard")
async def let_rest(visit: Here, address: AddressDep) -> HTMLResponse:
    """Let rest what a channel has not delivered."""

    async def discarded(sent: sheets.Sent[DiscardRequest]) -> HTMLResponse:
        changed = await discard(sent.form, visit.principal, visit.services, address)
        said = _("%(count)s 条通知不再投递，站内通知不受影响")
        return sheets.done(visit, _DISCARD, said=said, count=changed.deliveries)

    return await sheets.take(visit, _discarding(visit), discarded)


def _discarding(visit: Visit) -> sheets.Sheet[DiscardRequest]:
    path = "/admin/deliveries/discard"
    return sheets.Sheet(path, _DISCARD, DiscardRequest, how=_channels(visit), is_dangerous=True)


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

"""The audit trail (安全审计日志): who did what to the system and to what it keeps secret, and whether the chain holds."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import Depends, Query
from fastapi.responses import HTMLResponse

from api.evidence_views import AnchorPage, TrailVerdict
from api.parts import Part
from api.routers import ledger
from api.routers.openings import list_openings
from api.schemas import OpeningPage
from console.labels import TRAIL_DETAILS
from console.visit import Here
from hotline.calendar import SHANGHAI
from hotline.vocabulary import Role, TrailEvent

router = Part()

Day = Annotated[date | None, Query()]


@router.get("/audit", operation_id="trail_entries")
async def searched(
    visit: Here,
    event: TrailEvent | None = None,
    actor: Annotated[str | None, Query(max_length=64)] = None,
    case_no: Annotated[str | None, Query(pattern=r"^[0-9]{18}$")] = None,
    since: Day = None,
    until: Day = None,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> HTMLResponse:
    """Entries by who, what, which case and when, days included; the newest first."""
    page = await ledger.entries(
        visit.actor,
        visit.services,
        event=event,
        actor=actor,
        case_no=case_no,
        since=_start(since),
        until=_start(until, later=1),
        before=before,
        limit=100,
    )
    return visit.page(
        "audit.html",
        page=page,
        asked=visit.request.query_params,
        more=visit.request.url.include_query_params(before=page.next_before).query,
        events=list(TrailEvent),
        roles={role.value: role.label for role in Role},
        details=TRAIL_DETAILS,
        units=await visit.unit_names(),
    )


def _start(day: date | None, *, later: int = 0) -> datetime | None:
    """When a day begins that somebody chose in a browser, on Shanghai's clock."""
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=later), time(), SHANGHAI).astimezone(UTC)


@router.get("/audit/verify", operation_id="trail_verify")
async def verified(visit: Here, verdict: Annotated[TrailVerdict, Depends(ledger.verify)]) -> HTMLResponse:
    """What came of walking the whole chain."""
    return visit.page("components/verdict.html", verdict=verdict)


@router.get("/audit/anchors", operation_id="ledger_anchors")
async def anchored(visit: Here, page: Annotated[AnchorPage, Depends(ledger.anchors)]) -> HTMLResponse:
    """The signed chain under which all ledgers stand, with the keys that it is verified with."""
    return visit.page(
        "anchors.html",
        page=page,
        keys=await ledger.keys(visit.actor, visit.services),
        more=visit.request.url.include_query_params(before=page.next_before).query,
    )


@router.get("/audit/openings", operation_id="openings_list_openings")
async def opened(visit: Here, page: Annotated[OpeningPage, Depends(list_openings)]) -> HTMLResponse:
    """Who opened the data of which caller, when and why."""
    return visit.page(
        "openings.html",
        page=page,
        asked=visit.request.query_params,
        more=visit.request.url.include_query_params(before=page.next_before).query,
        units=await visit.unit_names(),
        roles={role.value: role.label for role in Role},
    )

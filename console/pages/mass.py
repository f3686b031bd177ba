"""Mass events (群体性诉求): bursts of one matter in one place, and the desk that makes one rectification of many cases."""

from typing import Annotated, Final
from uuid import uuid4

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from api.bulk import BulkResult
from api.errors import EXPECTED, ApiError, Problem, problem_of
from api.mass_events import BurstCases, BurstForm, BurstPage, MassEventForm
from api.parts import Part
from api.routers.mass_events import behind, build_one, bursts, settle
from console import sheets
from console.visit import Here, Visit
from hotline.identifiers import CaseNo

router = Part()

_SETTLE: Final = "处理预警"


@router.get("/mass", operation_id="mass_bursts")
async def shown(visit: Here, page: Annotated[BurstPage, Depends(bursts)]) -> HTMLResponse:
    """The bursts, those that nobody has dealt with first."""
    return visit.page(
        "mass_rows.html" if visit.is_part else "mass.html",
        page=page,
        asked=visit.request.query_params,
        more=visit.request.url.include_query_params(cursor=page.next_cursor).query,
        units=await visit.unit_names(),
    )


@router.get("/mass/{burst_id}", operation_id="mass_behind")
async def one(visit: Here, burst_id: int, found: Annotated[BurstCases, Depends(behind)]) -> HTMLResponse:
    """The cases of a burst, to choose a master and its members from."""
    return await _builder(visit, burst_id, found)


@router.post("/mass/{burst_id}", operation_id="mass_build_one")
async def build(visit: Here, burst_id: int, request: Request) -> HTMLResponse:
    """Join the chosen cases to the master; each row says what became of it."""
    sent = await request.form()
    found = await behind(burst_id, visit.actor, visit.services)
    master, reason = str(sent.get("master", "")), str(sent.get("reason", "")).strip()
    members = [str(number) for number in sent.getlist("member") if number != master]
    if master not in {one.case_no for one in found.items}:
        unnamed = problem_of(ApiError(422, "invalid_input", "请选择主单"))[0]
        return await _builder(visit, burst_id, found, master, members, reason, problem=unnamed)
    try:
        body = MassEventForm(members=members, reason=reason, burst_id=burst_id)
        key = str(sent.get("key", "")) or None
        done = await build_one(CaseNo(master), body, visit.actor, visit.services, key)
    except ValidationError:
        wrong = ApiError(422, "invalid_input", "请至少选择一件并入的工单，并说明理由")
        return await _builder(visit, burst_id, found, master, members, reason, problem=problem_of(wrong)[0])
    except EXPECTED as error:
        return await _builder(visit, burst_id, found, master, members, reason, problem=problem_of(error)[0])
    return await _builder(visit, burst_id, found, master, members, reason, results=done.results)


@router.get("/mass/{burst_id}/settle", operation_id="mass_settle")
async def ask_to_settle(visit: Here, burst_id: int) -> HTMLResponse:
    """How a burst was dealt with."""
    return sheets.ask(visit, _settling(burst_id))


@router.post("/mass/{burst_id}/settle", operation_id="mass_settle")
async def settle_it(visit: Here, burst_id: int) -> HTMLResponse:
    """Say so."""

    async def settled(sent: sheets.Sent[BurstForm]) -> HTMLResponse:
        await settle(burst_id, sent.form, visit.actor, visit.services)
        return sheets.done(visit, _SETTLE)

    return await sheets.take(visit, _settling(burst_id), settled)


def _settling(burst_id: int) -> sheets.Sheet[BurstForm]:
    return sheets.Sheet(f"/mass/{burst_id}/settle", _SETTLE, BurstForm, f"#{burst_id}")


async def _builder(
    visit: Visit,
    burst_id: int,
    found: BurstCases,
    master: str = "",
    members: list[str] | None = None,
    reason: str = "",
    *,
    problem: Problem | None = None,
    results: list[BulkResult] | None = None,
) -> HTMLResponse:
    return visit.page(
        "mass_event.html",
        status=problem.status if problem else 200,
        burst_id=burst_id,
        cases=found.items,
        master=master,
        members=members,
        reason=reason,
        key=uuid4().hex,
        problem=problem,
        results={one.case_no: one for one in results or ()},
        units=await visit.unit_names(),
    )

"""Screening (筛查): what the rules found in the cases, why, and what officers decided on it.

The auditor reads the same pages, without the decisions: what may be decided is what the server says.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Final, NamedTuple

from fastapi import Depends
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from api.address import AddressDep
from api.officers import OfficerDep
from api.parts import Part
from api.routers.screening import (
    HitClue,
    HitNoPath,
    HitReason,
    clue,
    dismiss,
    hits,
    one,
    reopen,
    statistics,
)
from api.screening import HitDetail, HitPage, ScreeningStatistics
from console import sheets
from console.forms import Catalogue
from console.labels import FACTS
from console.visit import Here, Visit
from hotline.vocabulary import HitRuling, HitState, Role, ScreeningTest

router = Part()


class _Act(NamedTuple):
    """A decision on a hit: its operation, its form, and what a button says."""

    operation: str
    model: type[BaseModel]
    # Each is an operation of its own form, which the type system cannot tie to `model`.
    decide: Callable[..., Awaitable[HitDetail]]
    term: str


ACTS: Final[Mapping[str, _Act]] = {
    HitRuling.CLUE: _Act("clue", HitClue, clue, HitRuling.CLUE.label),
    HitRuling.DISMISSED: _Act("dismiss", HitReason, dismiss, HitRuling.DISMISSED.label),
    HitRuling.REOPENED: _Act("reopen", HitReason, reopen, HitRuling.REOPENED.label),
}


@router.get("/screening", operation_id="screening_hits")
async def queue(
    visit: Here,
    page: Annotated[HitPage, Depends(hits)],
    sums: Annotated[ScreeningStatistics, Depends(statistics)],
) -> HTMLResponse:
    """The hits, the newest first, and what each rule has come to; a rule leads to its hits."""
    return visit.page(
        "screening_parts.html" if visit.is_part else "screening.html",
        page=page,
        sums=sums,
        asked=visit.request.query_params,
        more=visit.request.url.include_query_params(cursor=page.next_cursor).query,
        units=await visit.unit_names(),
        states=list(HitState),
        tests=[(one.value, one.label) for one in ScreeningTest],
    )


@router.get("/screening/{hit_no}", operation_id="screening_one")
async def shown(visit: Here, hit: Annotated[HitDetail, Depends(one)]) -> HTMLResponse:
    """One hit: the rule, the facts that show it, and everything that was decided."""
    return visit.page(
        "hit_parts.html" if visit.is_part else "hit.html",
        hit=hit,
        acts=[(ACTS[ruling].operation, ACTS[ruling].term) for ruling in hit.next_actions],
        units=await visit.unit_names(),
        people={user.user_id: user.display_name for user in await visit.accounts()},
        said=FACTS,
        roles={role.value: role.label for role in Role},
    )


def _ask(act: _Act) -> Callable[..., Awaitable[HTMLResponse]]:
    async def ask(visit: Here, hit_no: HitNoPath) -> HTMLResponse:
        return sheets.ask(visit, await _sheet(visit, hit_no, act))

    return ask


def _take(act: _Act) -> Callable[..., Awaitable[HTMLResponse]]:
    async def take(visit: Here, hit_no: HitNoPath, officer: OfficerDep, address: AddressDep) -> HTMLResponse:
        async def decided(sent: sheets.Sent[BaseModel]) -> HTMLResponse:
            asked: dict[str, Any] = {"actor": visit.actor, "officer": officer, "services": visit.services}
            hit = await act.decide(hit_no, sent.form, address, **asked)
            return sheets.done(visit, act.term, hit.state_label)

        return await sheets.take(visit, await _sheet(visit, hit_no, act), decided)

    return take


async def _sheet(visit: Visit, hit_no: str, act: _Act) -> sheets.Sheet[BaseModel]:
    units = [(code, f"{name} {code}") for code, name in (await visit.unit_names()).items()]
    return sheets.Sheet(
        path=f"/screening/{hit_no}/{act.operation}",
        subject=hit_no,
        term=act.term,
        model=act.model,
        catalogue=Catalogue(units=units),
    )


for _act in ACTS.values():
    _path, _operation = f"/screening/{{hit_no}}/{_act.operation}", f"screening_{_act.operation}"
    router.add_api_route(_path, _ask(_act), methods=["GET"], operation_id=_operation)
    router.add_api_route(_path, _take(_act), methods=["POST"], operation_id=_operation)
